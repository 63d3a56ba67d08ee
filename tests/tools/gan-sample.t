#!/bin/sh
# gan-sample from the command line.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-sample result=out.st
export OMP_NUM_THREADS=1
floats() { # floats STREAM NAME: the values of a tensor, a line each
    gan-data to-npy "$1" --name "$2" | perl -e 'local $/; binmode STDIN; $_ = <STDIN>;
        my $n = unpack "v", substr $_, 8, 2; print "$_\n" for unpack "f<*", substr $_, 10 + $n'
}
bytes() { # bytes STREAM NAME: the same of U8
    gan-data to-npy "$1" --name "$2" | perl -e 'local $/; binmode STDIN; $_ = <STDIN>;
        my $n = unpack "v", substr $_, 8, 2; print "$_\n" for unpack "C*", substr $_, 10 + $n'
}
close_to() { # close_to FILE FILE NAME: two lists of numbers, to 1e-5
    paste "$1" "$2" >both
    awk '{ d = $1 - $2; if (d < 0) d = -d; if (NF != 2 || d > 1e-5 + 1e-5 * ($1 < 0 ? -$1 : $1)) bad = 1 }
        END { exit bad || !NR }' both
    check $? "$3"
}

cat >gan.gan <<'END'
data  x: image[8, 8, 3]
data  y: label[5]
noise z: uniform(-1, 1)[6]
param mu[5, 6] = normal(0, 1)
let code = z + y @ mu
let start = z
net G(z) = z | linear(2*2*8) | reshape(2, 2, 8) | batchnorm | relu
             | deconv(4, 5, stride=2) | batchnorm | relu | deconv(3, 5, stride=2) | tanh
net D(x) = x | conv(4, 5, stride=2) | lrelu(0.2) | conv(8, 5, stride=2) | relu | flatten
             | dropout | linear(1)
net E(x) = x | flatten | linear(6)
player D: adam(0.01, beta1=0.5) minimizes mean(softplus(-D(x))) + mean(softplus(D(G(code))))
player G of G, mu, E: adam(0.01, beta1=0.5)
    minimizes mean(softplus(-D(G(code)))) + mean(sqnorm(E(G(z)) - z))
sample G(z)
END
gan-data make shapes -n 40 -s 8 -o data.st
gan-init gan.gan -o run.st || exit 1
gan-data batch data.st --size 16 --endless | gan-step run.st -n 30 -q || exit 1
cp run.st kept.st

# --- the step ---
passes "the number of steps played" run.st -n 1 step 2*step
gan-data info -s out.st | awk '$1 == "value" { a = $4 } $1 == "value2" { b = $4 } END { exit !(a == 30 && b == 60) }'
check $? "is a value like any other"

# --- usage ---
gan-sample --help >out 2>err && grep -q '^usage: gan-sample ' out && [ ! -s err ]
check $? "--help"
for arguments in '' '--no-such-option' 'run.st -n x' 'run.st -b 0' 'run.st --seed -1' 'run.st -n 99999999999'; do
    # shellcheck disable=SC2086
    run 2 $arguments && [ "$(wc -l <err)" = 1 ] && [ ! -s out.st ]
    check $? "wrong usage: gan-sample $arguments"
done

# --- samples ---
passes "samples" run.st
shows '^ \+image \+U8 \+\[N,8,8,3\]' "the page's own, as images" -s out.st
shows '64 samples' "64 of them" -s out.st
passes "-n" run.st 'G(z)' -n 10
shows '10 samples' "as many as asked for" -s out.st
mv out.st ten.st
run 0 run.st 'G(z)' -n 10
same ten.st out.st "the same seed, the same bytes"
run 0 run.st -n 10
same ten.st out.st "sample is G(z) here"
run 0 run.st 'G(z)' -n 10 --seed 1
differ ten.st out.st "another seed, other samples"
for b in 1 3 7; do
    run 0 run.st 'G(z)' -n 10 -b $b
    gan-data cat --frame 10 out.st >joined.st
    same ten.st joined.st "-b $b gives the same samples"
