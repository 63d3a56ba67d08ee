#!/bin/sh
# tganv2.sh [OPTION]... DATA OUT: TGANv2 (Saito, Saito, Koyama, Kobayashi 2020): clips at several levels, the
# higher ones of which see few of the frames, beside simpler games at equal budget.
#
# DATA is a stream of clips (.st), a folder of MNIST's train-images-idx3-ubyte and labels, whose digits
# fly about two by two, or a folder of films or strips of frames, by class. Arms are s2 and s4 (each
# second or fourth frame goes on to the next level), naive (all do), single (a discriminator of the whole
# clip alone), still (that and one of a frame) and classes (s2 of clips by class).
# OUT receives for each arm the run (ARM.st, ARM.tsv), the checkpoint of the best inception score
# (ARM.best.st), looks (ARM-scores.tsv and .png: inception score, Frechet distance, seconds) and clips
# (ARM.png, ARM.gif); levels.png (the same latents shown at each level) and levels.tsv (how like level and top
# are); costs.tsv (millions of multiplications for a sample of the page's size, forwards, without the
# length-1 padding of the released code and with it); memory.tsv (what a step of one clip of 192x192
# occupies, with an eighth of the maps); and result.tsv.
#   --arms LIST       games to play (s2,s4,naive,single)
#   --size N          pixels a side: 64, 128, 192, 256 (192)
#   --batch N         clips of a minibatch (32)
#   --steps N         play no more than N steps of each (100000)
#   --every N         steps between two looks (2000)
#   --samples N       clips to judge by (2048)
#   --sets N          sets of so many clips, which the best checkpoint is judged by in the end (10)
#   --judge FILE      checkpoint of c3d.gan, i3d.gan or classifier3d.gan to judge by; if not given one of
#                     classifier3d.gan is taught the data's labels, those of MNIST with digits that fly alone
#   -D NAME=VALUE     option of tganv2.gan
#   --small           squares and discs made on the spot: twelve minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/clips.inc
. "$pages/lib/clips.inc"
arms=s2,s4,naive,single size=192 batch=32 every=2000 sets=10 judge=''
data_is=any small_decides='size batch every judge' free="$free every sets "
check_own() { each_of --arms "$arms" s2 s4 naive single still classes; }
recipe_options "$@"

# begin ARM OPTION...: OUT/ARM.st, or with --plan the costs
arm_options() {
    case $1 in
    s2 | s4) echo "-D s_t=${1#s}" ;;
    naive) echo "-D s_t=1" ;;
    single) echo "-D levels=1" ;;
    still) echo "-D levels=1 -D still=1" ;;
    classes) echo "-D classes=${classes:-2}" ;;
    esac
}

# costs: of nets, forwards, of a sample
printf 'arm\tG\tD\tD padded\n' >"$out/costs.new"
for arm in $(echo "$arms" | tr , ' '); do
    # shellcheck disable=SC2046 # several words
    for published in 0 1; do
        gan-init "$here/tganv2.gan" $(arm_options "$arm") -D size="$size" -D published=$published --batch 1 --dump layers |
            awk -v v=$published '/^[A-Za-z]*: / { part = $1 }
                part == "G:" && $1 == "G" && v { printf "%.1f\t", $3 / 1e6 }
                part == "G:" && $1 == "D" { printf "%.1f\t", $3 / 1e6 }'
    done >"$out/cost.part"
    awk -F'\t' -v arm="$arm" '{ printf "%s\t%s\t%s\t%s\n", arm, $2, $1, $3 }' "$out/cost.part" >>"$out/costs.new"
done
mv "$out/costs.new" "$out/costs.tsv"
cat "$out/costs.tsv"

# memory: the most that is occupied while three steps are played, MiB
if [ ! -s "$out/memory.tsv" ]; then
    gan-init "$here/tganv2.gan" -D nf=4 -D nf_D=8 -o "$out/memory.part"
    gan-sample "$out/memory.part" -n 2 'video=made[3]' -o "$out/clips.part"
    printf 'arm\tMiB\n' >"$out/memory.new"
    for arm in naive s2 s4; do
        # shellcheck disable=SC2046 # several words
        gan-init "$here/tganv2.gan" $(arm_options $arm) -D nf=4 -D nf_D=8 -o "$out/memory.part"
        gan-data batch "$out/clips.part" --size 1 --endless | gan-step "$out/memory.part" -n 3 -q &
        most=0
        while kill -0 $! 2>/dev/null; do
            now=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$!/status" 2>/dev/null) || now=''
            [ -z "$now" ] || most=$now
            sleep 0.1
        done
        wait $!
        printf '%s\t%d\n' $arm $((most / 1024)) >>"$out/memory.new"
    done
    rm "$out"/*.part
    mv "$out/memory.new" "$out/memory.tsv"
fi
cat "$out/memory.tsv"

if [ -n "$small" ]; then
    toy_clips
    # the weight of the penalty is 4, and 10 of a single discriminator
    define=" -D size=16 -D channels=1 -D nf=16 -D nf_D=16 -D nz=32 -D rate=0.0005 -D steps=2000$define"
    batch=16 all=601 every=100 count=${samples:-512}
else
    clip_data "$size" 16
    all=100000 count=${samples:-2048}
fi
clip_judge
clip_real

printf 'arm\tdistance first\tlast\tleast\tscore last\tmost\tseconds\tscore of the best\tdistance\n' >"$out/result.new"
for arm in $(echo "$arms" | tr , ' '); do
    # shellcheck disable=SC2046 # several words
    set -- $(arm_options "$arm")
    [ -z "$small" ] || case $arm in single | still) set -- "$@" -D worker=1 ;; esac
    start_run "$out/$arm.st" "$here/tganv2.gan" "$@"
    run_arm "$arm" "$batch" "$all" "$every"
    scores=$(arm_scores "$arm")
    last=$(arm_final "$arm" "$sets")
    printf '%s\t%s\t%s\n' "$arm" "$scores" "$last" >>"$out/result.new"
done
mv "$out/result.new" "$out/result.tsv"
cat "$out/result.tsv"

# the same latents at each level, doubled to the size of the top
for run in s2 s4 naive; do
    [ -s "$out/$run.best.st" ] || continue
    top=$(setting levels "$([ "$(setting size 192)" -lt 64 ] && echo 2 || echo 4)")
    printf 'arm\tlevel\tpsnr\tssim\n' >"$out/levels.tsv"
    level=0
    while [ $((level += 1)) -lt "$top" ]; do
        gan-sample "$out/$run.best.st" -n 64 --seed 7 "video=unfold(upsample(fold(made[$((level - 1))]), $((1 << (top - level)))), count(x, 0))" \
            -o "$out/level.part"
        gan-sample "$out/$run.best.st" -n 64 --seed 7 -o "$out/top.part"
        psnr=$(gan-eval psnr "$out/top.part" "$out/level.part" | figure psnr)
        ssim=$(gan-eval ssim "$out/top.part" "$out/level.part" | figure ssim)
        printf '%s\t%s\t%s\t%s\n' $run $level "$psnr" "$ssim" >>"$out/levels.tsv"
        [ $level != 1 ] || gan-data cat "$out/level.part" | gan-data head -n 4 >"$out/both.part"
    done
    gan-data head -n 4 "$out/top.part" | gan-data cat "$out/both.part" - | gan-data sheet -o "$out/levels.png"
    rm "$out"/*.part
    cat "$out/levels.tsv"
    break
done
if [ -n "$small" ]; then
    echo "to look for: the distance of s2 at most half of single's and no more than naive's, with fewer"
    echo "seconds than both; s4 the quickest of all; memory falls from naive to s2"
fi
