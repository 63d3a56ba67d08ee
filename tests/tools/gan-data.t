#!/bin/sh
# shellcheck disable=SC2002 # pipes are what is tested
# gan-data from the command line. Its pictures are made by itself and by printf.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-data

# --- usage ---
run 0 --help && grep -q '^  images ' out && [ ! -s err ]
check $? "--help lists the commands on standard output"
run 2 nonsense && [ ! -s out ]
check $? "an unknown command is wrong usage"
for c in $(gan-data --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'); do
    run 0 $c --help && grep -q "^usage: gan-data $c" out
    check $? "$c --help"
    refuses 2 "^unknown option --no-such-option (see gan-data $c --help)" "$c refuses an unknown option" $c --no-such-option
done

# --- made-up data ---
passes "shapes" make shapes -n 300 -s 24 -o shapes.st
shows 'image .*U8 .*\[N,24,24,3\]' "shapes are images" shapes.st
passes "palettes" make shapes -n 300 -s 16 --palettes 2 --rotate 0.1 -o palettes.st
shows '10 distinct: 0 (circle-0)' "a class for each shape in each palette" palettes.st
gan-data to-npy palettes.st -n label | tail -c +129 | od -An -v -w8 -t d8 >labels
gan-data to-npy palettes.st -n image | tail -c +129 | od -An -v -w768 -t u1 >pixels
# where a picture is brightest, blue is the least of the first palette's colours, the most of the second's
paste labels pixels | awk '{
        most = 0
        for (i = 2; i <= NF; i++) if ($i > most) { most = $i; p = i - (i - 2) % 3 }
        if ($1 % 2 ? $(p + 2) < $p || $(p + 2) < $(p + 1) : $(p + 2) > $p || $(p + 2) > $(p + 1)) exit 1
    }'
check $? "of colours of its own"
refuses 2 'shapes: 13 palettes, expected 1 to 12' "13 palettes" make shapes --palettes 13
passes "digits" make digits -n 300 -o digits.st
shows '300 samples' "as many as asked for" digits.st
passes "another frame size" make digits -n 300 --frame 7 -o seven.st
gan-data cat --frame 256 seven.st >joined.st
same digits.st joined.st "samples do not depend on the frames they come in"
OMP_NUM_THREADS=1 gan-data make digits -n 300 -o one.st
same digits.st one.st "nor on the number of threads"
gan-data make digits -n 300 --seed 1 -o other.st
differ digits.st other.st "another seed gives other digits"
passes "ring" make ring -n 1000 -o ring.st
gan-data info -s ring.st >out && awk '$1 == "point" { found = $5 < -1.9 && $5 > -2.2 && $6 > 1.9 && $6 < 2.2 } END { exit !found }' out
check $? "the ring has radius 2"
gan-data make grid -n 1000 | gan-data info - >out && grep -q '25 distinct' out
check $? "the grid has 25 modes"
passes "sprites" make sprites -n 300 --size 32 -o sprites.st
shows 'image .*U8 .*\[N,32,32,1\]' "sprites are images" sprites.st
shows 'factor .*I64 .*\[N,5\]' "with factors" sprites.st
shows '3 distinct: 0 (square)' "and shapes" sprites.st
gan-data make sprites -n 300 --size 32 --frame 7 | gan-data cat --frame 256 >joined.st
same sprites.st joined.st "the same in other frames"
gan-data to-npy sprites.st -n factor | tail -c +129 | od -An -v -w40 -t d8 >factors
gan-data to-npy sprites.st -n label | tail -c +129 | od -An -v -w8 -t d8 >labels
gan-data to-npy sprites.st -n image | tail -c +129 | od -An -v -w1024 -t u1 >pixels
paste factors labels | awk '{ if ($1 != $6) exit 1
        for (k = 1; k <= 5; k++) { if ($k < 0) exit 1; if ($k > most[k]) most[k] = $k } }
    END { exit !(most[1] == 2 && most[2] == 5 && most[3] == 39 && most[4] == 31 && most[5] == 31) }'
