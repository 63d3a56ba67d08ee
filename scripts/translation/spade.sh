#!/bin/sh
# spade.sh [OPTION]... DATA OUT: pictures made of maps of labels (Park, Liu, Wang, Zhu 2019): does what was painted
# come out, with SPADE and with what it is compared with?
#
# DATA is a folder with train and val, pictures, and trainannot and valannot, maps of labels of the same names:
# indices or grey PNG, or colours with --palette; where there are traininst and valinst, numbers of things, edges
# between these are seen, too. A network trained on the real pictures tells what is seen in made ones, and another
# one is what the perceptual cost looks at, unless --vgg gives weights of VGG-19.
# OUT receives for each arm ARM.st (the checkpoint), .tsv (the costs) and .png (maps, real pictures and made
# ones, in lines); judge.st; of the arm style seeds.png, ten draws of the code with one map, styles.png, maps in the
# manner of pictures, and painted.png, a label painted into a map; table.tsv. Run it again to go on.
#   --arms LIST       of spade, concat, pix2pixhd, pix2pixhd-pp (++), plain (convolutions and instance norms);
#                     of spade with kernel1, kernel5, instance, noise (instead of the map at the beginning),
#                     nomatch (no matching of features), nolook (no perceptual cost), deeper (a layer more in D),
#                     style (a code of pictures) (spade,concat,pix2pixhd-pp,style)
#   --classes N       labels (11)
#   --other LIST      numbers that are no label, with commas between (11)
#   --palette FILE    colours and names of labels, see gan-data maps
#   --index           the maps are numbers, though there is a palette
#   --vgg FILE        weights of VGG-19
#   --height N        of pictures, a multiple of 32 (64)
#   --width N         of pictures, a multiple of 32 (96)
#   --batch N         minibatch (4)
#   --epochs N        passes of each player over the data (100), in the second half of which the rates fall to 0
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of spade.gan, such as mirror=1
#   --small           maps of 32x32 pixels made on the spot, 300 steps an arm: two minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
# shellcheck source=../lib/maps.inc
. "$pages/lib/maps.inc"
arms='' classes=11 other=11 palette='' index='' vgg='' height=64 width=96 batch=4
small_decides='epochs classes other palette index vgg height width batch'
check_own() {
    [ -n "$small" ] || stays epochs steps
    map_sizes 32
    # an instance norm of a single pixel has no variance
    case ,$arms, in *,instance,*) [ "$height$width" != 3232 ] || usage "--arms instance: pictures larger than 32x32" ;; esac
    case $define in *' load_'*) usage "-D load_height: pictures are loaded as large as they are" ;; esac
    [ -z "$arms" ] ||
        each_of --arms "$arms" spade concat pix2pixhd pix2pixhd-pp plain kernel1 kernel5 instance noise nomatch nolook deeper style
}
recipe_options "$@"
: "${arms:=$([ -n "$small" ] && echo spade,concat,pix2pixhd,plain,style || echo spade,concat,pix2pixhd-pp,style)}"

# option_of ARM
option_of() {
    case $1 in
    concat) echo '-D begin=map -D join=concat' ;;
    pix2pixhd) echo '-D begin=map -D net=pix2pixhd -D norm=instance -D spectral_g=0' ;;
    pix2pixhd-pp) echo '-D begin=map -D net=pix2pixhd' ;;
    plain) echo '-D begin=map -D net=plain' ;;
    kernel[15]) echo "-D begin=map -D kernel=${1#kernel}" ;;
    instance) echo '-D begin=map -D norm=instance' ;;
    noise) echo '-D begin=noise' ;;
    nomatch) echo '-D begin=map -D match=0' ;;
    nolook) echo '-D begin=map -D perceptual=0' ;;
    deeper) echo '-D begin=map -D deeper=1' ;;
    style) echo '-D begin=code' ;;
    *) echo '-D begin=map' ;;
    esac
}
for arm in $(echo "$arms" | tr , ' '); do
    # shellcheck disable=SC2046 # several words
    chosen $(option_of "$arm") constant=- falling=-
done

