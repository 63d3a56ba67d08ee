#!/bin/sh
# Figures that mislead say so on standard error, or are made right.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/eval.sh"
warns() { # warns PATTERN NAME ARGUMENT...: figures, and one line on standard error
    pattern=$1 name=$2
    shift 2
    run 0 "$@" && one_line "^warning: $pattern" && [ -s out ]
    check $? "$name"
}
quietly() { # quietly NAME ARGUMENT...: figures, and nothing on standard error
    name=$1
    shift
    run 0 "$@" && [ ! -s err ] && [ -s out ]
    check $? "$name"
}

# inception scores of a stream in the order of its classes, sure of each
frame sorted.st logits:F32:200,4:"$(numbers 1 800 '$_ % 4 == int($_ / 200) ? 9 : -9')"
gan-eval inception sorted.st --splits 4 >out 2>err
[ "$(awk '/^inception/ { print ($2 > 3.6) }' out)" = 1 ] && [ ! -s err ]
check $? 'inception: the parts of a sorted stream are drawn from all of it'
warns 'sorted.st: its rows are sorted: in their order the score is 1, shuffled 3.' \
    'inception: in their order they know one class each' inception sorted.st --in-order --splits 4
quietly 'inception: a single part has no order' inception sorted.st --in-order --splits 1
frame mixed.st logits:F32:200,4:"$(numbers 1 800 '$c = int(4 * rand) if $_ % 4 == 0; $_ % 4 == $c ? 9 : -9')"
quietly 'inception: a stream in no order' inception mixed.st --in-order
warns 'sorted.st: parts of 2 rows, which cannot score above that, for 4 classes' \
    'inception: parts smaller than the number of classes' inception sorted.st --splits 100
frame sure.st logits:F32:40,2:"$(numbers 1 80 '($_ + int($_ / 2)) % 2')"
warns "sure.st: 'logits' taken as logits, but all rows are probabilities" \
    'inception: probabilities that are not called so' inception sure.st
quietly 'inception: called so' inception sure.st --probabilities
refuses 2 'exclude each other' 'inception: in order and shuffled' inception sure.st --in-order --shuffle 1
gives 1 'inception: never below 1' inception inception sorted.st --in-order --splits 4

# distances of a set from itself
for rows in 20 40 300; do
    rm -f x.st
    frame x.st feature:F32:$rows,30:"$(numbers "$rows" $((rows * 30)) '100 * rand() ** 3')"
    figure fid fid x.st x.st >got
    perl -e 'exit !($ARGV[0] =~ /^\d/ && $ARGV[0] < 1e-7)' -- "$(cat got)"
    check $? "fid: of $rows rows of 30 from themselves, not below 0"
done

# two streams of 100 rows from one normal distribution, in classes
tensors() { # tensors SEED ROWS CLASSES: a normal feature and labels
    echo "feature:F32:$2,3:$(numbers "$1" $((3 * $2)) 'sqrt(-2 * log(1 - rand)) * cos(6.2831853 * rand)')"
    echo "label:I64:$2:$(perl -e 'print join ",", map { $_ % $ARGV[1] } 1 .. $ARGV[0]' "$2" "$3")"
}
# shellcheck disable=SC2046
{
    frame a.st $(tensors 1 100 4) '@gan.classes=[\"ant\",\"bee\",\"cat\",\"dog\"]'
    frame b.st $(tensors 2 100 4)
    frame two.st $(tensors 3 100 2)
    frame few.st $(tensors 4 20 4)
    frame renamed.st $(tensors 5 100 4) '@gan.classes=[\"ant\",\"cat\",\"bee\",\"dog\"]'
    frame bare.st "$(tensors 6 100 4 | head -1)"
    frame five.st $(tensors 7 100 5)
}
for m in fid 'kid --size 50' prdc mmd wasserstein transport; do
    # shellcheck disable=SC2086
    quietly "$m: nothing to say of two like sets" $m a.st b.st
    # shellcheck disable=SC2086
    warns 'shares of classes, of which there are 4 and 2, differ by 50 %: class 0 (ant) is 25 % of a.st, and 50 % of two.st; --by' \
        "$m: other classes" $m a.st two.st
    # shellcheck disable=SC2086
    warns 'a.st and a.st are one file' "$m: one file" $m a.st a.st