check $? "their values, the first of which is the label"
# the middle of what is white is where x and y say, and squares grow as scales do
paste factors pixels | awk '{ s = x = y = 0
        for (i = 0; i < 1024; i++) { v = $(6 + i); s += v; x += v * (i % 32 + 0.5); y += v * (int(i / 32) + 0.5) }
        if (!s) exit 1
        radius = 0.22 * 32; room = 32 - 2.3 * radius
        if ($1 < 2 && ((x/s - 1.15*radius - room*$4/31)^2 > 0.02 || (y/s - 1.15*radius - room*$5/31)^2 > 0.02)) exit 1
        if ($1 == 0) { side = sqrt(s / 255) / (1.6 * radius * (0.5 + 0.1*$2)); if (side < 0.97 || side > 1.03) exit 1; n++ } }
    END { exit !(n > 50) }'
check $? "place and size"
passes "tags" make tags -n 3000 --seed 3 -o tags.st
shows 'feature .*F32 .*\[N,64\]' "have features" tags.st
shows 'word .*F32 .*\[N,32\]' "and words" tags.st
gan-data make tags -n 3000 --seed 3 --frame 7 | gan-data cat --frame 256 >joined.st
same tags.st joined.st "the same in other frames"
passes "vocabulary" make vocabulary --seed 3 -o words.st
gan-data info words.st >out && grep -q 'word .*\[200,32\]' out && grep -q 'truth .*\[20,5\]' out
check $? "words, and the true ones of each topic"
gan-eval tags tags.st words.st --top 1 --vote 5 --truth words.st --group label >out 2>err
grep -q '^tags.precision	1	at=5	top=1	groups=20	' out
check $? "each topic's pairs hold its five words and no others"
gan-data make tags -n 40 --size 8 --features 6 --topics 4 --tags 2 --words 9 | gan-data info >out
grep -q '\[N,8\]' out && grep -q '\[N,6\]' out && grep -q '4 distinct' out
check $? "their sizes can be chosen"
refuses 2 '20 topics of 5 tags' "more tags than words" make tags --words 99
refuses 2 "^expected ring, .* found 'cubes'" "an unknown kind is wrong usage" make cubes

# --- folders of images ---
gan-data export folder shapes.st --labels -n 40 2>/dev/null
passes "a folder" images folder --labels -o back.st
shows 'label' "with labels" back.st
shows '5 distinct: 0 (circle)' "named by the folders" back.st
gan-data export flat shapes.st -n 40 2>/dev/null
gan-data images flat 2>/dev/null >flat.st
gan-data to-npy flat.st -o a.npy
gan-data head -n 40 shapes.st | gan-data to-npy --name image -o b.npy
same a.npy b.npy "export and images give the pixels back"
printf 'P5\n# a comment\n4 2\n255\nABCDEFGH' >flat/grey.jpg
run 0 images flat --size 24 --strict -o out.st && gan-data info out.st | grep -q '41 samples'
check $? "content counts, not the name"
printf 'not an image' >flat/000003.png
head -c 100 flat/000004.png >flat/cut.png
: >flat/empty
run 0 images flat --size 24 -o out.st && grep -q '000003.png: this is text' err &&
    grep -q 'cut.png: PNG: cut short' err && grep -q 'empty: this is empty' err &&
    grep -q '3 of 43 files are no good' err
check $? "every bad file is named with its reason"
shows '40 samples' "and passed over" out.st
run 1 images flat --size 24 --strict && [ -s out ]
check $? "--strict exits 1"
cp out.st kept.st
run 1 images flat --size 16 --strict -o kept.st && grep -q '^gan-data: flat/000003.png: this is text, expected a picture$' err
check $? "into a file"
same out.st kept.st "which stays what it was"
run 0 images flat && grep -q 'grey.jpg: 4x2 pixels, expected 24x24' err
check $? "without --size an odd one is an offender"
mkdir none
refuses 1 '^none: no files found' "an empty folder" images none
run 1 images flat/empty && grep -q 'none of 1 files' err
check $? "no good image at all"
refuses 1 'missing: cannot open' "a folder that is not there" images missing
gan-data images folder --size 20x10 -g 2>/dev/null | gan-data info - >out && grep -q '\[N,20,10,1\]' out
check $? "--size HxW, --grey"
for f in nearest box triangle bicubic lanczos; do
    run 0 images folder --size 9 --filter $f
    check $? "--filter $f"
