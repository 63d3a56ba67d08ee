#!/bin/sh
# dedup.sh [OPTION]... DATA OUT: a folder of pictures as a stream without near duplicates, as the
# DCGAN paper (Radford et al. 2016) cleaned its bedrooms: pictures whose codes by a denoising
# auto-encoder have the same signs are taken for the same.
#
# DATA is a folder or .zip of pictures.
# OUT receives data.st (all pictures), unique.st (the ones kept), run.st (the auto-encoder) and
# run.tsv (its cost). Run it again to go on.
#   --size N          side of the pictures in unique.st (64)
#   --epochs N        passes over the data (20)
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of dedup.gan
#   --small           made-up pictures, some of them drawn twice at different sizes: a minute
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
size=64
small_decides=size
data_is=pictures
recipe_options "$@"

# Pictures of one seed are the same whatever their side: 3000, and the first 300 again, drawn larger.
make_pictures() {
    [ ! -d "$out/pictures" ] || return 0
    mkdir -p "$out/pictures.part"
    for part in "1 3000 32" "2 300 45"; do
        # shellcheck disable=SC2086 # three words
        set -- $part
        gan-data make shapes -n "$2" --size "$3" --seed 1 |
            gan-data export --force "$out/pictures.part/$1"
    done
    mv "$out/pictures.part" "$out/pictures"
}

# kept N: how many of the first N samples are kept
kept() {
    gan-data head -n "$1" "$out/codes.st" >"$out/some.st"
    gan-data head -n "$1" "$out/crops.st" | gan-data dedup --code "$out/some.st" -o "$out/kept.st" 2>/dev/null
    samples_in "$out/kept.st"
    rm "$out/some.st" "$out/kept.st"
}

if [ -n "$small" ]; then
    make_pictures
    data=$out/pictures size=32
fi
make_file "$out/data.st" gan-data images "$data" --size "$size"
make_file "$out/crops.st" gan-data images "$data" --size 32
all=$(passes 20 100 "$out/crops.st")
start_run "$out/run.st" "$here/dedup.gan"
train "$out/run.st" "$out/crops.st" 100 "$all"
gan-sample "$out/run.st" code='E(x)' -i "$out/crops.st" >"$out/codes.st"
gan-data dedup "$out/data.st" --code "$out/codes.st" -o "$out/unique.st"

if [ -n "$small" ]; then
    first=$(kept 3000)
    false=$((3000 - first))
    echo "pictures drawn twice and found: $((3300 - $(samples_in "$out/unique.st") - false)) of 300"
    echo "others taken for the same: $false of 3000"
    echo "to look for: a third of the first, and none or few of the second"
fi
