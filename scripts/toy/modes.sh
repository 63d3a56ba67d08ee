#!/bin/sh
# modes.sh [OPTION]... OUT: which games lose modes? A ring of 8 Gaussians and a grid of 25, learnt by
# minimax and non-saturating GANs, Unrolled GAN (Metz et al. 2017), VEEGAN (Srivastava et al. 2017),
# PacGAN (Lin et al. 2018) and WGAN-GP (Gulrajani et al. 2017), each as its paper has it.
#
# For each arm, mixture and seed OUT receives MIXTURE-ARM-SEED.st (the checkpoint), .tsv (the costs)
# and .modes (of 2500 samples: modes captured, share near one, reverse divergence); table.tsv has
# mean and deviation over the seeds, beside the papers' numbers. Run it again to go on.
#   --arms LIST       of minimax, unrolled, veegan, nonsat, pacgan2, pacgan3, pacgan4, wgan-gp (all):
#                     minimax is unrolled.gan with k=0, nonsat is pacgan.gan with m=1
#   --mixtures LIST   of ring, grid (both)
#   --seeds N         so many, from --seed on (5)
#   --jobs N          games played at once, a thread each (2)
#   --steps N         play no more than N steps
#   --samples N       samples to judge by (2500)
#   -D NAME=VALUE     option of the pages
#   --small           small networks, 3 seeds, minimax and unrolled on the ring, nonsat and pacgan3 on
#                     the grid: some minutes
#   --seed N          first seed (1)
. "$(dirname "$0")/../lib/recipe.inc"
all_arms='minimax unrolled veegan nonsat pacgan2 pacgan3 pacgan4 wgan-gp'
arms='' mixtures=ring,grid seeds='' jobs=2
free="$free seed " # of each game, and part of the names of its files
check_own() {
    # shellcheck disable=SC2086 # several words
    each_of --arms "${arms:-minimax}" $all_arms
    each_of --mixtures "$mixtures" ring grid
}
recipe_options "$@"
[ -n "$seeds" ] || seeds=$([ -n "$small" ] && echo 3 || echo 5)
# pairs of mixture and arm; a small check has them where they tell most
pairs=''
if [ -n "$small" ] && [ -z "$arms" ]; then
    pairs='ring:minimax ring:unrolled grid:nonsat grid:pacgan3'
else
    for m in $(echo "$mixtures" | tr , ' '); do
        for a in $(echo "${arms:-$all_arms}" | tr , ' '); do pairs="$pairs $m:$a"; done
    done
fi
export OMP_NUM_THREADS=1

# arm NAME: its page, options, minibatch, steps, radius of the ring, and what makes a point
arm() {
    page='' radius=1 point='G(z)'
    case $1 in
    minimax) page=unrolled options='-D k=0' batch=512 all=25000 radius=2 ;;
    unrolled) page=unrolled options='' batch=512 all=25000 radius=2 ;;
    veegan) page=veegan options='' batch=500 all=50000 ;;
    nonsat) page=pacgan options='-D m=1' batch=100 all=400000 ;;
    pacgan[2-4]) page=pacgan options="-D m=${1#pacgan}" batch=$((100 * ${1#pacgan})) all=400000 ;;
    wgan-gp) page=wgan-toy options="-D data=$2" batch=256 all=100000 radius=2
        if [ "$2" = ring ]; then point='1.414*G(z)'; else point='2.828*G(z)'; fi ;;
    esac
    [ -n "$small" ] || return 0
    case $page in
    unrolled) batch=128 all=8000 # k stays 0 for minimax
        options="-D k=5 -D inner=sgd -D scale=1 -D nz=8 -D width=64 -D hidden_d=2 -D act=tanh -D rate_g=0.001 $options" ;;
    veegan) batch=128 all=6000 options='-D nz=8 -D width=64' ;;
    pacgan) batch=$((batch * 128 / 100)) all=30000
        options="$options -D nets=small -D rate=0.0005 -D beta1=0.5" ;;
    wgan-toy) batch=128 all=30000 options="$options -D width=64 -D depth=2 -D rate=0.001" ;;
    esac
}

# mixture NAME: the points of the arm at hand
mixture() {
    if [ "$1" = ring ]; then like="--ring 8 --radius $radius"; else like='--grid 5'; fi
    points=$out/$1.st
    [ "$1 $radius" != 'ring 1' ] || points=$out/ring-1.st
}

