#!/bin/sh
# gan-data voxels, carve, views, mesh: files of shapes, volumes made solid, pictures and meshes of them.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-data
full() { values "$1" "${2-voxels}" C | awk '{ for (i = 1; i <= NF; i++) n += $i == 255; print n + 0 }'; }

# --- binvox: the last side fastest; runs ---
runs() { # runs VALUExCOUNT...
    perl -e 'print pack "C2", split /x/ for @ARGV' "$@"
}
binvox() {
    sides=$1
    shift
    printf '#binvox 1\n# a comment\ndim %s\ntranslate -0.5 0 2e-1\nscale 1.5\ndata\n' "$sides"
    runs "$@"
}
mkdir shapes
binvox '4 4 4' 0x1 1x2 0x61 >shapes/a.binvox
passes 'a binvox file' voxels shapes/a.binvox --size 4
cp out a.st
shows 'voxels *U8 *\[N,4,4,4,1\]' 'its sides' a.st
is "$(values a.st voxels C)" "0 255 255$(printf ' 0%.0s' $(seq 61))" 'its runs, the last axis fastest'
run 0 voxels shapes/a.binvox --size 8 && cp out b.st
is "$(values b.st voxels C | tr ' ' '\n' | grep -n 255 | tr '\n' ' ')" '148:255 149:255 ' 'put in the middle of a larger cube'
run 0 voxels shapes/a.binvox --size 2 && cp out b.st
is "$(values b.st voxels C)" '255 255 0 0 0 0 0 0' 'pooled into a smaller one'
run 0 voxels shapes/a.binvox --size 8 --pad 3 && cp out b.st
is "$(values b.st voxels C | tr ' ' '\n' | grep -n 255 | tr '\n' ' ')" '220:255 221:255 ' 'with a margin'
binvox '2 3 5' 1x30 >shapes/b.binvox
run 0 voxels shapes/b.binvox --size 5 && cp out b.st
is "$(full b.st)" 30 'sides that differ'
for bad in 'byte [0-9]*: ends after 63 of 64 voxels|4 4 4|0x63' 'byte [0-9]*: a run of 2 voxels, 1 are left|4 4 4|0x63 1x2' \
    'byte [0-9]*: 2 more than the runs of 64 voxels|4 4 4|0x64 1x1' 'byte [0-9]*: value 2, expected 0 or 1|4 4 4|2x64' \
    'byte [0-9]*: a run of 0 voxels|4 4 4|0x0 1x64' '2 bytes of runs are too few for 1024x1024x1024|1024 1024 1024|0x255' \
    "expected 'dim' and three sides|4 4|0x16" "expected 'dim' and three sides|4 4 1025|0x255"; do
    sides=${bad#*|}
    # shellcheck disable=SC2086 # several words
    binvox "${sides%|*}" ${sides#*|} >bad.binvox
    run 1 voxels bad.binvox && grep -q "bad.binvox: .*${bad%%|*}" err
    check $? "binvox: ${bad%%|*}"
done
{ printf '#binvox 1\ndim 64 64 64\n' && head -c 300 /dev/zero; } >bad.binvox
run 1 voxels bad.binvox && grep -q "header" err
check $? 'binvox: a header without an end'

# --- OFF ---
cube='0 0 0\n1 0 0\n1 1 0\n0 1 0\n0 0 1\n1 0 1\n1 1 1\n0 1 1\n4 0 3 2 1\n4 4 5 6 7\n4 0 1 5 4\n4 1 2 6 5\n4 2 3 7 6\n4 3 0 4 7\n'
for head in 'OFF\n8 6 12\n' 'OFF8 6 12\n' 'OFF 8 6 12\n' '# made\nOFF\n8 6 0\n\n'; do
    printf %b "$head$cube" >shapes/cube.off
    run 0 voxels shapes/cube.off --size 10 --pad 2 && cp out c.st && [ "$(full c.st)" = 216 ]
    check $? "a mesh, filled: $head"
done
run 0 voxels shapes/cube.off --size 10 --pad 2 --hollow && cp out c.st
is "$(full c.st)" 152 'hollow'
printf %b "COFF\\n8 6 0\\n$(printf %s "$cube" | sed 's/\([01] [01] [01]\)\\n/\1 255 0 0 255\\n/g')" >shapes/colours.off
run 0 voxels shapes/colours.off --size 6 && cp out c.st
is "$(full c.st)" 216 'colours are passed over'
run 1 voxels "$here/lib/tap.sh" && grep -q 'tap.sh: this is text, expected a .binvox file or a mesh in OFF' err
check $? 'a file of another kind'
printf 'OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 7\n' >shapes/bad.off
run 0 voxels shapes --size 8 && grep -q "shapes/bad.off: byte .*: expected a corner's vertex up to 2" err
check $? 'a bad file is named and left out'
cp out d.st
shows ' 4 samples' 'the others are there' d.st
run 1 voxels shapes --size 8 --strict -o strict.st && [ ! -e strict.st ]
check $? '--strict'
refuses 2 '--pad 4 at both ends leaves nothing of 8' 'a margin that leaves nothing' voxels shapes --size 8 --pad 4

# --- folders: classes, splits, archives ---
for class in chair table; do
    for set in train test; do mkdir -p "models/$class/$set" && cp shapes/cube.off "models/$class/$set/${class}_1.off"; done
done
cp shapes/a.binvox models/table/train/table_2.binvox
passes 'a folder for each class' voxels models --labels --under train --size 8 -o m.st
is "$(values m.st label q)" '0 1 1' 'their labels, of one part of the set'
has_classes() { gan-data info m.st | grep -q 'gan.classes = \["chair","table"\]'; }
has_classes
check $? 'and names'
if perl -MArchive::Zip -e 1 2>/dev/null; then
    perl -MArchive::Zip -e 'my $z = Archive::Zip->new; $z->addTree("models", "models"); $z->writeToFileNamed("m.zip")'
    run 0 voxels m.zip/models --labels --under train --size 8 && cp out z.st
    same m.st z.st 'an archive'
else skip 'an archive' 'no Archive::Zip'; fi

# --- pictures of them ---
mkdir -p photos/chair/train/chair_1 photos/table/train
frame p.st "image:U8:3,4,6,3:$(perl -e 'print join ",", map { (10 * $_) . "*72" } 1 .. 3')"
gan-data export tmp p.st 2>err
mv tmp/000000.png photos/chair/train/chair_1.png
mv tmp/000001.png photos/chair/train/chair_1/left.png
mv tmp/000002.png photos/table/train/table_2_x.png
cp photos/table/train/table_2_x.png photos/table/train/table_20.png
run 0 voxels models --labels --under train --size 8 --pictures photos --picture-size 4 && grep -q 'table_1.off: has no picture' err
check $? 'what has no picture is left out'
cp out p.st
is "$(values p.st label q)" '0 0 1' 'a sample for each picture'
shows 'image *U8 *\[N,4,4,3\]' 'and the pictures, of their size' p.st
is "$(values p.st image C | tr ' ' '\n' | uniq | tr '\n' ' ')" '10 20 30 ' 'each with its own'

# --- made solids ---
passes 'solids' make solids -n 40 --size 16 -o s.st
shows 'labels: 4 distinct: 0 (box)' 'of four classes' s.st
gan-data make solids -n 10 --size 16 >few.st
gan-data head -n 10 s.st >head.st
is "$(values few.st voxels C | cksum)" "$(values head.st voxels C | cksum)" 'the same, however many'
# boxes are full boxes: as many voxels as their extents multiply to
gan-data pick s.st --label box >box.st
gan-data to-npy box.st -n voxels | perl -e 'binmode STDIN; local $/; $_ = <STDIN>; my @v = unpack "x128 C*", $_;
    my $bad = !@v;
    while (my @s = splice @v, 0, 4096) {
        my (%x, %y, %z, $n);
        for (0 .. 4095) { next unless $s[$_]; $n++; $x{$_ >> 8} = $y{$_ >> 4 & 15} = $z{$_ & 15} = 1 }
        $bad = 1 if $n != keys(%x) * keys(%y) * keys(%z) || grep { keys(%$_) < 6 || keys(%$_) > 14 } \%x, \%y, \%z;
    } exit $bad'
check $? 'boxes are boxes, of 7 to 14 voxels a side'
refuses 2 'volumes of side 7, expected 8 to 512' 'too small' make solids --size 7

# --- carve ---
frame v.st voxels:F32:3,2,2,2:0.2,0.7,0,0,0,0,0,0,0*8,0.6,0.2,0,0,0,0,0.9,0.8 label:I64:3:5,6,7
run 0 carve v.st && cp out c.st
is "$(values c.st voxels C)" '0 255 0 0 0 0 0 0 0 0 0 0 0 0 0 0 255 0 0 0 0 0 255 255' 'a threshold'
shows 'voxels *U8 *\[N,2,2,2,1\]' 'bytes, with a channel' c.st
run 0 carve v.st --threshold 0.1 --component 1 --drop-empty && cp out c.st
is "$(values c.st voxels C)" '255 255 0 0 0 0 0 0 255 255 0 0 0 0 0 0' 'the largest piece; empty ones left out'
is "$(values c.st label q)" '5 7' 'with their labels'
run 0 carve v.st --size 4 --pad 1 && cp out c.st
shows 'voxels *U8 *\[N,4,4,4,1\]' 'another side' c.st
frame flat.st image:U8:1,2,2,3:0*12
refuses 1 'no tensor voxels' 'no volumes' carve flat.st
refuses 1 'tensor label is \[3\], expected voxels \[N,D,H,W,1\]' 'labels for volumes' carve v.st --name label
frame none.st voxels:U8:1,2,2,2,1:0*8
refuses 1 'no volume of 1 has a voxel above 0.5' 'nothing is left' carve none.st --drop-empty
refuses 2 '--pad goes with --size' 'a margin of nothing' carve v.st --pad 1

# --- views ---
frame one.st "voxels:U8:1,8,8,8,1:$(perl -e 'print join ",", map { my ($x, $y, $z) = ($_ >> 6, $_ >> 3 & 7, $_ & 7);
    $x >= 2 && $x < 6 && $y >= 2 && $y < 6 && $z < 4 ? 255 : 0 } 0 .. 511')" label:I64:1:3
passes 'a picture of a cube' views one.st --size 33 --azimuth 0 --elevation 0
cp out i.st
shows 'image *U8 *\[N,33,33,3\]' 'of its size' i.st
values i.st image C | perl -ne '@v = split; for my $y (0 .. 32) { my ($l, $r);
    for my $x (0 .. 32) { next if $v[($y * 33 + $x) * 3] == 255; $l = $x unless defined $l; $r = $x }
    print "$y:", $r - $l + 1, " " if defined $l }' >got
