#!/bin/sh
# stylegan2.sh [OPTION]... DATA OUT: StyleGAN2 (Karras et al. 2020) of pictures, by configuration, how smoothly its
# styles become pictures, and whether pictures it made are told from others by taking them back to styles.
#
# DATA is a folder or .zip of pictures, or one with CIFAR-10's *.bin.
# OUT receives for each arm the run (ARM.st, ARM.tsv, ARM-curve.png), samples without and with truncation (ARM.png,
# ARM-psi.png), styles of a row and of a column mixed (ARM-mixed.png), ways between samples (ARM-walk.png), with
# classes a row of samples of each (ARM-classes.png), and result.tsv: mean length of paths between samples in pixels
# and the ratio of its ninth to its first decile, the coefficient of variation of the lengths that the penalty evens
# out, the 8th and 16th singular value of the generator's derivative by the first, the Frechet distance of pixels in
# blocks of a quarter of the picture, or of features, and from codes of generated and of other pictures (invert.gan,
# w) both peak signal-to-noise ratios and the area under the curve of telling them apart, and how far the highest peak
# of the last layer's maps stands out, as the droplets of A do (gan-eval droplets).
#   --arms LIST       configurations A to F; with an o behind D to F without the penalty of paths, with a d behind B to F
#                     with differentiable and with an a with adaptive augmentation: Fo, Fa (F). A is StyleGAN, which
#                     nothing takes pictures back to
#   --grow            let A to D grow from 8x8 on (ARM-8.st, ...), and then be played for as many passes as the others;
#                     without --few, --pad, and the options classes, height and width
#   --pictures N      shown while the layers of a size come in, and as many after that (600000)
#   --size N          pixels a side: 8 to 1024, a power of 2 (64)
#   --pad             put pictures that are not square into black ones that are, as the paper does, instead of cutting
#                     them; or -D height=N, -D width=N beside --size, see the page
#   --batch LIST      pictures of a minibatch (32); of networks that grow, from size to size, the last at all that follow
#   --epochs N        passes over the data (50)
#   --steps N         play no more than N steps of each game
#   --few N           train on so many pictures only, and judge by the others
#   --judge FILE      a checkpoint whose feature of pictures is what distances are of, such as classifier.gan's
#   --samples N       samples to judge by (2000)
#   -D NAME=VALUE     option of stylegan2.gan; base=2048 most=128 nz=128 are the defaults here; with classes=K pictures
#                     lie in a folder for each class
#   --small           made-up portraits of 16x16, E with and without the penalty of paths
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/growing.inc
. "$pages/lib/growing.inc"
arms=F size=64 batch=32 few='' judge='' pad='' grow='' first=8 pictures=600000
data_is=pictures small_decides='epochs size batch few judge pad grow pictures' free="$free judge "
check_own() {
    each_of --arms "$arms" '[A-F]' '[D-F]o' '[B-F][ad]'
    each_of --size "$size" 8 16 32 64 128 256 512 1024
    check_batch
    # StyleGAN has none, and the pictures of growing networks are square
    case "$grow,$arms,$define" in
    1*' classes='* | 1*' height='* | 1*' width='* | *,A,*' classes='* | *,A,*' height='* | *,A,*' width='*)
        usage "classes, height and width: not with --grow, nor with configuration A" ;;
    esac
    [ -z "$grow" ] || not_given 'not with --grow' few pad
}
recipe_options "$@"

classes=$(setting classes 0) labels=''
[ "$classes" = 0 ] || labels="--label 0-$((classes - 1))"
[ -z "$judge" ] || gan-data info "$judge" --page | grep -v '^ *#' | grep -qw feature || die "$judge: its page has no feature"
learnt=$out/data.st others=$out/data.st
if [ -n "$small" ]; then
    case $given in *' arms '*) ;; *) arms=E,Eo ;; esac
    size=16 batch=16 until=1500
    [ -s "$out/portraits.st" ] || gan-init "$pages/latent/portraits.gan" --seed "$seed" -o "$out/portraits.st"
    make_file "$out/data.st" gan-sample "$out/portraits.st" -n 20000 --seed 1 image=face
    define=" -D base=192 -D most=32 -D nz=64 -D layers=4 -D gamma=1 -D noise=none -D mixing=0$define"
else
    if [ -n "$grow" ]; then
        level_stream "$size"
        learnt=$out/data-$size.st others=$learnt
    elif [ -n "$(find "$data" -maxdepth 1 -name '*.bin')" ]; then cifar_stream "$out/data.st" "$data"
    else
        make_file "$out/data.st" gan-data images "$data" --size "$(setting height "$size")x$(setting width "$size")" \
            ${labels:+--labels} ${pad:+--pad}
    fi
    define=" -D base=2048 -D most=128 -D nz=128$define"
    if [ -n "$few" ]; then
        hold_out "$few" "$out/data.st" "$out/learnt.st" "$out/others.st"
        learnt=$out/learnt.st others=$out/others.st
    fi
    until=$(passes 50 "${batch##*,}" "$learnt")