done
# spectral normalisation divides weights or results, whichever are fewer
cat >spectral.gan <<'END'
noise p: normal[8, 8, 32]
use "blocks/spectral.gan"
net C(p) = p | conv(32, 3, weight=spectral)
sample C(p)
END
gan-init spectral.gan -o spectral.st
gan-sample spectral.st -n 10 | gan-data cat --frame 10 - >whole.st
for b in 1 4 7; do
    gan-sample spectral.st -n 10 -b $b | gan-data cat --frame 10 - >joined.st
    same whole.st joined.st "-b $b: spectral normalisation too"
done
run 0 run.st -n 10 -t 2
same ten.st out.st "two threads too"
gan-sample run.st -n 5 | gan-data to-npy -o a.npy
gan-data head -n 5 ten.st | gan-data to-npy -o b.npy
same a.npy b.npy "fewer samples are the first of many"
same run.st kept.st "the checkpoint stays as it is"

# --- kinds of results ---
passes "--float" run.st -n 10 --float
shows '^ \+image \+F32 \+\[N,8,8,3\] \+-' "gives the page's range" -s out.st
floats out.st image | awk '{ v = ($1 + 1) * 127.5 + 0.5; print int(v) }' >a
bytes ten.st image >b
same a b "and rounds to the same bytes"
passes "several results" run.st -n 4 'G(z)' 'D(G(z))' 'G(-z)' 'E(G(z))' z
shows '^ \+value \+F32 \+\[N,1\]' "get names of their own" -s out.st
shows '^ \+image3 \+U8 ' "images too" -s out.st
shows '^ \+value5 \+F32 \+\[N,6\]' "all of them" -s out.st
passes "NAME=EXPRESSION" run.st -n 4 'z=z' 'feature=E(x=G(z))' 'image=G(z)' 'picture=G(z)'
shows '^ \+picture \+F32 \+\[N,8,8,3\]' "other names are F32" -s out.st
shows '^ \+image \+U8 \+\[N,8,8,3\]' "the tensor's own is U8" -s out.st
shows '^ \+feature \+F32 \+\[N,6\]' "feature" -s out.st
refuses 1 "^tensor 'a' is in the frame already" "a name twice" run.st -n 4 a=z a=z
passes "a number" run.st -n 4 '1 + 2'
shows '^ \+value \+F32 \+\[\] \+3 \+3 \+3' "is a result too" -s out.st

# --- expressions ---
run 0 run.st -n 6 --seed 3 z=z && floats out.st z >z
awk '$1 <= -1 || $1 >= 1 { bad = 1 } END { exit bad || NR != 36 }' z
check $? "noise is what the page says"
run 0 run.st -n 6 --seed 3 'v=2*z^2 - z/4 + (z > 0) + step' && floats out.st v >v
awk '{ print 2 * $1 * $1 - $1 / 4 + ($1 > 0) + 30 }' z >w
close_to v w "arithmetic"
run 0 run.st -n 6 --seed 3 'v=rows(z, 2, 3)' && floats out.st v >v
sed -n 13,30p z >w
same v w "rows"
run 0 run.st -n 6 --seed 3 'v=batchmean(z)' && floats out.st v >v
awk '{ s[(NR - 1) % 6] += $1 / 6 } END { for (i = 0; i < 6; i++) print s[i] }' z >w
close_to v w "batchmean"
run 0 run.st -n 6 --seed 3 'v=walk(z, 4)' && floats out.st v >v
awk '{ z[NR - 1] = $1 } END { for (r = 0; r <= 20; r++) for (c = 0; c < 6; c++) { a = int(r / 4); t = r / 4 - a
    print (1 - t) * z[6 * a + c] + (t ? t * z[6 * a + 6 + c] : 0) } }' z >w
close_to v w "walk"
passes "latent arithmetic" run.st -n 9 'G(batchmean(rows(z, 0, 3)) - batchmean(rows(z, 3, 3)) + batchmean(rows(z, 6, 3)))'
shows '^ \+image \+U8 \+\[N,8,8,3\]' "is one image" -s out.st
shows ' 1 sample' "of one sample" -s out.st
passes "tap" run.st -n 6 'a=tap(D(G(z)), "D.2")' 'b=tap(G(z), "G", 3)' 'c=tap(D(G(z)), "D.3")'
shows '^ \+a \+F32 \+\[N,2,2,8\]' "a stage of D" -s out.st
shows '^ \+b \+F32 \+\[N,2,2,8\] \+0 ' "a stage of G, rectified" -s out.st
floats out.st a | awk '{ print ($1 > 0 ? $1 : 0) }' >v
floats out.st c >w
close_to v w "stages follow one another"
cat >square.gan <<'END'
data x: x[3]
noise z: normal[3]
param P[2, 2, 2, 2] = normal(0, 1)
block free(x) = x @ weight([3, 3])
net D(x) = x | free | linear(3) | linear(12) | reshape(2, 2, 3) | conv(3, 2) | deconv(2, 2)
         | flatten | linear(2)
