#!/bin/sh
# mmdgan.sh [OPTION]... DATA OUT: MMD-GAN (Li et al. 2017) from a folder of pictures or CIFAR-10
# to samples.
#
# DATA is a folder of PNG, JPEG or PNM pictures, or one with data_batch_1.bin and so on.
# OUT receives run.st (the checkpoint), run.tsv and curve.png (the kernel's distance), samples.png.
# Run it again to go on.
#   --epochs N        passes over the data (50), each minibatch for one update
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of mmdgan.gan
#   --small           16x16 digits made on the spot, narrow networks: three minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/recipe.inc"
recipe_options "$@"

size=$(setting size 32)
if [ -n "$small" ]; then
    make_file "$out/data.st" gan-data make digits -n 10000 --size 16 --seed 1
    define="-D size=16 -D channels=1 -D nf=16 -D nz=16 -D rate=0.0005 -D first=20$define"
    all=600
elif [ -e "$data/data_batch_1.bin" ]; then
    make_file "$out/data.st" gan-data cifar "$data"/data_batch_[1-5].bin
else
    make_file "$out/data.st" gan-data images "$data" --size "$size"
    define="-D size=$size$define"
fi
start_run "$out/run.st" "$here/mmdgan.gan"
# five updates of f and one of G a step
train "$out/run.st" "$out/data.st" 64 "${all:-$((${epochs:-50} * ($(samples_in "$out/data.st") / 64) / 6))}"

gan-sample "$out/run.st" -n 64 --seed 7 | gan-data sheet -o "$out/samples.png"
gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns distance --smooth 25
gan-data head -n 2000 "$out/data.st" >"$out/few.st"
init_like "$out/run.st" "$out/untrained.st" 5
for net in untrained run; do
    printf 'MMD^2 of samples, %s: ' $net
    gan-sample "$out/$net.st" -n 2000 --seed 11 | gan-eval mmd "$out/few.st" - --scales 4 | figure mmd
done
rm "$out/few.st" "$out/untrained.st"
[ -z "$small" ] || echo "to look for: below half of the untrained one"
