#!/bin/sh
# shellcheck disable=SC2002 # pipes are what is tested
# gan-data join: streams side by side.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-data

{ stream x:F32:3,2:0,1,2,3,4,5 @gan.a=1 && stream x:F32:2,2:6,7,8,9; } >a.st
{ stream label:I64:1:5 kind:U8:1:9 '@gan.classes=[]' @gan.a=1 && stream label:I64:4:6,7,8,9 kind:U8:4:8,7,6,5; } >b.st
passes "join" join a.st b.st -o out.st
is "$(values out.st x 'f<')/$(values out.st label 'q<')/$(values out.st kind C)" "0 1 2 3 4 5 6 7 8 9/5 6 7 8 9/9 8 7 6 5" "tensors side by side, frames cut differently"
gan-data info out.st | grep -q '2 frames, 5 samples'
check $? "in the frames of the first"
is "$(gan-data info --meta gan.classes out.st)/$(gan-data info --meta gan.a out.st)" "[]/1" "with the metadata of both"
cat a.st | gan-data join - b.st >pipe.st
same out.st pipe.st "from a pipe"
gan-data join b.st a.st | gan-data cat --frame 256 >b-a.st
gan-data cat --frame 256 out.st >a-b.st
same a-b.st b-a.st "in either order"
passes "one" join a.st -o one.st
is "$(values one.st x 'f<')" "0 1 2 3 4 5 6 7 8 9" "is itself"

# --- names ---
refuses 1 '^b.st and b.st both have a tensor label: b.st:NEW=label gives one another name' "a name twice" join b.st b.st
passes "another name" join b.st b.st:coarse=label -o out.st
is "$(values out.st label 'q<')/$(values out.st coarse 'q<')" "5 6 7 8 9/5 6 7 8 9" "for a tensor"
is "$(gan-data info --meta gan.classes.coarse out.st)" "[]" "and for its classes"
passes "some tensors" join a.st b.st:kind,y=label -o out.st
is "$(values out.st kind C)/$(values out.st y 'q<')" "9 8 7 6 5/5 6 7 8 9" "of a stream"
gan-data join a.st b.st:kind -o out.st && ! gan-data info --meta gan.classes out.st >out 2>&1
check $? "classes stay with their tensor"
cat b.st | gan-data join -o pipe.st -- a.st -:kind
gan-data join a.st b.st:kind -o out.st
same out.st pipe.st "or of a pipe"
refuses 1 "^b.st: no tensor 'coarse'; it has " "a name that is not there" join a.st b.st:label=coarse
cp a.st odd:y=x
passes "a file with a colon" join odd:y=x b.st
gan-data join a.st:y=x,x b.st -o out.st && values out.st y 'f<' >a && values out.st x 'f<' >b && alike a b
check $? "a tensor under two names"

# --- lengths ---
stream label:I64:4:1,2,3,4 >four.st
refuses 1 '^a.st holds 5 samples, four.st 4' "fewer samples" join a.st four.st
refuses 1 '^four.st holds 4 samples, a.st 5' "or more" join four.st a.st
for s in "a.st -" "- a.st"; do
    # shellcheck disable=SC2086
    cat four.st | gan-data join $s -o kept.st >out 2>err
    [ $? = 1 ] && grep -q '^gan-data: standard input holds 4 samples, a.st more' err && [ ! -e kept.st ]
    check $? "of a pipe: $s"
done
stream label:I64:6:1,2,3,4,5,6 | gan-data join a.st - -o kept.st >out 2>err
[ $? = 1 ] && grep -q '^gan-data: a.st holds 5 samples, standard input more' err
check $? "a longer pipe"
gan-data batch a.st --size 2 --endless | gan-data join four.st - -o kept.st >out 2>err
[ $? = 1 ] && grep -q '^gan-data: four.st holds 4 samples, standard input more' err
check $? "one without an end"

# --- the rest ---
stream z:F32:5,1:1,2,3,4,5 @gan.a=2 @gan.b=1 >z.st
run 0 join a.st z.st -o out.st && grep -q '^gan-data: metadata that differ between the streams are left out: gan.a$' err
check $? "metadata that differ are told"
[ "$(gan-data info --meta gan.b out.st)" = 1 ] && ! gan-data info --meta gan.a out.st >out 2>&1
check $? "and left out"
head -c $(($(wc -c <b.st) - 1)) b.st >cut.st
run 1 join a.st cut.st && [ "$(wc -l <err)" = 1 ] && grep -q '^gan-data: cut.st: frame 2' err
check $? "a stream cut short"
cat a.st four.st >mixed.st
run 1 join mixed.st z.st -o kept.st && [ "$(wc -l <err)" = 1 ]
check $? "a stream that changes"
run 1 join - - && grep -q 'only one stream can come from standard input' err
check $? "standard input twice"
refuses 2 "^expected streams" "no streams" join
# --- frame by frame ---
rm -f few.st many.st
for i in 1 2 3; do
    frame many.st image:F32:3,2:"$i*6"
    frame few.st clip:F32:2,4:"$i*8"
done
passes "--frames" join --frames many.st few.st -o both.st
gan-data info both.st >out
has '3 frames' "as many frames as each stream has"
has 'image *F32 *\[3,2\]' "with the samples of one"
has 'clip *F32 *\[2,4\]' "and of the other"
frame many.st image:F32:3,2:4*6
refuses 1 'few.st holds 3 frames, many.st more' "streams of different length" join --frames many.st few.st -o no.st
# minibatches: how both were made, and their place
gan-data make shapes -n 12 --size 8 --seed 1 -o one.st
gan-data make shapes -n 12 --size 8 --seed 2 -o two.st
batches() { gan-data batch "$1" --size 2 --shuffle --seed "$2" "$3" -o "$4"; } # batches STREAM SEED OPTION FILE
batches one.st 1 --epochs=2 a.st && batches two.st 5 --epochs=2 b.st
passes "minibatches" join --frames a.st:image b.st:other=image -o both.st
gan-data info --meta gan.batches both.st | sed 's/data=[0-9a-f]*/data=X/g' >out
has '^size=2 shuffle=yes seed=1 shard=0/1 data=X 2:size=2 2:shuffle=yes 2:seed=5 2:shard=0/1 2:data=X$' "how those of each were made"
gan-data info both.st >out
has 'gan.frame = 1/12' "and their place"
cat >two.gan <<'EOP'
data x: image[8, 8, 3]
data y: other[8, 8, 3]

net D(x) = x | flatten | linear(1)
let v = D(x)

player D: sgd(0.001) minimizes mean(D(x) - D(y))
sample v
EOP
gan-init two.gan -o run.st && gan-data head -n 4 both.st | gan-step -q -n 2 run.st 2>/dev/null
gan-step -q -n 2 run.st <both.st 2>err
grep -q 'begins with frame 1, and [0-9]* have been consumed' err
check $? "the same again"
for seed in 1 2; do
    for who in one two; do
        at=$([ $who = one ] && echo 1 || echo 5)
        batches $who.st "$((at * seed))" --from=run.st $who.more
    done
    gan-data join --frames one.more:image two.more:other=image | gan-step -q -n 2 run.st 2>err
    [ $? = $((seed - 1)) ]
    check $? "minibatches that go on, of seed $seed times as large"
done
grep -q 'made with seed=2, 2:seed=10, and the data played so far with seed=1, 2:seed=5' err
check $? "of other seeds"
refuses 1 'frame 1 of a.st meets frame [0-9]* of two.more: both have to' "minibatches of which one goes on" join --frames a.st:image two.more:other=image -o no.st

finish