fi
define=" -D size=$size$define"
: "${samples:=2000}"
count=$(at_most 32 "$samples")
take=$(at_most 300 "${steps:-}")

# at STREAM TENSOR SHARE...: these quantiles of its numbers, with blanks between
at() {
    stream=$1 tensor=$2
    shift 2
    gan-data to-table "$stream" -n "$tensor" --bare | sort -g |
        awk -v shares="$*" '{ x[NR] = $1 } END { n = split(shares, s, " "); for (i = 1; i <= n; i++) printf "%s%g", (i > 1 ? " " : ""), x[int(s[i] * (NR - 1)) + 1]; print "" }'
}
# measured ARM: figures of result.tsv
measured() {
    run=$out/$1.st
    step='0.001'
    # noise would differ between the ends of a step
    gan-sample "$run" -n "$samples" --seed 5 -D noise=none \
        far="mean((shown(same(p)) - shown(same(p + $step*(q - p))))^2, [0, 1, 2]) / $step^2 where p = Fa(z), q = Fa(z2)" -o "$out/seen.part"
    figures '%.4f\t' "$(gan-eval moments "$out/seen.part" -t far --pairs 0 | figure moments.mean)"
    at "$out/seen.part" far 0.9 0.1 | awk '{ printf "%.2f\t", $1 / $2 }'
    gan-sample "$run" -n "$(at_most 512 "$samples")" --seed 5 -o "$out/seen.part" \
        length='sqrt(mean(sum(grad(sum(p * y), v)^2, -1), 0)) where v = same(Fa(z)), p = shown(v), y = normal[shape(p)] / sqrt(count(p) / 3)'
    gan-eval moments "$out/seen.part" -t length --pairs 0 | awk -F'\t' '{ m[$1] = $2 } END { printf "%.3f\t", m["moments.std"] / m["moments.mean"] }'
    gan-svd "$run" --jacobian 'shown(same(w))' --of w --count 8 --top 16 |
        awk -F'\t' 'NR > 1 { a += $10 / $3; b += $18 / $3; n++ } END { printf "%.3f\t%.3f\t", a / n, b / n }'
    if [ -n "$judge" ]; then
        gan-sample "$judge" -i "$out/few.part" feature=feature -o "$out/real.part"
        gan-sample "$run" -n "$samples" --seed 6 'image=shown(same(Fa(z)))' | gan-sample "$judge" -i - feature=feature -o "$out/seen.part"
    else
        gan-sample "$run" -i "$out/few.part" 'feature=flatten(avgpool(x, size/4))' -o "$out/real.part"
        gan-sample "$run" -n "$samples" --seed 6 'feature=flatten(avgpool(shown(same(Fa(z))), size/4))' -o "$out/seen.part"
    fi
    far=$(gan-eval fid "$out/real.part" "$out/seen.part" 2>/dev/null | figure fid 2>/dev/null) || far='' # of too few samples
    if [ -n "$far" ]; then printf '%.3f\t' "$far"; else printf '%s\t' -; fi
    case $1 in A) printf '%s\t-\t-' - ;; *) told_apart "$1" ;; esac
    gan-sample "$run" -n "$(at_most 100 "$samples")" --seed 9 "maps=maps_of(same(Fa(z)), $(awk "BEGIN { printf \"%.0f\", log($size) / log(2) }"))" -o "$out/seen.part"
    figures '\t%.2f\n' "$(gan-eval droplets "$out/seen.part" | figure droplets)"
}
# options_of PAGE NAME=VALUE...: those that the page has
options_of() {
    of_page=$1
    shift
    for word in "$@"; do gan-init "$of_page" -D size=8 -D "$word" 2>&1 | grep -q 'has no option' || printf ' -D %s' "$word"; done
}
# told_apart ARM: how well its own pictures and others are taken back, and told apart by that
told_apart() {
    # but those of the game
    # shellcheck disable=SC2046 # several words
    options=$(options_of "$pages/latent/invert.gan" $(gan-data info "$run" --meta gan.settings | tr ' ' '\n' | grep -v '^rate=\|^now=\|^fade='))
    gan-sample "$run" -n "$count" --seed 8 'image=Ga(same(Fa(z)))' -o "$out/own.part"
    gan-data head -n "$count" "$out/few.part" | gan-data join -- -:image >"$out/other.part"
    for whose in own other; do
        # shellcheck disable=SC2086 # several words
        gan-init "$pages/latent/invert.gan" $options -D space=w -D pictures="$count" -D restarts=1 -D steps="$take" --from F=Fa="$run" --from G=Ga="$run" \
            --seed "$seed" -o "$out/codes.part" 2>"$out/said.part" || { cat "$out/said.part" >&2; return 1; }
        gan-data cat --frame "$count" "$out/$whose.part" | gan-data batch --size "$count" --endless | gan-step "$out/codes.part" -n "$take" -q
        gan-data cat --frame "$count" "$out/$whose.part" | gan-sample "$out/codes.part" psnr=psnr -o "$out/$whose-psnr.part"
        at "$out/$whose-psnr.part" psnr 0.5 | awk '{ printf "%.1f\t", $1 }'
    done
    for whose in own other; do gan-data to-table "$out/$whose-psnr.part" -n psnr --bare | sed "s/^/$whose /"; done |
        awk '$1 == "own" { own[++n] = $2 } $1 == "other" { other[++m] = $2 } END { for (i = 1; i <= n; i++) for (j = 1; j <= m; j++) w += own[i] > other[j] ? 1 : own[i] == other[j] ? .5 : 0; printf "%.3f", w / (n * m) }'
}

