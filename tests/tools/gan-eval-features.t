#!/bin/sh
# gan-eval on images seen through a network: protocols, statistics, what is compared with what.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/eval.sh"
golden=$here/golden/statistics.npz

page() {
    cat <<END
# features of $1
data image: image[$1]
net F(x) = x | conv(4, 3, stride=2) | relu | flatten | linear(6)
let feature = F(image), logits = feature
player F: adam(0.1) minimizes mean(feature^2)
sample feature
END
}
page '16, 16, 3' >small.gan
page '28, 28, 1' >same.gan
gan-init small.gan -o small.st && gan-init small.gan --seed 1 -o other.st && gan-init same.gan -o same.st
gan-data make digits -n 200 --seed 1 >a.st
gan-data make digits -n 150 --seed 2 >b.st
field() { sed -n "s/.*	$1=\([^	]*\).*/\1/p" out | head -1; }

run 0 fid:tf a.st b.st --net small.st
tf=$(value fid)
is "$(field protocol) $(field net) $(field feature)" 'tf small.gan feature' 'a result names protocol, net and feature'
is "$(field weights)" "$(sha256sum small.st | cut -d' ' -f1)" 'and the SHA-256 of the network'
run 0 fid a.st b.st --net small.st --protocol tf
is "$(value fid)" "$tf" 'fid:tf is fid --protocol tf'
for p in torch clean; do
    run 0 fid:$p a.st b.st --net small.st
    [ "$(value fid)" != "$tf" ]
    check $? "$p is another figure"
done
run 0 fid:tf a.st a.st --net small.st
gives 0 'of a stream and itself it is 0' fid

# how a stream was cut, and threads
gan-data cat --frame 7 a.st >cut.st
OMP_NUM_THREADS=1 gan-eval fid:tf cut.st b.st --net small.st >out
is "$(value fid)" "$tf" 'other frames and one thread: the same bits'
OMP_NUM_THREADS=2 gan-eval fid:tf a.st b.st --net small.st >out
is "$(value fid)" "$tf" 'two threads: the same bits'
gan-data cat b.st | gan-eval fid:tf a.st - --net small.st >out
is "$(value fid)" "$tf" 'one of them from a pipe'

# statistics
gan-eval statistics:tf a.st --net small.st -o a.stats >out
is "$(field n) $(field dim)" '200 6' 'statistics are saved'
run 0 fid:tf a.stats b.st --net small.st
is "$(value fid)" "$tf" 'and stand for their stream'
gan-eval statistics:tf b.st --net small.st -o b.stats >out
run 0 fid a.stats b.stats
is "$(value fid)" "$tf" 'two of them need no network'
gan-data head -n 90 a.st >first.st
gan-data pick a.st --rows 90-199 >last.st
for s in first last; do gan-eval statistics:tf $s.st --net small.st -o $s.stats >out; done
cat first.stats last.stats >shards.stats
run 0 fid shards.stats b.stats
gives "$tf" 'statistics of shards add up' fid
is "$(field n_a)" 200 'and count their rows'
run 0 fid a.stats b.stats --ddof 0
[ "$(value fid)" != "$tf" ]
check $? 'another divisor is another figure'

# unlike things
refuses 1 'not comparable: protocol is tf of a.stats, and clean of b.st' 'protocols are not mixed' fid:clean a.stats b.st --net small.st
refuses 1 'not comparable: weights' 'nor networks' fid:tf a.stats b.st --net other.st
refuses 1 'plain.st' 'a stream that is not there' fid a.stats plain.st
gan-eval statistics:clean a.st --net small.st -o clean.stats >out
cat a.stats clean.stats >mixed.stats
refuses 1 'not comparable' 'shards of two protocols' fid mixed.stats b.stats
refuses 1 'name a protocol that resizes' 'another size needs a protocol' fid a.st b.st --net small.st
run 0 fid a.st b.st --net same.st
is "$(field protocol)" page 'the same size needs none'
refuses 1 'give --net' 'a protocol needs a network' fid:tf a.st b.st
refuses 1 "no protocol 'nosuch'" 'an unknown protocol' fid:nosuch a.st b.st --net small.st
refuses 1 nosuch 'a feature that the page does not have' fid:tf a.st b.st --net small.st --feature 'nosuch(image)'
refuses 1 'not a checkpoint' 'a network that is none' fid:tf a.st b.st --net a.st
refuses 1 'rows differ in width: 6 numbers in a.stats, 3 in' 'an .npz file of another width' fid a.stats "$golden"
run 0 fid "$golden" "$golden"
is "$(value fid) $(field protocol)" '0 unstated' 'an .npz file with itself'
has 'names no protocol' 'which says nothing of its protocol'

