#!/bin/sh
# gan-svd from the command line.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-svd
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
stream G.0.weight:F32:2,1,1,2:3,0,0,1 G.0.bias:F32:2:7,8 \
    G.1.weight:F32:2,3:0.1,0.2,0.3,0.4,0.5,0.6 optimizer.G.0.weight.m:F32:2,2:9,0,0,9 \
    H.0.weight:F32:2,2:5,0,0,5 step:I64:1,1:12 '@gan.page=net G(z) = z\naverage H of G: 0.9' \
    '@gan.kind=checkpoint' \
    >run.st
run 0 run.st
has '^name	shape	largest	smallest	condition	stable_rank	frame$' 'the header'
has '^G.0.weight	\[2,1,1,2\]	3	1	3	1.1111[0-9]*	1$' 'diag(3,1)'
[ "$(wc -l <out)" = 3 ]
check $? 'weights only: no biases, counters, moments or averages'
run 0 run.st --all
[ "$(wc -l <out)" = 5 ]
check $? '--all'
# diag(3, 1) again, in the layout of pages [kernel, kernel, in, out], and of PyTorch
stream K:F32:1,2,1,2:3,0,0,1 G.0.weight:F32:1,2,1,2:3,0,0,1 \
    optimizer.G.m.K:F32:1,2,1,2:3,0,0,1 '@gan.page=param K[1,2,1,2] = 0' '@gan.kind=checkpoint' \
    >own.st
run 0 own.st --all
has '^K	\[1,2,1,2\]	3	1	3	' "a param's last extent are the columns"
has '^optimizer.G.m.K	\[1,2,1,2\]	3	1	3	' "and those of its moments"
has '^G.0.weight	\[1,2,1,2\]	3.16227[0-9]*	3.16227' "a layer's first extent are the rows"
run 0 own.st --name K --clip 2 -o clipped.st
[ "$(tensor clipped.st K | perl -e 'local $/; print join ",", unpack "f<*", <>')" = 2,0,0,1 ]
check $? 'clipping knows it too'
stream K:F32:1,2,1,2:3,0,0,1 >foreign.st
run 0 foreign.st
has '^K	\[1,2,1,2\]	3.16227[0-9]*	' 'but not that of tensors of another program'
cat >page.gan <<'END'
data x: x[5, 5, 2]
param K[3, 2, 2, 4] = normal(0, 1)
net D(x) = x | conv(4, [3, 2], weight=K)
player D of K: sgd(0) minimizes 0*mean(K)+mean(square(D(x)))
END
gan-init page.gan -o page.st
gan-sample page.st -n 1 'g=permute(matrix(K), 1, 0) @ matrix(K)' -o gram.st
# the traces of the Gram matrix and of its square are the sums of s^2 and s^4
gan-data to-npy gram.st --name g 2>/dev/null >gram.npy
run 0 page.st --name K --top 4
perl -e 'local $/; open my $f, "<:raw", $ARGV[0]; my $s = <$f>; my @g = unpack "f<*", substr $s, -64;
    open my $o, "<", $ARGV[1]; my @v = (split /\t/, (split /\n/, <$o>)[1])[-4 .. -1];
    my ($t, $t2, $s2, $s4) = (0) x 4;
    for my $i (0 .. 3) { $t += $g[5*$i]; $t2 += $g[4*$i+$_]**2 for 0 .. 3; }
    $s2 += $_**2, $s4 += $_**4 for @v;
    exit !(@g == 16 && abs($s2/$t - 1) < 1e-5 && abs($s4/$t2 - 1) < 1e-5)' gram.npy out
check $? "singular values of a free param are those of the page's matrix()"
run 0 run.st --name 'G.0*' --top 3
has '	s1	s2	s3$' '--top has its columns'
has '^G.0.weight	.*	3	1	$' 'and its values'
[ "$(wc -l <out)" = 2 ]
check $? '--name'

run 0 run.st --clip 2 -o clipped.st
[ "$got" = 0 ] && [ ! -s out ] && [ -s clipped.st ]
check $? 'clipping writes a checkpoint and prints nothing'
[ "$(tensor clipped.st G.0.weight | perl -e 'local $/; print join ",", unpack "f<*", <>')" = 2,0,0,1 ]
check $? 'diag(3,1) clipped at 2 is diag(2,1)'
for t in G.0.bias G.1.weight optimizer.G.0.weight.m H.0.weight step; do
    tensor run.st $t >a && tensor clipped.st $t >b && alike a b
    check $? "$t is what it was"
done
meta run.st >a
meta clipped.st >b
alike a b
check $? 'the metadata is what it was'
run 0 clipped.st --clip 2 -o again.st
alike clipped.st again.st
check $? 'clipping again changes nothing'
run 0 run.st --normalise -o unit.st
run 0 unit.st
has '^G.0.weight	[^	]*	1	0.333333[0-9]*	' '--normalise'
has '^G.1.weight	[^	]*	\(1\|1.0000000[0-9]*\|0.9999999[0-9]*\)	' '--normalise: each by its own'
gan-svd --clip 2 -o - <run.st >piped.st && alike clipped.st piped.st
check $? 'in a pipe'
cat run.st clipped.st >two.st
run 0 two.st --name G.0.weight
has '	2$' 'frames of a stream are numbered'
refuses 1 '^two.st: ' 'but a changed checkpoint has one frame' two.st --clip 2 -o out.st

refuses 2 output 'clipping needs a place to write' run.st --clip 2
refuses 2 clip 'writing needs something to do' run.st -o x.st
refuses 2 exclude 'one change at a time' run.st --clip 2 --normalise -o x.st
refuses 2 'number from 1e-30' 'a negative bound' run.st --clip=-1 -o x.st
refuses 1 nothing 'no such weights' run.st --name nothing
refuses 1 nowhere.st 'no such file' nowhere.st
stream G.0.weight:F32:1,2:nan,0 >nan.st
run 1 nan.st && one_line 'nan.st: G.0.weight: element 0 is'
check $? 'not a number'
man=$here/../man/gan-svd.1
missing=' all'
for o in $(gan-svd --help | sed -n 's/^ .* --\([a-z-]*\).*/\1/p'); do
    missing=${missing#' all'}
    grep -q "Fl -$o\( \|\$\)" "$man" || missing="$missing $o"
done
[ -z "$missing" ]
check $? "the manual has every option$missing"
finish
