#!/bin/sh
# gan-data scatter: where points are drawn, and in which colours.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/eval.sh"
tool=gan-data
# draws ARGUMENT...: the picture's pixels go to the file pixels, a line "x y r g b" for each that
# has a colour
draws() {
    gan-data scatter "$@" -o out.png 2>err && gan-data images out.png -o out.st 2>>err &&
        perl -e 'local $/; open my $f, "<:raw", "out.st" or exit 1; my $s = <$f>;
            my $n = unpack "Q<", $s; my $h = substr $s, 8, $n;
            my ($high, $wide) = $h =~ /"image".*?"shape":\[1,(\d+),(\d+),3\]/ or exit 1;
            my ($at) = $h =~ /"image":\{[^}]*"data_offsets":\[(\d+)/;
            for my $y (0 .. $high - 1) { for my $x (0 .. $wide - 1) {
                my @c = unpack "C3", substr $s, 8 + $n + $at + 3 * ($y * $wide + $x), 3;
                print "$x $y @c\n" if grep { $_ != $c[0] } @c;
            } }' >pixels
}
# where R G B: the middle of the pixels of that colour, and how many there are
where() {
    awk -v c="$1 $2 $3" '$3 " " $4 " " $5 == c { n++; x += $1; y += $2 }
        END { if (n) printf "%.0f %.0f %d\n", x / n, y / n, n }' pixels
}

frame two.st point:F32:2,2:0,0,1,1
draws two.st -s 200 --dot 9 && [ "$(wc -l <pixels)" -gt 100 ] && [ "$(wc -l <pixels)" -lt 300 ]
check $? 'points without labels'
awk '{ print ($1 > 96) ($2 > 100) }' pixels | sort -u | tr '\n' ' ' >quarters
[ "$(cat quarters)" = '01 10 ' ]
check $? 'the first number goes right, the second up'
frame three.st point:F64:3,3:-1,0,9,1,0,9,0,1,9 label:I64:3:7,-2,7
draws three.st -s 200x300 --dot 9
# shellcheck disable=SC2046 # words
set -- $(where 0 114 178) 0 0 0
[ "$1" -gt 150 ] && [ "$3" -gt 100 ]
check $? 'the lowest label has the first colour, at its point and in the legend'
# shellcheck disable=SC2046 # words
set -- $(where 213 94 0) 0 0 0
[ "$3" -gt 150 ]
check $? 'the next the second'
# the two points of label 7: 1 to the left of and 1 above the one between them
awk '$3 == 213 && $1 < 240 { x[$1] = 1; y[$2] = 1 }
    END { for (i in x) n++; for (i in y) m++; exit !(n > 12 && m > 12) }' pixels
check $? 'at two places'
awk '$3 == 213 || $3 == 0 { if (!a[$3]++ || $1 < l[$3]) l[$3] = $1 }
    END { print l[213], l[0] }' pixels >lefts
read -r left right <lefts
awk -v l="$left" -v r="$right" 'BEGIN { exit !(r - l > 150 && r - l < 200) }'
check $? 'both axes to one scale: the height decides'
frame named.st point:F32:2,2:0,0,1,1 label:U8:2:0,1 '@gan.classes=[\"cat\",\"a dog\"]'
frame plain.st point:F32:2,2:0,0,1,1 label:U8:2:0,1
frame hot.st point:F32:2,2:0,0,1,1 label:F32:2,2:1,0,0,1
gan-data scatter named.st >named.png && gan-data scatter plain.st >plain.png &&
    gan-data scatter hot.st | alike - plain.png && unlike named.png plain.png
check $? 'one-hot labels are labels; classes may have names'
frame cut.st point:F32:1,2:0,0 label:U8:1:0
frame cut.st point:F32:1,2:1,1 label:U8:1:1
gan-data scatter cut.st | alike - plain.png
check $? 'frames do not matter'
cat plain.st | gan-data scatter - >piped.png 2>err && alike piped.png plain.png
check $? 'from standard input'
frame same.st point:F32:3,2:5,5,5,5,5,5
draws same.st && [ -s pixels ]
check $? 'points that are all at one place'
frame many.st "point:F32:300,2:$(perl -e 'print join ",", 1 .. 600')" "label:I64:300:$(perl -e 'print join ",", 1 .. 300')"
draws many.st -s 120 && [ "$(cut -d' ' -f 3- pixels | sort -u | wc -l)" -gt 100 ]
check $? 'more labels than there is place for in the legend'
frame nan.st point:F32:2,2:0,0,nan,1
refuses 1 'nan.st: frame 1: point 1 has a number that is not finite' 'a point that is nowhere' scatter nan.st
frame line.st point:F32:2,1:0,1
refuses 1 'tensor point is \[2,1\], expected \[N,2\]' 'numbers on a line' scatter line.st
refuses 1 'no tensor dot' 'no such tensor' scatter two.st -t dot
frame short.st point:F32:2,2:0,0,1,1 label:I64:1:0
refuses 1 'label is \[1\], expected \[2\]' 'too few labels' scatter short.st
frame half.st point:F32:2,2:0,0,1,1 label:F32:2:0,0.5
refuses 1 'label of point 1 is no whole number' 'half a label' scatter half.st
cat plain.st two.st >mixed.st
refuses 1 'mixed.st: frame 2: no tensor label' 'labels that end' scatter mixed.st
frame none.st point:F32:0,2:
refuses 1 'none.st: no points' 'no points' scatter none.st
refuses 2 'expected 120x120 to 4096x4096' 'too small a picture' scatter two.st -s 20
refuses 2 'from 1 to 100' 'too large a dot' scatter two.st --dot 1000
finish