# ---- pairs: train.st and test.st, and in the small test-single.st, of one label each ----

own=' -D edges=0' looks='' things=''
if [ -z "$small" ] && { [ -d "$data/traininst" ] || [ -d "$data/valinst" ]; }; then
    for part in train val; do [ -d "$data/${part}inst" ] || die "$data/${part}inst: no such folder, though that of the other part is there"; done
    own=' -D edges=1' things=1
fi
# made NAME COUNT SEED [OPTION]...: pairs of regions.gan, of which the first is kept as the judge
made() {
    to=$out/$1.st count=$2 from=$3
    shift 3
    [ ! -s "$to" ] || return 0
    gan-init "$here/regions.gan" "$@" -o "$out/regions.st"
    gan-sample "$out/regions.st" -n "$count" --seed "$from" image=picture segment=map -o "$to"
}
if [ -n "$small" ]; then
    height=32 width=32 classes=5 batch=8
    made test-single 64 $((seed + 2000)) -D single=1
    made test 64 $((seed + 1000)) -D single=0
    made train 800 "$seed"
    # in place of the perceptual cost
    own="$own -D perceptual=0 -D distance=10 -D height=32 -D side=32 -D labels=5 -D other=0 -D doublings=3 -D halvings=2 -D residual=2 -D nf=8"
    own="$own -D nf_d=16 -D hidden=32 -D nz=16 -D match=1 -D rate_g=0.001 -D rate_d=0.001 -D gain=1"
    all=300
else
    map_pairs "$out/train.st" train "$height" "$width"
    map_pairs "$out/test.st" val "$height" "$width"
    own="$own -D height=$height -D width=$width -D load_height=$height -D load_width=$width -D labels=$classes -D doublings=5 -D nf=16 -D nf_d=32"
    own="$own -D side=64 -D hidden=64"
    all=$(passes 100 "$batch" "$out/train.st")
    own="$own -D constant=$((all / 2)) -D falling=$((all - all / 2))"
fi

# ---- the judge ----

lessons=$(at_most 1500 "$steps")
if [ -z "$small" ]; then
    [ -s "$out/judge.st" ] || gan-init "$pages/networks/segmenter.gan" -D height="$height" -D width="$width" \
        -D labels="$classes" -D steps="$lessons" --seed "$seed" -o "$out/judge.st"
    at_once=$(at_most "$(samples_in "$out/train.st")" 8)
    train "$out/judge.st" "$out/train.st" "$at_once" "$lessons"
    statistics "$out/judge.st" "$out/train.st" logits
    gan-sample "$out/judge.st" -i "$out/train.st" feature=feature -o "$out/real.st"
    if [ -z "$vgg" ]; then
        vgg=$out/content.st narrow=8
        [ -s "$vgg" ] || gan-init "$pages/networks/content.gan" -D height="$height" -D width="$width" -D labels="$classes" \
            -D nf_v=$narrow --seed "$seed" -o "$vgg"
        train "$vgg" "$out/train.st" "$at_once" 500
    fi
    own="$own -D nf_v=${narrow:-64}"
    [ "$(setting perceptual 10)" = 0 ] || looks=1
fi

