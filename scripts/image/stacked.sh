#!/bin/sh
# stacked.sh [OPTION]... DATA OUT: stacked MNIST, a thousand modes: how many do a DCGAN, PacGAN (Lin et al.
# 2018) and Unrolled GAN (Metz et al. 2017) reach, and how evenly?
#
# DATA is a folder with train-images-idx3-ubyte[.gz] and its labels.
# OUT receives judge.st (a classifier of single digits), for each arm ARM.st (the checkpoint), .tsv (the
# costs), .png (samples) and .modes (modes that the samples reach, their divergence from equal
# shares), and table.tsv, with a row for as many real pictures and the papers' modes. Run it again to
# go on.
#   --arms LIST       of dcgan, pac2, pac3, pac4 (dcgan,pac2); and of half-K and quarter-K, which look K
#                     updates ahead with a D of half or a quarter of G: the paper's K are 0, 1, 5, 10
#   --epochs N        passes over 128000 pictures of dcgan and pacs (5; the paper's code: 50)
#   --steps N         play no more than N steps (those of half and quarter are 500000)
#   --samples N       pictures to judge by (26000)
#   -D NAME=VALUE     option of stacked.gan
#   --small           two made-up digits, 100 modes, a quarter of the maps, 600 steps: two minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
arms=dcgan,pac2
check_own() {
    each_of --arms "$arms" dcgan pac2 pac3 pac4 'half-[0-9]' 'half-[1-9][0-9]' 'quarter-[0-9]' 'quarter-[1-9][0-9]'
}
recipe_options "$@"

# arm NAME: its options, minibatch and length, and the modes that its paper reports
arm() {
    all=500000 batch=128 papers=-
    case $1 in
    dcgan) arm_options='-D m=1' batch=64 papers=99 ;;
    pac[2-4]) arm_options="-D m=${1#pac}" batch=$((64 * ${1#pac})) ;;
    half-*) arm_options="-D nets=small -D part=0.5 -D k=${1#half-}" ;;
    quarter-*) arm_options="-D nets=small -D part=0.25 -D k=${1#quarter-}" ;;
    esac
    case $1 in dcgan | pac*) all=$((${epochs:-5} * pictures / batch)) ;; esac
    case $1 in
    pac2) papers=1000 ;;
    half-0) papers=628 ;; half-1) papers=524 ;; half-5) papers=732 ;; half-10) papers=817 ;;
    quarter-0) papers=31 ;; quarter-1) papers=65 ;; quarter-5) papers=236 ;; quarter-10) papers=327 ;;
    esac
    [ -z "$small" ] || all=600 papers=-
}

# modes STREAM: how many it reaches, of how many, and how unevenly
modes() {
    gan-sample "$out/judges.st" -i "$1" logits=logits | gan-eval labels - --groups "$digits" |
        awk -F'\t' 'NR == 2 { sub("of=", "", $3); printf "%s\t%s", $2, $3 }
            NR == 3 { printf "\t%.4f\n", $2 } END { exit NR < 3 }'
}

pictures=128000 lessons=2400 count=${samples:-26000} digits=$(setting digits 3)
if [ -n "$small" ]; then
    pictures=20000 lessons=300 count=${samples:-5000} digits=$(setting digits 2)
    define=" -D digits=2 -D nf=16$define"
    make_file "$out/digits.st" gan-data make digits -n 10000 --seed "$seed"
else
    idx_stream "$out/digits.st" "$data" train
fi
classifier "$out/judge.st" "$out/digits.st" $lessons
gan-init "$pages/networks/classifier.gan" -D parts="$digits" --from "$out/judge.st" -o "$out/judges.st"
make_file "$out/data.st" gan-data stack "$out/digits.st" -k "$digits" -n $pictures --seed "$seed"
make_file "$out/real.st" gan-data stack "$out/digits.st" -k "$digits" -n "$count" --seed $((seed + 1))
make_file "$out/real.modes" modes "$out/real.st"

for name in $(echo "$arms" | tr , ' '); do
    arm "$name"
    run=$out/$name.st
    # shellcheck disable=SC2086 # several words
    start_run "$run" "$here/stacked.gan" $arm_options --batch $batch
    train "$run" "$out/data.st" $batch $all
    gan-sample "$run" -n "$count" --seed 11 -o "$out/judged.st"
    gan-data head -n 64 "$out/judged.st" | gan-data sheet --normalise -o "$out/$name.png"
    modes "$out/judged.st" >"$out/$name.modes"
    rm "$out/judged.st"
done
{
    printf 'arm\tmodes\tof\treverse KL\tmodes, paper\n'
    for name in real $(echo "$arms" | tr , ' '); do
        if [ "$name" = real ]; then papers=-; else arm "$name"; fi
        printf '%s\t%s\t%s\n' "$name" "$(cat "$out/$name.modes")" "$papers"
    done
} >"$out/table.tsv"
cat "$out/table.tsv"
[ -z "$small" ] || echo "to look for: 90 modes or more with pac2, less than half of 100 with dcgan"
