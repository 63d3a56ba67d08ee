#!/bin/sh
# shellcheck disable=SC2002 # pipes are what is tested
# gan-data npy: NumPy's arrays in any order of axes, archives of them, and labels.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-data
npy() { perl "$here/lib/npy.pl" "$@"; }

# --- Fortran order ---
for type in '|u1' '<i2' '>f4' '<f8'; do
    npy "$type" 5,2,3,4 C 0..119 >c.npy
    npy "$type" 5,2,3,4 F 0..119 >f.npy
    gan-data npy c.npy >c.st
    run 0 npy f.npy -o f.st && alike c.st f.st
    check $? "Fortran order of $type"
done
gan-data npy f.npy --frame 2 | gan-data cat --frame 256 >f.st
same c.st f.st "in frames"
cat f.npy | gan-data npy - >f.st
same c.st f.st "from a pipe"
gzip -k f.npy
gan-data npy f.npy.gz >f.st
same c.st f.st "from gzip"
npy '<i4' 7,3 F 0..20 >f.npy
gan-data npy f.npy --name x >f.st
[ "$(values f.st x 'l<')" = "$(seq 0 20 | tr '\n' ' ' | sed 's/ $//')" ]
check $? "a matrix"
npy '<i4' 4,3,2 F 0..23 >f.npy
npy '<i4' 4,3,2 C 0..23 >c.npy
gan-data npy c.npy --shape 6 >c.st
gan-data npy f.npy --shape 6 >f.st
same c.st f.st "--shape means the same"
head -c 200 f.npy >cut.npy
refuses 1 '^cut.npy: byte 128: the numbers need 96 bytes, 72 follow' "cut short" npy cut.npy
(cat f.npy; printf x) >more.npy
run 1 npy more.npy && grep -q 'byte 224: more bytes follow' err
check $? "more behind"

# --- channels first ---
npy '|u1' 2,3,2,2 C 0..23 >nchw.npy
gan-data npy nchw.npy --nchw >nhwc.st
shows 'image *U8 *\[N,2,2,3\]' "--nchw moves channels last" nhwc.st
[ "$(values nhwc.st image C)" = "0 4 8 1 5 9 2 6 10 3 7 11 12 16 20 13 17 21 14 18 22 15 19 23" ]
check $? "and every number with them"
npy '|u1' 2,3,2,2 F 0..23 >f.npy
gan-data npy f.npy --nchw >f.st
same nhwc.st f.st "of Fortran order too"
npy '|u1' 2,12 C 0..23 >flat.npy
gan-data npy flat.npy --shape 3x2x2 --nchw >f.st
same nhwc.st f.st "of the shape that is asked for"
npy '<f4' 1,2,2,1,3 C 0..11 >video.npy
gan-data npy video.npy --nchw --name video >video.st
shows 'video *F32 *\[N,2,1,3,2\]' "of videos and volumes" video.st
[ "$(values video.st video 'f<')" = "0 6 1 7 2 8 3 9 4 10 5 11" ]
check $? "as well"
npy '|u1' 2,2 C 160,0,1,128 >bits.npy
gan-data npy bits.npy --packed --shape 3x3x1 --name voxels >f.st
shows 'voxels *U8 *\[N,3,3,1\]' "--packed: bits of bytes" f.st
[ "$(gan-data to-npy f.st -n voxels | tail -c 18 | od -An -v -tu1 -w9 | tr -s ' ' | sed 's/255/1/g; s/ //g')" = "$(printf '101000000\n000000011')" ]
check $? "the highest first"
printf '\223NUMPY\1' >head.npy
refuses 1 '^head.npy: byte 7: ends inside the header' "of which there is but the beginning" npy head.npy
refuses 1 'bits.npy: a sample has 2 bytes, which are not the bits of \[5,5,1\]' "other shapes" npy bits.npy --packed --shape 5x5x1
refuses 2 'packed needs --shape' "without a shape" npy bits.npy --packed
refuses 1 '^flat.npy: samples are \[12\], which has no channels to move last' "no channels" npy flat.npy --nchw

# --- archives ---
for method in store deflate; do
    npy -z $method 'x_train:|u1:3,2,2:C:0..11' 'y_train:|u1:3:C:2,0,1' 'x_test:|u1:1,2,2:C:0..3' 'y_test:|u1:1:C:7' >$method.npz
    run 0 npy $method.npz --member x_train --labels y_train -o $method.st && [ -s $method.st ] && [ ! -s err ]
    check $? "a member and its labels, $method"
