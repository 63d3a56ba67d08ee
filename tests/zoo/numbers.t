#!/bin/sh
# Optimizers, initial values and distributions that pages choose from, against numbers worked out by
# hand and against other ways to come by them.
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"
tool=gan-init


# --- the norm of gradients, clipped: the cost 3p + 4q has the gradient (3, 4) of norm 5 ---
clipped() { # clipped OPTIMIZER STEPS P Q
    printf 'param p = 1\nparam q = 1\nnet N() = 3*p + 4*q\nplayer A of p, q: %s minimizes N()\n' "$1" >page.gan
    gan-init page.gan -o page.st 2>err && gan-step page.st -q -n "$2" --batch 1 2>>err
    worth page.st 'stack([p, q])' >numbers
    near numbers 1e-6 "$1" "$3" "$4"
}
clipped 'sgd(0.5, clip_norm=1)' 1 0.7 0.6
clipped 'sgd(0.5, clip_norm=10)' 1 -0.5 -1
clipped 'sgd(0.5, clip_norm=0)' 1 -0.5 -1
clipped 'sgd(0.5, decay=0.1, clip_norm=1)' 1 0.65 0.55
clipped 'sgd(0.5, momentum=0.5, clip_norm=1)' 2 0.25 0
clipped 'sgd(0.5, clip_norm=1+step)' 3 -0.8 -1.4
clipped 'adam(1, eps=1, clip_norm=1)' 1 0.625 0.5555556
clipped 'rmsprop(1, rho=0.75, eps=1, clip_norm=1)' 1 0.5384615 0.4285714
# --- gradients gathered: each second update changes something, by the mean of two ---
clipped 'sgd(0.5, accumulate=2)' 1 1 1
clipped 'sgd(0.5, accumulate=2)' 3 -0.5 -1
clipped 'sgd(0.5, momentum=0.5, accumulate=2)' 4 -2.75 -4
clipped 'sgd(0.5, clip_norm=1, accumulate=3)' 3 0.7 0.6
frame rows.st "x:F32:8,2:$(seq -s, 1 16)"
for o in 'sgd(0.01, momentum=0.5' 'adam(0.1' 'adamw(0.1' 'rmsprop(0.1, momentum=0.5'; do
    for k in 1 2; do
        printf 'data x: x[2]\nnet D(x) = x | linear(3) | tanh | linear(1)\nplayer D: %s, accumulate=%s) minimizes mean((D(x) - x[0..0])^2)\n' \
            "$o" $k >page.gan
        gan-init page.gan -o page$k.st 2>err &&
            gan-data batch rows.st --size $((8 / k)) --endless | gan-step page$k.st -q -n $((3 * k)) 2>>err
        for w in 0 2; do worth page$k.st "weights(\"D.$w.weight\")" 4; done | tr '\n' ' ' >whole$k
    done
    # shellcheck disable=SC2046 # several numbers
    near whole2 1e-5 "$o): halves of a minibatch are worth the whole" $(cat whole1)
done
printf 'param p = 1\nnet N() = p\nplayer A of p: sgd(1, accumulate=0) minimizes N()\n' >page.gan
refuses 1 'page.gan:3:.*accumulate: expected a number from 1 on' 'gathering none is refused' page.gan -o page.st

printf 'param p = 1\nnet N() = p\nplayer A of p: sgd(1, clip_norm=-2) minimizes N()\n' >page.gan
refuses 1 'page.gan:3:.*clip_norm must not be negative, found -2' 'a negative norm is refused' page.gan -o page.st
# p^2 at 2 has the gradient 4, clipped to 1: p becomes p - 1/4, whose derivative in p is 1
printf 'param p = 2\nnet F() = p^2\nplayer A of p: sgd(0.25, clip_norm=1) minimizes F()\n' >page.gan
gan-init page.gan -o page.st
worth page.st 'stack([after(F, 1, by="A")(), grad(after(F, 1, by="A")(), p)])' >numbers
near numbers 1e-6 'looked ahead at, and differentiated' 3.0625 3.5
# at the minimum nothing is clipped, and nothing is nan: p becomes p - 0.25 * 2p
printf 'param p = 0\nnet F() = p^2\nplayer A of p: sgd(0.25, clip_norm=1) minimizes F()\n' >page.gan
gan-init page.gan -o page.st
worth page.st 'stack([after(F, 1, by="A")(), grad(grad(after(F, 1, by="A")(), p), p)])' >numbers
near numbers 1e-6 'and where all gradients are 0' 0 0.5

# --- orthogonal matrices: products of the rows or columns of a file's matrix [first extent, rest] ---
cat >page.gan <<'END'
param tall[9, 4] = orthogonal(0.8)
param wide[4, 9] = orthogonal()
net N(x) = x | reshape(6, 6, 1) | conv(5, 3, init=orthogonal(2)) | deconv(4, 3, init=orthogonal())
             | flatten | linear(7, init=orthogonal(3))