# statistics that are none: two rows, (0,0) and (2,2), about the pivot (1,1)
kept() { # kept COUNT PIVOT SUM OUTER: of so many axes
    stream "count:I64:$1" "pivot:F64:$2" "sum:F64:$3" "outer:F64:$4" @gan.kind=statistics @gan.protocol=features
}
fails() { # fails MESSAGE NAME: as either operand
    refuses 1 "^kept.st: $1" "$2" fid kept.st rows.st
    refuses 1 "^kept.st: $1" "$2, second" fid rows.st kept.st
}
stream feature:F32:2,2:0,0,2,2 >rows.st
kept 1:2 2:1,1 2:0,0 2,2:2,2,2,2 >kept.st
run 0 fid kept.st rows.st
gives 0 'statistics written by hand' fid
kept 1:-2 2:1,1 2:0,0 2,2:2,2,2,2 >kept.st
fails 'frame 1: statistics of -2 rows' 'a count below 0'
kept 1:9223372036854775807 2:1,1 2:0,0 2,2:2,2,2,2 >kept.st
fails 'frame 1: statistics of 9.22337e+18 rows' 'a count without end'
kept 2:2,2 2:1,1 2:0,0 2,2:2,2,2,2 >kept.st
fails 'frame 1: statistics have no count I64 \[1\]' 'two counts'
kept 1:1 2:1,1 2:0,0 2,2:2,2,2,2 >kept.st
fails '1 rows, a covariance needs at least 2' 'a single row'
kept 1:2 2:1,1 2:0,0 2,3:2,2,2,2,2,2 >kept.st
fails 'frame 1: statistics have outer F64 \[2,3\], expected F64 \[2,2\]' 'a shape of outer'
kept 1:2 3:1,1,1 2:0,0 2,2:2,2,2,2 >kept.st
fails 'frame 1: statistics have pivot F64 \[3\], expected F64 \[2\]' 'a shape of pivot'
kept 1:2 0: 0: 0,0: >kept.st
fails 'frame 1: statistics have no sum F64 \[d\]' 'no features'
kept 1:2 2:1,nan 2:0,0 2,2:2,2,2,2 >kept.st
fails 'frame 1: pivot holds -*nan (element 1)' 'a pivot that is no number'
kept 1:2 2:1,1 2:0,nan 2,2:2,2,2,2 >kept.st
fails 'frame 1: sum holds -*nan (element 1)' 'a sum that is no number'
kept 1:2 2:1,1 2:0,3 2,2:2,2,2,2 >kept.st
fails 'frame 1: sum holds 3 (element 1), too much for 2 rows with squares of 2' 'a sum above its squares'
kept 1:2 2:1,1 2:0,0 2,2:2,nan,nan,2 >kept.st
fails 'frame 1: outer: element \[1,0\] is -*nan' 'an outer that is no number'
kept 1:2 2:1,1 2:0,0 2,2:2,2,2,-2 >kept.st
fails 'frame 1: outer: element \[1,1\] is -2, expected a square' 'a square below 0'
kept 1:2 2:1,1 2:0,0 2,2:2,1,2,2 >kept.st
fails 'frame 1: outer: element \[1,0\] is 2, and 1 across the diagonal' 'an outer that is not symmetric'
{ kept 1:2 2:1,1 2:0,0 2,2:2,2,2,2; kept 1:0 2:1,1 2:0,0 2,2:2,2,2,2; } >kept.st
fails 'frame 2: statistics of 0 rows' 'a second frame without rows'
{ kept 1:2 2:1,1 2:0,0 2,2:2,2,2,2; cat rows.st; } >kept.st
fails 'rows after statistics' 'rows after statistics'
kept 1:2 2:1,1 2:0,0 2,2:2,2,2,2 | head -c 380 >kept.st
fails 'frame 1, byte [0-9]*: data cut short' 'statistics cut short'
stream feature:F32:0,2: >kept.st
fails "'feature' has no rows" 'no rows'
refuses 1 "kept.st: 'feature' has no rows" 'no statistics of no rows' statistics kept.st -o nothing.stats
[ ! -e nothing.stats ]
check $? 'which are not saved'

