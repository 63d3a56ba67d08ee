#!/bin/sh
# project.sh [OPTION]... DATA OUT: pictures taken back to styles and noise of a trained StyleGAN2, and whether its own
# pictures are told from others by how well they come back (Karras et al. 2020).
#
# DATA is a checkpoint of stylegan2.gan.
# OUT receives for each arm codes of its own pictures and of others (ARM-own.st, ARM-other.st), ARM.png (the others
# above what they come back as), and result.tsv: the median peak signal-to-noise ratio of both, the area under the
# curve of telling them apart by it, how alike neighbours in the maps of noise are, which is near 0 unless they
# take the picture in, and of arms that have a distance of features its medians, by which it tells apart in place of
# the ratio.
#   --pictures FILE   a stream of other pictures, of the size of its own
#   --net FILE        a checkpoint of vgg16.gan with weights, whose LPIPS is the distance of features
#   --arms LIST       w: one style for all layers, wplus: one for each; with -loose behind it maps of noise may be anything,
#                     with -none there are none, with -lpips pictures come near by features, else by pixels
#                     (w,wplus,w-loose and with --small w-lpips, with --net w-lpips,wplus-lpips)
#   --count N         of pictures of each kind (32)
#   --steps N         play no more than N steps of each game (1000)
#   -D NAME=VALUE     option of project.gan
#   --small           made-up portraits of 16x16, whose generator is trained here, and a narrow VGG: some minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
pictures='' net='' arms='' count=32
data_is='checkpoint' small_decides='pictures net'
check_own() {
    : "${arms:=$(if [ -n "$small" ]; then echo w,wplus,w-loose,w-lpips; elif [ -n "$net" ]; then echo w-lpips,wplus-lpips; else echo w,wplus,w-loose; fi)}"
    each_of --arms "$arms" w wplus w-loose wplus-loose w-none wplus-none w-lpips wplus-lpips
    [ -n "$small$pictures" ] || usage "expected --pictures FILE"
    case $small$net,$arms in ,*-lpips*) usage "expected --net FILE for features" ;; esac
}
stays steps
recipe_options "$@"
run=$data
if [ -n "$small" ]; then
    run=$out/run.st pictures=$out/data.st learning=$(at_most 1500 "$steps")
    [ -s "$out/portraits.st" ] || gan-init "$here/portraits.gan" --seed "$seed" -o "$out/portraits.st"
    make_file "$out/data.st" gan-sample "$out/portraits.st" -n 20000 --seed 1 image=face
    [ -s "$run" ] || gan-init "$pages/image/stylegan2.gan" -D size=16 -D config=E -D base=512 -D most=64 -D nz=64 -D layers=4 \
        -D gamma=0.3 -D mixing=0 -D rate=0.003 --seed "$seed" -o "$run"
    train "$run" "$out/data.st" 16 "$learning" 50
    net=$out/vgg.st
    make_file "$out/scored.st" gan-sample "$out/portraits.st" -i "$out/data.st" image=x scores=scores
    if [ ! -s "$net" ]; then
        cat >"$out/vgg.gan" <<'EOP'
# narrow features of VGG's kind, which learn what can be read off portraits
data  x: image[16, 16, 3]
data  s: scores[4]
init weight = he_normal()
init bias = 0
use VGG, LPIPS from "vgg16.gan"
net C(h) = h | mean([0, 1]) | linear(4)
let large = upsample(x, 2), told = C(VGG(large)), wanted = batchnorm(s, affine=0)
player C of C, VGG: adam(0.001) minimizes mean((told - wanted)^2)
sample LPIPS(large)
EOP
        gan-init "$out/vgg.gan" -D nf=8 --seed "$seed" -o "$net"
    fi
    train "$net" "$out/scored.st" 32 500 50
fi
gan-sample "$run" -n 1 'image=Ga(same(Fa(z)))' >/dev/null 2>&1 || die "$run: makes no pictures of styles, as a run of stylegan2.gan does"
all=$(at_most "$([ -n "$small" ] && echo 400 || echo 1000)" "$steps")

options=''
for setting in $(gan-data info "$run" --meta gan.settings); do
    case $setting in rate=* | now=* | fade=* | noise=*) continue ;; esac # of the game
    gan-init "$here/project.gan" -D "$setting" 2>&1 | grep -q 'has no option' || options="$options -D $setting"
