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
has '^name	shape	s1	s2	s3	smallest	condition	stable_rank	share	frobenius	ratio	frame$' 'the header'
has '^G.0.weight	\[2,1,1,2\]	3	1		1	3	1.1111[0-9]*	0.75	3.16227[0-9]*	3	1$' 'diag(3,1)'
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
has '^K	\[1,2,1,2\]	3	1		1	3	' "a param's last extent are the columns"
has '^optimizer.G.m.K	\[1,2,1,2\]	3	1		1	3	' "and those of its moments"
has '^G.0.weight	\[1,2,1,2\]	3.16227[0-9]*			3.16227' "a layer's first extent are the rows"
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
    open my $o, "<", $ARGV[1]; my @v = (split /\t/, (split /\n/, <$o>)[1])[2 .. 5];
    my ($t, $t2, $s2, $s4) = (0) x 4;
    for my $i (0 .. 3) { $t += $g[5*$i]; $t2 += $g[4*$i+$_]**2 for 0 .. 3; }
    $s2 += $_**2, $s4 += $_**4 for @v;
    exit !(@g == 16 && abs($s2/$t - 1) < 1e-5 && abs($s4/$t2 - 1) < 1e-5)' gram.npy out
check $? "singular values of a free param are those of the page's matrix()"
run 0 run.st --name 'G.0*' --top 1
has '	s1	smallest	' '--top has its columns'
has '^G.0.weight	\[2,1,1,2\]	3	1	3	' 'and its values'
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
has '^G.0.weight	[^	]*	1	0.333333[0-9]*		' '--normalise'
has '^G.1.weight	[^	]*	\(1\|1.0000000[0-9]*\|0.9999999[0-9]*\)	' '--normalise: each by its own'
gan-svd --clip 2 -o - <run.st >piped.st && alike clipped.st piped.st
check $? 'in a pipe'
cat run.st clipped.st >two.st
run 0 two.st --name G.0.weight
has '	2$' 'frames of a stream are numbered'
run 0 run.st --name G.1.weight --name 'G.0*' && cut -f1 out | tr '\n' ' ' | grep -qx 'name G.0.weight G.1.weight '
check $? 'tensors of one name or another'
refuses 1 'run.st: no weights of two or more dimensions named x, y$' 'names of none' run.st -n x -n y
refuses 1 '^two.st: ' 'but a changed checkpoint has one frame' two.st --clip 2 -o out.st


# --- other changes ---
run 0 run.st --name 'G.0*' --clamp 1.5 -o clamped.st
[ "$(tensor clamped.st G.0.weight | perl -e 'local $/; print join ",", unpack "f<*", <>')" = 1.5,0,0,1 ]
check $? '--clamp: the first at 1.5 times the second'
stream W:F32:3,3:5,0,0,0,4,0,0,0,1 V:F32:1,2:3,4 >three.st
run 0 three.st
has '^W	.*	1.25	1$' 'ratio: of the first to the second'
has '^V	.*	5		1$' 'which one row has not'
for case in '--clip 2 --first 1:2,0,0,0,4,0,0,0,1' '--clip 2 --first 2:2,0,0,0,2,0,0,0,1' '--clip .5 --first 9:0.5,0,0,0,0.5,0,0,0,0.5' \
    '--clamp 1.5 --first 2:1.5,0,0,0,1.5,0,0,0,1'; do
    for method in svd gram; do
        # shellcheck disable=SC2086 # options are words
        run 0 three.st --name W ${case%%:*} --method $method -o first.st
        is "$(tensor first.st W | perl -e 'local $/; print join ",", map { sprintf "%.7g", $_ + 0 } unpack "f<*", <>')" "${case#*:}" "${case%%:*}, by $method"
    done
done
refuses 2 'first goes with --clip or --clamp' 'the first of what' three.st --normalise --first 1 -o x.st
run 0 run.st --clip 2 --method gram -o gram.st
alike clipped.st gram.st
check $? 'the symmetric form clips it the same'
cp run.st changed.st
run 0 changed.st --name 'G.1*' --orthogonalise --in-place
run 0 changed.st --name 'G.[01]*'
has '^G.1.weight	[^	]*	\(1\|1.0000000[0-9]*\|0.9999999[0-9]*\)	\(1\|1.0000000[0-9]*\|0.9999999[0-9]*\)		' '--orthogonalise'
has '^G.0.weight	[^	]*	3	1		' '--in-place leaves what it was not asked for'
stream D.0.weight:F32:1,1:1 D.1.weight:F32:3:5,0.1,0.001 D.1.running_var:F32:3:4,4,4 D.2.weight:F32:1:9 >bn.st
run 0 bn.st --clip 1 --gains -o gains.st
[ "$(tensor gains.st D.1.weight | perl -e 'local $/; printf "%.4f ", $_ for unpack "f<*", <>')" = '2.0000 0.1000 0.0200 ' ] &&
    [ "$(tensor gains.st D.2.weight | perl -e 'local $/; print unpack "f<*", <>')" = 9 ]
check $? '--gains: within 0.01 of the running deviation and that deviation'

# what squares would lose
stream h:F64:2,2:1e200,0,0,2e200 t:F64:2,2:1e-170,0,0,3e-170 >far.st
for method in svd gram; do
    run 0 far.st --method $method
    has '^h	.*	2e+200	\(1e+200\|9.99[0-9]*e+199\|1.00000000[0-9]*e+200\)	' "$method: large numbers"
    has '^t	.*	\(3e-170\|3.00000000[0-9]*e-170\|2.9999999[0-9]*e-170\)	' "$method: small ones"
