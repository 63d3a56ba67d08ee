#!/bin/sh
# gan-eval lattice and overlap, gan-svd --phases: checkerboards.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/eval.sh"

# --- overlap: kernel/stride of layers, counts of a period, ratio of one axis ---
while read -r layers counts ratio; do
    gan-eval overlap --layers "$layers" >out 2>err
    got=$(sed -n 's/^overlap.1d.*	counts=\([0-9,]*\)	.*/\1/p' out)
    is "$got" "$counts" "overlap of $layers"
    gives "$(perl -e "print $ratio")" "overlap of $layers: ratio" overlap.1d
    gives "$(perl -e "print +($ratio)**2")" "overlap of $layers: ratio of two axes" overlap.2d
done <<'ROWS'
3/2 2,1 2
4/2 2,2 1
2/2 1,1 1
6/2 3,3 1
5/2 3,2 1.5
4/3 2,1,1 2
5/3 2,2,1 2
6/4 2,2,1,1 2
3/2,3/2 3,2,3,1 3
3/2,3/2,3/2 4,3,5,2,5,3,4,1 5
5/2,5/2 8,5,7,5 1.6
5/2,5/2,5/2,5/2 49,32,45,33,51,31,44,31,51,33,45,32,49,29,41,29 51/29
4/2,4/2 4,4,4,4 1
3/2,3/1 5,4 1.25
3/2,2/1 3,3 1
3/2,4/1 6,6 1
ROWS
gan-eval overlap -l 2/3 | grep -q '^overlap.1d	inf	least=0	most=1	period=3	layers=2/3	counts=1,1,0	'
check $? 'a kernel smaller than the stride leaves holes'
gan-eval overlap -l 3/2 | grep -q '^overlap.2d	4	.*	counts=4,2;2,1	'
check $? 'two axes'
# any kernel and stride against counting: 200 inputs, a place in the middle
gan-eval overlap -l 7/3,4/2 | sed -n 's/^overlap.1d.*	counts=\([0-9,]*\)	.*/\1/p' >found
perl -e '@a = (1) x 200; for ([7, 3], [4, 2]) { my ($k, $s) = @$_; my @b = (0) x (@a * $s + $k);
    for my $i (0 .. $#a) { $b[$s * $i + $_] += $a[$i] for 0 .. $k - 1 } @a = @b }
    print join(",", @a[600 .. 605]), "\n"' >want
same found want 'as counting has it'
passes 'a picture' overlap -l 3/2,3/2 --size 8 -o o.st
values o.st count q >found
near found 0 'its numbers' 9 6 9 3 6 4 6 2 9 6 9 3 3 2 3 1
values o.st image C | cut -d' ' -f1-8 >found
near found 0 'its grey' 255 170 255 85 255 170 255 85
refuses 2 "expected --layers" 'no layers' overlap
for bad in 0/2 3/0 3 '3/2,' 3/2/1 -3/2 x; do refuses 2 "expected such as" "$bad" overlap --layers="$bad"; done
refuses 2 'expected none, found 1 operands' 'no stream' overlap -l 3/2 o.st
refuses 1 'multiply to more than 65536' 'a long period' overlap -l 300/300,300/300
refuses 1 'period of 8192 is too long to save: 4096' 'a large table' overlap -l 8192/8192 -o large.st
refuses 1 'larger than 2^63-1' 'large counts' overlap -l 99999/1,99999/1,99999/1,99999/1

# --- lattice ---
pattern() { numbers 1 1024 "my (\$y, \$x) = (int(\$_ / 32), \$_ % 32); $1"; }
frame two.st image:F64:1,32,32,1:"$(pattern '0.5 + 0.1 * (-1)**($x + $y)')"
gives 1 'a board of period 2 is all of period 2' lattice.p2 lattice two.st
gives 0 'and none of period 4' lattice.p4
grep -q '^lattice.phase	1\(.0000[0-9]*\)\{0,1\}	stride=2	.*	n=1	channels=1	crop=32	flat=0	tensor=image	' out
check $? 'its phases are alike'
frame four.st image:F64:1,32,32,1:"$(pattern '($x % 4 < 2) - 0.5')"
gives 1 'stripes of period 4' lattice.p4 lattice four.st
frame eight.st image:F64:1,32,32,1:"$(pattern '$y % 8 < 4')"
gives 1 \
    'a square wave of period 8 has nothing else' lattice.p8 lattice eight.st
# one dot in 4: power of a comb is the same at each of its frequencies, 15 of them
frame dots.st image:F64:1,32,32,1:"$(pattern '$x % 4 == 1 && $y % 4 == 2 ? 1 : 0')"
gives 0.2 'dots each fourth pixel' lattice.p2 lattice dots.st
gives 0.8 'the rest is of period 4' lattice.p4
# of phases (0,1) has the dots: mean square 1/4 - 1/16 + ..., the others (1/16)^2
figure lattice.phase lattice dots.st --crop 16 >got
near got 1e-9 'a phase of dots' "$(perl -e '$m = 1 / 16; print((0.25 * (1 - $m)**2 + 0.75 * $m**2) / $m**2)')"
frame noise.st image:F32:4,32,32,3:"$(numbers 2 12288 'rand')"
holds "$(figure lattice.p2 lattice noise.st) / (3 / 1023) < 1.6 && $(figure lattice.p2 lattice noise.st) / (3 / 1023) > 0.6" 'noise: 3 of 1023 frequencies'
holds "$(figure lattice.p4 lattice noise.st) / (12 / 1023) < 1.3 && $(figure lattice.p4 lattice noise.st) / (12 / 1023) > 0.7" 'noise: 12 more'
# the same by a discrete Fourier transform written out
figure lattice.p4 lattice noise.st --crop 8 >got
values noise.st image f | perl -e 'my @v = split " ", <STDIN>; my $pi = 3.14159265358979323846; my $all = 0;
    for my $i (0 .. 3) { for my $c (0 .. 2) { my (%p, $total);
        my @m = map { my $y = $_; [map { $v[(($i * 32 + $y + 12) * 32 + $_ + 12) * 3 + $c] } 0 .. 7] } 0 .. 7;
        for my $u (0 .. 7) { for my $w (0 .. 7) { next if !$u && !$w; my ($re, $im) = (0, 0);
            for my $y (0 .. 7) { for my $x (0 .. 7) { my $a = 2 * $pi * ($u * $y + $w * $x) / 8;
                $re += $m[$y][$x] * cos $a; $im += $m[$y][$x] * sin $a } }
            $total += $re**2 + $im**2;
            $p{4} += $re**2 + $im**2 if $u % 2 == 0 && $w % 2 == 0 && ($u % 4 || $w % 4) } }
        $all += $p{4} / $total / 12 } }
    print $all' >want
near got 1e-9 'the transform of the middle' "$(cat want)"
{ gan-data pick noise.st --rows 2,0,3,1 --frame 3; } >mixed.st 2>err
gan-eval lattice noise.st >one && gan-eval lattice mixed.st >two
same one two 'the order of pictures does not matter, nor frames'
gan-eval lattice noise.st -t image --range -1,3 >ranged
is "$(value lattice.p2 ranged | cut -c1-10)" "$(value lattice.p2 one | cut -c1-10)" 'nor the range for shares'
frame flat.st image:F64:2,32,32,1:"$(pattern '0.7'),$(pattern '$x % 2')"
gives 1 'a picture of one colour is left out' lattice.p2 lattice flat.st
grep -q 'flat=1' out
check $? 'and counted'
frame plain.st image:F64:1,32,32,1:"$(pattern '0.7')"
refuses 1 'all pictures are of one colour' 'nothing but colour' lattice plain.st
frame small.st image:U8:1,4,9,1:0*36
refuses 1 'pictures of 4x9, expected at least 8x8' 'small pictures' lattice small.st
refuses 1 'pictures of 32x32, expected at least 40x40' 'a large middle' lattice two.st --crop 40
refuses 2 'expected a multiple of 8' 'an odd middle' lattice two.st --crop 20
refuses 2 'expected 1, 2, 4 or 8' 'three phases' lattice two.st --stride 3
refuses 2 'expected STREAM' 'no stream' lattice
frame none.st image:U8:0,32,32,1:
refuses 1 'no rows' 'no pictures' lattice none.st

# --- gan-svd --phases ---
tool=gan-svd
cat >page.gan <<'EOP'
option even = 0
noise z: normal[4, 4, 2]
net G(z) = z | deconv(3, 3, stride=2, init=even) | conv(3, 3) | deconv(1, 4, stride=[1, 2], init=1)
net D(x) = x | conv(2, 5, stride=2, init=0.5, bias=0) | conv(1, 3)
player G: sgd(0.1) minimizes mean(G(z))
player D: sgd(0.1) minimizes mean(sum(grad(sum(D(y)), y)^2)) where y = G(z)
EOP
gan-init page.gan -D even=1 -o page.st 2>err
passes 'phases' page.st --phases
# kernels of ones: at stride 2 a kernel of 3 has 4, 2, 2 and 1 taps; of 5 it has 9, 6, 6 and 4
perl -e 'printf "name\tlayer\tkernel\tphases\toverlap\timbalance\n";
    sub f { my ($m, $q) = (0, 0); $m += $_ / @_, $q += $_**2 / @_ for @_; my $d = 0; for (@_) { $d = abs($_ - $m) if abs($_ - $m) > $d } $d / sqrt $q }
    printf "G.0.weight\tdeconv\t[3,3]\t4\t4\t%.6g\n", f(4, 2, 2, 1);
    printf "G.2.weight\tdeconv\t[4,4]\t2\t1\t0\n";
    printf "D.0.weight\tconv\t[5,5]\t4\t2.25\t%.6g\n", f(9, 6, 6, 4)' >want
awk -F'\t' -v OFS='\t' 'NR > 1 { $6 = sprintf("%.6g", $6) } { print }' out >found
same found want 'ones: by how many taps a phase has; layers without a stride are left out'
run 0 page.st --phases --name 'D.*'
[ "$(wc -l <out)" = 2 ]
check $? '--name'
refuses 1 'no convolution with a stride named H' 'none of the name' page.st --phases --name 'H*'
refuses 2 'exclude each other' 'with --operators' page.st --phases --operators
refuses 2 'excludes --values' 'with --values' page.st --phases --values
finish
