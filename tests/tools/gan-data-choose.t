#!/bin/sh
# shellcheck disable=SC2002 # pipes are what is tested
# gan-data head and pick: some samples of a stream, at random and by class.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-data
labels() { # labels FILE: those of its samples, with blanks between; of none nothing
    gan-data to-npy "$1" --name label 2>/dev/null |
        perl -e 'local $/; $_ = <STDIN>; length > 128 and print join(" ", unpack("x128 q<*", $_)), "\n"'
}

# 300 shapes in five classes, and the same sorted by class as a folder gives them
gan-data make shapes -n 300 -s 8 --frame 64 -o mixed.st
gan-data info --meta gan.classes mixed.st >names
for i in 0 1 2 3 4; do gan-data pick mixed.st --label $i; done | gan-data cat --frame 64 >sorted.st 2>err
labels mixed.st >all
labels sorted.st >out
[ "$(wc -w <out)" = 300 ] && [ "$(tr ' ' '\n' <all | sort -n | tr '\n' ' ')" = "$(cat out) " ]
check $? "the classes one after the other are the whole"

# --- head --shuffle ---
passes "head --shuffle" head -n 100 --shuffle --seed 5 sorted.st -o drawn.st
gan-data batch sorted.st --size 100 --shuffle --seed 5 | gan-data head -n 100 >batch.st
gan-data to-npy drawn.st --name image >a.npy && gan-data to-npy batch.st --name image >b.npy
same a.npy b.npy "in the order of batch --shuffle"
cat sorted.st | gan-data head -n 100 --shuffle --seed 5 >out.st
same drawn.st out.st "from a pipe too"
gan-data head -n 100 --shuffle --seed 6 sorted.st >out.st
differ drawn.st out.st "another seed draws others"
[ "$(labels drawn.st | tr ' ' '\n' | sort -u | wc -l)" = 5 ]
check $? "of all classes"
stream label:I64:7:0,1,2,3,4,5,6 >seven.st
gan-data head -n 99 --shuffle seven.st >out.st
[ "$(labels out.st | tr ' ' '\n' | sort | tr '\n' ' ')" = "0 1 2 3 4 5 6 " ]
check $? "without replacement: all of a shorter stream, once"
: >drawn
for s in $(seq 0 39); do
    gan-data head -n 2 --shuffle --seed $s seven.st >out.st && labels out.st | tr ' ' '\n' >>drawn
done
sort drawn | uniq -c | awk '{ if ($1 < 3 || $1 > 22) bad = 1 } END { exit bad || NR != 7 }'
check $? "every sample is drawn about as often"
gan-data head -n 100 --shuffle --frame 30 sorted.st | gan-data info >out
grep -q '4 frames, 100 samples' out
check $? "--frame"

# --- head of a stream that is sorted by class ---
says '^sorted.st: the first 70 samples hold 2 of 5 classes, one after the other; --shuffle' \
    "the first samples of a sorted stream" head -n 70 sorted.st
silent "not of a mixed one" head -n 70 mixed.st
silent "nor of a sorted one that is drawn from" head -n 70 --shuffle sorted.st
silent "nor when all are taken" head -n 300 sorted.st
silent "nor when few are" head -n 9 sorted.st
cat sorted.st | gan-data head -n 70 >out.st 2>err
grep -q '^gan-data: standard input: the first 70 samples hold 2 of 5 classes' err
check $? "from a pipe by the names of the classes"
gan-data pick sorted.st --label 0-1 >two.st
silent "a file is read on: names alone are no classes" head -n 118 two.st
{ stream label:I64:12:3*12 && stream label:I64:2:1,1; } >plain.st
says '^plain.st: the first 12 samples hold 1 of 2 classes' "a file without names" head -n 12 plain.st
cat plain.st | gan-data head -n 12 >out.st 2>err
[ $? = 0 ] && [ -s out.st ] && [ ! -s err ]
check $? "of a pipe without names nothing is known"

