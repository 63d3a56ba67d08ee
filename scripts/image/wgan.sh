#!/bin/sh
# wgan.sh [OPTION]... DATA OUT: Wasserstein GAN with clipped weights (Arjovsky, Chintala, Bottou 2017)
# and the ordinary GAN of the same networks: does the curve of each tell how good its samples are?
#
# DATA is a folder or .zip of pictures (subfolders count) or an IDX file of images, plain or gzip. Both
# games are played in turns. Every so often the median of the critic's estimate since the last time stands
# beside a distance between samples and data, the mean along random directions.
# OUT receives for each game, wgan and gan: the run (GAME.st, GAME.tsv), its curve (GAME.png), samples
# (GAME-samples.png) and scores (GAME-scores.tsv: step, estimate, distance); and result.tsv: of each
# game the rank correlation of estimates and distances and the last distance.
#   --size N          pixels a side: 16, 32, 64, 128 (64)
#   --every N         steps between two looks (500)
#   --epochs N        passes over the data of the ordinary game (25)
#   --steps N         play no more than N steps of each
#   --samples N       samples to judge by (2000)
#   -D NAME=VALUE     option of wgan.gan: generator=constant, generator=mlp, critic=mlp, ...
#   --small           eight Gaussians (wgan-toy.gan), judged by the exact earth mover's distance: two
#                     minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"

size=64 every='' data_is='any'
recipe_options "$@"

# spearman: the rank correlation of the two columns on standard input
spearman() {
    awk '{ a[NR] = $1; b[NR] = $2 }
        function rank(v, i,   j, r) {
            for (j = 1; j <= NR; j++) r += (v[j] < v[i]) + (v[j] == v[i]) / 2
            return r - NR / 2
        }
        END {
            for (i = 1; i <= NR; i++) {
                x = rank(a, i); y = rank(b, i)
                xx += x * x; yy += y * y; xy += x * y
            }
            print (xx * yy > 0 ? xy / sqrt(xx * yy) : 0)
        }'
}

# median: of the column on standard input
median() { sort -g | awk '{ v[NR] = $1 } END { if (NR) print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

# column LOG NAME FROM TO: the values in rows of steps above FROM and up to TO
column() {
    awk -F'\t' -v name="$2" -v from="$3" -v to="$4" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) k = i; next }
        $1 > from && $1 <= to { print $k }' "$1"
}

if [ -n "$small" ]; then
    count=${samples:-500} every=${every:-50} all=1500
    begin() { # begin GAME
        if [ "$1" = wgan ]; then set -- wgan -D loss=clip -D c=0.05 -D rate=0.0002 -D burst=100
        else set -- gan -D loss=gan -D rate=0.0002; fi
        game=$1
        shift
        start_run "$out/$game.st" "$pages/toy/wgan-toy.gan" -D width=128 -D start=even "$@" --batch 256
    }
    play() { play_alone "$out/$1.st" "$2" 10 -q; }
    distance() { # distance GAME STEP: as it stands
        gan-sample "$out/$1.st" -n "$count" --seed "$2" point=x -o "$out/real.part"
        gan-sample "$out/$1.st" -n "$count" --seed $(($2 + 1)) point=g -o "$out/fake.part"
        gan-eval transport "$out/real.part" "$out/fake.part" | figure transport
    }
    draw() { gan-sample "$out/$1.st" -n 2500 'point=1.414*g' -o "$out/$1-samples.st"; }
else
    case $data in *.[zZ][iI][pP]) pictures=1 ;; *) pictures=0 ;; esac
    if [ -d "$data" ] || [ $pictures = 1 ]; then make_file "$out/data.st" gan-data images "$data" --size "$size"
    else make_file "$out/data.st" gan-data idx "$data"; fi
    case $(gan-data info "$out/data.st") in *,1]*) define=" -D channels=1$define" ;; esac
    count=${samples:-2000} every=${every:-500}
    all=$(passes 25 64)
    make_file "$out/real.st" gan-data head --shuffle -n "$count" "$out/data.st"
    begin() { start_run "$out/$1.st" "$here/wgan.gan" -D size="$size" -D loss="$1"; }
    play() { train "$out/$1.st" "$out/data.st" 64 "$2"; }
    distance() {
        gan-sample "$out/$1.st" -n "$count" --seed "$2" --batch-statistics -o "$out/fake.part"
        gan-eval wasserstein "$out/real.st" "$out/fake.part" -n "$count" | figure wasserstein
    }
    draw() {
        gan-sample "$out/$1.st" -n 64 --batch-statistics --seed 7 |
            gan-data sheet -o "$out/$1-samples.png"
    }
fi

# look GAME BEFORE NOW: a row of scores
look() {
    far=$(distance "$1" "$3")
    printf '%s\t%s\t%s\n' "$3" "$(column "$out/$1.tsv" estimate "$2" "$3" | median)" "$far" >>"$out/$1-scores.tsv"
}

end=$(at_most "$all" "$steps")
for game in wgan gan; do
    begin "$game"
    [ -s "$out/$game-scores.tsv" ] || printf 'step\testimate\tdistance\n' >"$out/$game-scores.tsv"
    at=$(steps_played "$out/$game.st")
    while [ "$at" -lt "$end" ]; do
        before=$at
        at=$(at_most $((at - at % every + every)) "$end")
        play "$game" "$at"
        look "$game" "$before" "$at"
    done
    draw "$game"
    gan-data plot "$out/$game.tsv" -o "$out/$game.png" --columns estimate --smooth 11
    gan-data plot "$out/$game-scores.tsv" -o "$out/$game-scores.png" --columns estimate,distance
done
rm -f "$out"/*.part

printf 'game\tsteps\tcorrelation\tdistance\n' >"$out/result.tsv"
for game in wgan gan; do
    printf '%s\t%s\t%s\t%s\n' "$game" "$(steps_played "$out/$game.st")" \
        "$(sed 1d "$out/$game-scores.tsv" | cut -f2,3 | spearman)" \
        "$(tail -1 "$out/$game-scores.tsv" | cut -f3)" >>"$out/result.tsv"
done
cat "$out/result.tsv"
[ -z "$small" ] || echo "to look for: correlation of wgan at least 0.6, of gan at most 0.2"
say "look at $out/wgan.png and $out/gan.png"
