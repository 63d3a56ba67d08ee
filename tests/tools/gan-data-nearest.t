#!/bin/sh
# gan-data nearest: neighbours in another stream, against a search by hand.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-data

# 1500 rows of 12 bytes, some of them twice, and 40 samples: some new, some copies
x=$(numbers 1 18000 'int 256 * rand')
r=$(perl -e '@x = split /,/, shift; splice @x, 12 * 700, 24, @x[12 * 40 .. 12 * 40 + 23]; print join ",", @x' "$x")
s=$(perl -e '@x = split /,/, shift; @y = split /,/, shift; splice @y, 0, 36, @x[12 * 40 .. 12 * 41 - 1], @x[12 * 9 .. 12 * 11 - 1];
    $y[12] ^= 1; print join ",", @y' "$r" "$(numbers 2 480 'int 256 * rand')")
labels() { perl -e 'print join ",", map { $_ % 7 } 1 .. shift' "$1"; }
frame r.st image:U8:1500,2,2,3:"$r" label:I64:1500:"$(labels 1500)" '@gan.classes=[\"a\",\"b\"]'
frame s.st image:U8:40,2,2,3:"$s" label:I64:40:"$(labels 40)"
# by hand: SAMPLES REFERENCE K OTHERS: a table of neighbours; OTHERS: of other numbers only
by_hand() {
    perl -e 'my ($s, $r, $k, $others) = @ARGV; my @s = split /,/, $s; my @r = split /,/, $r;
        sub rank { my ($x, $from, $own) = @_; my @d;
            for my $j (0 .. @r / 12 - 1) {
                next if defined $own && $own == $j;
                my $d = 0;
                $d += ($$x[12 * $from + $_] / 255 - $r[12 * $j + $_] / 255) ** 2 for 0 .. 11;
                push @d, [sqrt $d, $j];
            }
            sort { $$a[0] <=> $$b[0] || $$a[1] <=> $$b[1] } @d }
        for my $i (0 .. @s / 12 - 1) {
            my @d = rank(\@s, $i, $others ? $i : undef);
            my $spacing = $others ? "" : (rank(\@r, $d[0][1], $d[0][1]))[0][0];
            printf "%d %d %d %.12g%s\n", $i, $_ + 1, $d[$_][1], $d[$_][0],
                $others ? "" : sprintf " %.12g", $_ ? 0 : $spacing for 0 .. $k - 1;
        }' "$@"
}
plain() { sed 1d "$1" | perl -ane 'print join(" ", @F[0 .. 2], map { sprintf "%.12g", $_ } @F[3 .. $#F]), "\n"'; }
by_hand "$s" "$r" 4 0 >want
closer=$(awk '$2 == 1 && $4 < $5' want | wc -l)
says "^$closer of 40 samples are closer to their nearest row than any other row is to it, 2 equal to it" \
    'what is found is summed up' nearest s.st r.st -k 4 --table
plain out >got
same want got 'neighbours, distances and spacings'
[ "$(awk '$2 == 1 && $1 < 3 { printf "%d ", $3 }' got)" = '40 9 10 ' ] && [ "$closer" -ge 1 ] && [ "$closer" -lt 40 ]
check $? 'copies are among them, of equal rows the first'
gan-data nearest s.st r.st -k 4 --table 2>err >want
for t in 1 2 5; do OMP_NUM_THREADS=$t gan-data nearest s.st r.st -k 4 --table 2>>err >$t.tsv; done
alike 1.tsv want && alike 2.tsv want && alike 5.tsv want
check $? 'threads do not matter'
gan-data cat --frame 7 r.st | gan-data nearest s.st - -k 4 --table >got 2>err
same want got 'frames do not matter, nor a pipe'
gan-data nearest - r.st -k 4 --table <s.st >got 2>err
same want got 'samples from standard input'
gan-data nearest s.st r.st -k 4 --table --sort >out 2>err
sort -k1,1n -k2,2n out >got
sort -k1,1n -k2,2n want | alike - got && awk 'NR > 1 && $2 == 1 { d = $4 == 0 ? 0 : $4 / $5; if (d < last) bad = 1; last = d }
    END { exit bad }' out && [ "$(awk 'NR == 2 || NR == 6 { printf "%d ", $1 }' out)" = '0 2 ' ]
check $? '--sort: what is most like a copy first'
says '^4 of 1500 rows are equal to another one' 'a stream in itself' nearest r.st r.st -k 3 --table
plain out | head -n 90 >got
by_hand "$(echo "$r" | cut -d, -f1-360)" "$r" 3 1 >want
same want got 'where no row is its own neighbour'

# as a stream
passes 'as a stream' nearest s.st r.st -k 4 --frame 12 -o near.st
gan-data info near.st >out 2>err
grep -q '20 frames, 200 samples' out && grep -q 'image *U8 *\[N,2,2,3\]' out && grep -q 'spacing *F64 *\[N\]' out &&
    [ "$(gan-data info -m gan.classes near.st)" = '["a","b"]' ]
check $? 'a row for each sample and neighbour, frames of whole groups'
column() { gan-data to-npy near.st -n "$1" 2>err | perl -e 'local $/; $_ = <STDIN>; print join " ", unpack "x128 '"$2"'", $_'; }
gan-data nearest s.st r.st -k 4 --table 2>err | sed 1d >want
[ "$(column index 'q<6')" = "0 $(awk 'NR < 5 { printf "%d ", $3 }' want)1" ] &&
    [ "$(column rank 'q<6')" = '0 1 2 3 4 0' ] && [ "$(column sample 'q<6')" = '0 0 0 0 0 1' ] &&
    [ "$(column label 'q<2')" = "1 $(awk 'NR == 1 { print ($3 + 1) % 7 }' want)" ] &&
    [ "$(column distance 'd<3' | cut -d' ' -f2-3 | perl -ane 'printf "%.9g %.9g", @F')" = "$(awk 'NR < 3 { printf "%s%.9g", (NR > 1 ? " " : ""), $4 }' want)" ]
check $? 'with numbers, ranks, distances and labels'
gan-data pick r.st --rows "$(awk 'NR < 5 { printf "%s%d", (NR > 1 ? "," : ""), $3 }' want)" >picked.st
gan-data pick near.st --rows 1-4 | gan-data to-npy - -n image >got 2>err && gan-data to-npy picked.st -n image >want
same want got 'and the pictures'
gan-data nearest s.st r.st -k 4 2>err | gan-data sheet -c 5 -n 200 >copies.png 2>out
[ "$(head -c 4 copies.png | tail -c 3)" = PNG ]
check $? 'which sheet draws row by row'

# features, with pictures of their own
frame fa.st feature:F32:3,2:0,0,1,1,5,5 image:U8:3,1,1,1:1,2,3 '@gan.net=a.gan'
frame fb.st feature:F32:4,2:0,1,5,4,1,1.5,9,9 image:U8:4,1,1,1:4,5,6,7 '@gan.net=a.gan'
says '^3 of 3 samples are closer' 'by features' nearest fa.st fb.st -k 1 --tensor feature -o near.st
[ "$(gan-data to-npy near.st -n image | perl -e 'local $/; $_ = <STDIN>; print join " ", unpack "x128 C*", $_')" = '1 4 2 6 3 5' ]
check $? 'pictures go along'
frame fc.st feature:F32:4,2:0,1,5,4,1,1.5,9,9 '@gan.net=a.gan'
run 0 nearest fa.st fc.st -k 1 -t feature -o near.st && grep -qx "gan-data: without pictures: fc.st has no 'image'" err &&
    gan-data info near.st | grep -q distance && ! gan-data info near.st | grep -q image
check $? 'and when they do not, it says so'
frame fd.st feature:F32:1,2:0,1 '@gan.net=b.gan'
refuses 1 '^not comparable: net is a.gan of fa.st, and b.gan of fd.st' 'features of another network' nearest fa.st fd.st -k 1 -t feature

# what cannot be compared
frame float.st image:F32:2,2,2,3:"$(perl -e 'print join ",", map { $_ / 12 - 1 } 0 .. 23')"
refuses 1 "^'image' is F32 in float.st, and U8 in r.st: --range LO,HI maps floats to \[0,1\]" 'floats and bytes' nearest float.st r.st
says '^[01] of 2 samples' 'whose range is told' nearest float.st r.st --range -1,1 --table
frame wide.st image:U8:1,12:1*12
refuses 1 "^'image' is U8 \[N,12\] in wide.st, and U8 \[N,2,2,3\] in r.st" 'rows of another shape' nearest wide.st r.st
refuses 1 "^r.st: no tensor 'code' (it holds: image, label)\|r.st: no tensor 'code' (it holds: label, image)" 'no such tensor' nearest r.st s.st -t code
refuses 1 '^fb.st: 4 rows are fewer than 5 neighbours' 'too few rows' nearest fa.st fb.st -t feature
refuses 1 '^fa.st: 3 rows are fewer than 3 neighbours and a row itself' 'too few others' nearest fa.st fa.st -t feature -k 3
frame nan.st feature:F32:2,2:0,0,nan,0 '@gan.net=a.gan'
refuses 1 "^nan.st: row 1 of 'feature' holds -*nan (element 0)" 'no number' nearest nan.st fb.st -t feature -k 1
run 2 nearest - - && grep -q 'only one stream' err
check $? 'two streams from standard input'
run 2 nearest s.st && run 2 nearest s.st r.st -k 0 && run 2 nearest s.st r.st --range 1,0
check $? 'wrong usage'
finish
