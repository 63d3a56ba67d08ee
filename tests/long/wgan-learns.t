#!/bin/sh
# What critics learn: toys whose distances are known, and text.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"
. "$here/lib/eval.sh"

# --- toys: what distances tell ---
toy() { # toy NAME STEPS OPTION...
    name=$1 to=$2
    shift 2
    gan-init "$scripts/toy/wgan-toy.gan" -D width=64 -D depth=2 -D critics=1 -D start=even "$@" --batch 128 -o "$name.st" &&
        gan-step -q "$name.st" --until "$to" --log "$name.tsv" --log-every 20 >out 2>err
}
for t in 0.2 1; do
    toy clip$t 500 -D data=lines -D theta0=$t -D loss=clip -D c=0.1 -D rate=0.001
    toy gan$t 500 -D data=lines -D theta0=$t -D loss=gan -D rate=0.01
done
holds "$(last clip1.tsv estimate) > 3.5 * $(last clip0.2.tsv estimate) && $(last clip1.tsv estimate) < 6.5 * $(last clip0.2.tsv estimate)" \
    "the critic's estimate is proportional to the distance of two lines"
holds "$(last gan1.tsv estimate) > 0.685 && $(last gan0.2.tsv estimate) > 0.685" "that of a GAN is log 2, however far they are"
toy learn 300 -D data=lines -D loss=clip -D c=0.1 -D critics=5 -D rate=0.001 -D rate_g=0.01 -D train=1
holds "$(last learn.tsv theta)^2 < 0.03^2" "theta is learnt"
toy far-clip 500 -D data=gaussians -D loss=clip -D c=0.1 -D rate=0.001 -D reach=4
toy far-gan 500 -D data=gaussians -D loss=gan -D rate=0.01 -D reach=4
holds "$(worth far-clip.st 'stack([mean(slope_g)])') > 100 * $(worth far-gan.st 'stack([mean(slope_g)])')" \
    "at far samples the critic has a slope where D has none"
holds "$(worth far-clip.st 'stack([straightness])') < -0.97" "and is nearly straight between them"
toy gp 600 -D samples=noisy -D lambda=10 -D width=128 -D depth=3 -D rate=0.0003
toy clip 600 -D samples=noisy -D loss=clip -D width=128 -D depth=3
holds "$(last gp.tsv slope) > 0.85 && $(last gp.tsv slope) < 1.15 && $(last clip.tsv slope) < 0.1" \
    "the penalty keeps slopes near 1, clipping does not"
holds "$(worth clip.st 'stack([edge(weights("D.2.weight"))])') > 0.5 && $(worth gp.st 'stack([edge(weights("D.2.weight"))])') < 0.05" \
    "clipping drives weights to the edge, the penalty does not"
toy peaks 800 -D samples=noisy -D width=128 -D depth=3 -D rate=0.0003 -D reach=2
holds "$(worth peaks.st 'stack([peaks])') == 8 && $(worth peaks.st 'stack([contrast])') > 0.2" "the critic has a peak at each mode"
toy game 400 -D width=128 -D depth=3 -D critics=5 -D rate=0.001
gan-sample game.st -n 2000 'point=1.414*g' | gan-eval modes - --sigma 0.1 >out 2>err
holds "$(value modes.captured) == 8" "G finds the eight modes"
gan-sample game.st -n 1 surface=surface | gan-data sheet --name surface --normalise >out 2>err && head -c 4 out | grep -q PNG
check $? "the critic's surface is a picture"
quiet "$scripts/image/wgan.sh" --small curves --steps 1000 --samples 250
holds "$(awk '$1 == "wgan" { print $3 }' curves/result.tsv) > 0.3 + $(awk '$1 == "gan" { print $3 }' curves/result.tsv)" \
    "wgan.sh: the critic's curve goes with the distance to the data, the GAN's does not"

# --- text ---
quiet "$scripts/text/wgan-gp-text.sh" --small lines --steps 150 -D dim=16 && [ -s lines/samples.txt ]
check $? "wgan-gp-text.sh"
holds "$(awk '$1 == 1 { print $2 - 0.75 * $3 }' lines/result.tsv) < 0 && $(awk '$1 == 2 { print $4 - 0.1 * $2 }' lines/result.tsv) < 0" \
    "letters are more like the text's than untrained, and held-out lines far more"
finish