# judged PICTURES MAPS: mean intersection over union and share of pixels that are what was painted
judged() {
    if [ -n "$small" ]; then gan-sample "$out/regions.st" -i "$1" logits='seen(image)' -o "$out/logits.st"
    else gan-sample "$out/judge.st" -i "$1" logits=logits -o "$out/logits.st"; fi
    gan-data join "$2:map=segment" -o "$out/maps.st"
    gan-eval segmentation "$out/logits.st" "$out/maps.st" --ignore "$classes" >"$out/judged.txt"
    figures '\t%.3f\t%.3f' "$(figure segmentation.miou <"$out/judged.txt")" "$(figure segmentation.accuracy <"$out/judged.txt")"
    rm "$out/logits.st" "$out/maps.st" "$out/judged.txt"
}
# row NAME [ARM]: of an arm, or of the real pictures
row() {
    printf '%s' "$1"
    for test in test ${small:+test-single}; do
        if [ $# = 1 ]; then gan-data join "$out/$test.st:image" -o "$out/seen.st"
        else gan-sample "$out/$2.st" --float -i "$out/$test.st" --seed 7 image='G(s, n)' -o "$out/seen.st"; fi
        judged "$out/seen.st" "$out/$test.st"
    done
    [ -n "$small" ] || figures '\t%.2f' "$(gan-sample "$out/judge.st" -i "$out/seen.st" feature=feature | gan-eval fid "$out/real.st" - | figure fid)"
    rm "$out/seen.st"
    echo
}

# ---- games ----

# lines RUN FILE COLUMNS EXPRESSION...: pictures of the stream on standard input, each with what is made of it
lines() {
    run=$1 sheet=$2 columns=$3
    shift 3
    several=$(printf ', %s' "$@")
    gan-sample "$run" --seed 7 picture="stack([${several#, }])" | gan-data sheet --name picture -c "$columns" -o "$sheet"
}
# shown: six test pairs; `map`: their maps in the colours of the palette, or else grey
if [ -n "$palette" ]; then
    map='drawn / 127.5 - 1'
    shown() { gan-data head -n 6 "$out/test.st" -o "$out/some.st" && map_drawn "$out/some.st" && rm "$out/some.st"; }
else
    map='view(m, height, width, 1) / (labels - 1) * 2 - 1 + view(range(3)*0, 1, 1, 3)'
    shown() { gan-data head -n 6 "$out/test.st"; }
fi

# styles: what the code does
styles() {
    gan-data pick "$out/test.st" --rows 0 --repeat 10 | gan-sample "$out/style.st" --seed 7 image='G(s, n)' |
        gan-data sheet -c 10 -o "$out/seeds.png"
    # five that lie apart: neighbours may be of one film
    apart=$(samples_in "$out/test.st")
    apart=$((apart / 5)) five=0,$apart,$((2 * apart)),$((3 * apart)),$((4 * apart))
    gan-data pick "$out/test.st" --rows $five --repeat 5 | gan-data join -o "$out/some.st" -- "-:segment${things:+,instance}"
    gan-data pick "$out/test.st" --rows $five,$five,$five,$five,$five |
        gan-data join "$out/some.st" -- -:image | gan-sample "$out/style.st" made='G(s, E(x)[0])' |
        gan-data sheet --name made -c 5 -o "$out/styles.png"
    gan-data head -n 5 "$out/test.st" | lines "$out/style.st" "$out/painted.png" 2 'G(s, n)' \
        'G(things(painted(m, 0, height/4, width/4, height/2, width/2)), n)'
    rm "$out/some.st"
}

{
    if [ -n "$small" ]; then printf 'arm\tmIoU\taccuracy\tmIoU, one label\taccuracy, one label\n'
    else printf 'arm\tmIoU\taccuracy\tdistance of features from those of real pictures\n'; fi
    row real
} >"$out/table.tsv"
for arm in $(echo "$arms" | tr , ' '); do
    look=$looks
    [ "$arm" != nolook ] || look=''
    # shellcheck disable=SC2046,SC2086 # several words
    [ -s "$out/$arm.st" ] || gan-init "$here/spade.gan" $own $(option_of "$arm") $define ${look:+--from VGG="$vgg"} --seed "$seed" -o "$out/$arm.st"
    train "$out/$arm.st" "$out/train.st" "$batch" "$all" 50
    case $arm in pix2pixhd | plain | instance) ;; *) statistics "$out/$arm.st" "$out/train.st" 'G(s, n)' ;; esac
    row "$arm" "$arm" >>"$out/table.tsv"
    shown | lines "$out/$arm.st" "$out/$arm.png" 3 "$map" x 'G(s, n)'
    [ "$arm" != style ] || styles
done
cat "$out/table.tsv"
if [ -n "$small" ]; then
    echo "to look for: of one label each spade 0.8 of the pixels right, plain no more than 0.35; of several spade's mIoU 0.1 above plain's"
else echo "to look for: spade above concat above pix2pixhd-pp"; fi