done
refuses 2 "^--size: expected 64 or 48x64, .*, found '0'" "--size 0 is wrong usage" images folder --size 0
OMP_NUM_THREADS=1 gan-data images folder --size 17 --labels 2>/dev/null >one.st
OMP_NUM_THREADS=3 gan-data images folder --size 17 --labels --frame 11 2>/dev/null |
    gan-data cat --frame 256 >three.st
same one.st three.st "threads and frames do not change the images"

# --- samples by number, duplicates ---
passes "pick" pick digits.st --rows 7,299,0-1,7 -o picked.st
shows '5 samples' "as many as are listed" picked.st
for i in 7 299 0 1 7; do
    gan-data pick digits.st -r $i --frame 1
done | gan-data cat --frame 256 >joined.st
same picked.st joined.st "in the order of the list, across frames"
printf '7 299\n0-1\n7\n' >rows
gan-data pick digits.st --rows rows >out.st
same picked.st out.st "the list as a file"
cat digits.st | gan-data pick --rows 7,299,0-1,7 - >out.st
same picked.st out.st "the stream from a pipe"
gan-data pick digits.st -r 3,9 --repeat 2 >out.st
gan-data pick digits.st -r 3,3,9,9 >joined.st
same out.st joined.st "--repeat"
refuses 1 'row 300: the stream holds 300 samples' "a row that is not there" pick digits.st --rows 5-300
refuses 1 "expected numbers such as 3 or 10-19, found '7-5" "a range backwards" pick digits.st --rows 1,7-5
refuses 2 "^expected either --rows, or --label or --balance" "without rows it is wrong usage" pick digits.st
gan-data pick digits.st -r 0-5 --frame 4 >six.st
{ stream code:F32:4,3:1,0,2,-1,0,1,.5,-3,9,0,-2,3; stream code:F32:2,3:1,1,1,0,0,1; } >codes.st
run 0 dedup six.st --code codes.st -o out.st && grep -q '3 of 6 samples are duplicates' err
check $? "dedup counts"
gan-data pick digits.st -r 0,1,4 >joined.st
same out.st joined.st "and keeps the first of each sign pattern"
head -c "$(($(wc -c <six.st) - 1))" six.st >cut.st
stream code:F32:5,3:1,0,2,-1,0,1,.5,-3,9,0,-2,3,1,1,1 >few.st
refuses 1 'few.st: ends after 5 codes' "fewer codes than samples" dedup six.st --code few.st -o out.st
stream code:F32:1,3:1,1,1 >>codes.st
refuses 1 'codes.st: more codes than the 6 samples' "more codes than samples" dedup six.st --code codes.st -o out.st
refuses 1 'no tensor hash' "another name" dedup six.st --code codes.st --name hash -o out.st
perl -e 'print "wide:F32:64,300:", join(",", map { my $i = $_; map { ($_ == 299 ? $i % 2 : $_ < 9 ? $i / 2 >> $_ & 1 : 0) } 0 .. 299 } 0 .. 63), "\n"' >wide
gan-data make ring -n 64 >ring6.st
stream "$(cat wide)" >wide.st 2>err
run 0 dedup ring6.st --code wide.st --name wide -o out.st && grep -q '^gan-data: 0 of 64' err && alike ring6.st out.st
check $? "codes of 300 numbers that differ in the last alone are different"