average E of D: 0.5
player D of D, P: adam(0.1) minimizes mean(square(D(x))) + mean(square(P) + P)
END
gan-init square.gan -o square.st
stream x:F32:4,3:1,2,3,4,5,6,7,8,9,1,1,2 | gan-step square.st -n 1 -q
for t in D.0.0.weight D.1.weight D.4.weight D.5.weight D.7.weight P E.0.0.weight E.4.weight \
    optimizer.D.m.D.0.0.weight optimizer.D.v.D.4.weight optimizer.D.m.P; do
    # the net after, before, and not at all
    gan-sample square.st -n 2 "w=weights(\"$t\")" 'd=D(z) + mean(P)' 'e=E(z)' -o before.st &&
        gan-sample square.st -n 2 'd=D(z) + mean(P)' 'e=E(z)' "w=weights(\"$t\")" -o after.st &&
        gan-sample square.st -n 2 "w=weights(\"$t\")" -o alone.st
    for s in before after alone; do floats $s.st w >$s.w; done
    alike before.w after.w && alike alone.w after.w && floats before.st d >v && floats after.st d >w && alike v w
    check $? "weights(\"$t\") is the same before its layer, after it and alone"
done
passes "weights" run.st -n 1 'w=weights("D.0.weight")' 'b=weights("D.0.bias")'
shows '^ \+w \+F32 \+\[N\?4\?,5,5,3\]' "a filter a sample, channels last" -s out.st
gan-data to-npy run.st --name D.0.weight -o a.npy 2>/dev/null
floats out.st w | sort -g >v
floats run.st D.0.weight | sort -g >w
same v w "the checkpoint's numbers"
run 0 run.st -n 6 --seed 3 'v=grad(sum(z^3), z)' && floats out.st v >v
awk '{ print 3 * $1 * $1 }' z >w
close_to v w "grad"
passes "a gradient in images" run.st -n 4 'g=grad(D(x), x)' -i data.st
shows '^ \+g \+F32 \+\[N,8,8,3\]' "has their shape" -s out.st
cp out.st plain.st
passes "--guided" run.st -n 4 'g=grad(D(x), x)' -i data.st --guided
differ plain.st out.st "is another gradient"
passes "--batch-statistics" run.st -n 10 --batch-statistics
differ ten.st out.st "gives other images"
passes "--drop" run.st -n 10 --drop G.3:0,1,2,3,4,5,6,7 'b=tap(G(z), "G.3")' 'G(z)'
shows '^ \+b \+F32 \+\[N,2,2,8\] \+0 \+0 \+0' "sets maps to zero" -s out.st
passes "--drop of one map" run.st -n 10 --drop G.3:3 'b=tap(G(z), "G.3")'
floats out.st b | awk '{ s[(NR - 1) % 8] += $1 } END { exit !(s[3] == 0 && s[0] + s[1] + s[2] > 0) }'
check $? "only that one"

