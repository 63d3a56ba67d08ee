#!/bin/sh
# rings.sh [OPTION]... OUT: CycleGAN of points (Zhu et al. 2017): two rings of clusters of which nobody says how the
# points of one lie in the other.
#
# OUT receives rings-S.st (the checkpoint), .tsv (the costs), .figures (errors of the ways there and back, and how
# many clusters of the other ring are found) and .png (points made of the other ring, by the cluster they come
# from). Run it again to go on.
#   --steps N         play no more than N steps
#   --seeds N         so many, from --seed on (3)
#   -D NAME=VALUE     option of rings.gan
#   --small           one seed: a quarter of a minute
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
seeds=''
recipe_options "$@"
[ -n "$seeds" ] || seeds=$([ -n "$small" ] && echo 1 || echo 3)

all=3000
for side in 1 2; do make_file "$out/ring$side.st" gan-data make ring -n 20000 --seed $side; done
gan-data join "$out/ring1.st" "$out/ring2.st:other=point" -o "$out/both.st"
for seed in $(seq "$seed" $((seed + seeds - 1))); do
    run=$out/rings-$seed.st
    start_run "$run" "$here/rings.gan" -D steps=$all
    train_two "$run" "$out/ring1.st" point "$out/ring2.st" other=point 128 $all 100
    gan-sample "$run" -i "$out/both.st" point='straight(G(x))' there='mean(abs(F(G(x)) - x), 0)' back='mean(abs(G(F(y)) - y), 0)' -o "$out/seen.st"
    gan-data head -n 2500 "$out/seen.st" | gan-data scatter --label label -o "$out/rings-$seed.png"
    {
        for way in there back; do printf '%s\t%.4f\n' $way "$(mean_of $way <"$out/seen.st")"; done
        gan-eval modes "$out/seen.st" -t point | sed 1d | cut -f 1,2
    } >"$out/rings-$seed.figures"
    rm "$out/seen.st"
    cat "$out/rings-$seed.figures"
done
echo "to look for: errors of both ways below 0.05, all eight clusters"
if [ -n "$small" ] && [ "$(steps_played "$run")" = $all ]; then
    verdict '($1 == "there" || $1 == "back") && $2 >= .05 || $1 == "modes.captured" && $2 < 8 { miss($1) }' "$out/rings-$seed.figures"
fi