done
define="$options -D pictures=$count -D steps=$all$define"
features=''
for setting in $([ -z "$net" ] || gan-data info "$net" --meta gan.settings); do
    case $setting in nf=* | normalised=*) features="$features -D $setting" ;; esac
done
make_file "$out/own.st" gan-sample "$run" -n "$count" -b "$count" --seed 8 'image=Ga(same(Fa(z)))'
gan-data head --shuffle --seed "$seed" -n "$count" "$pictures" | gan-data join -- -:image | gan-data cat --frame "$count" - -o "$out/other.part"
make_file "$out/other.st" cat "$out/other.part"

printf 'arm\town psnr\tother psnr\tarea\town alike\tother alike\town distance\tother distance\n' >"$out/result.new"
for arm in $(echo "$arms" | tr , ' '); do
    case $arm in wplus*) set -- -D space=w+ ;; *) set -- -D space=w ;; esac
    values=psnr=psnr
    # shellcheck disable=SC2086 # words
    case $arm in
    *-loose) set -- "$@" -D quiet=0 ;;
    *-none) set -- "$@" -D noise=none ;;
    *-lpips) set -- "$@" -D lpips=1 -D pixels=0 -D coarse=0 $features --from VGG="$net" --from LPIPS="$net"
        values="$values distance=distance" ;;
    esac
    judge=${values##*=}
    : >"$out/judged.part"
    for whose in own other; do
        codes=$out/$arm-$whose.st
        [ -s "$codes" ] || start_run "$codes" "$here/project.gan" "$@" --from F=Fa="$run" --from G=Ga="$run" 2>"$out/said.part" ||
            { cat "$out/said.part" >&2; exit 1; }
        ! short_of "$codes" "$all" || gan-data batch "$out/$whose.st" --size "$count" --endless --from "$codes" |
            gan-step "$codes" --until "$all" --log "${codes%.st}.tsv" --log-every "$(log_every "$all" 50)"
        # shellcheck disable=SC2086 # words
        gan-sample "$codes" -i "$out/$whose.st" -b "$count" image=picture $values alike=smooth -o "$out/$whose.part"
        for value in $values; do gan-data to-table "$out/$whose.part" -n "${value%=*}" --bare | sed "s/^/$whose ${value%=*} /"; done >>"$out/judged.part"
        alike=$(gan-eval moments "$out/$whose.part" -t alike --pairs 0 | figure moments.mean)
        case $whose in own) own_alike=$alike ;; esac
    done
    sort -g -k 3 "$out/judged.part" | awk -v arm="$arm" -v own="$own_alike" -v other="$alike" -v judge="$judge" '
        function median(whose, what) { return v[whose, what, int((n[whose, what] + 1) / 2)] }
        { v[$1, $2, ++n[$1, $2]] = $3 }
        END {
            for (i = 1; i <= n["own", judge]; i++) for (j = 1; j <= n["other", judge]; j++) {
                a = v["own", judge, i] - v["other", judge, j]
                if (judge == "distance") a = -a
                area += a > 0 ? 1 : a == 0 ? .5 : 0
            }
            printf "%s\t%.1f\t%.1f\t%.3f\t%.2g\t%.2g", arm, median("own", "psnr"), median("other", "psnr"),
                area / (n["own", judge] * n["other", judge]), own, other
            if (judge == "distance") printf "\t%.3g\t%.3g\n", median("own", judge), median("other", judge)
            else print "\t\t"
        }' >>"$out/result.new"
    { cat "$out/other.st"; gan-data join "$out/other.part:image"; } | gan-data sheet --columns "$count" -o "$out/$arm.png"
done
rm -f "$out"/*.part
mv "$out/result.new" "$out/result.tsv"
cat "$out/result.tsv"
if [ -n "$small" ]; then
    echo "to look for, with w: own pictures come back better by 6 dB than others and are told apart with an area of at least .95,"
    echo "by features too; maps of noise are less alike than they are where they may take the picture in"
    verdict '{ own[$1] = $2; other[$1] = $3; area[$1] = $4; alike[$1] = $6 }
        END {
            if ("w" in own) { least("gain", own["w"] - other["w"], 6); least("area", area["w"], .95) }
            if ("w-lpips" in own) least("area by features", area["w-lpips"], .95)
            if (("w" in own) && ("w-loose" in own) && alike["w"] >= alike["w-loose"]) miss("maps of noise")
        }' "$out/result.tsv"
fi
say "look at $out/*.png"