done
cp a.st copy.st
ln -s a.st link.st
warns 'a.st and link.st are one file' 'one file by another name' mmd a.st link.st
quietly 'a copy is another file' mmd a.st copy.st
quietly 'classes are not known of one' fid a.st bare.st
warns "a.st and renamed.st: class 1 is 'bee', and 'cat'" 'classes of other names' fid a.st renamed.st
refuses 1 "a.st and renamed.st: class 1 is 'bee', and 'cat'" 'knn: labels of other names' knn a.st renamed.st
refuses 1 "a.st and renamed.st: class 1 is 'bee', and 'cat'" 'svm: labels of other names' svm a.st renamed.st
warns '20 of 100 rows of five.st are of classes that a.st lacks, and never right: 4' \
    'knn: classes that are never right' knn a.st five.st
warns '20 of 100 rows of five.st are of classes that a.st lacks, and never right: 4' \
    'svm: classes that are never right' svm a.st five.st
warns '20 rows of few.st: the figure depends on which they are' 'few rows' mmd a.st few.st
for s in a two five; do gan-eval statistics $s.st -o $s.stats >out; done
warns 'shares of classes, of which there are 4 and 2, differ by 50 %: class 0 (ant) is 25 % of a.stats' 'statistics know their classes' \
    fid a.stats two.st
gan-data cat two.stats a.stats >both.stats
warns 'shares of classes, of which there are 4 and 5, differ by 35 %: class 4 is 0 % of both.stats, and 20 % of five.stats' \
    'and so do several' fid both.stats five.stats
frame code.st code:F32:100,3:"$(numbers 8 300 'rand')"
gan-eval statistics code.st -t code -o code.stats >out
warns "rows are 'feature' in a.st, and 'code' in code.stats" 'statistics of another tensor' fid a.st code.stats

# few rows for their dimensions, or for their subsets
frame wide.st feature:F32:60,80:"$(numbers 9 4800 'rand')"
frame large.st feature:F32:100,80:"$(numbers 10 8000 'rand')"
warns 'wide.st has 60 rows for 80 dimensions: too few for a covariance; sampling alone is about [0-9.]* of' \
    'fid: fewer rows than dimensions' fid wide.st large.st
warns 'subsets of 100 rows are the sets' 'kid: subsets that are the sets' kid a.st b.st --size 100 --subsets 5
[ "$(grep -c 'std=' out)" = 1 ] && gan-eval kid a.st b.st --size 50 --subsets 1 >out 2>err && ! grep -q std= out
check $? 'kid: no deviation of one subset'

# precision and recall
frame doubled.st feature:F32:100,1:"$(perl -e 'print join ",", map { $_ < 60 ? 1 : $_ } 0 .. 99')"
frame other.st feature:F32:100,1:"$(numbers 11 100 '100 * rand')"
warns '60 of 100 rows of FAKE are equal to 3 others: their balls are points' 'prdc: equal rows' prdc other.st doubled.st
# shellcheck disable=SC2046
frame many.st $(tensors 12 200 4)
warns 'REAL has 100 rows, FAKE 200: balls shrink with their number; -n 100 takes as many' \
    'prdc: sets of other sizes' prdc a.st many.st
quietly 'prdc: equally many' prdc a.st many.st -n 100

# pixels: bytes and floats, ranges, shapes
pixels() { numbers "$1" 4800 "$2"; }
frame bytes.st image:U8:100,4,4,3:"$(pixels 13 'int(256 * rand)')"
frame unit.st image:F32:100,4,4,3:"$(pixels 14 'rand')"
frame tanh.st image:F32:100,4,4,3:"$(pixels 15 '2 * rand() - 1')"
frame large255.st image:F32:100,4,4,3:"$(pixels 16 '255 * rand')"
frame chw.st image:U8:100,3,4,4:"$(pixels 17 'int(256 * rand)')"
frame flat.st image:U8:100,48:"$(pixels 18 'int(256 * rand)')"
for m in mmd wasserstein transport 'parzen --sigma 1' 'mixture -k 1' knn; do
    # shellcheck disable=SC2086
    warns 'numbers are from 0 to 1 in bytes.st, bytes, and from -[0-9.]* to [0-9.]* in tanh.st: --range' \
        "$m: bytes and floats" $m bytes.st tanh.st
    # shellcheck disable=SC2086
    quietly "$m: of one range" $m bytes.st tanh.st --range -1,1
    # shellcheck disable=SC2086
    refuses 1 'rows differ in shape: \[4,4,3\] in bytes.st, \[3,4,4\] in chw.st' "$m: channels elsewhere" $m bytes.st chw.st
done
warns 'numbers are from [0-9.e-]* to 1 in unit.st, and from [0-9.e-]* to 25[45.0-9]* in large255.st' 'another scale' \
    mmd unit.st large255.st
warns 'numbers are from 0 to 1 in bytes.st, bytes, and from -[0-9.]* to [0-9.]* in tanh.st$' 'fid: bytes and floats' \
    fid bytes.st tanh.st -t image
