#!/bin/sh
# wgan-gp.sh [OPTION]... DATA OUT: the architectures that a gradient penalty trains without a changed
# hyperparameter (Gulrajani et al. 2017), beside weight clipping and two ordinary games.
#
# DATA is a folder or .zip of pictures (subfolders count), or a folder of IDX files or of CIFAR-10's
# *.bin. Each of the networks is trained with each of the losses, from the same data, and judged.
# OUT receives for each pair NET-LOSS.st (the run), .tsv, .png (curve of the critic), -samples.png;
# and result.tsv: network, loss, steps, distance (of samples to data along random directions), spread
# (mean distance between samples) and, with labelled digits, the inception score of a classifier
# trained on the data (classifier.gan).
#   --nets LIST       dcgan,constant,mlp,plain,gated,tanh,resnet101,resnet (all)
#   --losses LIST     gp,clip,gan,lsgan (all)
#   --size N          pictures become 28, 32 or 64 pixels square (64); digits are 28, CIFAR-10 32
#   --first N         train on N samples only; two more columns have the critic's gap there and on as
#                     many others, apart when it has learnt its data by heart
#   --steps N         of G, of each run (200000)
#   --samples N       samples to judge by (2000)
#   -D NAME=VALUE     option of wgan-gp.gan
#   --small           made-up digits of 32x32, the MLP generator and a narrow critic with gp and with
#                     gan: two minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"

size=64 first='' nets=dcgan,constant,mlp,plain,gated,tanh,resnet101,resnet losses=gp,clip,gan,lsgan
check_own() {
    each_of --nets "$nets" dcgan constant mlp plain gated tanh resnet101 resnet
    each_of --losses "$losses" gp clip gan lsgan
}
data_is=pictures
recipe_options "$@"
count=${samples:-2000} length=200000

if [ -n "$small" ]; then
    nets=mlp losses=gp,gan
    make_file "$out/data.st" gan-data make digits -n 5000 --size 32 --move 0 --zoom 0 --seed "$seed"
    define=" -D size=32 -D channels=1 -D width=256 -D nf=16 -D norm_d=layer$define"
else
    image_stream "$data" "$size"
fi
make_file "$out/real.st" gan-data head --shuffle -n "$count" "$out/data.st"
data=$out/data.st
if [ -n "$first" ]; then
    data=$out/first.st
    hold_out "$first" "$out/data.st" "$data" "$out/rest.st"
    make_file "$out/others.st" gan-data head --shuffle -n "$first" "$out/rest.st"
fi

# a classifier, where there are labels
judge=''
case $(gan-data info "$out/data.st") in *label*)
    judge=$out/judge.st
    classifier "$judge" "$out/data.st" 300 -D nf=16 ;;
esac
score() { # score STREAM
    if [ -z "$judge" ]; then echo -; else
        gan-sample "$judge" -i "$1" logits=logits | gan-eval inception - | figure inception
    fi
}
gap() { # gap RUN STREAM: of the critic between this stream and its samples
    gan-sample "$1" -i "$2" value='view(gap, 1)' --batch-statistics |
        gan-eval moments - --tensor value --pairs 0 | figure moments.mean
}
# row NET LOSS STEPS STREAM
row() {
    distance=$(gan-eval wasserstein "$out/real.st" "$4" --tensor image -n "$count" | figure wasserstein)
    spread=$(gan-eval moments "$4" --pairs 400 | figure moments.distance)
    points=$(score "$4") gap=- gap_others=-
    if [ -n "$first" ] && [ "$1" != data ]; then
        gap=$(gap "$run.st" "$data")
        gap_others=$(gap "$run.st" "$out/others.st")
    fi
    printf '%s\t%s\t%s\t%s\t%s\t%s%s\n' "$1" "$2" "$3" "$distance" "$spread" "$points" \
        "${first:+	$gap	$gap_others}"
}

printf 'net\tloss\tsteps\tdistance\tspread\tscore%s\n' "${first:+	gap	gap_others}" >"$out/result.part"
row data - - "$out/real.st" >>"$out/result.part"
for net in $(echo "$nets" | tr , ' '); do
    for loss in $(echo "$losses" | tr , ' '); do
        run=$out/$net-$loss
        [ -z "$small" ] || if [ "$loss" = gp ]; then length=300; else length=1500; fi
        start_run "$run.st" "$here/wgan-gp.gan" -D net="$net" -D loss="$loss"
        train "$run.st" "$data" 64 "$length"
        gan-data plot "$run.tsv" -o "$run.png" --columns gap --smooth 11
        gan-sample "$run.st" -n "$count" --batch-statistics --seed 7 -o "$out/fake.part"
        gan-data head -n 64 "$out/fake.part" | gan-data sheet -o "$run-samples.png"
        row "$net" "$loss" "$(steps_played "$run.st")" "$out/fake.part" >>"$out/result.part"
    done
done
rm "$out/fake.part"
mv "$out/result.part" "$out/result.tsv"
cat "$out/result.tsv"
[ -z "$small" ] ||
    echo "to look for: gp's score at least 2, spread above 3; gan's at most 1.1, below 1; data's near 10"
say "look at $out/*-samples.png"
