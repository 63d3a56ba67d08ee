#!/bin/sh
# tgan.sh [OPTION]... DATA OUT: TGAN (Saito, Matsumoto, Saito 2017): clips from singular values clipped to 1
# beside weights clipped to c, and other games, at equal budget.
#
# DATA is a stream of clips (.st), a folder of MNIST's train-images-idx3-ubyte and labels, whose digits
# fly about two by two, or a folder of films or strips of frames, by class. Arms are values (singular
# values, from the first weights on), clip-C (weights, such as clip-0.01), none, gan (the ordinary game with
# noise in D), frame (G sees a frame's latent alone), 3d and 3d-gan (G of convolutions in space and time) and
# classes.
# OUT receives for each arm the run (ARM.st, ARM.tsv), the checkpoint of the best inception score
# (ARM.best.st), looks (ARM-scores.tsv and .png: inception score, Frechet distance, seconds) and clips
# (ARM.png, ARM.gif; those of between have three frames more between each two); and result.tsv: of each arm
# how far the critic's estimate went, distances, scores, the largest singular value and the seconds; and
# estimates.tsv and .png: sizes of the estimates of all arms, step by step. Where the arm values was played, gam.tsv is how it fares against the others when generators are exchanged, and
# clipping.tsv the share of the time that clipping takes, and the largest singular values that it found, the
# first and the last.
#   --arms LIST       games to play (values,clip-0.01,clip-0.1,clip-1)
#   --size N          pixels a side: 16, 32, 64 (64)
#   --batch N         clips of a minibatch (32)
#   --steps N         play no more than N steps of each (100000)
#   --every N         steps between two looks (2000)
#   --samples N       clips to judge by (2048)
#   --sets N          sets of so many clips, which the best checkpoint is judged by in the end (4)
#   --judge FILE      checkpoint of c3d.gan, i3d.gan or classifier3d.gan to judge by; if not given one of
#                     classifier3d.gan is taught the data's labels, those of MNIST with digits that fly alone
#   -D NAME=VALUE     option of tgan.gan
#   --small           squares and discs made on the spot: twelve minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/clips.inc
. "$pages/lib/clips.inc"
arms=values,clip-0.01,clip-0.1,clip-1 size=64 batch=32 every=2000 sets=4 judge=''
data_is=any small_decides='size batch every judge' free="$free every sets "
check_own() { each_of --arms "$arms" values 'clip-[0-9]*' none gan frame 3d 3d-gan classes; }
recipe_options "$@"

if [ -n "$small" ]; then
    toy_clips
    define=" -D size=16 -D channels=1 -D nz=32 -D nf=16 -D depth=3 -D nf_G=16 -D nf_T=32 -D rate=0.001 -D shift=0$define"
    all=1501 every=250 count=${samples:-512}
else
    clip_data "$size" 16
    all=100000 count=${samples:-2048}
fi
clip_judge
clip_real
log_more=--times

# begin ARM: its checkpoint
begin() {
    arm=$1
    case $arm in
    values) set -- ;;
    clip-*) set -- -D constraint=clip -D c="${arm#clip-}" ;;
    none) set -- -D constraint=none ;;
    gan) set -- -D loss=gan -D noise=0.2 -D constraint=none ;;
    frame) set -- -D codes=frame ;;
    3d) set -- -D model=3d ;;
    3d-gan) set -- -D model=3d -D loss=gan -D noise=0.2 -D constraint=none ;;
    classes) set -- -D classes="$classes" ;;
    esac
    case $arm in
    clip-* | none | gan | 3d-gan) start_run "$out/$arm.st" "$here/tgan.gan" "$@" ;;
    *) # no singular value above 1 from the very first step on
        [ ! -s "$out/$arm.st" ] || return 0
        start_run "$out/$arm.start" "$here/tgan.gan" "$@"
        gan-svd "$out/$arm.start" -n 'D.*' --clip 1 -o "$out/$arm.st"
        rm "$out/$arm.start" ;;
    esac
}

# largest CHECKPOINT: singular value of D's weights
largest() { gan-svd "$1" -n 'D.*' | awk 'NR > 1 && $3 > most { most = $3 } END { printf "%.6f", most }'; }

