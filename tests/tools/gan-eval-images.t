#!/bin/sh
# gan-eval's metrics of pictures from the command line, on cases worked out by hand.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/eval.sh"

# mse, mae, psnr: a picture off by 51/255 = 0.2 everywhere, and one off by 0.4
frame a.st image:U8:2,2,2,1:0*4,51*4
frame b.st image:U8:2,2,2,1:51*4,153*4
gives 0.1 'mse' @ mse a.st b.st
grep -q '	error=0.0[56][0-9]*	n=2	shape=2x2x1	tensor=image	data_range=1	' out
check $? 'mse: the standard error, the number of pictures and the range'
gives 0.3 'mae' @ mae a.st b.st
gives "$(perl -e 'print -5 * log(0.04 * 0.16) / log 10')" 'psnr: the mean of the pictures' @ psnr a.st b.st
gives 10 'psnr: of all squares' psnr.pooled psnr a.st b.st
gives inf 'psnr: of equal pictures' @ psnr a.st a.st
frame clip.st video:U8:1,2,2,2,1:0*4,51*4
frame clop.st video:U8:1,2,2,2,1:51*4,153*4
gives "$(perl -e 'print -5 * log(0.04 * 0.16) / log 10')" 'psnr: frames of a video are pictures' @ psnr clip.st clop.st
frame signed.st image:F64:2,2,2,1:-0.6*4,0.2*4
refuses 1 'signed.st: row 0: -0.6 is outside \[0,1\]; tell' 'psnr: floats of an unknown range' psnr a.st signed.st
gives 0.1 'mse: floats of a range beside bytes' @ mse a.st signed.st --range -1,1
refuses 1 'pictures differ: 1 of 2x2x1 in a row of a.st, 2 of 2x2x1' 'psnr: other shapes' psnr a.st clip.st
frame one.st image:U8:1,2,2,1:0*4
refuses 1 'a.st has more rows than one.st' 'mse: one stream is longer' mse a.st one.st
refuses 1 'a.st has more rows than one.st' 'mse: so is the other' mse one.st a.st
[ "$(figure mse mse one.st one.st)" = 0 ] && ! grep -q error= out
check $? 'mse: no error of a single picture'
frame nan.st image:F32:1,2,2,1:0,0,nan,0
refuses 1 'row 0' 'mae: not a number' mae nan.st one.st
frame none.st image:U8:0,2,2,1:
refuses 1 'no rows' 'mse: no pictures' mse none.st none.st
: >empty.st
refuses 1 'empty, expected a tensor stream' 'mse: an empty stream' mse empty.st a.st
frame flat.st feature:F32:2,3:0,1,0,1,1,1
frame flatter.st feature:F32:2,3:0,0,0,1,1,1
gives "$(perl -e 'print 1 / 6')" 'mse: rows of numbers' @ mse flat.st flatter.st

# ssim: constants have (2uv + c1) / (u^2 + v^2 + c1); pictures of two colours the mean of theirs
frame dark.st image:U8:1,11,11,1:51*121
frame light.st image:U8:1,11,11,1:102*121
similar=$(perl -e 'print((2 * .2 * .4 + 1e-4) / (.2 ** 2 + .4 ** 2 + 1e-4))')
gives "$similar" 'ssim: of constants' @ ssim dark.st light.st
grep -q '	protocol=Gaussian 11x11, sigma 1.5, k1 0.01, k2 0.03, mean of channels	n=1	shape=11x11x1	' out
check $? 'ssim: its protocol'
gives 1 'ssim: to itself' @ ssim dark.st dark.st
refuses 1 'pictures of 2x2, expected at least 11x11' 'ssim: too small' ssim a.st b.st
refuses 1 'pictures of 1x3, expected at least 11x11' 'ssim: rows that are no pictures' ssim flat.st flat.st
noise() { # noise PICTURES SEED: bytes of 16x16, a slope each with something on it
    perl -e 'srand $ARGV[1]; print join ",", map { int(40 + 8 * ($_ % 16) + rand 90) } 1 .. 256 * $ARGV[0]' "$1" "$2"
}
many=$(noise 6 1)
other=$(noise 6 2)
frame whole.st "image:U8:6,16,16,1:$many"
frame parts.st "image:U8:4,16,16,1:$(echo "$many" | cut -d, -f 1-1024)"
frame parts.st "image:U8:2,16,16,1:$(echo "$many" | cut -d, -f 1025-)"
frame other.st "image:U8:6,16,16,1:$other"
for metric in mse psnr ssim ms-ssim; do
    figure $metric $metric whole.st other.st >got
    [ -s got ] && figure $metric $metric parts.st other.st | alike - got
    check $? "$metric: frames do not matter"
    steady $metric $metric parts.st other.st
done