# --- IDX, CIFAR, NumPy ---
printf '\0\0\010\003\0\0\0\003\0\0\0\002\0\0\0\002ABCDEFGHIJKL' >images.idx
printf '\0\0\010\001\0\0\0\003\001\002\007' >labels.idx
passes "IDX" idx images.idx --labels labels.idx -o idx.st
shows '3 samples' "three of them" idx.st
gzip -k images.idx
gan-data idx images.idx.gz --labels labels.idx >gz.st
same idx.st gz.st "gzip or plain"
passes "a part" idx images.idx --skip 1 --first 1 -o part.st
gan-data to-npy part.st | tail -c 4 >out
[ "$(cat out)" = EFGH ]
check $? "is the right one"
head -c 24 images.idx >cut.idx
refuses 1 'byte 16: the images need 12 bytes, 8 follow' "IDX cut short" idx cut.idx
head -c 30 images.idx.gz >cut.gz
refuses 1 "^cut.gz: byte 0: compressed data is cut short" "gzip cut short" idx cut.gz
(cat images.idx; printf x) >more.idx
run 1 idx more.idx && one_line '^more.idx: byte 28: more bytes follow'
check $? "IDX with more behind"
cat cut.idx | gan-data idx - >out 2>err
grep -q 'byte 24: ends inside the images: 4 more bytes' err
check $? "in a pipe too"
printf '\0\0\010\001\0\0\0\002\001\002' >two.idx
refuses 1 '2 labels, but images.idx holds 3' "IDX counts that differ" idx images.idx --labels two.idx
refuses 1 'rank 1' "labels are no images" idx labels.idx
passes "an output that is there already" make ring -n 5 -o keep.st
cp keep.st kept.st
refuses 1 '^cut.idx: byte 16: the images need 12 bytes, 8 follow' "a run that fails" idx cut.idx -o keep.st
same keep.st kept.st "leaves it as it was"
[ "$(ls keep.st*)" = keep.st ]
check $? "and nothing beside it"
awk 'BEGIN { for (i = 0; i < 2; i++) { printf "%c", 3 + i; for (c = 0; c < 3; c++) for (p = 0; p < 1024; p++) printf "%c", 65 + c } }' </dev/null >cifar.bin
passes "CIFAR" cifar cifar.bin -o cifar.st
gan-data to-npy cifar.st --name image | tail -c 6 >out
[ "$(cat out)" = ABCABC ]
check $? "planes become pixels"
head -c 4000 cifar.bin >cut.bin
refuses 1 'byte 4000: ends inside a CIFAR record' "CIFAR cut short" cifar cut.bin
gan-data to-npy digits.st --name image -o digits.npy
passes ".npy" npy digits.npy -o npy.st
gan-data to-npy npy.st -o again.npy
same digits.npy again.npy "there and back"
gzip -k digits.npy
gan-data npy digits.npy.gz >gz.st
same npy.st gz.st "gzip or plain"
gan-data npy digits.npy --float --shape 784 --name x >float.st
shows 'x  *F32  *\[N,784\]' "--float, --shape, --name" float.st
refuses 1 '^digits.npy: a sample has 784 elements, which the shape' "a shape that does not fit" npy digits.npy --shape 783
head -c 1000 digits.npy >cut.npy
refuses 1 'byte 128: the numbers need 235200 bytes, 872 follow' ".npy cut short" npy cut.npy
cat cut.npy | gan-data npy - >out 2>err
grep -q 'byte 1000: ends inside the array' err
check $? "in a pipe too"
cat digits.st | gan-data to-npy --name image >pipe.npy
same digits.npy pipe.npy "from a pipe too"

# --- text ---
printf 'a\0b\n' >zero.txt
passes "a text with a zero" text zero.txt -l 4 -o zero.st
gan-data to-text zero.st >out && [ "$(cat out)" = "$(printf 'a\357\277\275b')" ] && [ "$(gan-data info -m gan.symbols zero.st)" = 4 ]
check $? "which stands among what has no symbol"
stream '@gan.alphabet=a' text:U8:1,1:0 >small.st
refuses 1 'small.st: an alphabet of 1 symbols, expected 2 at least' "an alphabet too small" text zero.txt --alphabet small.st