done
run 0 far.st --name h --clip 1 -o near.st
run 0 near.st --name h
has '^h	[^	]*	1	1	' 'lowered by more than a double has digits'
run 0 far.st --name t --normalise -o near.st
run 0 near.st --name t
has '^t	[^	]*	\(1\|1.0000000[0-9]*\|0.9999999[0-9]*\)	0.3333' 'raised as well'

# --- other ways to show ---
run 0 run.st --values
gan-svd run.st --name G.1.weight --top 2 | awk -F'\t' 'NR == 2 {
    printf "number\tG.0.weight\tG.1.weight\n1\t3\t%s\n2\t1\t%s\n", $3, $4 }' | alike - out
check $? '--values: a column a weight'
cp out all.tsv
run 0 run.st --values --top 2
head -n 3 all.tsv >want.tsv
same out want.tsv '--values --top: so many lines'
meta_step() { stream G.0.weight:F32:2,2:"$2",0,0,1 "@gan.step=$1" >"s$1.st"; }
meta_step 10 3 && meta_step 20 4 && meta_step 30 5
for k in 10 20 30 20; do run 0 s$k.st --top 1 --append track.tsv; done
printf 'step\tG.0.weight.s1\n10\t3\n20\t4\n' | alike - track.tsv
check $? '--append: a line a checkpoint; later steps, that were lost, go'
grep -q 'track.tsv: 2 lines of step 20 and later are taken out' err
check $? 'which is told'
refuses 1 'track.tsv: its columns are others' 'the columns stay' page.st --append track.tsv
refuses 1 'run.st: is no checkpoint, and has no step' 'a step must be known' run.st --append x.tsv
mkfifo pipe
refuses 1 'pipe: no regular file' 'a table is a file' s10.st --append pipe
refuses 2 'needs a file of its own' 'not standard output' s10.st --append -
refuses 1 'two.st: holds several frames' 'a name is one column' two.st --values
run 0 page.st --compare
awk -F'\t' 'NR == 1 { next } { n++; if (($2 - $3) ^ 2 > 1e-12 || ($2 - $4) ^ 2 > 1e-8) bad = 1 } END { exit bad || n != 1 }' out
check $? '--compare: three ways, one value'
cat >conv.gan <<'END'
data x: x[6, 6, 1]
noise z: normal()[3]
let twice = z*z
net D(x) = x | conv(2, 3, stride=2, padding=1, bias=0) | mean
net G(z) = z | linear(5, bias=0)
player D: sgd(0) minimizes D(x)
player G: sgd(0) minimizes mean(G(z))
END
gan-init conv.gan --batch 4 -o conv.st 2>err
# a kernel of one tap 2: each pixel that is read is doubled
stream D.0.weight:F32:2,1,3,3:0,0,0,0,2,0,0,0,0,0,0,0,0,0,0,0,0,0 >tap
gan-init conv.gan --batch 4 --partial --from tap -o tap.st 2>err
run 0 tap.st --operators
two='\(2\|2.0000000[0-9]*\|1.9999999[0-9]*\)'
has "^D.0.weight	\[6,6,1\]\[3,3,2\]	$two	$two	$two	" '--operators: strides and padding as the page has them'
run 0 tap.st --operators --input 4x2 --top 2
has "^D.0.weight	\[4,2,1\]\[2,1,2\]	$two	$two	" 'and for another size'
refuses 1 'input 4x4x4: expected a size, or 2 joined by x' 'of as many dimensions' tap.st --operators --input 4x4x4
run 0 conv.st --jacobian 'G(z)' --count 2
cut -f3-5 out | tail -1 >jacobian
run 0 conv.st --name G.0.weight
cut -f3-5 out | tail -1 | paste jacobian - | awk '{ for (i = 1; i <= 3; i++) if (($i - $(i + 3)) ^ 2 > 1e-12) bad = 1 } END { exit bad || NF != 6 }'
check $? '--jacobian: of a linear net, those of its weight'
frame z.st z:F32:2,3:1,2,3,-4,0.5,0
run 0 conv.st --jacobian 'z*z' --latents z.st
has '^z\*z	\[3,3\]	6	4	2	2	3	' 'of squares, twice the latents'
has '^z\*z	\[3,3\]	8	1	0	0	inf	' 'and of the next'
refuses 1 'reads the data x' 'data have no place there' conv.st --jacobian 'D(x)'
run 0 conv.st --jacobian z --count 1
has '^z	\[3,3\]	1	1	1	1	1	3	' 'the name itself'
frame w.st z:F32:1,2:1,2
refuses 1 'w.st: tensor z has samples \[2\], the page.s have \[3\]' 'latents of another shape' conv.st --jacobian 'G(z)' --latents w.st
frame v.st z:F32:1,3:1,nan,0
refuses 1 'v.st: tensor z: sample 0 holds' 'or not finite' conv.st --jacobian 'G(z)' --latents v.st
refuses 1 'x is data of the page' 'data are not' conv.st --jacobian 'G(z)' --of x
refuses 1 'z.st: no tensor w' 'nor other latents' conv.st --jacobian 'G(z)' --of w --latents z.st

refuses 2 'needs a file' 'nothing is in the place of a pipe' --clip 2 --in-place
refuses 2 'found .8x' 'half a size' tap.st --operators --input 8x
refuses 2 'go with --jacobian' 'latents of weights' run.st --count 3
refuses 2 'goes with --compare' 'iterations of nothing' run.st --iterations 3
refuses 2 output 'clipping needs a place to write' run.st --clip 2
refuses 2 change 'writing needs something to do' run.st -o x.st
refuses 2 --top 'a number of values and a change' run.st --clip 2 --top 3 -o x.st
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