printf 'arm\testimate from\tto\tdistance first\tlast\tleast\tscore last\tmost\tseconds\tsingular value\tscore of the best\tdistance\n' >"$out/result.new"
for arm in $(echo "$arms" | tr , ' '); do
    begin "$arm"
    run_arm "$arm" "$batch" "$all" "$every"
    # a row each ten steps
    reach=$(column "$out/$arm.tsv" estimate | awk '{ if (!n++) a = b = $1; if ($1 < a) a = $1; if ($1 > b) b = $1 }
        END { if (n) printf "%.4g\t%.4g", a, b; else printf "-\t-" }')
    scores=$(arm_scores "$arm")
    size_of=$(largest "$out/$arm.st")
    last=$(arm_final "$arm" "$sets")
    printf '%s\t%s\t%s\t%s\t%s\n' "$arm" "$reach" "$scores" "$size_of" "$last" >>"$out/result.new"
done
mv "$out/result.new" "$out/result.tsv"
cat "$out/result.tsv"

# estimates ARM...: their sizes, a column for each, in the rows of the steps that any log has
estimates() {
    echo "step $*"
    for arm in "$@"; do
        column "$out/$arm.tsv" step >"$out/steps.part"
        column "$out/$arm.tsv" estimate | paste "$out/steps.part" - | sed "s/^/$arm\t/"
    done | sort -k 2n | awk -v arms="$*" '
        function row(   i) { printf "%s", at; for (i = 1; i <= n; i++) printf "\t%s", size[i]; print ""; split("", size) }
        BEGIN { n = split(arms, name, " "); for (i = 1; i <= n; i++) place[name[i]] = i }
        NR > 1 && $2 != at { row() }
        { at = $2; size[place[$1]] = $3 < 0 ? -$3 : $3 }
        END { row() }'
    rm "$out/steps.part"
}
# shellcheck disable=SC2046 # several words
estimates $(echo "$arms" | tr , ' ') | tr ' ' '\t' >"$out/estimates.tsv"
gan-data plot "$out/estimates.tsv" --log -o "$out/estimates.png"

if [ -s "$out/values.best.st" ]; then
    film_strip "$out/values.best.st" "$out/between.png" -D frames=61

    {
        printf 'share\tfirst\tlast\n'
        for name in time_D_clip_singular_values largest; do column "$out/values.tsv" $name >"$out/$name.part"; done
        paste "$out/time_D_clip_singular_values.part" "$out/largest.part" |
            awk 'NR == 1 { first = $2 } END { printf "%.4f\t%.3f\t%.3f\n", $1, first, $2 }'
    } >"$out/clipping.tsv"
    cat "$out/clipping.tsv"

    # generators exchanged: logits of both critics on clips held out, and on their own and the other's samples
    printf 'arm\tagainst\ttest\tsamples\twinner\n' >"$out/gam.tsv"
    for arm in $(echo "$arms" | tr , ' '); do
        case $arm in values | classes) continue ;; esac
        for net in values "$arm"; do
            gan-sample "$out/$net.best.st" -n "$count" --seed 3 -o "$out/$net-made.part"
        done
        for net in values "$arm"; do
            for clips in values "$arm"; do
                gan-sample "$out/$net.best.st" -i "$out/$clips-made.part" 'score=D(x, v)' -o "$out/$net-of-$clips.part"
            done
            gan-sample "$out/$net.best.st" -i "$out/test.st" 'score=D(x, v)' -o "$out/$net-test.part"
        done
        gan-eval gam "$out/values-test.part" "$out/$arm-test.part" "$out/values-of-$arm.part" "$out/$arm-of-values.part" \
            --own-first "$out/values-of-values.part" --own-second "$out/$arm-of-$arm.part" >"$out/gam.part"
        figures 'values\t%s\t%s\t%s\t%s\n' "$arm" "$(figure gam.test <"$out/gam.part")" \
            "$(figure gam.samples <"$out/gam.part")" "$(figure gam.winner <"$out/gam.part")" >>"$out/gam.tsv"
    done
    rm -f "$out"/*.part
    cat "$out/gam.tsv"
fi
if [ -n "$small" ]; then
    echo "to look for: estimates of values below 10, those of clip-C over four orders of magnitude; singular"
    echo "values of values at most 1.00001; its distance at most half of the first, its score 3.5 at least;"
    echo "clipping at most a hundredth of the time"
fi