# ms-ssim, and as a measure of variety
gives 1 'ms-ssim: to itself' @ ms-ssim whole.st whole.st
refuses 1 'expected at least 16x16' 'ms-ssim: too small' ms-ssim dark.st light.st
refuses 1 'expected two streams, or --pairs' 'ms-ssim: one stream' ms-ssim whole.st
refuses 1 'from one stream, found two' 'ms-ssim: pairs of two streams' ms-ssim whole.st other.st --pairs 3
refuses 2 'go with --pairs' 'ms-ssim: a seed without pairs' ms-ssim whole.st other.st --seed 3
frame twins.st "image:U8:4,16,16,1:$(noise 1 3),$(noise 1 3),$(noise 1 4),$(noise 1 5)" label:I64:4:1,1,7,7
gives 1 'ms-ssim: of a class of equal pictures' ms-ssim.class ms-ssim twins.st --pairs 5 --label label
sed -n 's/^ms-ssim.class	\([^	]*\)	.*class=\([0-9]\)	pairs=5	seed=0	.*/\2 \1/p' out >classes
[ "$(cut -c 1 classes | tr '\n' ' ')" = '1 7 ' ]
check $? 'ms-ssim: a line for each class'
figure ms-ssim ms-ssim twins.st --pairs 5 --label label >mean
perl -e '$s += (split)[1] for <STDIN>; exit !(abs($s / 2 - $ARGV[0]) < 1e-12)' "$(cat mean)" <classes
check $? 'ms-ssim: and their mean'
frame two.st "image:U8:2,16,16,1:$(noise 2 6)"
frame first.st "image:U8:1,16,16,1:$(noise 2 6 | cut -d, -f 1-256)"
frame second.st "image:U8:1,16,16,1:$(noise 2 6 | cut -d, -f 257-)"
figure ms-ssim ms-ssim first.st second.st >pair
figure ms-ssim ms-ssim two.st --pairs 4 >drawn
perl -e 'exit !(@ARGV == 2 && $ARGV[0] ne "" && abs($ARGV[0] - $ARGV[1]) < 1e-6)' "$(cat pair)" "$(cat drawn)"
check $? 'ms-ssim: a picture is never drawn with itself'
steady 'ms-ssim --pairs' ms-ssim whole.st --pairs 20 --seed 1
refuses 1 'one picture only' 'ms-ssim: pairs of one picture' ms-ssim first.st --pairs 2
frame lone.st "image:U8:3,16,16,1:$(noise 3 7)" label:I64:3:1,1,4
refuses 1 'class 4 has one picture only' 'ms-ssim: a class of one picture' ms-ssim lone.st --pairs 2 --label label
frame wild.st image:F32:2,16,16,1:0.5*300,2*212
refuses 1 'wild.st: row [01]: 2 is outside \[0,1\]; tell' 'ms-ssim: pairs of an unknown range' ms-ssim wild.st --pairs 2
frame tall.st image:U8:1,16,32,1:0*512
frame tall.st image:U8:1,32,16,1:0*512
refuses 1 "frame 2: 'image' is U8 \[1,32,16,1\], before it was U8 \[1,16,32,1\]" \
    'pictures that turn on their sides' mse tall.st tall.st
refuses 1 "no label tensor 'label'" 'ms-ssim: no labels' ms-ssim whole.st --pairs 2 --label label

frame empties.st image:U8:0,16,16,1:
# sliced Wasserstein distance; a picture may be any number of times as bright
frame grey.st image:U8:2,16,17,1:100*544
frame white.st image:U8:1,16,17,1:255*272
gives 0 'swd: of constant pictures' @ swd grey.st white.st
wave=$(perl -e 'print join ",", map { .5 + .4 * sin($_ * .37) * cos($_ * .013) } 1 .. 2048')
frame wave.st "image:F64:2,32,32,1:$wave"
frame bright.st "image:F64:2,32,32,1:$(perl -e 'print join ",", map { 8 * $_ - 3 } split /,/, shift' "$wave")"
figure swd swd wave.st wave.st >itself
figure swd swd wave.st bright.st >scaled
perl -e 'exit !($ARGV[0] > 0 && abs($ARGV[0] / $ARGV[1] - 1) < 1e-4)' "$(cat scaled)" "$(cat itself)"
check $? 'swd: scale and shift do not matter'
grep -q '^swd.level	[0-9.]*	height=32	width=32	.*n_a=2	n_b=2	' out &&
    grep -q '^swd.level	[0-9.]*	height=16	width=16	times=1000	' out && [ "$(wc -l <out)" = 4 ]
check $? 'swd: a line for each level'
figure swd swd whole.st other.st --pictures 5 --patches 20 >got
figure swd swd parts.st other.st --pictures 5 --patches 20 | alike - got
check $? 'swd: frames do not matter'
figure swd swd whole.st other.st --pictures 5 --patches 20 --seed 1 >seeded
differ seeded got 'swd: the seed does'
grep -q 'n_a=5	n_b=5' out
check $? 'swd: the first pictures'
steady swd swd parts.st other.st --patches 20
frame clips.st "video:U8:2,3,16,16,1:$many"
figure swd swd clips.st other.st --pictures 5 --patches 20 | alike - got
check $? 'swd: frames of a video are pictures'
refuses 1 'a.st: pictures of 2x2, expected at least 16x16' 'swd: too small' swd a.st other.st
refuses 1 'pictures differ' 'swd: sizes' swd grey.st other.st
refuses 2 'patches' 'swd: no patches' swd other.st other.st --patches 0
refuses 1 'no rows' 'swd: no pictures' swd empties.st other.st
finish