# --- pick --label ---
gan-data pick mixed.st --label circle >out.st
labels out.st | grep -q '^0\( 0\)*$'
check $? "a class by name"
gan-data pick mixed.st --label 0 >number.st
same out.st number.st "or by number"
gan-data pick mixed.st -l 1,3-4 >out.st
is "$(labels out.st)" "$(tr ' ' '\n' <all | grep '[134]' | tr '\n' ' ' | sed 's/ $//')" "several, in the order of the stream"
cat mixed.st | gan-data pick -l 1,3-4 >pipe.st
same out.st pipe.st "from a pipe"
gan-data info --meta gan.classes out.st >kept
same names kept "names stay"
gan-data pick -l 2 --repeat 2 mixed.st >out.st
twos=$(tr ' ' '\n' <all | grep -c 2)
[ "$twos" -gt 0 ] && [ "$(labels out.st | wc -w)" = $((2 * twos)) ]
check $? "--repeat"
refuses 1 "^--label: no class 'cow'; they are circle, " "a name that is not there" pick mixed.st --label circle,cow
refuses 1 '^mixed.st: no sample is of class 5' "a number that no sample has" pick mixed.st --label 0,5
refuses 1 "^--label: no class '4-3'" "a range backwards" pick mixed.st --label 4-3
refuses 1 "^--label: expected numbers of classes, found 'cat' (the stream has no names)" "no names" pick seven.st --label cat
refuses 1 '^seven.st: no tensor kind' "another tensor" pick seven.st --label 1 --name kind
stream x:F32:3,2:1,2,3,4,5,6 >points.st
refuses 1 '^points.st: tensor x is F32 \[3,2\], expected a whole number' "numbers that are no classes" pick points.st --label 1 --name x
{ stream label:I64:4:-1,7,-1,2; } >odd.st
gan-data pick odd.st --label=-1 >out.st && [ "$(labels out.st)" = "-1 -1" ]
check $? "a negative number"
refuses 2 "expected either --rows, or --label or --balance" "rows or labels, not both" pick mixed.st --label 1 --rows 3
refuses 2 "^--count goes with --balance" "--count needs --balance" pick mixed.st --rows 3 --count 4

# --- pick --balance ---
gan-data pick mixed.st --label 0,1 >uneven.st
gan-data pick mixed.st --rows 0-49 >>uneven.st
labels uneven.st >all
least=$(tr ' ' '\n' <all | sort | uniq -c | awk '{ print $1 }' | sort -n | head -1)
says "^$least samples of each of 5 classes" "pick --balance" pick uneven.st --balance -o even.st
labels even.st | tr ' ' '\n' | sort | uniq -c | awk -v n="$least" '$1 != n { bad = 1 } END { exit bad || NR != 5 }'
check $? "equally many of each class"
gan-data pick uneven.st --balance 2>/dev/null >again.st
same even.st again.st "the same ones again"
gan-data pick uneven.st --balance --seed 1 2>/dev/null >again.st
differ even.st again.st "others with another seed"
says "^3 samples of each of 5 classes" "--count" pick uneven.st --balance --count 3 -o out.st
[ "$(labels out.st | wc -w)" = 15 ]
check $? "so many of each"
says "^20 samples of each of 2 classes" "of some classes" pick uneven.st --balance -n 20 --label circle,1
refuses 1 "^uneven.st: class [a-z]* has [0-9]* samples, 25 are asked for" "more than there are" pick uneven.st --balance -n 25
gan-data pick mixed.st --label 0,1 | gan-data pick --balance 2>err >out.st
grep -q ' samples of each of 2 classes; none of ' err
check $? "classes that no sample has are named"
# --- split ---
silent "split" split -n 40 --seed 5 sorted.st -o test.st -r train.st
labels test.st >a && labels train.st >b && [ "$(wc -w <a)" = 40 ] && [ "$(wc -w <b)" = 260 ]
check $? "so many are drawn, the others are the rest"
[ -s a ] && [ -s b ] && tr ' ' '\n' <a | sort -n -c 2>err && tr ' ' '\n' <b | sort -n -c 2>>err
check $? "in the order of the stream"
labels sorted.st | tr ' ' '\n' | sort -n >want
cat a b | tr ' ' '\n' | sort -n | alike - want
check $? "each sample is in one of them"
gan-data head --shuffle -n 40 --seed 5 sorted.st >drawn.st && labels drawn.st | tr ' ' '\n' | sort -n >want
tr ' ' '\n' <a | sort -n | alike - want
check $? "those of head --shuffle"
cat sorted.st | gan-data split -p 0.1333 --seed 5 -o t.st -r r.st && alike test.st t.st && alike train.st r.st
check $? "a part of a pipe"
refuses 1 '^sorted.st: 300 of 300 samples would be drawn; both parts need one' "nothing left" split -p 1 sorted.st -o t.st -r r.st
alike test.st t.st
check $? "the files stay as they were"
while read -r o; do
    read -r message
    # shellcheck disable=SC2086 # several words
    refuses 2 "^$message (" "wrong usage: split $o" split $o sorted.st </dev/null
done <<END
-n 4 -o t.st
expected --output FILE and --rest FILE
-n 4 -r t.st
expected --output FILE and --rest FILE
-o t.st -r r.st
expected either --count or --part
-n 4 -p 0.5 -o t.st -r r.st
expected either --count or --part
-n 4 -o t.st -r t.st
--output and --rest name one file
END
finish