# --- batches ---
passes "batches" batch digits.st --size 32 --shuffle --seed 9 --epochs 2 -o batches.st
shows '20 frames, 600 samples' "two epochs" batches.st
cat digits.st | gan-data batch --size 32 --shuffle --seed 9 --epochs 2 >pipe.st
same batches.st pipe.st "a pipe gives the same"
gan-data batch digits.st --size 32 | gan-data cat --frame 32 >a.st
cat digits.st | gan-data batch --size 32 >piped.st
gan-data cat --frame 32 piped.st >b.st
same a.st b.st "and in order, but for what it says of the whole"
shows 'gan.batches = size=32 shuffle=no shard=0/1$' "which a pipe does not know" piped.st
header='{"__metadata__":{"gan.frames":"13"}}'
(printf '\044\0\0\0\0\0\0\0'; printf %s "$header") >run.st
gan-data batch digits.st --size 32 --shuffle --seed 9 --epochs 2 --from run.st >rest.st
tail -c "$(wc -c <rest.st)" batches.st >tail.st
same rest.st tail.st "--from goes on where the run stopped"
shows '7 frames' "with the frames that are left" rest.st
passes "nothing left to do" batch digits.st --size 32 --from run.st
gan-data info out >err && grep -q '1 frame, 0 tensors' err
check $? "is one frame without tensors"
refuses 1 'no metadata gan.frames' "--from something else" batch digits.st --size 32 --from digits.st
gan-data batch digits.st --size 32 --endless | head -c 300000 >out
[ "$(wc -c <out)" = 300000 ]
check $? "--endless, until the reader stops"
refuses 2 "^expected --size B" "--size is needed" batch digits.st
refuses 2 "^--shard: expected I/N with I below N, found '3/3'" "--shard 3/3 is wrong usage" batch digits.st --size 32 --shard 3/3
cat digits.st ring.st >mixed.st
refuses 1 'frame 3: ' "streams that differ" batch mixed.st --size 4

# --- looking ---
passes "sheet" sheet digits.st -n 10 -c 5 -o sheet.png
run 0 images sheet.png -g -o sheet.st
shows '\[N,62,152,1\]' "two rows of five, gaps of two" sheet.st
gan-data npy digits.npy --float --shape 28x14x2 >two.st
refuses 1 'expected 1, 3 or 4 channels' "a sheet of two channels" sheet two.st
passes "--normalise takes them apart" sheet two.st --normalise -n 8 --scale 2 -o two.png
refuses 1 'no tensor image' "points are no images" sheet ring.st
passes "head" head -n 260 digits.st -o head.st
shows '2 frames, 260 samples' "keeps the frames" head.st
passes "cat" cat digits.st digits.st -o cat.st
cat digits.st digits.st >plain.st
same cat.st plain.st "is cat"
head -c 1000 digits.st >cut.st
refuses 1 'cut.st: frame 1, byte' "a stream cut short" info cut.st
run 0 info --meta gan.frames run.st && [ "$(cat out)" = 13 ]
check $? "info --meta"
printf 'step\tD\tG\n1\t0.5\t1\n2\t0.25\tnan\n3\t0.2\t4\n' >log.tsv
passes "plot" plot log.tsv -o plot.png
run 0 images plot.png -o plot.st
shows '\[N,540,960,3\]' "is a picture" plot.st
passes "plot --log --smooth --columns" plot log.tsv --log --smooth 2 -c G,D -s 200x300 -o plot.png
passes "plot to .svg" plot log.tsv -o plot.svg
grep -q '<svg ' plot.svg && grep -q '>step<' plot.svg
check $? "is SVG"
passes "plot --format text" plot log.tsv -f text -s 300x600
[ "$(grep -c '|' out)" -gt 5 ] && grep -q 'D .*A.*G .*B' out && grep -q '^ *step *$' out
check $? "is text, a letter a curve"
run 0 plot log.tsv -o plot.txt && run 0 plot log.tsv -f text && alike plot.txt out
check $? "and so is .txt"
# the only letters B beside the legend's are the two points on either side of a gap
[ "$(gan-data plot log.tsv -f text | grep -o B | wc -l)" = 3 ] && ! gan-data plot log.tsv -c D -f text | grep -q B
check $? "a cell without a number is a gap, a point beside it is seen"
printf "step\t\\\`touch made\\\`\tit's {/x} \$(touch made) @a %%s\n1\t2\t3\n" >odd.tsv
run 0 plot odd.tsv -o odd.svg && [ ! -e made ] && grep -q "touch made" odd.svg && grep -q "{/x}" odd.svg
check $? "names mean nothing to gnuplot"
run 2 plot log.tsv -f jpeg && [ "$(wc -l <err)" = 1 ] && grep -q "format: expected png, svg or text, found 'jpeg'" err
check $? "no other format"
cp plot.png before.png
for c in 'plot log.tsv' 'scatter ring.st'; do
    # shellcheck disable=SC2086
    (PATH=$dir && "$bin/gan-data" $c -o plot.png) >out 2>err </dev/null
    [ $? = 1 ] && [ "$(cat err)" = 'gan-data: cannot draw: there is no program gnuplot here' ] && alike plot.png before.png
    check $? "$c without gnuplot: a line, and what was there stays"
