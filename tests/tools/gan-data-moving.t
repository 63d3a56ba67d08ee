#!/bin/sh
# gan-data moving: where pictures fly, and that a clip is the same however it is made.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-data
gan-data make digits -n 50 --size 8 -o digits.st
passes "clips" moving digits.st -n 40 -s 24 -t 30 -o clips.st
shows 'image *U8 *\[N,30,24,24,1\]' "of that many frames of that side" clips.st
shows 'path *F32 *\[N,30,2\]' "and their ways" clips.st
shows 'label *I64 *\[N\]' "and labels" clips.st
gan-data moving digits.st -n 40 -s 24 -t 30 | cmp - clips.st >out 2>err
check $? "again"
gan-data moving digits.st -n 15 --skip 25 -s 24 -t 30 -o some.st
gan-data pick clips.st --rows 25-39 -o want.st
for name in image path label; do
    gan-data to-npy some.st --name $name >a.npy && gan-data to-npy want.st --name $name >b.npy
    same a.npy b.npy "--skip: $name is that of these clips"
done
gan-data moving digits.st -n 40 -s 24 -t 7 --frame 3 --seed 0 | gan-data to-npy --name path >short.npy
gan-data to-npy clips.st --name path >long.npy
perl -e 'local $/; my @p; for (@ARGV) { open my $f, "<", $_; push @p, [unpack "x128 f<*", <$f>] }
    for my $i (0 .. 39) { for my $k (0 .. 13) { exit 1 if $p[0][$i * 14 + $k] != $p[1][$i * 60 + $k] } }' short.npy long.npy
check $? "a shorter clip is the beginning of a longer one"
gan-data moving digits.st -n 40 -s 24 -t 30 --seed 1 -o other.st
differ clips.st other.st "another seed"
OMP_NUM_THREADS=1 gan-data moving digits.st -n 40 -s 24 -t 30 -o one.st
same clips.st one.st "with any number of threads"
cat digits.st | gan-data moving -n 40 -s 24 -t 30 >pipe.st
same clips.st pipe.st "from a pipe"

# Each coordinate, less half a picture, is a straight way of 1.6 pixels a frame at most, mirrored at 0
# and 16 and rounded; it is found again from its two first frames on.
gan-data to-npy clips.st --name path | perl -e 'local $/; @p = unpack "x128 f<*", <STDIN>;
    for (@p) { exit 1 if $_ < 4 || $_ > 20 || $_ != int }
    for $i (0 .. 39) {
        @q = @p[$i * 60 .. $i * 60 + 59];
        for $t (1 .. 29) { exit 2 if sqrt(($q[2*$t] - $q[2*$t-2])**2 + ($q[2*$t+1] - $q[2*$t-1])**2) > 1.6 + sqrt(2) + 1e-6 }
        for $axis (0, 1) {
            $fits = 0;
            LINE: for $a (-32 .. 544) { for $v (-33 .. 33) {
                for $t (0 .. 29) {
                    $u = abs($a / 32 + $t * $v / 20);
                    $u -= 32 while $u > 32;
                    $u = 32 - $u if $u > 16;
                    $bad = abs($u + 4 - $q[2*$t+$axis]) > 1.1;
                    last if $bad;
                }
                if (!$bad) { $fits = 1; last LINE }
            } }
            exit 3 if !$fits;
        }
    }'
check $? "straight on between the walls"
# --shrink
frame large.st image:U8:1,4,4,2:10,1,20,1,30,2,40,2,50,1,60,1,70,2,81,2,0,255,0,255,9,0,9,0,0,255,0,254,9,0,9,0
frame small.st image:U8:1,2,2,2:35,1,55,2,0,255,9,0
for s in large small; do
    o=''
    [ $s = small ] || o='--shrink 2'
    # shellcheck disable=SC2086 # two words
    gan-data moving $s.st $o -n 9 -s 8 -t 3 -o flown-$s.st
done
same flown-large.st flown-small.st '--shrink: pictures fly as those of means do'
refuses 1 '^large.st: pictures of 4x4 are no multiple of 3x3$' 'blocks that do not fit' moving large.st --shrink 3

# the picture lies where its way says
gan-data pick digits.st --rows 0 >one.st
gan-data moving one.st -n 1 -s 24 -t 5 -o clip.st
for s in clip one; do gan-data to-npy $s.st --name image >$s.npy; done
gan-data to-npy clip.st --name path >path.npy
perl -e 'local $/; for (@ARGV) { open my $f, "<", $_; push @d, scalar <$f> }
    @c = unpack "x128 C*", $d[0]; @o = unpack "x128 C*", $d[1]; @p = unpack "x128 f<*", $d[2];
    for $t (0 .. 4) { for $y (0 .. 23) { for $x (0 .. 23) {
        $u = $x - $p[2*$t] + 4; $v = $y - $p[2*$t+1] + 4;
        $want = $u < 0 || $u > 7 || $v < 0 || $v > 7 ? 0 : $o[$v * 8 + $u];
        exit 1 if $c[($t * 24 + $y) * 24 + $x] != $want } } }' clip.npy one.npy path.npy