# --- classes ---
passes "--label" run.st -n 7 --label 3,0-1 'G(code)'
gan-data to-npy out.st --name label | tail -c 56 | perl -e 'local $/; print join ",", unpack "q<*", <STDIN>' >out
[ "$(cat out)" = 3,0,1,3,0,1,3 ]
check $? "goes round, and is passed on"
run 0 run.st -n 7 --label 3,0-1 c=y && floats out.st c | tr '\n' ' ' >out
[ "$(cat out)" = '0 0 0 1 0 1 0 0 0 0 0 1 0 0 0 0 0 0 1 0 1 0 0 0 0 0 1 0 0 0 0 0 0 1 0 ' ]
check $? "as one-hot rows"
run 0 run.st -n 7 -b 2 --label 3,0-1 'G(code)' && gan-data cat --frame 7 out.st >a.st
run 0 run.st -n 7 --label 3,0-1 'G(code)'
same a.st out.st "in minibatches too"
passes "--grid" run.st --grid 5x3 'G(code)' z=z
shows '15 samples' "rows times columns" -s out.st
floats out.st z >z
head -18 z >v
sed -n 37,54p z >w
same v w "columns share their noise"
gan-data to-npy out.st --name label | tail -c 120 | perl -e 'local $/; print join "", unpack "q<*", <STDIN>' >out
[ "$(cat out)" = 000111222333444 ]
check $? "rows their class"
passes "--grid with --label" run.st --grid 2x3 --label 4,2 'G(code)'
gan-data to-npy out.st --name label | tail -c 48 | perl -e 'local $/; print join "", unpack "q<*", <STDIN>' >out
[ "$(cat out)" = 444222 ]
check $? "has those classes"
run 0 run.st -n 3 'G(z + onehot(2, 5) @ mu)' && gan-data to-npy out.st --name image -o a.npy
run 0 run.st -n 3 --label 2 'G(code)' && gan-data to-npy out.st --name image -o b.npy
same a.npy b.npy "onehot(2, 5) is class 2"
labels() { gan-data to-npy "$1" --name label | tail -c +129 | perl -e 'local $/; print join ",", unpack "q<*", <STDIN>'; }
passes "without classes" run.st -n 2000 'G(code)' -o drawn.st
labels drawn.st | tr , '\n' | sort | uniq -c | awk '$1 > 330 && $1 < 470 && $2 == NR - 1 { n++ } END { exit n != 5 }'
check $? "they are drawn, each as likely"
run 0 run.st -n 9 'G(code)' && cp out.st a.st
run 0 run.st -n 9 'G(code)' --label "$(labels a.st)"
same a.st out.st "and written"
[ "$(labels drawn.st | cut -d, -f 1-9)" = "$(labels a.st)" ] && run 0 run.st -n 9 -b 1 'G(code)' && [ "$(labels out.st)" = "$(labels a.st)" ]
check $? "by the number of the sample"
run 0 run.st -n 9 --seed 1 'G(code)' && [ "$(labels out.st)" != "$(labels a.st)" ]
check $? "and the seed"
run 0 run.st -n 9 z=z -o z.st
run 0 run.st -i z.st 'G(code)'
same a.st out.st "also where a stream has none"

# --- a stream for input ---
gan-data batch data.st --size 16 -o batches.st
passes "-i" run.st -i batches.st 'E(x)'
shows '3 frames, .*40 samples' "a frame of results for each of data" -s out.st
shows '^ \+label \+I64 ' "label is passed on" -s out.st
gan-data to-npy out.st --name label -o a.npy
gan-data to-npy data.st --name label -o b.npy
same a.npy b.npy "as it was"
cp out.st a.st
run 0 run.st -i batches.st -n 21 'E(x)'
gan-data head -n 21 a.st | gan-data to-npy --name value >a.npy && gan-data to-npy out.st --name value >b.npy
same a.npy b.npy "-n: the first so many samples of it"
is "$(labels out.st)" "$(gan-data head -n 21 a.st >b.st && labels b.st)" "and their labels"
gan-sample run.st 'E(x)' <batches.st >b.st
same a.st b.st "standard input, from a file"
cat batches.st | gan-sample run.st 'E(x)' >b.st
same a.st b.st "and from a pipe"
run 0 run.st -i batches.st x
gan-data to-npy out.st --name image -o a.npy
gan-data to-npy data.st --name image -o b.npy
same a.npy b.npy "images come through unchanged"
passes "classes of the stream" run.st -i batches.st 'c=y'
shows '^ \+c \+F32 \+\[N,5\] \+3 \+0 \+1 \+0\.2' "are one-hot" -s out.st
run 0 run.st -n 10 z=z
cp out.st z.st
passes "latents of the stream" run.st -i z.st 'G(z)'
same ten.st out.st "replace the noise"
run 0 run.st -i z.st -n 3 'G(z)' && gan-data head -n 3 ten.st | gan-data to-npy --name image >a.npy && gan-data to-npy out.st --name image >b.npy
same a.npy b.npy "or some of it"
run 0 run.st -i z.st 'G(start)'
same ten.st out.st "and what is made of it"
stream start:F32:2,6:0.5*6,-0.5*6 >start.st
run 0 run.st -i start.st 's=start' && floats out.st s | sort -u | tr '\n' ' ' >out
[ "$(cat out)" = '-0.5 0.5 ' ]
check $? "a let can be replaced as well"
run 0 run.st -i batches.st 'G(E(x))' && gan-data info out.st | grep -q '40 samples'
check $? "reconstructions"
cp batches.st both.st
run 0 run.st -i both.st -o both.st 'E(x)'
same both.st a.st "-o may be the input"

