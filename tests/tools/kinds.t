#!/bin/sh
# A file of another kind than was wanted is named, in one line, wherever one is read.
. "$(dirname "$0")/../lib/tap.sh"

# --- files of many kinds, as they begin ---
zip_of() { # zip_of MEMBER: an archive of one empty member
    perl -e 'my $n = shift; my $m = pack("vvvvvVVVvv", 20, 0, 0, 0, 33, 0, 0, 0, length $n, 0);
        print "PK\3\4$m$n", "PK\1\2", pack("v", 20), $m, pack("vvvVV", 0, 0, 0, 0, 0), $n,
            "PK\5\6", pack("vvvvVVv", 0, 0, 1, 1, 46 + length $n, 30 + length $n, 0)' "$1"
}
zip_of run/data.pkl >run.pt
printf '\200\002\212\012\154\374\234\106\371\040\152\250\120\031.\200\002M\351\003.' >old.pth
zip_of arr_0.npy >x.npz
zip_of a/b.txt >x.zip
printf '\223NUMPY\001\0v\0{}' >x.npy
printf '\200\002}q\001(U\013batch_labelq\002U\025training batch 1 of 5q\003.' >data_batch_1
printf '\200\004\225\014\0\0\0\0\0\0\0}' >x.pkl
printf 'hello\n' | gzip -c >x.gz
printf '\211PNG\r\n\032\n\0\0\0\rIHDR' >x.png
printf '\377\330\377\340\0\020JFIF\0' >x.jpg
printf 'RIFF\020\0\0\0WEBPVP8L' >x.webp
printf 'GIF89a\001\0\001\0' >x.gif
printf '\211HDF\r\n\032\n\0\0\0\0' >x.h5
printf '\214\0\0\0\0\0\0\0\117\232\306\367hello' >x.tfrecord # rewritten below with a sum that is right
perl -e 'sub crc { my $c = 0xffffffff; for (unpack "C*", shift) { $c ^= $_; $c = $c >> 1 ^ ($c & 1 ? 0x82f63b78 : 0) for 1 .. 8 } $c ^ 0xffffffff }
    my $n = pack "Q<", 140; my $c = crc($n); print $n, pack "V", (($c >> 15 | $c << 17) + 0xa282ead8) & 0xffffffff' >x.tfrecord
printf '\n<!DOCTYPE html>\n<html><head><title>404</title></head></html>\n' >x.html
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n' >lfs
printf '\0\0\010\003\0\0\0\003\0\0\0\002\0\0\0\002ABCDEFGHIJKL' >x.idx
printf '\377\376o\0p\0t\0' >utf16
perl -e 'print "a.txt", "\0" x 252, "ustar\0"' >x.tar
printf '\0\0\0\040ftypisom\0\0\002\0' >x.mp4
printf '#binvox 1\ndim 2 2 2\ndata\n\1\10' >x.binvox
printf 'OFF490 518 0\n0 0 0\n' >x.off
: >empty
mkdir folder
gan-data make ring -n 9 -o x.st
printf '# a page\noption a = 1\n' >x.gan
printf 'step\tcost\n1\t2\n' >x.tsv

while read -r file what; do
    advice=${what#*; } what=${what%%; *}
    [ "$advice" != "$what" ] || advice=
    missed=0
    while read -r wanted command; do
        case "$command:$file" in
        *npy*:*.npy | *npy*:*.npz | *idx*:*.idx | gan-init*:*.gan | *plot*:*.tsv | *text*:*.gz) continue ;;
        *init*:*.tsv | *pick*:*.tsv | *pick*:*.gan | *plot*:*.gan | *text*:*.tsv | *text*:*.gan | *text*:*.html) continue ;;
        *init*:*.off | *pick*:*.off | *plot*:*.off | *text*:*.off) continue ;; # which is text
        *info*:*.st | *step*:*.st) continue ;; # a stream is what they want
        gan-step:folder) continue ;;           # cannot be written to, which is seen first
        *fid*:*.npz | *fid*:*.st) continue ;;  # may be statistics
        *:*.gz) where="$file, unpacked" here="text" more= ;;
        *) where=$file here=$what more=$advice ;;
        esac
        case "$command" in
        *idx* | *cifar* | *npy*) ;;
        *) where=$file here=$what more=$advice ;;
        esac
        case "$command:$file" in *fid*:run.pt) wanted=a_NumPy_array ;; esac # .npz may be statistics
        [ "$file" != folder ] || case "$command" in *idx* | *cifar* | *npy* | *text*) wanted=a_file ;; esac
        case "$command" in
        *@*) ${command%%@*} "$file" ${command#*@} ;;
        *) $command "$file" ;;
        esac >out 2>err </dev/null
        if [ $? != 1 ] || [ "$(cat err)" != "${command%% *}: $where: this is $here, expected $(echo $wanted |
            tr _ ' ')${more:+; $more}" ] || [ -s out ] || [ -e not-made ]; then
            echo "# $command $file" >>err
            missed=1
            break
        fi
    done <<END
a_tensor_stream gan-data info
a_tensor_stream gan-step
a_tensor_stream gan-eval fid @ x.st
a_page gan-init -o not-made
a_table gan-data plot -o not-made
an_IDX_file gan-data idx -o not-made
CIFAR_records gan-data cifar -o not-made
a_NumPy_array gan-data npy -o not-made
text gan-data text -o not-made
a_list_of_rows gan-data pick x.st -o not-made -r
END
    check $missed "$file: $what"
