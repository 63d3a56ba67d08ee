#!/bin/sh
# roots.sh [OPTION]... OUT: two unseen causes of what is seen, by a graph with two roots: points of a
# grid, of which nobody says in which column and row they lie.
#
# OUT receives roots-S.st (the checkpoint), .tsv (the costs), .figures (of the model's points: modes
# captured, share near one; of the data's: how well the pairs of recognised values are the cells of the grid)
# and .png (points of the model, by their cause a). Run it again to go on.
#   --steps N         play no more than N steps
#   --seeds N         so many, from --seed on (3)
#   -D NAME=VALUE     option of roots.gan
#   --small           one seed: a minute
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
seeds=''
recipe_options "$@"
[ -n "$seeds" ] || seeds=$([ -n "$small" ] && echo 1 || echo 3)

side=$(setting side 3)
points=$out/points.st
make_file "$points" gan-data make grid --modes "$side" -n 20000
first=$seed
for seed in $(seq "$first" $((first + seeds - 1))); do
    run=$out/roots-$seed.st
    start_run "$run" "$here/roots.gan"
    train "$run" "$points" 128 15000 100 -q
    gan-sample "$run" -n 2500 point=p.x label='sum(p.a * range(side), 0)' |
        gan-data scatter --label label -o "$out/roots-$seed.png"
    {
        gan-sample "$run" -n 2500 point=p.x | gan-eval modes - --grid "$side"
        gan-sample "$run" -i "$points" scores='view(view(q.a, side, 1) * view(q.b, 1, side), side^2)' |
            gan-eval clusters - -t scores --probabilities
    } | cut -f 1,2 >"$out/roots-$seed.figures"
    cat "$out/roots-$seed.figures"
done
echo "to look for: no mode missing and clusters.assigned 1; after some seeds one or two are, but it is above 0.85"
for s in $(seq "$first" "$seed"); do cat "$out/roots-$s.figures"; done |
    verdict '$1 == "modes.captured" { least($1, $2, '$((side * side - 2))') } $1 == "clusters.assigned" { least($1, $2, .85) }'