frame b16.st image:U8:60,16,16,1:"$(numbers 24 15360 'int(256 * rand)')"
frame f16.st image:F32:60,16,16,1:"$(numbers 25 15360 'int(3 * rand) - 1')"
quietly 'swd: of any range' swd b16.st f16.st --patches 4 --directions 4
quietly 'floats in [0,1] are as bytes' mmd bytes.st unit.st
quietly 'flat rows are as pictures' mmd bytes.st flat.st
warns "lpips without --net: it is of the numbers of 'image' themselves" 'lpips of pixels' lpips bytes.st unit.st
warns "csim without --net: it is of the numbers of 'image' themselves" 'csim of pixels' csim bytes.st unit.st
warns "diversity without --net: it is of the numbers of 'image' themselves" 'diversity of pixels' diversity unit.st

# pairs
frame p.st image:F32:4,1,1:0,1,0,1 label:I64:4:0,1,2,3
frame q.st image:F32:4,1,1:0,1,1,1 label:I64:4:0,1,2,3
frame r.st image:F32:4,1,1:0,1,1,1 label:I64:4:1,0,2,3
quietly 'pairs of equal labels' mse p.st q.st
warns 'labels of p.st and r.st differ row by row: are these pairs?' 'pairs of other labels' mse p.st r.st

# the head of a sorted stream
# shellcheck disable=SC2046
frame s.st $(tensors 19 400 4 | sed '2d') label:I64:400:"$(perl -e 'print join ",", map { int($_ / 100) } 0 .. 399')"
warns 's.st is sorted by label, and only its first 200 rows were taken' 'the first rows of a sorted stream' \
    tsne s.st -n 200 --iterations 1 -o points.st
quietly 'all rows of it' tsne s.st --iterations 1 -o points.st
quietly 'the first rows of another' tsne many.st -n 100 --iterations 1 -o points.st

mkfifo slow
(gan-data head -n 100 many.st && exec sleep 30) >slow &
feeder=$!
timeout 15 gan-eval mmd slow a.st -n 100 >out 2>err && grep -q 'n_a=100' out
check $? 'more of a pipe is not waited for'
kill $feeder

# labels and logits in other orders
frame turned.st logits:F32:6,3:1,0,0,1,0,0,0,1,0,0,1,0,0,0,1,0,0,1 label:I64:6:1,1,2,2,0,0
warns '0 % of rows are right, and 100 % if classes are numbered otherwise' 'accuracy: another order' accuracy turned.st
frame right.st logits:F32:6,3:1,0,0,1,0,0,0,1,0,0,1,0,0,0,1,0,0,1 label:I64:6:0,0,1,1,2,2 \
    '@gan.classes=[\"ant\",\"bee\"]'
warns 'right.st names 2 classes, and has 3 logits a row' 'accuracy: names of other classes' accuracy right.st

# through a network
printf '%s\n' 'data image: image[8, 8, 1]' 'net F(x) = x | flatten | linear(2)' 'let feature = F(image), lpips = feature' \
    'player F: adam(0.1) minimizes mean(feature^2)' 'sample feature' >small.gan
gan-init small.gan -o small.st 2>err
picture() { numbers "$1" $((60 * $2 * $2)) "$3"; }
frame eight.st image:U8:60,8,8,1:"$(picture 20 8 'int(256 * rand)')"
frame four.st image:U8:60,4,4,1:"$(picture 21 4 'int(256 * rand)')"
frame float.st image:F32:60,8,8,1:"$(picture 22 8 'rand')"
frame signed.st image:F32:60,8,8,1:"$(picture 23 8 '2 * rand() - 1')"
warns 'pictures are 8x8x1 in eight.st, and 4x4x1 in four.st: the figure is of resizing, too' 'pictures of other sizes' \
    fid:tf eight.st four.st --net small.st
warns "numbers of float.st are from [0-9.e-]* to [0-9.]*, the network's page has them from -1 to 1" \
    'floats of another range than the network knows' fid signed.st float.st --net small.st
warns "four.st: 'image' holds bytes, which are taken as logits; --net sees pictures" 'inception: pictures' \
    inception four.st --splits 1
quietly 'of its range' fid eight.st signed.st --net small.st
warns 'eight.st holds bytes, which are coarser than a step of 0.0001' 'ppl: bytes' ppl eight.st signed.st --net small.st
gan-eval fid a.st two.st --json >out 2>err
[ "$(wc -l <out)" = 1 ] && grep -q '^{.*}$' out && grep -q '^gan-eval: warning' err
check $? 'warnings keep out of the figures'
refuses 2 '--output needs a file: figures go to standard output' 'and so do files' statistics a.st -o -
finish
