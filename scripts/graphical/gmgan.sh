#!/bin/sh
# gmgan.sh [OPTION]... DATA OUT: GMGAN (Li et al. 2018): pictures clustered by a GAN whose prior is a
# mixture, beside one discriminator for all, and mixtures fitted to a GAN's codes and to pixels.
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k, of which the first
# 50,000 digits are learned; or one with CIFAR-10's *.bin; or one of pictures, with a folder for each class,
# which become 64 pixels square, or 32 with -D data=svhn. Of the latter two a tenth is kept for the test.
# OUT receives for each arm and seed ARM-S.st (the checkpoint), .tsv (the costs), .components.png (samples,
# a column for each component), .again.png (test pictures, each with its reconstruction), .between.png
# (between three codes of one component) and .codes.png (t-SNE of test pictures' codes), scores.tsv (accuracy
# of clusters, as the paper counts it and by majorities, and squared error of reconstructions, each
# --every steps), curve.png (of them), and table.tsv (at the end, beside the paper's). Run it again to go on.
# With --small: ARM-S.st and .tsv, scores.tsv.
#   --arms LIST       of local, global, gan, pixels (all): GMGAN with a discriminator a factor and with one,
#                     ALI with a mixture fitted to its codes, a mixture fitted to pixels
#   --epochs N        passes over the data (200; of pictures 100,000 steps)
#   --steps N         play no more than N steps
#   --every N         steps from a look to the next (10000)
#   --samples N       judge by no more than N test pictures
#   --seeds N         so many, from --seed on (1)
#   -D NAME=VALUE     option of gmgan.gan
#   --small           gmgan-known.gan: inference alone, of a known model of eight clusters in the plane: half a
#                     minute
#   --seed N          first seed (1)
. "$(dirname "$0")/../lib/recipe.inc"
arms='' every=10000 seeds=1
check_own() { each_of --arms "${arms:-local}" local global gan pixels; }
free="$free seed " # part of the names of files
recipe_options "$@"
set_of=$data
first_seed=$seed

# arm NAME: what its page is told
arm() {
    case $1 in
    local) set_arm='-D local=1' ;;
    global) set_arm='-D local=0' ;;
    gan) set_arm='-D mixture=0' ;;
    esac
}

# judge ARM SEED: a row of scores.tsv for the step that has been reached, once
judge() {
    at=$(steps_played "$out/$1-$2.st")
    ! grep -q "^$1	$2	$at	" "$out/scores.tsv" 2>/dev/null || return 0
    cp "$out/$1-$2.st" "$out/$1-$2.judged.st"
    [ -z "$normed" ] || statistics "$out/$1-$2.judged.st" "$out/some.st" again 2>/dev/null
    seen=logits=component
    [ "$1" != gan ] || seen="feature=E(x)" # no mixture of its own
    gan-data head -n "${samples:-1000000000}" "$out/test.st" |
        gan-sample "$out/$1-$2.judged.st" "$seen" error="mean((x - again)^2, [$axes])" >"$out/$1-$2.seen.st"
    error=$(gan-eval moments "$out/$1-$2.seen.st" -t error --pairs 0 | figure moments.mean)
    posterior=$out/$1-$2.seen.st
    if [ "$1" = gan ]; then
        gan-sample "$out/$1-$2.judged.st" -i "$out/data.st" feature='E(x)' >"$out/$1-$2.codes.st"
        posterior=$out/$1-$2.posterior.st
        gan-eval mixture "$out/$1-$2.codes.st" "$out/$1-$2.seen.st" -t feature -k "$components" --seed "$2" \
            --posterior "$posterior" >/dev/null
    fi
    score "$1" "$2" "$at" "$posterior" "$error"
    rm -f "$out/$1-$2.judged.st" "$out/$1-$2.seen.st" "$out/$1-$2.codes.st" "$out/$1-$2.posterior.st"
}

# score ARM SEED STEP LOGITS ERROR: the row
score() {
    [ -s "$out/scores.tsv" ] || printf 'arm\tseed\tstep\taccuracy\tmajority\terror\n' >"$out/scores.tsv"
    gan-eval clusters "$4" -t logits >"$out/$1-$2.clusters.tsv"
    figures '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$(figure clusters.nearest <"$out/$1-$2.clusters.tsv")" \
        "$(figure clusters.majority <"$out/$1-$2.clusters.tsv")" "$5" >>"$out/scores.tsv"
    rm "$out/$1-$2.clusters.tsv"
    tail -1 "$out/scores.tsv" | awk -F'\t' -v recipe="$recipe" \
        '{ printf "%s: %s, seed %s, step %s: accuracy %.4f, by majorities %.4f, error %.4f\n", recipe, $1, $2, $3, $4, $5, $6 }' >&2
}

