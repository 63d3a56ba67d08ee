#!/bin/sh
# gan-data landmarks: 68 points of a face drawn as lines, to the bit; and batch --together, frames of one video as
# one sample.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-data result=out.st

# --- drawings: all points in one corner, but for a part of the face ---
points() { # points FILE TYPE FIRST:X,Y[,X,Y...]: others lie far outside
    perl -e 'my @p = (-50) x 136; for (@ARGV) { my ($at, @v) = split /[:,]/; @p[2*$at .. 2*$at + $#v] = @v } print join ",", @p' "$3" >list
    rm -f "$1"
    frame "$1" "points:$2:$(cat list)" label:I64:1:5
}
line() { perl -e 'my @w = split " ", <STDIN>; print join(" ", @w[3*$ARGV[0] .. 3*$ARGV[0] + $ARGV[1] - 1]), "\n"' "$1" "$2"; }
points nose.st F32:1,68,2 27:1.5,0.5,1.5,1.5,1.5,2.5,1.5,3.5
passes 'a line down' landmarks nose.st --size 4x6
is "$(values out.st landmarks C)" "$(for _ in 1 2 3 4; do printf '0 0 0 0 0 255 0 0 0 0 0 0 0 0 0 0 0 0 '; done | sed 's/ $//')" \
    'is blue where it lies on pixels, and black beside them'
is "$(values out.st label 'q<')" 5 'what else there is stays'
points half.st I64:1,136 27:2,0,2,1,2,2,2,4
passes 'between two pixels' landmarks half.st --size 4x4
is "$(values out.st landmarks C | line 0 12)" '0 0 0 0 0 128 0 0 128 0 0 0' 'it covers half of each'
passes '--line' landmarks half.st --size 4x4 --line 3
is "$(values out.st landmarks C | line 0 12)" '0 0 128 0 0 255 0 0 255 0 0 128' 'a wider one more of them'
points large.st F32:1,68,2 27:40,10,40,30,40,50,40,90
passes '--of' landmarks large.st --size 5x5 --of 100x120
is "$(values out.st landmarks C | line 0 15)" '0 0 0 0 0 255 0 0 0 0 0 0 0 0 0' 'points of pictures that are cut and made smaller'
is "$(values out.st landmarks C | line 20 15)" '0 0 0 0 0 255 0 0 0 0 0 0 0 0 0' 'to the end'
# a face: every machine draws the same bytes
perl -e 'print join ",", map { my $k = $_; (16 + 9 * ($k % 17 - 8) / 8 + 0.37 * ($k / 17), 6.5 + 5.3 * int($k / 17) + 0.21 * ($k % 5)) } 0 .. 67' >list
rm -f face.st && frame face.st "points:F32:1,68,2:$(cat list)"
passes 'all parts' landmarks face.st --size 32 --line 1.5
is "$(values out.st landmarks C | cksum)" '3123894163 6873' 'to the bit'
for part in 0,16:0,255,0 17,21:255,128,0 22,26:255,128,0 27,30:0,0,255 31,35:0,255,255 36,41:255,0,255 42,47:255,0,255 48,59:255,0,0 60,67:255,255,255; do
    ends=${part%:*}
    perl -e 'my ($first, $last) = split /,/, $ARGV[0]; my @p = (-50) x 136; @p[2*$_, 2*$_ + 1] = (1.5, 1.5) for $first .. $last; print join ",", @p' "$ends" >list
    rm -f one.st && frame one.st "points:F32:1,68,2:$(cat list)" && run 0 landmarks one.st --size 4
    is "$(values out.st landmarks C | line 5 3 | tr ' ' ,)" "${part#*:}" "points $ends"
done
# the first and the last point of an eye are joined, of the jaw they are not
perl -e 'for my $at (0, 36) { my ($n, @p) = ($at ? 6 : 17, (-50) x 136); @p[2*($at + $_), 2*($at + $_) + 1] = (0.5, $_ < $n - 1 ? 0.5 : 3.5) for 0 .. $n - 1;
    @p[2*($at + $n - 2), 2*($at + $n - 2) + 1] = (60, 3.5); open my $f, ">", "list$at"; print $f join ",", @p }'
for at in 0 36; do
    rm -f one.st && frame one.st "points:F32:1,68,2:$(cat list$at)" && run 0 landmarks one.st --size 4
    values out.st landmarks C | line 4 3 >edge$at
done
is "$(cat edge0)" '0 0 0' 'a jaw is open'
is "$(cat edge36)" '255 0 255' 'an eye is closed'

