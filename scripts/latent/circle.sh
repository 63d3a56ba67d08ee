#!/bin/sh
# circle.sh [OPTION]... OUT: the recovery of a circle by auto-encoders (Davidson et al. 2018, section
# 5.1): how far what is decoded of the prior lies from the circle that the data come from.
#
# OUT receives circle.tsv (the table: means over seeds), ARM-S.st (the checkpoint), .tsv (costs and distance) and
# .png (codes of the data, by the distribution that they were drawn from). Run it again to go on.
#   --arms LIST       of sphere, normal, scaled (normal with beta = 0.1), plain (no posterior) (all)
#   --steps N         play no more than N steps
#   --seeds N         so many, from --seed on (3)
#   -D NAME=VALUE     option of circle.gan
#   --small           one seed, sphere and normal: half a minute
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
arms='' seeds=''
check_own() { each_of --arms "${arms:-plain}" sphere normal scaled plain; }
recipe_options "$@"
[ -n "$seeds" ] || seeds=$([ -n "$small" ] && echo 1 || echo 3)
[ -n "$arms" ] || arms=$([ -n "$small" ] && echo sphere,normal || echo sphere,normal,scaled,plain)

last=$((seed + seeds - 1)) first=$seed
printf 'posterior\tdistance\tdeviation\tseeds\n' >"$out/circle.part"
for arm in $(echo "$arms" | tr , ' '); do
    for seed in $(seq "$first" "$last"); do
        run=$out/$arm-$seed.st points=$out/points-$seed.st
        case $arm in
        sphere) start_run "$run" "$here/circle.gan" -D posterior=sphere ;;
        normal) start_run "$run" "$here/circle.gan" -D posterior=normal ;;
        scaled) start_run "$run" "$here/circle.gan" -D posterior=normal -D beta=0.1 ;;
        plain) start_run "$run" "$here/circle.gan" -D posterior=none ;;
        esac
        # the circle is bent alike for all arms of a seed
        make_file "$points" gan-sample "$run" -n 3000 --seed "$seed" point=drawn mode=mode
        train "$run" "$points" 128 3000
        gan-sample "$run" -n 5000 --seed 11 distance=distance |
            gan-eval moments - --tensor distance --pairs 0 | figure moments.mean >"$out/$arm-$seed.distance"
        gan-sample "$run" -i "$points" --seed 7 code=mu mode=mode |
            gan-data scatter --tensor code --label mode --dot 3 -o "$out/$arm-$seed.png"
    done
    for seed in $(seq "$first" "$last"); do cat "$out/$arm-$seed.distance"; done |
        awk -v arm="$arm" '{ s += $1; q += $1^2 }
            END { printf "%s\t%.3f\t%.3f\t%d\n", arm, s/NR, sqrt(q/NR - (s/NR)^2 + 1e-18), NR }' >>"$out/circle.part"
done
mv "$out/circle.part" "$out/circle.tsv"
cat "$out/circle.tsv"
echo "to look for: the sphere's distance at most a quarter of the normal one's"
verdict '{ d[$1] = $2 } END { if ("sphere" in d && "normal" in d) most("distance of the sphere", d["sphere"], d["normal"] / 4) }' \
    "$out/circle.tsv"