# 33 pixels are 8 * 3^0.5 * 0.93 voxels: four are 10.2 pixels, around the middle and from there downwards
is "$(cat got)" "$(for y in 16 17 18 19 20 21 22 23 24 25 26; do printf '%d:11 ' $y; done)" 'where it should be'
run 0 views one.st --size 16 --views 4 --pairs && cp out i.st
is "$(values i.st label q)" '3 3 3 3' 'labels go along with each view'
shows 'voxels *U8 *\[N,8,8,8,1\]' '--pairs: and volumes' i.st
run 0 views one.st --size 24 --azimuth 0 && cp out a0.st
run 0 views one.st --size 24 --azimuth 90 && cp out a90.st
is "$(values a90.st image C)" "$(values a0.st image C)" 'a quarter turn of a cube shows the same'
frame marked.st "voxels:U8:1,8,8,8,1:255*512" "heat:F32:1,8,8,8,1:0*511,2"
run 0 views marked.st --size 32 --mark heat && cp out h.st
values h.st image C | perl -ne '@v = split; my ($red, $grey); while (@v) { my ($r, $g, $b) = splice @v, 0, 3;
    next if $r == 255 && $g == 255; if ($r > 2 * $g) { $red++ } else { $grey++ } } exit !($red > 2 && $grey > 20 * $red)'
check $? '--mark colours the corner that is marked'
refuses 1 'tensor heat is missing, expected' '--mark of what is not there' views one.st --mark heat
OMP_NUM_THREADS=1 gan-data views few.st >one && OMP_NUM_THREADS=2 gan-data views few.st >two
same one two 'the same with 1 and 2 threads'

# --- mesh ---
says '1 meshes in meshes' 'a mesh of it' mesh meshes one.st
is "$(sed -n 2p meshes/000000.off)" '98 192 0' 'two triangles a face, corners shared'
run 0 voxels meshes --size 8 --pad 2 && cp out back.st
is "$(full back.st)" 64 'which comes back as a volume'
cp meshes/000000.off meshes/000007.off && echo x >meshes/notes
refuses 1 'meshes: 2 meshes of an earlier run are there, such as meshes/000' 'what is there stays' mesh meshes one.st
says '1 meshes in meshes' 'unless it is to be replaced' mesh meshes one.st --force
is "$(ls meshes | tr '\n' ' ')" '000000.off notes ' 'all of it, and no other files'
finish