done
same store.st deflate.st "are the same"
[ "$(values store.st image C)" = "0 1 2 3 4 5 6 7 8 9 10 11" ] && [ "$(values store.st label 'q<')" = "2 0 1" ]
check $? "and right"
refuses 1 '^store.npz: holds the arrays x_train, y_train, x_test, y_test: --member says which' "several" npy store.npz
refuses 1 '^store.npz: no array z; it holds x_train, y_train, x_test, y_test' "another" npy store.npz --member z
refuses 1 '^store.npz: y_test.npy: 1 labels, but store.npz: x_train.npy holds 3 samples' "fewer labels" npy store.npz -m x_train -l y_test
npy -z deflate 'x:|u1:3,2,2:F:0..11' 'y:|u1:3:C:2,0,1' >two.npz
gan-data npy two.npz --labels y >two.st
same store.st two.st "the only one besides the labels, in Fortran order"
npy -z store 'x:|u1:3,2,2:C:0..11' >one.npz
gan-data npy one.npz >one.st
[ "$(values one.st image C)" = "0 1 2 3 4 5 6 7 8 9 10 11" ]
check $? "the only one"
npy '|u1' 3,2,2 C 0..11 >x.npy
refuses 1 '^x.npy: not an .npz archive' "a member of a file" npy x.npy --member x
cat one.npz | gan-data npy - >out 2>err
grep -q '^gan-data: standard input: byte 0: an archive (.npz), which is not read from a pipe' err
check $? "not from a pipe"
perl -pe 'BEGIN { binmode STDIN; binmode STDOUT; undef $/ } substr($_, index($_, "NUMPY") + 130, 1) ^= "\1"' <one.npz >flip.npz
run 1 npy flip.npz && [ "$(wc -l <err)" = 1 ] && grep -q '^gan-data: flip.npz: x.npy: .*CRC' err
check $? "a flipped bit"
head -c 150 one.npz >cut.npz
refuses 1 '^cut.npz: cannot be read as a zip archive: ' "an archive cut short" npy cut.npz
perl -MIO::Compress::Zip=:all -e 'zip \"hello" => "-", Name => "readme.txt"' >text.npz
refuses 1 '^text.npz: this is a zip archive, expected a NumPy array' "no arrays" npy text.npz

# --- labels ---
npy '<i4' 3,1 C 2,0,1 >y.npy
gan-data npy x.npy --labels y.npy >out.st
same store.st out.st "of a file, [N,1] too"
npy '<f4' 3,2 C 0.5,1,-2,0,1,0 >vector.npy
gan-data npy x.npy --labels vector.npy >out.st
shows 'label *F32 *\[N,2\]' "vectors" out.st
[ "$(values out.st label 'f<')" = "0.5 1 -2 0 1 0" ]
check $? "of any numbers"
npy '<u8' 3 C 1,2,18446744073709551615 >huge.npy
run 1 npy x.npy --labels huge.npy && grep -q 'huge.npy: label of sample 2 is 1.84467e+19, too large' err
check $? "a number that is no class"
refuses 2 "^--name label is what --labels makes" "two tensors of one name" npy x.npy --labels y.npy --name label
refuses 1 '^none.npy: cannot open' "no such file" npy x.npy --labels none.npy

# --- memory ---
perl -e 'my $n = 40000; my $h = sprintf "{\x27descr\x27: \x27|u1\x27, \x27fortran_order\x27: True, \x27shape\x27: (%d, 32, 128), }", $n;
    binmode STDOUT; print "\x93NUMPY\1\0", pack("v", length $h), $h; print "\0" x (128 * $n) for 1 .. 32' >large.npy
# shellcheck disable=SC3045 # not every shell has it
if (ulimit -v 400000 && gan-data --version) >out 2>&1; then
    (ulimit -v 400000 && OMP_NUM_THREADS=1 gan-data npy large.npy --frame 64) 2>err | gan-data info >out
    grep -q '40000 samples' out
    check $? "an array of 156 MiB in Fortran order takes 64 MiB"
else
    skip "memory" "it cannot be limited here"
fi
finish
