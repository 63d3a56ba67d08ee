#!/bin/sh
# gan-svd from the command line.
. "$(dirname "$0")/tap.sh"
svd=gan-svd
run() {
    (cd "$dir" && "$svd" "$@") >"$dir/out" 2>"$dir/err" </dev/null
    status=$?
}
has() {
    grep -q -- "$1" "$dir/out"
    check $? "$2"
}
refuses() { # refuses STATUS PATTERN NAME
    [ "$status" = "$1" ] && [ "$(wc -l <"$dir/err")" = 1 ] && [ ! -s "$dir/out" ] &&
        grep -q -- "$2" "$dir/err"
    check $? "$3"
}
tensor() { # tensor FILE NAME: its bytes
    perl -e 'local $/; open my $f, "<:raw", $ARGV[0] or exit 1; my $s = <$f>;
        my $n = unpack "Q<", $s; my $h = substr $s, 8, $n;
        my ($a, $b) = $h =~ /"\Q$ARGV[1]\E":\{[^}]*"data_offsets":\[(\d+),(\d+)/ or exit 1;
        binmode STDOUT; print substr $s, 8 + $n + $a, $b - $a' "$1" "$2"
}
meta() { # meta FILE: its metadata, without the checksum
    perl -e 'local $/; open my $f, "<:raw", $ARGV[0] or exit 1; my $s = <$f>;
        my ($m) = substr($s, 8, unpack "Q<", $s) =~ /"__metadata__":\{([^}]*)\}/;
        print join "\n", grep { !/gan\.crc32/ } sort split /,/, $m' "$1"
}

# diag(3, 1) as a 2x2 kernel with two outputs, a matrix under 1, a bias, and two to leave alone
perl "$here/stream.pl" G.0.weight:F32:2,1,1,2:3,0,0,1 G.0.bias:F32:2:7,8 \
    G.1.weight:F32:2,3:0.1,0.2,0.3,0.4,0.5,0.6 optimizer.G.0.weight.m:F32:2,2:9,0,0,9 \
    average.G.0.weight:F32:2,2:5,0,0,5 step:I64:1,1:12 '@gan.page=net G(z) = z' '@gan.kind=model' \
    >"$dir/run.st"
run run.st
has '^name	shape	largest	smallest	condition	stable_rank	frame$' 'the header'
has '^G.0.weight	\[2,1,1,2\]	3	1	3	1.1111[0-9]*	0$' 'diag(3,1)'
[ "$(wc -l <"$dir/out")" = 3 ]
check $? 'weights only: no biases, counters, moments or averages'
run run.st --all
[ "$(wc -l <"$dir/out")" = 5 ]
check $? '--all'
run run.st --name 'G.0*' --top 3
has '	s1	s2	s3$' '--top has its columns'
has '^G.0.weight	.*	3	1	$' 'and its values'
[ "$(wc -l <"$dir/out")" = 2 ]
check $? '--name'

run run.st --clip 2 -o clipped.st
[ "$status" = 0 ] && [ ! -s "$dir/out" ]
check $? 'clipping writes a checkpoint and prints nothing'
[ "$(tensor "$dir/clipped.st" G.0.weight | perl -e 'local $/; print join ",", unpack "f<*", <>')" = 2,0,0,1 ]
check $? 'diag(3,1) clipped at 2 is diag(2,1)'
for t in G.0.bias G.1.weight optimizer.G.0.weight.m average.G.0.weight step; do
    tensor "$dir/run.st" $t >"$dir/a" && tensor "$dir/clipped.st" $t >"$dir/b" && cmp -s "$dir/a" "$dir/b"
    check $? "$t is what it was"
done
meta "$dir/run.st" >"$dir/a"
meta "$dir/clipped.st" >"$dir/b"
[ -s "$dir/a" ] && cmp -s "$dir/a" "$dir/b"
check $? 'the metadata is what it was'
run clipped.st --clip 2 -o again.st
cmp -s "$dir/clipped.st" "$dir/again.st"
check $? 'clipping again changes nothing'
run run.st --normalise -o unit.st
run unit.st
has '^G.0.weight	[^	]*	1	0.333333[0-9]*	' '--normalise'
has '^G.1.weight	[^	]*	\(1\|1.0000000[0-9]*\|0.9999999[0-9]*\)	' '--normalise: each by its own'
(cd "$dir" && "$svd" --clip 2 -o - <run.st >piped.st && cmp -s clipped.st piped.st)
check $? 'in a pipe'
cat "$dir/run.st" "$dir/clipped.st" >"$dir/two.st"
run two.st --name G.0.weight
has '	1$' 'frames of a stream are numbered'
run two.st --clip 2 -o out.st
[ "$status" = 1 ] && [ ! -e "$dir/out.st" ]
check $? 'but a changed checkpoint has one frame'

run run.st --clip 2
refuses 2 output 'clipping needs a place to write'
run run.st -o x.st
refuses 2 clip 'writing needs something to do'
run run.st --clip 2 --normalise -o x.st
refuses 2 exclude 'one change at a time'
run run.st --clip=-1 -o x.st
refuses 2 'number from 1e-30' 'a negative bound'
run run.st --name nothing
refuses 1 nothing 'no such weights'
run nowhere.st
refuses 1 nowhere.st 'no such file'
perl "$here/stream.pl" G.0.weight:F32:1,2:nan,0 >"$dir/nan.st"
run nan.st
[ "$status" = 1 ] && grep -q 'G.0.weight' "$dir/err"
check $? 'not a number'
man=$here/../man/gan-svd.1
missing=
for o in $("$svd" --help | sed -n 's/^ .* --\([a-z-]*\).*/\1/p'); do
    grep -q "Fl -$o\( \|\$\)" "$man" || missing="$missing $o"
done
[ -z "$missing" ]
check $? "the manual has every option$missing"
finish