done <<END
run.pt a PyTorch file; save its state as .safetensors, see gan-tools(7)
old.pth a PyTorch file; save its state as .safetensors, see gan-tools(7)
x.npz a NumPy archive (.npz); gan-data npy takes the arrays in it
x.npy a NumPy array (.npy); gan-data npy makes a stream of it
data_batch_1 pickled CIFAR; gan-data cifar takes the binary version of the set
x.pkl a Python pickle; what numpy.save makes of it, gan-data npy takes
x.gz gzip data; gunzip unpacks it
x.png a PNG picture; gan-data images makes a stream of pictures
x.jpg a JPEG picture; gan-data images makes a stream of pictures
x.webp a WebP picture; gan-data images makes a stream of pictures
x.gif a GIF picture; gan-data images makes a stream of pictures
x.h5 an HDF5 file; what numpy.save makes of it, gan-data npy takes
x.tfrecord a TFRecord file; what numpy.save makes of it, gan-data npy takes
x.html HTML; is it a download that failed?
lfs a Git LFS pointer; git lfs pull fetches the file itself
x.idx an IDX file; gan-data idx makes a stream of it
utf16 UTF-16 text; iconv -f UTF-16 -t UTF-8 converts it
x.tar a tar archive; tar xf unpacks it
x.mp4 a video (MP4); gan-data video makes a stream of clips
x.binvox a .binvox file; gan-data voxels makes a stream of shapes
x.off a mesh in OFF; gan-data voxels makes a stream of shapes
empty empty
folder a folder; gan-data images makes a stream of the pictures in one
x.st a tensor stream or checkpoint; gan-data info shows what it holds, with --page its page
x.gan a page; gan-init makes a checkpoint of it
x.tsv text
END

# --- where pictures are wanted: all but zip archives, of which pictures are read ---
tool=gan-data
mkdir mixed
cp x.h5 x.npz run.pt x.html lfs x.st x.tfrecord x.mp4 mixed/
zip_of a/b.txt >mixed/x.zip
run 1 images mixed && [ "$(grep -c ': this is ' err)" = 9 ] &&
    grep -q '^gan-data: mixed/run.pt: this is a PyTorch file, expected ' err &&
    grep -q '^gan-data: mixed/x.zip: this is a zip archive, expected ' err &&
    grep -q '^gan-data: mixed/x.html: this is HTML, expected .*failed?$' err
check $? "pictures: each of another kind is named"
run 1 images x.npz && grep -q '^gan-data: x.npz: this is a NumPy archive' err
check $? "an archive of arrays is none of pictures"

# --- weights, data that are no checkpoint, later frames, pipes ---
tool=gan-init
cat >net.gan <<'END'
noise z: normal[2]
net G(z) = z | linear(2)
sample G(z)
END
refuses 1 '^run.pt: this is a PyTorch file, expected a tensor stream; save its state' "weights" net.gan --from run.pt -o w.st
tool=gan-step
refuses 1 '^x.st: not a checkpoint, but a tensor stream without a page; gan-init makes' "data for a checkpoint" x.st
tool=gan-data
cat x.st x.gan >late
refuses 1 "^late: frame 2, byte $(wc -c <x.st): this is a page, expected a tensor stream" "behind a frame" info late
cat run.pt | gan-data info >out 2>err
[ "$(cat err)" = "gan-data: standard input: this is a PyTorch file, expected a tensor stream; save its state as .safetensors, see gan-tools(7)" ]
check $? "from a pipe"
mkfifo slow
{ printf '\211PNG\r\n\032\n'; exec sleep 20; } >slow &
timeout 10 gan-data info <slow >out 2>err
[ $? = 1 ] && grep -q 'standard input: this is a PNG picture' err
check $? "which need not end"
kill $!
printf '\1\2\3\4\5\6\7\1\1\1' >unknown
refuses 1 '^unknown: frame 1, byte 0: header of 74034537486811649 bytes' "of an unknown kind its numbers are told" info unknown
printf '\0\0\010\003\0\0\0\003\0\0\0\002\0\0\0\002ABCDEFGHIJKL' | gzip -c |
    perl -e 'local $/; $_ = <STDIN>; substr($_, -8, 1) ^= "\1"; print' >sum.gz
for c in idx cifar npy text; do
    refuses 1 '^sum.gz: byte 0: the gzip data are damaged: incorrect data check$' "gzip with a bad sum: $c" $c sum.gz -o not-made
done

# --- byte order marks ---
tool=gan-init
{ printf '\357\273\277'; cat net.gan; } >marked.gan
passes "a page with a byte order mark" marked.gan -o marked.st
gan-init net.gan -o plain.st
gan-data info --page marked.st >a && gan-data info --page plain.st >b
same a b "which is left out"
printf 'net G(z) = z\n\357\273\277sample G(z)\n' >inside.gan
refuses 1 '^inside.gan:2:1: unexpected byte 0xef' "at its beginning only" inside.gan
tool=gan-data
printf 'cat\ndog\n' >a.txt
{ printf '\357\273\277'; cat a.txt; } >b.txt
gan-data text a.txt -o a.st && gan-data text b.txt -o b.st
same a.st b.st "text with a byte order mark"
printf '\357\273\277step\tcost\n1\t2\n2\t3\n' >marked.tsv
passes "a table with one" plot marked.tsv -o marked.png

finish