# --- what is no good ---
refuses 1 '^run2.st: cannot open' "no checkpoint" run2.st
refuses 1 '^data.st: not a checkpoint' "no checkpoint but data" data.st
refuses 1 '^missing.st: cannot open' "no input" run.st -i missing.st 'E(x)'
: >empty.st
refuses 1 '^empty.st: no frames' "an input without frames" run.st -i empty.st
gan-sample run.st <empty.st >out.st && gan-sample run.st -n 64 >a.st
same a.st out.st "unless it was not asked for"
refuses 1 '^EXPR:1:3: unknown name q' "an unknown name" run.st 'G(q)'
refuses 1 '^EXPR:1:3: expected an expression, found' "half an expression" run.st 'G('
refuses 1 "^EXPR:1:6: expected the end of the expression, found ')'" "too much of it" run.st 'G(z) )'
refuses 1 '^gan.gan:7:16: linear takes' "an error inside a net is one of the page" run.st -n 3 'G(3)'
refuses 1 '^EXPR:1:1: no stage G.99 was evaluated' "an unknown stage" run.st 'tap(G(z), "G.99")'
refuses 1 '^EXPR:1:1: no parameter G.99.weight' "an unknown parameter" run.st 'weights("G.99.weight")'
refuses 1 '^the expression reads x: give a stream with --input, - for standard input$' "data are needed" run.st 'E(x)' -n 4
refuses 1 '^the expression reads x: give a stream with --input, - for standard input$' "also where classes could be drawn" run.st 'mean(E(x)) + G(code)' -n 4
refuses 1 '^--label: what is sampled does not depend on y, the page.s classes$' "classes that change nothing" run.st -n 4 --label 1
refuses 1 '^--grid: what is sampled does not depend on y' "and in a grid" run.st --grid 2x3 'G(z)'
refuses 1 '^--label: what is sampled does not depend on y' "and beside a stream" run.st -i batches.st --label 1 'E(x)'
refuses 1 '^--label: class 5, the page has 5' "a class that does not exist" run.st 'G(code)' -n 4 --label 5
refuses 1 '^--grid: class 5, the page has 5$' "nor in a grid, before its first row" run.st 'G(code)' --grid 6x1
gan-sample run.st 'G(code)' --grid 6x1 >grid.st 2>/dev/null || [ ! -s grid.st ]
check $? "of which nothing is written"
refuses 2 '^--grid goes without --input ' "a grid of a stream" run.st -i batches.st 'G(code)' --grid 2x1
for list in x 3- 3-1 '1 2' -1 ' -1' ' 1' +1 99999999999999999999 0-99999999999999999999 \
    18446744073709551615 0-200000; do
    refuses 1 "^--label $list: expected classes" "--label $list" run.st -n 4 "--label=$list"
done
for grid in 3 3x 0x4 3x4x5 axb 4294967297x2 2x4294967297 -1x2 +1x2 100001x1; do
    refuses 1 "^--grid $grid: expected ROWSxCOLUMNS" "--grid $grid" run.st --grid $grid
done
refuses 1 '^--drop G.4: expected' "--drop without maps" run.st --drop G.4
refuses 1 '^--drop: no stage G.99 was evaluated' "--drop of no stage" run.st --drop G.99:1
refuses 1 'G.3 has 8 feature maps, no map 8' "--drop of a map too many" run.st --drop G.3:8
gan-data make shapes -n 8 -s 9 -o nine.st
refuses 1 '^nine.st: tensor image has shape \[8,9,9,3\], the page wants \[8,8,8,3\]' "images of another size" run.st -i nine.st 'E(x)'
gan-data make ring -n 8 -o ring.st
refuses 1 '^ring.st: no tensor image in the stream, which the page wants as x\|ring.st: no tensor that the page knows' "other data" run.st -i ring.st 'E(x)'
head -c 1500 batches.st >cut.st
refuses 1 '^cut.st: frame 1, byte' "a stream cut short" run.st -i cut.st 'E(x)'
refuses 1 '^none/x.st: cannot create' "a folder that is not there" run.st -o none/x.st
cp ten.st old.st
refuses 1 '^EXPR' "a run that fails" run.st 'G(' -o old.st
same ten.st old.st "leaves the old file"