# --- what is refused ---
refuses 2 'expected --size S' 'no size' landmarks nose.st
refuses 2 'size: expected 64 or 48x64' 'an odd size' landmarks nose.st -s 0
refuses 2 'of: expected 64 or 48x64' 'an odd size of pictures' landmarks nose.st -s 4 --of x
refuses 2 'line' 'a line of no width' landmarks nose.st -s 4 --line 0
refuses 2 'expected one stream' 'two streams' landmarks nose.st half.st -s 4
refuses 1 '^nose.st: frame 1: no tensor at' 'no points' landmarks nose.st -s 4 --name at
frame few.st points:F32:1,5,2:1,2,3,4,5,6,7,8,9,10
refuses 1 '^few.st: frame 1: tensor points is \[1,5,2\]: expected \[N,68,2\] or \[N,136\]' 'five points' landmarks few.st -s 4
points odd.st F32:1,68,2 3:nan,1
refuses 1 '^odd.st: frame 1: tensor points: face 0, point 3: .*nan, expected pixels' 'a number that is none' landmarks odd.st -s 4
run 0 landmarks nose.st --size 4 && cp out.st drawn.st
refuses 1 'has a tensor landmarks already' 'what is drawn already' landmarks drawn.st -s 4

# --- batch --together: three frames of video 7, five of 2, two of 9 ---
rm -f frames.st
frame frames.st label:I64:6:7,2,9,2,7,2 image:U8:6,2:0,0,1,1,2,2,3,3,4,4,5,5
frame frames.st label:I64:4:2,9,7,2 image:U8:4,2:6,6,7,7,8,8,9,9
passes 'pairs' batch frames.st --size 2 --together 2
shows '^  image *U8 *\[N,2,2\]' 'have an axis more' out.st
shows '^  label *I64 *\[N\]' 'and one label' out.st
is "$(values out.st label 'q<')" '2 2 7 9' 'a video after the other, what makes no pair is left out'
is "$(values out.st image C)" '1 1 3 3 5 5 6 6 0 0 4 4 2 2 7 7' 'in the order of the stream'
shuffled() { gan-data batch frames.st --size 4 --together 2 --shuffle --drop-last --seed "$1" --epochs 40 "${2:---trust}" >"$3" 2>>err; }
shuffled 3 --trust a.st && shuffled 3 --trust b.st && shuffled 4 --trust c.st
same a.st b.st 'a seed has its order'
differ a.st c.st 'and another another'
values a.st image C | tr ' ' '\n' | awk 'NR % 4 == 1 { a = $1 } NR % 4 == 3 { print a, $1 }' |
    awk 'BEGIN { split("7 2 9 2 7 2 2 9 7 2", video, " ") } video[$1 + 1] != video[$2 + 1] || $1 == $2 { bad = 1 }
        seen[int((NR - 1) / 4), $1]++ || seen[int((NR - 1) / 4), $2]++ { bad = 1 } { pair[$1 "-" $2] = 1; first[$1]++ }
        END { for (p in pair) k++; for (f in first) j++; exit bad || k != 28 || j != 10 || NR != 160 }'
check $? 'frames of a pair are of one video, none comes twice in an epoch, and all pairs there are come up in forty'
gan-data batch frames.st --size 1 --together 2 --shuffle --seed 3 --shard 0/2 -o even.st && gan-data batch frames.st --size 1 --together 2 --shuffle --seed 3 --shard 1/2 -o odd.st
is "$(for s in even odd; do values $s.st image C; done | tr ' ' '\n' | sort -n | uniq -d | wc -l)" 8 'shards take whole pairs'
printf 'data x: image[2, 2]\nparam p = 0\nplayer P of p: sgd(0.1) minimizes mean((x - p)^2)\n' >page.gan
gan-init page.gan -o run.st 2>err && cp run.st whole.st && gan-data batch frames.st --size 2 --together 2 --shuffle --epochs 3 | gan-step whole.st -q 2>>err
gan-data batch frames.st --size 2 --together 2 --shuffle --epochs 3 | gan-step run.st -q -n 3 2>>err
gan-data batch frames.st --size 2 --together 2 --shuffle --epochs 3 --from run.st | gan-step run.st -q 2>>err
same run.st whole.st 'a game goes on where it was'
refuses 1 'no label has 6 samples' 'more than any video has' batch frames.st --size 2 --together 6
frame bare.st image:U8:2,1:1,2
refuses 1 'no tensor label' 'frames without videos' batch bare.st --size 1 --together 2
finish