check $? "pictures lie where their ways say, all else is black"

passes "two pictures" moving digits.st -n 40 -k 2 -s 24 -t 3 -o two.st
shows 'path *F32 *\[N,3,2,2\]' "have two ways" two.st
shows 'label *I64 *\[N,2\]' "and two labels" two.st
gan-data moving digits.st -n 9 -t 1 -s 24 | gan-data info >out
grep -q 'image *U8 *\[N,24,24,1\]' out && grep -q 'path *F32 *\[N,2\]' out
check $? "one frame is a picture"
gan-data moving digits.st -n 5 --step 0 -s 24 -t 4 | gan-data to-npy --name path |
    perl -e 'local $/; @p = unpack "x128 f<*", <STDIN>; for (0 .. 39) { exit 1 if $p[$_] != $p[$_ - $_ % 8 + $_ % 2] }'
check $? "--step 0 stands still"
perl -e 'print pack("C4N3", 0, 0, 8, 3, 5, 6, 6), map { chr(40 * $_) x 36 } 1 .. 5' >images.idx
perl -e 'print pack("C4NC5", 0, 0, 8, 1, 5, 1 .. 5)' >labels.idx
gan-data idx images.idx -l labels.idx | gan-data moving -n 9 -k 2 -t 4 -s 12 --step 0.3 --name video -o idx.st
{ values idx.st video C && values idx.st label q && values idx.st path f; } | perl -e 'my ($v, $l, $p) = map { [split] } <STDIN>;
    for my $i (0 .. 8) { for my $t (0 .. 3) {
        my @at = map { $p->[(($i * 4 + $t) * 2 + $_ % 2) * 2 + ($_ > 1)] } 0 .. 3; # x of both, y of both
        for my $y (0 .. 11) { for my $x (0 .. 11) {
            my $want = 0;
            for my $k (0, 1) { my $c = 40 * $l->[$i * 2 + $k];
                $want = $c if abs($x + 0.5 - $at[$k]) < 3 && abs($y + 0.5 - $at[2 + $k]) < 3 && $c > $want }
            exit 1 if $v->[(($i * 4 + $t) * 12 + $y) * 12 + $x] != $want } } } }'
check $? "two pictures of an IDX file: where their ways say, as bright as their labels say"
gan-data moving digits.st -n 60 --step 0.02 --step-to 0.2 -s 28 -t 2 --name video -o steps.st
shows 'video *U8 *\[N,2,28,28,1\]' "--name" steps.st
values steps.st path f | perl -ane 'my ($slow, $fast) = (0, 0);
    while (my ($x, $y, $u, $v) = splice @F, 0, 4) {
        my $d = sqrt(($u - $x) ** 2 + ($v - $y) ** 2);
        exit 1 if $d > 20 * 0.2 + 1.5;
        $slow++ if $d < 1.5; $fast++ if $d > 2.5;
    }
    exit !($slow >= 10 && $fast >= 10)'
check $? "--step-to: some are slow, some are fast"
gan-data make shapes -n 10 --size 8 | gan-data moving -n 5 -s 8 -t 2 -o whole.st
shows 'image *U8 *\[N,2,8,8,3\]' "colours, and no room" whole.st
[ "$(gan-data info whole.st --meta gan.classes)" = '["circle","square","triangle","cross","ring"]' ]
check $? "names of classes stay"

gan-data sheet clips.st -n 60 --gap 0 -o sheet.png
[ "$(head -c 24 sheet.png | perl -e 'local $/; print join "x", unpack "x16 N2", <STDIN>')" = 720x48 ]
check $? "sheet: a line of frames for each clip"

refuses 1 '^digits.st: pictures of 8x8 do not fit frames of 7' "no place" moving digits.st -s 7
stream image:F32:1,2,2,1:0*4 >float.st
refuses 1 'tensor image is F32 \[N,2,2,1\]\|tensor image is F32' "floats" moving float.st
stream point:F32:1,2:0,0 >point.st
refuses 1 'no tensor image' "points" moving point.st
refuses 2 'step-to 0.05 is below --step 0.1' "steps to less" moving digits.st --step-to 0.05
refuses 2 'found .path., which is no name for clips' "a name that is taken" moving digits.st --name path
refuses 2 'expected one stream' "two streams" moving digits.st digits.st
refuses 1 'are too large' "clips beyond all memory" moving digits.st -t 1000000 -s 16384
finish