# play ARM SEED PAGE BATCH: to the end, with a look each EVERY steps
play() {
    arm "$1"
    seed=$2 run=$out/$1-$2.st
    # shellcheck disable=SC2086 # several words
    start_run "$run" "$here/$3.gan" $set_arm
    played_until=$(at_most "$all" "$steps")
    while :; do
        at=$(steps_played "$run")
        if [ "$at" -gt 0 ] && { [ $((at % every)) = 0 ] || [ "$at" -ge "$played_until" ]; }; then judge "$1" "$2"; fi
        [ "$at" -lt "$played_until" ] || break
        train "$run" "$out/data.st" "$4" "$(at_most $(((at / every + 1) * every)) "$played_until")" 50
    done
}

seeds_of() { seq "$first_seed" $((first_seed + seeds - 1)); }

if [ -n "$small" ]; then
    # what the known model draws: h/3, so that the circle of radius 6 has radius 2
    make_file "$out/data.st" gan-data make ring -n 20000 --radius 2 --sigma 0.333333 --seed 1
    make_file "$out/test.st" gan-data make ring -n 10000 --radius 2 --sigma 0.333333 --seed 2
    normed='' axes=0 components=8 all=1500
    for name in $(echo "${arms:-local,global}" | tr , ' '); do
        case $name in local | global) ;; *) usage "--arms: with --small of local,global, found '$name'" ;; esac
        for s in $(seeds_of); do play "$name" "$s" gmgan-known 128; done
    done
    awk -F'\t' 'NR > 1 { printf "%s, seed %s, %s steps: accuracy %.4f, error of reconstructions %.4f\n", $1, $2, $3, $4, $6 }' "$out/scores.tsv"
    echo "to look for: above 0.95 (at best 0.98), below 0.02"
    verdict "\$3 == $all"' { least("accuracy of " $1 ", seed " $2 ":", $4, .95); most("error of " $1 ", seed " $2 ":", $6, .02) }' "$out/scores.tsv"
    exit
fi

# ---- data ----

if has_idx "$set_of"; then
    idx_stream "$out/data.st" "$set_of" train --first 50000
    idx_stream "$out/test.st" "$set_of" t10k
    define=" -D data=digits$define" batch=50
else
    if [ -n "$(find "$set_of" -maxdepth 1 -name '*.bin')" ]; then
        cifar_stream "$out/all.st" "$set_of"
        define=" -D data=cifar$define" batch=64
    else
        define=" -D data=faces$define"
        case $(setting data '') in
        faces) side=64 batch=128 ;;
        digits) die "$set_of: holds no digits" ;;
        *) side=32 batch=64 ;;
        esac
        make_file "$out/all.st" gan-data images "$set_of" --size $side --labels
    fi
    hold_out $((($(samples_in "$out/all.st") + 9) / 10)) "$out/all.st" "$out/test.st" "$out/data.st"
fi
make_file "$out/some.st" gan-data head -n 10000 --shuffle "$out/data.st"
kind=$(setting data digits)
[ "$kind" != faces ] || [ -n "$epochs" ] || epochs=$((100000 * batch / $(samples_in "$out/data.st") + 1))
all=$(passes 200 $batch)
normed='' axes='0, 1, 2'
case $kind in digits | cifar) [ "$(setting norm 1)" = 0 ] || normed=1 ;; esac
components=$(setting components "$(case $kind in svhn) echo 50 ;; faces) echo 100 ;; *) echo 30 ;; esac)")

# ---- pictures of a run ----