# judged ARM MIXTURE SEED: played to the end, then measured
judged() {
    name=$2-$1-$3 run=$out/$2-$1-$3.st
    # shellcheck disable=SC2086 # options and define hold several words
    [ -s "$run" ] || gan-init "$here/$page.gan" $options $define --batch "$batch" --seed "$3" -o "$run"
    say "$name"
    seed=$3 # of the order of the data, too
    if [ "$page" = wgan-toy ]; then play_alone "$run" "$all" 100 -q --batch "$batch"
    else train "$run" "$points" "$batch" "$all" 100 -q; fi
    # shellcheck disable=SC2086 # like holds several words
    gan-sample "$run" -n "${samples:-2500}" --seed 11 "point=$point" |
        gan-eval modes - $like >"$out/$name.modes"
}

# papers ARM MIXTURE: modes captured and share of samples near one, in per cent, that papers report:
# those of Srivastava et al., table 1, and Lin et al., table 1; for --small what to look for
papers() {
    case "$small $1 $2" in
    ' minimax ring') echo '1 99.3' ;;
    ' minimax grid') echo '3.3 0.5' ;;
    ' unrolled ring') echo '7.6 35.6' ;;
    ' unrolled grid') echo '23.6 16' ;;
    ' veegan ring') echo '8 52.9' ;;
    ' veegan grid') echo '24.6 40' ;;
    ' nonsat ring') echo '6.3 -' ;;
    ' nonsat grid') echo '17.3 -' ;;
    ' pacgan2 ring') echo '7.9 -' ;;
    ' pacgan2 grid') echo '23.8 -' ;;
    ' pacgan3 ring') echo '7.8 -' ;;
    ' pacgan3 grid') echo '24.6 -' ;;
    ' pacgan4 ring') echo '7.8 -' ;;
    ' pacgan4 grid') echo '24.8 -' ;;
    '1 minimax ring') echo '<=5 -' ;;
    '1 unrolled ring') echo '>=7 -' ;;
    '1 nonsat grid') echo '<=21 -' ;;
    '1 pacgan3 grid') echo '>=23 -' ;;
    *) echo '- -' ;;
    esac
}

# row MIXTURE ARM: mean and deviation over the seeds of each figure, then the papers'
row() {
    set -- "$1" "$2" "$(papers "$2" "$1")"
    for s in $(seq "$seed" $((seed + seeds - 1))); do cat "$out/$1-$2-$s.modes"; done |
        awk -F'\t' -v at="$1	$2" -v papers="$3" '
            $2 != "nan" { n[$1]++; s[$1] += $2; q[$1] += $2 * $2 }
            function figure(m, scale, mean, v) {
                if (!n[m]) return "-"
                mean = s[m] / n[m]
                v = n[m] > 1 ? (q[m] - n[m] * mean * mean) / (n[m] - 1) : 0
                return sprintf("%.2f +- %.2f", scale * mean, scale * sqrt(v > 0 ? v : 0))
            }
            END {
                sub(" ", "\t", papers)
                printf "%s\t%s\t%s\t%s\t%s\n", at, figure("modes.captured", 1),
                    figure("modes.quality", 100), figure("modes.kl", 1), papers
            }'
}

make_file "$out/ring.st" gan-data make ring -n 100000 --seed 1
make_file "$out/ring-1.st" gan-data make ring -n 100000 --seed 1 --radius 1 --sigma 0.01
make_file "$out/grid.st" gan-data make grid -n 100000 --seed 1
running=''
for s in $(seq "$seed" $((seed + seeds - 1))); do
    for pair in $pairs; do
        arm "${pair#*:}" "${pair%:*}"
        mixture "${pair%:*}"
        rm -f "$out/${pair%:*}-${pair#*:}-$s.modes"
        judged "${pair#*:}" "${pair%:*}" "$s" &
        running="$running $!"
        # shellcheck disable=SC2086 # several numbers
        if [ "$(echo $running | wc -w)" -ge "$jobs" ]; then attend $running; running=''; fi
    done
done
# shellcheck disable=SC2086
attend $running
{
    printf 'mixture\tarm\tmodes\tnear one, %%\treverse KL\tmodes, papers\tnear one, papers\n'
    for pair in $pairs; do row "${pair%:*}" "${pair#*:}"; done
} >"$out/table.tsv"
cat "$out/table.tsv"