gan-data head --shuffle -n "$(at_most "$samples" "$(samples_in "$others")")" "$others" -o "$out/few.part"
printf 'arm\tsteps\tpath\tp90/p10\tvariation\ts8\ts16\tdistance\town psnr\tother psnr\tarea\tpeaks\n' >"$out/result.new"
# a game that grows is judged at its end only
judge_level() { :; }
level_file() { if [ "$1" = "$size" ]; then echo "$out/$arm.st"; else echo "$out/$arm-$1.st"; fi; }
all_options=$define
for arm in $(echo "$arms" | tr , ' '); do
    define=$all_options grows=stylegan2
    set -- -D config="${arm%[oad]}"
    case $arm in
    *o) set -- "$@" -D every_g=0 -D pl=0 ;;
    *a) set -- "$@" -D augmentation=ada ;;
    *d) set -- "$@" -D augmentation=diff ;;
    A)
        set --
        grows=stylegan
        # shellcheck disable=SC2046 # several words
        define=$(options_of "$here/stylegan.gan" $(echo "$define" | sed 's/ -D / /g')) ;;
    esac
    define="$define${*:+ $*}"
    case $grow$arm in 1[A-D]*) grow ;; *) start_run "$out/$arm.st" "$here/$grows.gan" ;; esac
    [ -s "$out/$arm.st" ] || { say "$arm has not grown up in $steps steps"; continue; }
    train "$out/$arm.st" "$learnt" "${batch##*,}" "$until" 50
    gan-data plot "$out/$arm.tsv" -o "$out/$arm-curve.png" --columns D,G --smooth 25
    gan-sample "$out/$arm.st" -n 64 --seed 7 'shown(same(Fa(z)))' | gan-data sheet -o "$out/$arm.png"
    # shellcheck disable=SC2086 # several words
    gan-sample "$out/$arm.st" -n 64 --seed 7 $labels | gan-data sheet -o "$out/$arm-psi.png"
    gan-sample "$out/$arm.st" -n 9 --seed 7 'w=walk(Fa(z), 7)' | gan-sample "$out/$arm.st" 'shown(same(w))' | gan-data sheet --columns 8 -o "$out/$arm-walk.png"
    [ "$classes" = 0 ] || gan-sample "$out/$arm.st" --grid "${classes}x10" --seed 7 'shown(same(Fa(z, y)))' |
        gan-data sheet --columns 10 -o "$out/$arm-classes.png"
    # the coarse styles of a row, the fine ones of a column
    gan-sample "$out/$arm.st" -n 64 -b 64 --seed 7 'shown(mixed(gather(unbatch(p), floor(i / 8)), gather(unbatch(p), i % 8), 4)) where p = Fa(z), i = samples(range(64))' |
        gan-data sheet --columns 8 -o "$out/$arm-mixed.png"
    printf '%s\t%s\t%s\n' "$arm" "$(steps_played "$out/$arm.st")" "$(measured "$arm")" >>"$out/result.new"
done
rm -f "$out"/*.part
mv "$out/result.new" "$out/result.tsv"
cat "$out/result.tsv"
if [ -n "$small" ]; then
    echo "to look for: with the penalty (E) paths shorter and lengths more alike by a tenth, and p90/p10 lower than without (Eo); own"
    echo "pictures come back better by 6 dB than others, and are told apart with an area of at least .95"
    verdict '
        $1 == "E" || $1 == "Eo" { path[$1] = $3; tail[$1] = $4; vary[$1] = $5; if ($9 - $10 < 6 || $11 < .95) miss("pictures of " $1) }
        END { if (("E" in path) && ("Eo" in path) && (path["E"] > .9 * path["Eo"] || vary["E"] > .9 * vary["Eo"] || tail["E"] >= tail["Eo"])) miss("paths") }' \
        "$out/result.tsv"
fi
say "look at $out/*.png"
