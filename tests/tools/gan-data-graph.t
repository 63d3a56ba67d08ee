#!/bin/sh
# gan-data graph and links: text files to a graph, and its links to show, to choose and to test by.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-data

# --- graph ---
printf '# a path, with what is left out\n2 1\n0\t1\n\n1 2\n3 3\n  2   3 \r\n' >edges.tsv
printf '0 1 3\n2 0:0.5 3:-2\n1\n' >features.tsv
printf '3 7\n0 2\n1 -1\n' >labels.tsv
says '^edges.tsv: 1 links from a node to itself and 1 that were there before are left out' \
    'what is left out is told' graph edges.tsv --features features.tsv --labels labels.tsv -o path.st
is "$(values path.st links 'q<')" '0 1 1 2 2 3' 'links once, the smaller node first, in order'
is "$(values path.st features 'f<')" '0 1 0 1 0 0 0 0 0.5 0 0 -2 0 0 0 0' 'features, with values or 1'
is "$(values path.st label 'q<')" '2 -1 -1 7' 'classes, -1 where there is none'
is "$(gan-data info path.st --meta gan.nodes)" 4 'the number of nodes'
gan-data graph --both edges.tsv -o both.st 2>err
is "$(values both.st links 'q<')" '0 1 1 0 1 2 2 1 2 3 3 2' '--both: each link in both directions'
refuses 1 '^both.st: link 1 is there twice' 'which are no links to hold out' links both.st -o shown.st --test test.st --test-part 0.3 --valid-part 0.3
gzip -c edges.tsv | gan-data graph - --features features.tsv --labels labels.tsv -o packed.st 2>err
same packed.st path.st 'gzip, from standard input'
printf '\357\273\2770 1\n' >marked.tsv
passes 'a byte order mark' graph marked.tsv
gan-data graph marked.tsv --nodes 9 -o nine.st
is "$(gan-data info nine.st --meta gan.nodes)" 9 '--nodes'
is "$(gan-data info nine.st | grep -c '^  [a-z]* *[IF]')" 1 'links alone'

printf 'anna bob\nbob carl\nanna anna\ndora carl\n' >friends.tsv
printf 'anna red\ncarl blue\nbob -1\nzoe red\n' >clubs.tsv
printf 'dora 0 3\n' >has.tsv
passes '--names' graph friends.tsv --labels clubs.tsv --features has.tsv --names names.txt -o named.st
grep -q '1 links from a node to itself' err && grep -q '^gan-data: friends.tsv: no link of 1 nodes that have features or a class$' err
check $? 'nodes without links are told'
is "$(cat names.txt | tr '\n' ' ')" 'anna bob carl dora zoe ' 'words are nodes, as they come'
is "$(values named.st links 'q<')" '0 1 1 2 2 3' 'links of words'
is "$(values named.st label 'q<')" '0 -1 1 -1 0' 'classes of words'
is "$(gan-data info named.st --meta gan.classes)" '["red","blue"]' 'and their names'
is "$(values named.st features 'f<' | cut -d' ' -f 13-16)" '1 0 0 1' 'features of words'
refuses 2 'name one file' 'names instead of the stream' graph friends.tsv --names named.st -o named.st
refuses 2 'expected a file' 'names to standard output' graph friends.tsv --names -
ln -s new.st to-new
refuses 2 'name one file' 'one file by two ways' graph friends.tsv --names to-new -o new.st
[ ! -e new.st ]
check $? 'which is not made'
refuses 2 '--names names the file of links' 'names in the place of links' graph friends.tsv --names friends.tsv
printf 'anna red\r\nbob -1\r\ncarl -1 \n' >clubs-cr.tsv
gan-data graph friends.tsv --labels clubs-cr.tsv --names names.txt -o cr.st 2>err
is "$(values cr.st label 'q<')" '0 -1 -1 -1' '-1 before a carriage return, or a blank'
printf 'anna red\nanna blue\n' >twice.tsv
refuses 1 '^twice.tsv: line 2: node anna has had a line$' 'a name twice' graph friends.tsv --labels twice.tsv --names none.txt
printf 'anna -1 red\n' >three.tsv
refuses 1 "line 1: expected a node and its class a line, found 'red'" 'more than -1' graph friends.tsv --labels three.tsv --names none.txt
printf '\377 b\n' >bytes.tsv
refuses 1 "bytes.tsv: line 1: '.* is not UTF-8" 'a name that is no text' graph bytes.tsv --names none.txt
[ ! -e none.txt ]
check $? 'which leaves no names'

