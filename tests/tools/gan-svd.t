#!/bin/sh
# gan-svd from the command line.
. "$(dirname "$0")/../lib/tap.sh"
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
perl "$here/lib/stream.pl" G.0.weight:F32:2,1,1,2:3,0,0,1 G.0.bias:F32:2:7,8 \
    G.1.weight:F32:2,3:0.1,0.2,0.3,0.4,0.5,0.6 optimizer.G.0.weight.m:F32:2,2:9,0,0,9 \
    H.0.weight:F32:2,2:5,0,0,5 step:I64:1,1:12 '@gan.page=net G(z) = z\naverage H of G: 0.9' \
    '@gan.kind=checkpoint' \
    >"$dir/run.st"
run run.st
has '^name	shape	largest	smallest	condition	stable_rank	frame$' 'the header'
has '^G.0.weight	\[2,1,1,2\]	3	1	3	1.1111[0-9]*	1$' 'diag(3,1)'
[ "$(wc -l <"$dir/out")" = 3 ]
check $? 'weights only: no biases, counters, moments or averages'
run run.st --all
[ "$(wc -l <"$dir/out")" = 5 ]
check $? '--all'
# diag(3, 1) again, in the layout of pages [kernel, kernel, in, out], and of PyTorch
perl "$here/lib/stream.pl" K:F32:1,2,1,2:3,0,0,1 G.0.weight:F32:1,2,1,2:3,0,0,1 \
    optimizer.G.m.K:F32:1,2,1,2:3,0,0,1 '@gan.page=param K[1,2,1,2] = 0' '@gan.kind=checkpoint' \
    >"$dir/own.st"
run own.st --all
has '^K	\[1,2,1,2\]	3	1	3	' "a param's last extent are the columns"
has '^optimizer.G.m.K	\[1,2,1,2\]	3	1	3	' "and those of its moments"
has '^G.0.weight	\[1,2,1,2\]	3.16227[0-9]*	3.16227' "a layer's first extent are the rows"
run own.st --name K --clip 2 -o clipped.st
[ "$(tensor "$dir/clipped.st" K | perl -e 'local $/; print join ",", unpack "f<*", <>')" = 2,0,0,1 ]
check $? 'clipping knows it too'
perl "$here/lib/stream.pl" K:F32:1,2,1,2:3,0,0,1 >"$dir/foreign.st"
run foreign.st
has '^K	\[1,2,1,2\]	3.16227[0-9]*	' 'but not that of tensors of another program'
cat >"$dir/page.gan" <<'END'
data x: x[5, 5, 2]
param K[3, 2, 2, 4] = normal(0, 1)
net D(x) = x | conv(4, [3, 2], weight=K)
player D of K: sgd(0) minimizes 0*mean(K)+mean(square(D(x)))
END
gan-init "$dir/page.gan" -o "$dir/page.st"
gan-sample "$dir/page.st" -n 1 'g=permute(matrix(K), 1, 0) @ matrix(K)' -o "$dir/gram.st"
# the traces of the Gram matrix and of its square are the sums of s^2 and s^4
gan-data to-npy "$dir/gram.st" --name g 2>/dev/null >"$dir/gram.npy"
run page.st --name K --top 4
perl -e 'local $/; open my $f, "<:raw", $ARGV[0]; my $s = <$f>; my @g = unpack "f<*", substr $s, -64;
    open my $o, "<", $ARGV[1]; my @v = (split /\t/, (split /\n/, <$o>)[1])[-4 .. -1];
    my ($t, $t2, $s2, $s4) = (0) x 4;
    for my $i (0 .. 3) { $t += $g[5*$i]; $t2 += $g[4*$i+$_]**2 for 0 .. 3; }
    $s2 += $_**2, $s4 += $_**4 for @v;
    exit !(@g == 16 && abs($s2/$t - 1) < 1e-5 && abs($s4/$t2 - 1) < 1e-5)' "$dir/gram.npy" "$dir/out"
check $? "singular values of a free param are those of the page's matrix()"
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
for t in G.0.bias G.1.weight optimizer.G.0.weight.m H.0.weight step; do
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
has '	2$' 'frames of a stream are numbered'
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
perl "$here/lib/stream.pl" G.0.weight:F32:1,2:nan,0 >"$dir/nan.st"
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
