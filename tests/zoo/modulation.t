#!/bin/sh
# StyleGAN2's convolution, whose inputs are scaled by a style and whose outputs by their deviation, beside one kernel
# for each sample, and what its filters make of a constant.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

cat >modulated.gan <<'EOP'
option deep = 1                      # how far styles go
noise x: normal[6, 6, 3]
noise w: normal[8]
init normal(0, 1)
use modulated from "stylegan2.gan"
use "blocks/style.gan"
net M(x, w) = modulated(x, w, 4, name="")
net U(x, w) = modulated(x, w, 4, up=1, name="")
let inside = M(x, deep*w)[1..-2, 1..-2], enlarged = U(x, w)
sample M(x, w)
EOP
quiet gan-init modulated.gan --seed 5 -o m.st
check $? 'the convolution stands for itself'
for net in M U; do
    [ $net = M ] && up=0 || up=1
    gan-sample m.st -n 3 --float x=x w=w y="$net(x, w)" -o y.st 2>err
    { for part in x w; do echo "$part $(values y.st $part f)"; done
        echo "weight $(values m.st $net.W.0.weight f)"
        echo "affine $(values m.st $net.s.0.weight_orig f)"
        echo "bias $(values m.st $net.s.0.bias f)"; } | perl "$here/lib/modulated.pl" 3 6 $up >wanted 2>>err
    values y.st y f >found
    # shellcheck disable=SC2046 # numbers
    near found 1e-5 "$net is a convolution with a kernel for each sample" $(cat wanted)
done

# --- the deviation of what comes out, inside, where what goes in has that of 1 ---
deviation() { # deviation OPTION...
    gan-sample m.st -n 2000 --seed 3 --float "$@" y=inside 2>err | gan-eval moments - -t y --pairs 0 2>>err >out && value moments.std
}
for deep in 0 1 100; do
    deviation -D deep=$deep >found
    near found 0.02 "the deviation stays 1, styles $deep times as far" 1
done
holds "$(deviation -D deep=100 -D demodulate=0) > 20" 'which without demodulation it does not'

# --- the filters: a constant stays one inside, sizes are those of the paper's table ---
cat >filters.gan <<'EOP'
noise z: normal[16, 16, 1]
init 1
use fir, skip_up, skip_down from "stylegan2.gan"
use "blocks/style.gan"
let one = 0*z + 1, third = view(range(9, 1/9, 0), 3, 3, 1, 1),
    made = [upfirdn(one, fir, up=2), upfirdn(one, fir, up=2, padding=[2, 1]), upfirdn(one, fir, down=2),
            upfirdn(one, fir, down=2, padding=1), upfirdn(one, fir, padding=2),
            4 * upfirdn(deconv(one, 1, 3, stride=2, padding=0, bias=0, weight=third), fir, padding=1),
            conv(upfirdn(one, fir, padding=2), 1, 3, stride=2, padding=0, bias=0, weight=third),
            skip_up(one, 1), skip_down(one, 1)]
sample stack([made[0]])
EOP
quiet gan-init filters.gan -o f.st
i=0
for row in 'Up 32' 'Up, padded by (2, 1) 32' 'Down 8' 'Down, padded by (1, 1) 8' 'the filter before a convolution down 17' \
    'the convolution up 32' 'the convolution down 8' 'the 1x1 convolution up 32' 'the 1x1 convolution down 8'; do
    comes_to f.st "stack([count(made[$i], 0), min(made[$i][2..-3, 2..-3]), max(made[$i][2..-3, 2..-3]), max(made[$i]) - 1 > 1e-6])" 1e-6 \
        "${row% *}: size, least and most inside, none above" "${row##* }" 1 1 0
    i=$((i + 1))
done
finish
