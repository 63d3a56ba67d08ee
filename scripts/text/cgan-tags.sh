#!/bin/sh
# cgan-tags.sh [OPTION]... DATA OUT: conditional GAN of tags (Mirza & Osindero 2014): word vectors
# from an image's features.
#
# DATA is a folder with three streams: pairs.st, `word` [N,200] and `feature` [N,4096], an image
# once for each of its tags; vocabulary.st, `word` [V,200] with the words in the metadata gan.words;
# images.st, `feature` and `label` (the image's number) of the images to tag. Other lengths of the
# vectors are options of the page.
# OUT receives run.st (the checkpoint), run.tsv and curve.png (the costs), tags.tsv (the tags: 100
# samples an image vote for the 20 words nearest to each, and ten are elected). Run it again to go
# on.
#   --epochs N        passes over the data (20)
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of cgan-tags.gan
#   --small           made-up topics and tags: seconds
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
recipe_options "$@"

# tag TOP VOTE OPTION...: a hundred samples for each image vote
tag() {
    top=$1 vote=$2
    shift 2
    images=$(samples_in "$data/images.st")
    gan-data pick "$data/images.st" --rows "0-$((images - 1))" --repeat 100 |
        gan-sample "$out/run.st" word='G(z, f)' -i - --seed 5 |
        gan-eval tags - "$data/vocabulary.st" --top "$top" --vote "$vote" --group label "$@" \
            >"$out/tags.tsv"
}

if [ -n "$small" ]; then
    data=$out
    make_file "$out/made.st" gan-data make tags -n 10020
    make_file "$out/pairs.st" gan-data head -n 10000 "$out/made.st"
    make_file "$out/images.st" gan-data pick "$out/made.st" --rows 10000-10019
    make_file "$out/vocabulary.st" gan-data make vocabulary
    define="-D words=32 -D features=64 -D width=0.25 -D optimizer=adam$define"
    all=1000
else
    for stream in pairs vocabulary images; do
        [ -e "$data/$stream.st" ] || die "$data: no $stream.st"
    done
    all=$(passes 20 100 "$data/pairs.st")
fi
start_run "$out/run.st" "$here/cgan-tags.gan"
train "$out/run.st" "$data/pairs.st" 100 "$all"
gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns D,G --smooth 25

if [ -n "$small" ]; then
    tag 5 5 --truth "$data/vocabulary.st"
    precision=$(figure tags.precision <"$out/tags.tsv")
    echo "precision of 5 tags after $(steps_played "$out/run.st") steps: $precision"
    echo "to look for: at least 0.2 after 1000 steps (0.01 untrained, 0.025 by chance)"
else
    tag 20 10
    sed 's/^tags.word\t\([^\t]*\)\tgroup=\([^\t]*\)\t.*/\2\t\1/; 1d' "$out/tags.tsv"
fi
