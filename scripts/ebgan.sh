#!/bin/sh
# ebgan.sh [OPTION]... DATA OUT: EBGAN (Zhao et al. 2017) from a folder of pictures or digits to
# samples.
#
# DATA is a folder of PNG, JPEG or PNM pictures, or one with train-images-idx3-ubyte[.gz].
# OUT receives run.st (the checkpoint), run.tsv and curve.png (energies), samples.png.
# Run it again to go on.
#   --epochs N        passes over the data (20)
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of ebgan.gan; pt=0 is without the repelling regularizer
#   --small           digits made on the spot, narrow networks: two minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/recipe.inc"
recipe_options "$@"

size=$(setting size 64)
if [ -n "$small" ]; then
    make_file "$out/data.st" gan-data make digits -n 10000 --seed 1
    define="-D size=28 -D channels=1 -D nf=16 -D margin=10$define"
    all=600
elif [ -e "$data/train-images-idx3-ubyte.gz" ] || [ -e "$data/train-images-idx3-ubyte" ]; then
    idx_stream "$out/data.st" "$data" train
    define="-D size=28 -D channels=1 -D margin=10$define"
else
    make_file "$out/data.st" gan-data images "$data" --size "$size"
    define="-D size=$size$define"
fi
start_run "$out/run.st" "$here/ebgan.gan"
train "$out/run.st" "$out/data.st" 64 "${all:-$((${epochs:-20} * ($(samples_in "$out/data.st") / 64)))}"

gan-sample "$out/run.st" -n 64 --seed 7 | gan-data sheet -o "$out/samples.png"
gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns real,made --smooth 25
gan-data head -n 2000 "$out/data.st" >"$out/few.st"
init_like "$out/run.st" "$out/untrained.st" 5
for net in untrained run; do
    printf 'MMD^2 of samples, %s: ' $net
    gan-sample "$out/$net.st" -n 2000 --seed 11 | gan-eval mmd "$out/few.st" - --scales 8 | figure mmd
done
rm "$out/few.st" "$out/untrained.st"
[ -z "$small" ] || echo "to look for: below a quarter of the untrained one"
