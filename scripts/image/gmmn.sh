#!/bin/sh
# gmmn.sh [OPTION]... DATA OUT: generative moment matching networks (Li et al. 2015) of digits, on
# images and on codes of an auto-encoder, and their Parzen log-likelihood.
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k.
# OUT receives data.st and code.st (the checkpoints) with .tsv (the costs) and .png (samples);
# likelihood.tsv (the table). With --small: ring.st, ring.tsv. Run it again to go on.
#   --epochs N        passes over the data (800: 40000 minibatches of 1000); codes have 400 more before
#   --steps N         play no more than N steps
#   --samples N       samples to judge by (10000)
#   -D NAME=VALUE     option of gmmn.gan
#   --small           a ring of eight modes in the plane: two minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
recipe_options "$@"

if [ -n "$small" ]; then
    make_file "$out/points.st" gan-data make ring -n 20000 --seed 1
    make_file "$out/test.st" gan-data make ring -n 2500 --seed 2
    define=" -D space=ring -D rate=0 -D unbiased=1 -D drop_at=6000$define"
    start_run "$out/ring.st" "$here/gmmn.gan"
    train "$out/ring.st" "$out/points.st" 512 12000
    gan-sample "$out/ring.st" point='G(z)' -n 2500 --seed 11 >"$out/judged.st"
    printf 'modes captured: '
    gan-eval modes "$out/judged.st" | figure modes.captured
    printf 'MMD^2: '
    gan-eval mmd "$out/test.st" "$out/judged.st" --scales 0.1,0.3162,1 | figure mmd
    echo "to look for: 8 modes, MMD^2 about 0.001; two samples of the ring themselves vary by 0.0005"
    exit
fi
idx_stream "$out/train.st" "$data" train --first 50000
idx_stream "$out/valid.st" "$data" train --skip 50000
idx_stream "$out/test.st" "$data" t10k
all=$(passes 800 1000 "$out/train.st")
printf 'space\tlog-likelihood\terror\tpaper\n' >"$out/likelihood.tsv"
for space in data code; do
    run=$out/$space.st before=0 paper='147 +- 2'
    [ $space = data ] || before=$((all / 2)) paper='282 +- 2'
    start_run "$run" "$here/gmmn.gan" -D space=$space -D pretrain=$before -D drop_at=$((before + all / 4))
    train "$run" "$out/train.st" 1000 $((before + all))
    gan-sample "$run" -n 64 --seed 7 | gan-data sheet -o "$out/$space.png"
    gan-sample "$run" -n "${samples:-10000}" --seed 11 >"$out/judged.st"
    found=$(gan-eval parzen "$out/test.st" "$out/judged.st" --validation "$out/valid.st" | figure parzen error)
    printf '%s\t%s\t%s\n' "$space" "$found" "$paper" >>"$out/likelihood.tsv"
done
rm "$out/judged.st"
cat "$out/likelihood.tsv"