# .npz files that are none; of arrays as NAME DTYPE SHAPE PACKED
archive() { # archive NAME:DTYPE:SHAPE:VALUES...: not compressed
    perl -MIO::Compress::Zip=:all -e 'binmode STDOUT; my $z;
        for (@ARGV) {
            my ($name, $type, $shape, $values) = split /:/;
            my $data = pack { "<f8" => "d<*", "<f4" => "f<*", ">f8" => "d>*", "<i8" => "q<*" }->{$type}, split /,/, $values;
            my $h = sprintf "{\x27descr\x27: \x27%s\x27, \x27fortran_order\x27: False, \x27shape\x27: (%s), }", $type, $shape;
            my @o = (Name => "$name.npy", Method => ZIP_CM_STORE, Minimal => 1);
            $z ? $z->newStream(@o) : ($z = IO::Compress::Zip->new("-", @o, AutoClose => 0));
            $z->print("\x93NUMPY\1\0", pack("v", 1 + length $h), $h, "\n", $data);
        } $z->close' "$@"
}
archive 'mu:<f8:2,:1,1' 'sigma:<f8:2, 2:2,2,2,2' >kept.st
run 0 fid kept.st rows.st
gives 0 'an archive written by hand' fid
archive 'mu:<f4:2,:1,1' 'sigma:<f4:2, 2:2,2,2,2' >kept.st
run 0 fid kept.st rows.st
gives 0 'of float32' fid
perl -pe 'BEGIN { binmode STDIN; binmode STDOUT; undef $/ } substr($_, index($_, "NUMPY") + 70, 1) ^= "\1"' <kept.st >flip.st
mv flip.st kept.st
fails 'mu.npy: byte [0-9]*: .*CRC' 'a flipped bit'
archive 'mu:<f8:2,:1,1' 'sigma:<f8:2, 2:2,2,2,2' | head -c 200 >kept.st
fails 'cannot be read as a zip archive: ' 'an archive cut short'
head -c 300 "$golden" >kept.st
fails 'cannot be read as a zip archive: ' 'a compressed archive cut short'
printf 'PK\003\004 is how it begins' >kept.st
fails 'cannot be read as a zip archive: ' 'no archive'
archive 'mean:<f8:2,:1,1' 'sigma:<f8:2, 2:2,2,2,2' >kept.st
fails 'no array mu; it holds mean, sigma' 'another name'
archive 'mu:<f8:2,:1,1' >kept.st
fails 'no array sigma; it holds mu' 'a mean alone'
archive 'mu:<f8:2, 1:1,1' 'sigma:<f8:2, 2:2,2,2,2' >kept.st
fails 'mu.npy: its shape is \[2,1\], expected \[d\]' 'a shape of mu'
archive 'mu:<f8:2,:1,1' 'sigma:<f8:2, 1:2,2' >kept.st
fails 'sigma.npy: its shape is \[2,1\], expected \[2,2\]' 'a shape of sigma'
archive 'mu:<f8:2,:1,1' 'sigma:<f8:2, 2:2,2,2' >kept.st
fails 'sigma.npy: byte [0-9]*: the numbers need 32 bytes, 24 follow' 'an array cut short'
archive 'mu:<i8:2,:1,1' 'sigma:<f8:2, 2:2,2,2,2' >kept.st
fails 'mu.npy: its numbers are I64, expected F32 or F64' 'whole numbers'
archive 'mu:>f8:2,:1,1' 'sigma:<f8:2, 2:2,2,2,2' >kept.st
run 0 fid kept.st rows.st
gives 0 'bytes turned round' fid
archive 'mu:<f8:2,:1,nan' 'sigma:<f8:2, 2:2,2,2,2' >kept.st
fails 'mu.npy: element 1 is -*nan, expected finite numbers' 'a mean that is no number'
archive 'mu:<f8:2,:1,1e300' 'sigma:<f8:2, 2:2,2,2,2' >kept.st
fails 'array mu holds 1e+300 (element 1)' 'a mean whose square overflows'
archive 'mu:<f8:2,:1,1' 'sigma:<f8:2, 2:2,2,2,inf' >kept.st
fails 'sigma.npy: element 3 is inf' 'a variance without end'
archive 'mu:<f8:2,:1,1' 'sigma:<f8:2, 2:2,2,1,2' >kept.st
fails 'array sigma: element \[1,0\] is 1, and 2 across the diagonal' 'a covariance that is not symmetric'
archive 'mu:<f8:2,:1,1' 'sigma:<f8:2, 2:2,3,3,2' >kept.st
fails 'array sigma: element \[1,0\] is 3, expected at most 2' 'more covariance than variance'
archive 'mu:<f8:3,:1,1,1' 'sigma:<f8:3, 3:1,-0.9,-0.9,-0.9,1,-0.9,-0.9,-0.9,1' >kept.st
fails 'array sigma: it is not positive semidefinite' 'three of which cannot all be apart'

# few rows
gan-data head -n 5 a.st >few.st
run 0 fid:tf few.st b.st --net small.st
has 'warning=rows do not exceed dimensions' 'few rows are warned of'
awk -v b="$(field bias)" 'BEGIN { exit !(b > 0) }'
check $? 'with what sampling alone would leave'

