#!/bin/sh
# tree.sh [OPTION]... OUT: what two pictures have in common, by a graph that is a tree: pairs of made
# digits of one class, of which nobody says which.
#
# OUT receives tree-S.st (the checkpoint), .tsv (the costs), .figures (how well the kinds that are
# recognised in pairs are the digits) and .png (pairs of the model, a kind a column). Run it again to go on.
#   --steps N         play no more than N steps
#   --seeds N         so many, from --seed on (3)
#   -D NAME=VALUE     option of tree.gan
#   --small           one seed, 2000 steps: some minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
seeds=''
recipe_options "$@"
[ -n "$seeds" ] || seeds=$([ -n "$small" ] && echo 1 || echo 3)
pairs=$out/pairs.st side=$(setting side 16) kinds=$(setting kinds 10)

# by_class SEED: 450 digits of each class, one class behind the other
by_class() {
    gan-data make digits --size "$side" -n 5500 --seed "$1" >"$out/digits.part"
    for class in 0 1 2 3 4 5 6 7 8 9; do
        gan-data pick "$out/digits.part" --label "$class" | gan-data head -n 450
    done | gan-data batch - --size 100
    rm "$out/digits.part"
}
make_pairs() {
    by_class 1 >"$out/first.part"
    by_class 2 >"$out/second.part"
    gan-data join "$out/first.part" "$out/second.part:image_2=image"
    rm "$out/first.part" "$out/second.part"
}
make_file "$pairs" make_pairs
first=$seed
for seed in $(seq "$first" $((first + seeds - 1))); do
    run=$out/tree-$seed.st
    start_run "$run" "$here/tree.gan"
    train "$run" "$pairs" 100 "$([ -n "$small" ] && echo 2000 || echo 20000)" 100 -q
    # nine pairs of each kind, one above the other
    gan-sample "$run" -n $((9 * kinds)) "concat(p(k=onehot(floor(range($((9 * kinds))) % kinds), kinds)).x,
        p(k=onehot(floor(range($((9 * kinds))) % kinds), kinds)).y, axis=0)" |
        gan-data sheet --columns "$kinds" -o "$out/tree-$seed.png"
    gan-sample "$run" -i "$pairs" scores=both | gan-eval clusters - -t scores --probabilities |
        cut -f 1,2 >"$out/tree-$seed.figures"
    cat "$out/tree-$seed.figures"
done
echo "to look for: clusters.assigned above 0.8; a guess is right in 0.1"
for s in $(seq "$first" "$seed"); do cat "$out/tree-$s.figures"; done |
    verdict '$1 == "clusters.assigned" { least($1, $2, .8) }'