# bad FILE TEXT PATTERN NAME ARGUMENT...
bad() {
    printf "$2" >"$1"
    pattern=$3 what=$4
    shift 4
    refuses 1 "$pattern" "$what" graph "$@"
}
bad bad.tsv '0 1\n2\n' '^bad.tsv: line 2: expected a second node' 'a line of one node' bad.tsv
bad bad.tsv '0 1 2\n' "line 1: expected two nodes a line, found '2'" 'a line of three' bad.tsv
bad bad.tsv '0 -1\n' "line 1: expected a second node from 0 to 16777215, found '-1'" 'a node below 0' bad.tsv
bad bad.tsv '0 16777216\n' "found '16777216'" 'a node too large' bad.tsv
bad bad.tsv '0 x\n' "found 'x'" 'a word' bad.tsv
bad bad.tsv '# none\n1 1\n' '^bad.tsv: no links' 'no links' bad.tsv
bad bad.tsv '0 1\0\n' 'byte that is 0' 'a byte that is 0' bad.tsv
bad bad.tsv '0 1\n0 2\n' '^bad.tsv: line 2: node 0 has had a line' 'features twice' edges.tsv --features bad.tsv
bad bad.tsv '1 0 3 3\n0 1:.5 0 1:.7\n' '^bad.tsv: line 2: feature 1 is 0.5 and 0.7' 'a feature with two values' edges.tsv --features bad.tsv
bad bad.tsv '0\n' '^bad.tsv: no features' 'no features' edges.tsv --features bad.tsv
bad bad.tsv '0 1:x\n' "line 1: expected a value, found 'x'" 'a value that is none' edges.tsv --features bad.tsv
bad bad.tsv '0 1:1e39\n' "found '1e39'" 'a value that no float is' edges.tsv --features bad.tsv
bad bad.tsv '0\n' 'line 1: expected a class' 'no class' edges.tsv --labels bad.tsv
bad bad.tsv '0 1 2\n' "a node and its class a line, found '2'" 'two classes' edges.tsv --labels bad.tsv
bad bad.tsv '0 1\n0 2\n' 'line 2: node 0 has had a line' 'labels twice' edges.tsv --labels bad.tsv
bad bad.tsv '# none\n' '^bad.tsv: no labels' 'no labels' edges.tsv --labels bad.tsv
refuses 1 'none.tsv' 'no such file' graph none.tsv
refuses 2 'one file of links' 'nothing to read' graph
refuses 1 'lines of numbers' 'a stream' graph path.st

# --- links ---
perl -e 'for $i (0 .. 59) { print "$i ", ($i + $_) % 60, "\n" for 1 .. 2 }' >ring.tsv
gan-data graph ring.tsv -o ring.st
passes 'links' links ring.st -o shown.st --test test.st --seed 3
shows '^  links *I64 *\[102,2\]' '85 of 100 links are shown' shown.st
shows '^  valid *I64 *\[12,2\]' '5 choose, and as many pairs' shown.st
shows '^test.st: 1 frame, 24 samples' '10 are the test, and as many pairs' test.st
is "$(values shown.st linked 'q<')" '1 1 1 1 1 1 0 0 0 0 0 0' 'which of them are links'
is "$(values test.st label 'q<' | tr -d ' ')" 111111111111000000000000 'and those of the test'
is "$(gan-data info shown.st --meta gan.nodes)" 60 'the number of nodes stays'
for part in 'shown.st links' 'shown.st valid' 'test.st pair'; do
    # shellcheck disable=SC2086
    set -- $part
    values "$1" "$2" 'q<' | tr ' ' '\n' | paste -d' ' - - >"$2"
done
{ cat links; head -n 6 valid; head -n 12 pair; } | sort >mine
values ring.st links 'q<' | tr ' ' '\n' | paste -d' ' - - | sort >all
same mine all 'every link is in one of the three'
{ tail -n 6 valid; tail -n 12 pair; } | sort >none
awk '$1 >= $2 || $2 >= 60 || $1 < 0' none >out
[ "$(sort -u none | wc -l)" = 18 ] && [ ! -s out ] && [ -z "$(comm -12 none all)" ]
check $? 'the others are no links, and none is there twice'
gan-data links ring.st -o again.st --test test2.st --seed 3 && cmp again.st shown.st && cmp test2.st test.st
check $? 'the same seed draws the same'
gan-data links ring.st -o other.st --test test3.st --seed 4
differ test3.st test.st 'another seed draws others'
gan-data links ring.st -o other.st --test test3.st --valid-part 0.25 --test-part 0.25
shows '^  links *I64 *\[60,2\]' '--valid-part and --test-part' other.st

# A of a path of four links, one of which is held out at each end
printf '0 1\n1 2\n2 3\n3 4\n' >edges.tsv
printf '0 0\n1 1\n' >few.tsv
gan-data graph edges.tsv --features few.tsv -o path.st
gan-data links path.st -o small.st --test test3.st --valid-part 0.25 --test-part 0.25
perl -e 'my ($links, $at, $w) = map { [split " "] } @ARGV; my @d = (1) x 5; $d[$_]++ for @$links; my %a;
    $a{"@$at[2*$_, 2*$_+1]"} += $w->[$_] for 0 .. $#$w;
    my %want = map { ("$_ $_" => 1/$d[$_]) } 0 .. 4;
    for (0 .. $#$links/2) { my ($i, $j) = @$links[2*$_, 2*$_+1]; $want{"$i $j"} = $want{"$j $i"} = 1/sqrt($d[$i]*$d[$j]) }
    exit !(keys %a == keys %want && !grep { abs($a{$_} - $want{$_}) > 1e-6 } keys %want)' \
    "$(values small.st links 'q<')" "$(values small.st adjacency 'q<')" "$(values small.st weights 'f<')"
check $? 'the adjacency of the links that are shown, by square roots of degrees'
values small.st features 'f<' >mine
values path.st features 'f<' >all
same mine all 'features go along'

refuses 1 '^path.st: of 4 links 0 would be to test' 'too few links' links path.st -o small.st --test test3.st
refuses 2 'leave no links' 'parts that leave none' links path.st -o small.st --test test3.st --valid-part 0.5 --test-part 0.5
refuses 2 'expected --output FILE and --test FILE' 'one file' links path.st -o small.st
refuses 2 'name one file' 'the same file twice' links path.st -o small.st --test small.st
refuses 1 'no number of nodes' 'a stream that is no graph' links test.st -o small.st --test test3.st
perl -e 'for $i (0 .. 3) { for $j ($i + 1 .. 3) { print "$i $j\n" } }' >whole.tsv
gan-data graph whole.tsv -o whole.st
refuses 1 'only 0 pairs are none' 'a graph without other pairs' links whole.st -o small.st --test test3.st --valid-part 0.2 --test-part 0.2
finish