# inception score
run 0 inception:tf a.st --net small.st --splits 4
random=$(value inception)
is "$(field order) $(field seed) $(field feature)" 'shuffled 2020 logits' 'inception looks at logits, in random order'
! grep -q 'bytes' err
check $? 'and does not take the bytes that the network sees for logits'
run 0 inception:tf a.st --net small.st --splits 4 --shuffle 2020
is "$(value inception)" "$random" 'of the seed it says'
run 0 inception:tf a.st --net small.st --splits 4 --in-order
[ "$(value inception)" != "$random" ]
check $? 'in another order it is another figure'
is "$(field order)" 'as given' 'and says which'

# videos: the first frames, or every eighth
page '2, 8, 8, 3' | sed 's/image: image/video: video/; s/F(image)/F(video)/; s/conv(4, 3, stride=2)/conv(4, [2, 3, 3], stride=2)/' >clip.gan
gan-init clip.gan -o clip.st
clip() { perl -e 'print join ",", map { ($_ * $ARGV[0] + 10 * int($_ / 192)) % 256 } 0 .. $ARGV[1] * 192 - 1' "$1" "$2"; }
stream "video:U8:1,2,8,8,3:$(clip 7 2)" >two.st
stream "video:U8:1,9,8,8,3:$(clip 7 9)" >nine.st
for p in fvd fvd-s8; do run 0 lpips:$p nine.st nine.st --net clip.st --feature feature; is "$(value lpips)" 0 "$p: a longer video"; done
run 0 lpips:fvd two.st nine.st --net clip.st --feature feature
is "$(value lpips)" 0 'fvd: its first frames are what is seen'
refuses 1 'videos have 2 frames, protocol fvd-s8 wants 9 at least' 'fvd-s8 reaches over nine' lpips:fvd-s8 two.st nine.st --net clip.st --feature feature
refuses 1 'videos have 9 frames, protocol page wants 2' 'page: as long as the network has it' lpips nine.st nine.st --net clip.st --feature feature

gan-init "$here/../scripts/networks/c3d.gan" -D size=32 -D nf=2 -D units=8 -D classes=4 -o c3d.st
stream "video:U8:4,16,8,8,3:$(clip 7 64)" >sixteen.st
run 0 inception:c3d sixteen.st --net c3d.st --splits 2 --in-order
is "$(field protocol) $(field splits) $(field feature)" 'c3d 2 logits' 'the score of videos, of two sets'
run 0 fid:c3d sixteen.st sixteen.st --net c3d.st
is "$(field dim) $(field feature)" '8 feature' 'their distance is of what fc7 gives'

# perceptual distances: here of rows as they are, (1,2) and (4,6), (0,0) and (0,1): 25 and 1
stream feature:F32:2,2:1,2,0,0 >left.st
stream feature:F32:2,2:4,6,0,1 >right.st
run 0 lpips left.st right.st
is "$(value lpips) $(field n)" '13 2' 'lpips: the mean squared distance of pairs'
run 0 lpips left.st left.st
is "$(value lpips)" 0 'and 0 of equal ones'
stream feature:F32:1,2:4,6 >short.st
refuses 1 'short.st ends after 1 rows' 'rows without a partner' lpips left.st short.st
run 0 diversity left.st
is "$(value diversity)" 5 'diversity: within a group'
stream feature:F32:6,1:0,1,3,0,0,0 >six.st
run 0 diversity six.st --group 3
is "$(value diversity) $(field n)" "$(perl -e 'printf "%.17g", (1 + 9 + 4) / 3 / 2') 2" 'all pairs of a group, then groups'
refuses 1 'the last group has 2 rows of 4' 'a group that is cut short' diversity six.st --group 4
run 0 ppl left.st right.st --epsilon 0.5 --cut 0
is "$(value ppl)" 52 'ppl: over the step squared'
stream "feature:F32:101,1:$(seq -s, 0 100)" >ramp.st
stream "feature:F32:101,1:$(yes 0 | head -101 | paste -sd, -)" >zero.st
run 0 ppl ramp.st zero.st --epsilon 1 --cut 5
is "$(value ppl) $(field n) $(field pairs)" "$(perl -e '$s += $_ * $_ for 5 .. 95; printf "%.17g", $s / 91') 91 101" \
    'without the outer percentiles'
refuses 1 'name a protocol' 'through a network too' lpips a.st b.st --net small.st --feature logits
printf '%s\n' 'data x: image[28, 28, 1]' 'net F(x) = x | flatten | linear(2)' 'sample F(x)' >plain.gan && gan-init plain.gan -o plain.st 2>err
refuses 1 '^plain.st: --feature by default:1:1: unknown name feature$' 'a net without what is looked at' csim a.st a.st --net plain.st
run 0 lpips:tf a.st a.st --net small.st --feature logits
is "$(value lpips) $(field net)" '0 small.gan' 'which is named'
finish