done
refuses 1 "no column 'F', the columns are step, D, G" "a column that is not there" plot log.tsv -c F
printf 'step\tD\n1\t2\t3\n' >bad.tsv
refuses 1 'bad.tsv: line 2: 3 cells, expected 2' "a ragged log" plot bad.tsv

# --- the end of the output ---
if [ -w /dev/full ]; then
    for c in 'make ring' 'batch digits.st --size 8' 'sheet digits.st' 'cat digits.st' \
        'to-npy npy.st' 'images folder' 'idx images.idx' 'info digits.st' 'plot log.tsv'; do
        # shellcheck disable=SC2086
        gan-data $c >/dev/full 2>err
        [ $? = 1 ] && one_line "^standard output: cannot write"
        check $? "$c: a full disk is an error"
    done
    refuses 1 "^/dev/full: cannot write: No space left" "-o /dev/full too" make ring -o /dev/full
    [ -c /dev/full ]
    check $? "which is still there"
else
    skip "full disk" "no /dev/full"
fi

# --- real data ---
real() { [ -d "${GAN_DATA:-/nonexistent}/$1" ]; }
if real mnist; then
    gan-data idx "$GAN_DATA"/mnist/t10k-images* --labels "$GAN_DATA"/mnist/t10k-labels* >mnist.st
    shows '10000 samples' "MNIST" mnist.st
else skip MNIST "GAN_DATA names no folder with mnist/"; fi
if real weizmann; then
    gan-data images "$GAN_DATA/weizmann" --labels --size 32 --strict 2>err >weizmann.st
    check $? "PNG under .jpg names"
    shows '72 samples' "all clips" weizmann.st
else skip Weizmann "GAN_DATA names no folder with weizmann/"; fi
if real orl; then
    gan-data images "$GAN_DATA/orl" -g --labels 2>err >orl.st
    shows 'labels: 40 distinct' "ORL" orl.st
else skip ORL "GAN_DATA names no folder with orl/"; fi
if real faces; then
    gan-data images "$GAN_DATA/faces" --size 64 --first 300 --strict 2>err >faces.st
    check $? "faces"
    shows '300 samples' "of the size asked for" faces.st
else skip faces "GAN_DATA names no folder with faces/"; fi
if real voxels; then
    gan-data npy "$GAN_DATA"/voxels/*.gz --name voxels --float --shape 32x32x32x1 >voxels.st
    shows 'voxels  *F32  *\[N,32,32,32,1\]' "voxels" voxels.st
else skip voxels "GAN_DATA names no folder with voxels/"; fi
finish