# --- the end of the output ---
gan-sample run.st -n 100000 -b 10 2>err </dev/null | head -c 100 >out.st
[ "$(wc -c <out.st)" = 100 ] && [ ! -s err ]
check $? "a reader that goes away ends it without a word"
if [ -w /dev/full ]; then
    gan-sample run.st -n 3 >/dev/full 2>err
    [ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'standard output: cannot write' err
    check $? "a full disk"
    refuses 1 '^/dev/full: cannot write' "-o /dev/full" run.st -n 3 -o /dev/full
else skip "full disk" "no /dev/full"; fi
same run.st kept.st "after all, the checkpoint is what it was"
# --- what is read of a checkpoint ---
flip() { # flip TENSOR: bad.st is run.st with a bit of that tensor flipped
    perl -0777 -pe 'BEGIN { binmode STDIN; binmode STDOUT; $name = quotemeta shift }
        my $n = unpack "Q<", $_; my ($at) = /"$name":\{[^}]*"data_offsets":\[(\d+)/;
        substr($_, 8 + $n + $at, 1) ^= "\1"' "$1" <run.st >bad.st
}
gan-sample run.st -n 3 'G(z)' >whole.st
flip G.0.weight
refuses 1 "^bad.st: frame 1, byte [0-9]*: tensor 'G.0.weight' is damaged: checksum" "a damaged tensor that is needed" \
    bad.st -n 3 'G(z)'
flip optimizer.G.m.G.0.weight
passes "a damaged one that is not" bad.st -n 3 'G(z)'
same out.st whole.st "does not matter"
! gan-data info bad.st >out 2>err && grep -q "tensor 'optimizer.G.m.G.0.weight' is damaged" err
check $? "but is found by info"
perl -0777 -pe 's/gan\.crc32\.tensors/gan_crc32_tensors/' <bad.st >old.st
refuses 1 '^old.st: frame 1, byte [0-9]*: data is damaged: checksum' \
    "a damaged one where tensors have no checksums of their own" old.st -n 3 'G(z)'
perl -0777 -pe 's/gan\.crc32\.tensors/gan_crc32_tensors/' <run.st >old.st
passes "checkpoints without them" old.st -n 3 'G(z)'
same out.st whole.st "give the same"
mkfifo pipe.st
cat run.st >pipe.st &
passes "a checkpoint from a pipe" pipe.st -n 3 'G(z)'
same out.st whole.st "gives the same too"

# --- names of the stream; options that no weight depends on ---
cat >names.gan <<'END'
option length = 3
data x: point[2]
noise z: normal[2]
net E(x) = [x | linear(2), x | linear(2)]
let [m, s] = E(x)
net C(z) = z | linear(2)
net G(z) = stack([i*C(z) for i in 1..length])
player G of C, E: sgd(0.1) minimizes mean(G(m + s))
sample G(m)
END
gan-init names.gan -o names.st 2>err
frame codes.st code:F32:2,2:1,2,3,4 m:F32:2,2:5,6,7,8 s:F32:2,2:1*4 unused:F32:3:1,2,3
passes "names of the stream" names.st -i codes.st code=code m=m sum='m + s'
floats out.st code | tr '\n' ' ' >got
near got 0 "a tensor of no name of the page is known by its own" 1 2 3 4
floats out.st sum | tr '\n' ' ' >got
near got 0 "each name that a list is taken apart to is replaced" 6 7 8 9
refuses 1 "unknown name codes" "a name that neither has" names.st -i codes.st codes
cat >table.gan <<'P'
data t: table[3, 2] whole
sample samples(2*t)
P
gan-init table.gan -o table.st
frame rows.st table:F32:3,2:1,2,3,4,5,6
passes "data without a minibatch alone" table.st -i rows.st
floats out.st value | tr '\n' ' ' >got
near got 0 "are one sample, whatever is made of it" 2 4 6 8 10 12
passes "-D" names.st -n 4 -D length=5 'G(z)'
shows 'value *F32 *\[N,5,2\]' "an option of the page is set for sampling" out.st
refuses 1 "the page has no option size" "an option that is none" names.st -n 4 -D size=5

finish
