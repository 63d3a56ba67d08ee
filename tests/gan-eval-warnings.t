#!/bin/sh
# Figures that mislead say so on standard error, or are made right.
. "$(dirname "$0")/tap.sh"
. "$here/eval.sh"
warns() { # warns PATTERN NAME ARGUMENT...: one line on standard error, and figures
    pattern=$1 name=$2
    shift 2
    gan-eval "$@" >out 2>err </dev/null &&
        [ "$(wc -l <err)" = 1 ] && grep -q -- "^gan-eval: warning: $pattern" err && [ -s out ]
    check $? "$name"
}
silent() { # silent NAME ARGUMENT...: figures, and nothing on standard error
    name=$1
    shift
    gan-eval "$@" >out 2>err </dev/null && [ ! -s err ] && [ -s out ]
    check $? "$name"
}
numbers() { # numbers SEED COUNT EXPRESSION: of $_ = 0, 1, ...
    perl -e 'srand(shift); my $f = eval "sub { $ARGV[1] }"; print join ",", map { sprintf "%.6g", &$f } 0 .. $ARGV[0] - 1' -- "$@"
}

# inception scores of a stream in the order of its classes, sure of each
frame sorted.st logits:F32:200,4:"$(numbers 1 800 '$_ % 4 == int($_ / 200) ? 9 : -9')"
gan-eval inception sorted.st --splits 4 >out 2>err
[ "$(awk '/^inception/ { print ($2 > 3.6) }' out)" = 1 ] && [ ! -s err ]
check $? 'inception: the parts of a sorted stream are drawn from all of it'
warns 'sorted.st: its rows are sorted: in their order the score is 1, shuffled 3.' \
    'inception: in their order they know one class each' inception sorted.st --in-order --splits 4
silent 'inception: a single part has no order' inception sorted.st --in-order --splits 1
frame mixed.st logits:F32:200,4:"$(numbers 1 800 '$c = int(4 * rand) if $_ % 4 == 0; $_ % 4 == $c ? 9 : -9')"
silent 'inception: a stream in no order' inception mixed.st --in-order
warns 'sorted.st: parts of 2 rows, which cannot score above that, for 4 classes' \
    'inception: parts smaller than the number of classes' inception sorted.st --splits 100
frame sure.st logits:F32:40,2:"$(numbers 1 80 '($_ + int($_ / 2)) % 2')"
warns "sure.st: 'logits' taken as logits, but all rows are probabilities" \
    'inception: probabilities that are not called so' inception sure.st
silent 'inception: called so' inception sure.st --probabilities
refuses 2 'exclude each other' 'inception: in order and shuffled' inception sure.st --in-order --shuffle 1
is 1 'inception: never below 1' inception inception sorted.st --in-order --splits 4

# distances of a set from itself
for rows in 20 40 300; do
    rm -f x.st
    frame x.st feature:F32:$rows,30:"$(numbers "$rows" $((rows * 30)) '100 * rand() ** 3')"
    value fid fid x.st x.st >got
    perl -e 'exit !($ARGV[0] >= 0 && $ARGV[0] < 1e-7 && $ARGV[0] ne "-0")' -- "$(cat got)"
    check $? "fid: of $rows rows of 30 from themselves, not below 0"
done
finish