noise z: normal[36]
player N of N, tall, wide: sgd(1) minimizes mean(N(z)) + sum(tall) + sum(wide)
END
gan-init page.gan --seed 3 -o page.st 2>err
gram() { # gram TENSOR ROWS GAIN: of rows, or of columns if those are fewer
    gan-data to-table --bare -n "$1" page.st 2>err | tr '\t' '\n' |
        awk -v rows="$2" -v g="$3" '{ v[NR - 1] = $1 }
        END {
            cols = NR / rows; tall = rows > cols; n = tall ? cols : rows; k = tall ? rows : cols
            for (i = 0; i < n; i++) for (j = 0; j < n; j++) {
                s = 0
                for (l = 0; l < k; l++) s += tall ? v[l * cols + i] * v[l * cols + j] : v[i * cols + l] * v[j * cols + l]
                d = s - (i == j) * g * g
                if (d > 1e-6 * g * g || d < -1e-6 * g * g) bad = 1
            }
            exit bad || cols != int(cols) || NR < 4
        }'
    check $? "orthogonal: $1"
}
gram tall 9 0.8
gram wide 4 1
gram N.1.weight 5 2
gram N.2.weight 5 1
gram N.4.weight 7 3
gan-init page.gan --seed 3 -t 2 -o again.st 2>err && alike page.st again.st
check $? 'the same on two threads'
gan-init page.gan --seed 4 -o other.st
unlike page.st other.st
check $? 'another seed, other matrices'
# drawn from all rotations: the mean of many entries is 0, of their squares 1/n
printf 'param r[60, 60] = orthogonal()\nnet N() = sum(r)\nplayer N of r: sgd(1) minimizes N()\n' >page.gan
gan-init page.gan -o page.st
worth page.st 'stack([mean(r), 60*mean(r^2), 1240*mean(r^4)])' >numbers
awk 'NR == 1 && $1 * $1 < 0.005 ^ 2 { ok++ } NR == 2 && ($1 - 1) ^ 2 < 1e-10 { ok++ }
    NR == 3 && $1 > 0.9 && $1 < 1.1 { ok++ } END { exit ok != 3 }' numbers
check $? 'entries are spread as those of random rotations: fourth moment 3/(n(n+2))'
printf 'param v[5] = orthogonal()\nnet N() = sum(v)\nplayer N of v: sgd(1) minimizes N()\n' >page.gan
refuses 1 'page.gan:1:.*parameter v: orthogonal needs two axes' 'a vector is refused' page.gan -o page.st

# --- truncated normal numbers: beside ordinary ones, of which those beyond the limit are left out ---
printf 'noise z: normal[1]\nnet N(z) = z | linear(1)\nplayer N: sgd(1) minimizes mean(N(z))\n' >page.gan
gan-init page.gan -o page.st
for limit in 0.5 2 6; do
    worth page.st "truncated($limit)[1]" 20000 >drawn
    worth page.st 'normal[4]' 20000 | awk -v t=$limit '$1 <= t && $1 >= -t' | head -20000 >kept
    [ "$(wc -l <drawn)" = 20000 ] && [ "$(wc -l <kept)" = 20000 ] &&
        awk -v t=$limit '$1 > t || $1 < -t { bad = 1 } END { exit bad }' drawn
    check $? "none of 20000 is beyond $limit"
    # the largest difference of the two cumulative shares; 0.0172 has a probability of 1/200
    { sed 's/$/ 0/' drawn; sed 's/$/ 1/' kept; } | sort -g -k1,1 | awk '
        { d += $2 ? -1 : 1; e = d < 0 ? -d : d; if (e > most) most = e } END { print most / 20000 }' >out
    awk '{ exit !($1 < 0.0172) }' out
    check $? "and they are spread as the ordinary ones within $limit"
done
worth page.st 'truncated(2, 0.02)[1]' 20000 | awk '{ s += $1 * $1; if ($1 > m) m = $1 }
    END { d = sqrt(s / NR); exit !(d > 0.98 * 0.8796 * 0.02 && d < 1.02 * 0.8796 * 0.02 && m <= 0.04) }'
check $? 'with a deviation of 0.02'
printf 'noise z: truncated(0.5)[3]\nnet N(z) = z | linear(1)\nplayer N: sgd(1) minimizes mean(N(z))\n' >page.gan
gan-init page.gan -o page.st
worth page.st z 5 >first && worth page.st 'z + 0*truncated(2)[3]' 9 | head -15 >second
[ "$(wc -l <first)" = 15 ] && alike first second
check $? 'a noise: sample i is the same in all expressions'
printf 'noise z: truncated(0)[3]\nnet N(z) = z | linear(1)\nplayer N: sgd(1) minimizes mean(N(z))\n' >page.gan
refuses 1 'page.gan:1:.*the limit must be above 0' 'a limit of 0 is refused' page.gan -o page.st
printf 'param w[100, 100] = truncated(1.5, 0.02)\nnet N() = sum(w)\nplayer N of w: sgd(1) minimizes N()\n' >page.gan
gan-init page.gan -o page.st
worth page.st w | awk '{ s += $1; q += $1 * $1; if ($1 > m) m = $1; if ($1 < l) l = $1 }
    END { d = sqrt(q / NR) / 0.02; m /= 0.02; l /= 0.02
        exit !(NR == 10000 && d > 0.73 && d < 0.76 && m <= 1.5001 && m > 1.49 && l >= -1.5001 && s * s < 36) }'
check $? 'as an initial value'
printf 'param w[3] = truncated(0, 0.02)\nnet N() = sum(w)\nplayer N of w: sgd(1) minimizes N()\n' >page.gan
refuses 1 'page.gan:1:.*parameter w: truncated to 0 deviations, expected 0.01 at least' 'cut off at 0 it is refused' page.gan -o page.st
finish
