#!/bin/sh
# gan.sh [OPTION]... DATA OUT: one game under five objectives (Goodfellow et al. 2014 and others),
# from a folder of pictures or digits to samples and their distance from the data.
#
# DATA is a folder or .zip of pictures, or a folder with train-images-idx3-ubyte[.gz].
# OUT receives for each objective NAME.st (the checkpoint), NAME.tsv (the costs), NAME.png
# (samples), and objectives.tsv (the table). Run it again to go on.
#   --epochs N        passes over the data (20)
#   --steps N         play no more than N steps
#   --samples N       samples to judge by, and pictures held out for that (2000)
#   -D NAME=VALUE     option of gan.gan; of the objectives only this one: -D loss=hinge
#   --small           digits made on the spot, narrow networks, 400 steps each: two minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
data_is=pictures
recipe_options "$@"

names=$(setting loss 'minimax nonsat lsgan hinge wgan')
size=$(setting size 64)
if [ -n "$small" ]; then
    make_file "$out/data.st" gan-data make digits -n "$(at_most 10000 "$samples")" --seed 1
    make_file "$out/test.st" gan-data make digits -n "$(at_most 2000 "$samples")" --seed 2
    define=" -D nf=16$define"
    all=400
elif has_idx "$data"; then
    idx_stream "$out/data.st" "$data" train
    idx_stream "$out/test.st" "$data" t10k
else
    make_file "$out/all.st" gan-data images "$data" --size "$size"
    hold_out "$(at_most 2000 "$samples")" "$out/all.st" "$out/test.st" "$out/data.st"
    define=" -D size=$size -D channels=3$define"
fi
[ -n "$small" ] || all=$(passes 20 64)

# judge CHECKPOINT: MMD^2, a tab and the sliced Wasserstein distance of its samples from held-out images
judge() {
    gan-sample "$1" -n "${samples:-2000}" --seed 11 >"$out/judged.st"
    kernel=$(gan-eval mmd "$out/test.st" "$out/judged.st" --rows "${samples:-2000}" --scales "$scales" | figure mmd)
    sliced=$(gan-eval wasserstein "$out/test.st" "$out/judged.st" --rows "${samples:-2000}" --directions 200 |
        figure wasserstein)
    rm "$out/judged.st"
    printf '%s\t%s\n' "$kernel" "$sliced"
}
# one kernel for all: as wide as real images are apart
scales=$(gan-eval mmd "$out/test.st" "$out/data.st" --rows 500 | figure mmd scales | cut -f2)

printf 'objective\tMMD^2\tsliced Wasserstein\tMMD^2 untrained\tsliced Wasserstein untrained\n' >"$out/objectives.tsv"
for name in $names; do
    run=$out/$name.st more=''
    # the critic of WGAN as its authors have it: five updates a step and a gradient penalty
    [ "$name" != wgan ] || more='-D critic=5 -D gp=10 -D rate=0.0001 -D beta1=0 -D beta2=0.9'
    # shellcheck disable=SC2086 # several words
    start_run "$run" "$here/gan.gan" -D loss="$name" $more
    train "$run" "$out/data.st" 64 "$all"
    init_like "$run" "$out/untrained.st" 5
    trained=$(judge "$run")
    untrained=$(judge "$out/untrained.st")
    printf '%s\t%s\t%s\n' "$name" "$trained" "$untrained" >>"$out/objectives.tsv"
    rm "$out/untrained.st"
    gan-sample "$run" -n 64 --seed 7 | gan-data sheet -o "$out/$name.png"
done
cat "$out/objectives.tsv"
[ -z "$small" ] || echo "to look for: each MMD^2 below a quarter of the untrained one, but that of minimax: once D is sure of itself, its G has no gradient"