draw() {
    run=$out/$1-$2.st to=$out/$1-$2
    rows=10 mixed=''
    [ "$1" = gan ] || mixed="onehot(range($components), $components) @ mu + "
    gan-sample "$run" -n $((rows * components)) -b "$components" --seed 7 image="G(${mixed}normal()[nh])" |
        gan-data sheet -n $((rows * components)) -c "$components" -o "$to.components.png"
    gan-data head -n 50 "$out/test.st" | gan-sample "$run" image='fold(stack([x, again]))' |
        gan-data sheet -n 100 -c 10 -o "$to.again.png"
    mixed=''
    [ "$1" = gan ] || mixed="onehot(0, $components) @ mu + "
    gan-sample "$run" -n 3 --seed 7 image="G(join([walk(join(a + i/8*(c - a), b + i/8*(c - a)), 8) for i in 0..8]))
        where v = ${mixed}normal()[nh], a = rows(v, 0, 1), b = rows(v, 1, 1), c = rows(v, 2, 1)" |
        gan-data sheet -c 9 -o "$to.between.png"
    gan-data head -n 2000 "$out/test.st" | gan-sample "$run" feature='E(x)' >"$to.codes.st"
    gan-eval tsne "$to.codes.st" -n 2000 -o "$to.points.st" >/dev/null
    gan-data scatter "$to.points.st" -o "$to.codes.png"
    rm "$to.codes.st" "$to.points.st"
}

# ---- games ----

arms=$(echo "${arms:-local,global,gan,pixels}" | tr , ' ')
for s in $(seeds_of); do
    for name in $arms; do
        [ "$name" != pixels ] || continue
        play "$name" "$s" gmgan "$batch"
        draw "$name" "$s"
    done
    case " $arms " in *' pixels '*)
        grep -q "^pixels	$s	" "$out/scores.tsv" 2>/dev/null || {
            gan-eval mixture "$out/data.st" "$out/test.st" -t image -k "$components" --floor 1e-3 --seed "$s" \
                --posterior "$out/pixels-$s.posterior.st" >/dev/null
            score pixels "$s" 0 "$out/pixels-$s.posterior.st" nan
            rm "$out/pixels-$s.posterior.st"
        } ;;
    esac
done

# accuracy of the first seed step by step
awk -F'\t' -v OFS='\t' -v seed="$first_seed" '
    NR > 1 && $2 == seed && $3 { if (!($3 in at)) order[++n] = $3; at[$3]; arm[$1]; v[$1, $3] = $4 }
    END {
        line = "step"
        for (a in arm) line = line OFS a
        print line
        for (i = 1; i <= n; i++) {
            line = order[i]
            for (a in arm) line = line OFS ((a, order[i]) in v ? v[a, order[i]] : "")
            print line
        }
    }' "$out/scores.tsv" | { read -r head && printf '%s\n' "$head" && sort -n; } >"$out/curve.tsv"
# a mixture of pixels has no steps
[ "$(wc -l <"$out/curve.tsv")" = 1 ] || gan-data plot "$out/curve.tsv" -o "$out/curve.png"

# of each arm at the last step that its seeds have all reached, beside the paper's (table 1)
awk -F'\t' -v OFS='\t' -v kind="$kind" '
    NR > 1 { acc[$1, $3, ++n[$1, $3]] = $4; major[$1, $3, n[$1, $3]] = $5; err[$1, $3, n[$1, $3]] = $6; arm[$1]; step[$1, $3] = $3
             if (n[$1, $3] > most[$1] || n[$1, $3] == most[$1] && $3 > last[$1]) { most[$1] = n[$1, $3]; last[$1] = $3 } }
    function figure(v, a, scale,  i, m, q, k) {
        k = most[a]
        for (i = 1; i <= k; i++) m += v[a, last[a], i] / k
        for (i = 1; i <= k; i++) q += (v[a, last[a], i] - m)^2
        if (m != m || m "" ~ /nan/) return "-"
        return sprintf(scale == 100 ? "%.2f" : "%.4f", scale * m) (k > 1 ? sprintf(scale == 100 ? " +- %.2f" : " +- %.4f", scale * sqrt(q / (k - 1))) : "")
    }
    END {
        split("local global gan pixels", order, " ")
        if (kind == "digits") {
            paper["local"] = "93.03\t.044"; paper["global"] = "91.62\t.056"; paper["gan"] = "70.27\t.071"; paper["pixels"] = "68.33\t-"
        } else if (kind == "cifar") {
            paper["local"] = "25.14\t-"; paper["global"] = "22.63\t-"; paper["gan"] = "19.19\t-"; paper["pixels"] = "20.36\t-"
        }
        print "arm", "seeds", "steps", "accuracy, %", "majority, %", "error", "accuracy, paper", "error, paper"
        for (i = 1; i <= 4; i++) if (order[i] in arm) {
            a = order[i]
            print a, most[a], last[a], figure(acc, a, 100), figure(major, a, 100), figure(err, a, 1), (a in paper ? paper[a] : "-\t-")
        }
    }' "$out/scores.tsv" >"$out/table.tsv"
cat "$out/table.tsv"
