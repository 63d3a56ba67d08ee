#!/bin/sh
# cyclegan.sh [OPTION]... DATA OUT: pictures of one kind made of pictures of another (Zhu, Park, Isola, Efros
# 2017): are they taken for the other kind, do they lead back, and are they the right ones?
#
# DATA is a folder with trainA and trainB, two kinds of pictures, and testA and testB, as the authors' sets
# are; where the latter are missing, a tenth is held out. With --paired pictures of the same name belong
# together: CycleGAN does not see that, but it is judged by it, and pix2pix (Isola et al. 2017) learns
# from it.
# OUT receives for each arm ARM.st (the checkpoint), .tsv (the costs) and .png (x, G(x) and F(G(x)) or y side
# by side), ARM-back.png (y, F(y), G(F(y))); judge.st, a classifier of the two kinds; table.tsv: mean
# absolute errors of pixels from -1 to 1, and shares. Run it again to go on.
#   --arms LIST       of cycle, gan (without the way back), pix2pix (cycle; of pairs cycle,pix2pix)
#   --paired          pictures of the same name belong together
#   --lines           DATA is a folder of pictures, taken whole, and line drawings made of one half of them are
#                     the other kind, so that pairs are known
#   --size N          pixels a side (256); pictures are cut out of N*286/256
#   --batch N         minibatch (1)
#   --epochs N        passes of each player over trainA, in the second half of which the rate falls to 0 (200)
#   --steps N         play no more than N steps
#   --samples N       pictures to judge by, at most (1000)
#   -D NAME=VALUE     option of cyclegan.gan, and of pix2pix.gan where it has one of that name
#   --small           grey digits, and others inverted, turned and coloured, whose pairs are known; 16x16, a
#                     U-Net, 2500 steps an arm: two minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
arms='' paired='' lines='' size=256 batch=''
free="$free paired "
small_decides='epochs size lines'
stays epochs
check_own() {
    [ -z "$arms" ] || each_of --arms "$arms" cycle gan pix2pix
    case ,$arms,:$small$lines$paired in *,pix2pix,*:) usage "pix2pix learns from pairs: --paired" ;; esac
}
recipe_options "$@"
[ -z "$small$lines" ] || paired=1
: "${arms:=cycle$([ -z "$small" ] || echo ,gan)${paired:+,pix2pix}}" "${batch:=$([ -n "$small" ] && echo 8 || echo 1)}"
case $arms in *gan*) chosen cycle=0 identity=0 ;; esac
chosen load=- constant=- falling=-

load=$((size * 286 / 256))
if [ -n "$small" ]; then
    size=16 load=16
    define=" -D channels=1 -D identity=0 -D net=unet -D nf=16 -D nf_D=16 -D layers=1 -D rate=0.001$define"
elif [ -n "$lines" ]; then
    load=$size define=" -D channels_y=1 -D identity=0$define"
fi
define=" -D size=$size -D load=$load$define"

# ---- data: train and test, and pictures of each kind for the classifier, all `image` ----

# the other kind of a digit: dark on orange, turned by a quarter of a radian
turned='2*(1 - warp(x + 1, flow, mode="zero") / 2) * view(stack([1, 0.7, 0.3]), 1, 1, 3) - 1
    where c = cos(0.25 + 0*x), s = sin(0.25 + 0*x), m = (size - 1)/2,
          right = view(range(size), 1, size, 1) - m, down = view(range(size), size, 1, 1) - m,
          flow = concat(c*right - s*down - right, s*right + c*down - down)'
# a drawing of a picture: white, and darker where a pixel is darker than what is around it
drawn='2*clamp(1 + 6*mean(upfirdn(pad(x, 1, "edge"), [1, 2, 1], padding=0)
                          - upfirdn(pad(x, 3, "edge"), [1, 6, 15, 20, 15, 6, 1], padding=0), 2, keep=1), 0, 1) - 1'
# turn STREAM TO EXPRESSION [image]: what becomes of its pictures x, as y or as x
turn() {
    [ -s "$2" ] || gan-sample "$out/turn.st" -i "$1" "${4:-other}=$3" | gan-data join -o "$2" -- "-:image=${4:-other}"
}
# turn_all EXPRESSION: the other halves of trainA, others and testA
turn_all() {
    # shellcheck disable=SC2086 # several words
    gan-init "$here/cyclegan.gan" $define -o "$out/turn.st"
    turn "$out/trainA.st" "$out/pairB.st" "$1"
    turn "$out/others.st" "$out/trainB.st" "$1"
    turn "$out/testA.st" "$out/testB.st" "$1"
}
made_digits() {
    make_file "$out/trainA.st" gan-data make digits -n 2000 --size 16 --seed "$seed"
    make_file "$out/testA.st" gan-data make digits -n "$(at_most 400 "$samples")" --size 16 --seed $((seed + 1000))
    make_file "$out/others.st" gan-data make digits -n 2000 --size 16 --seed $((seed + 2000))
    turn_all "$turned"
    turn "$out/trainA.st" "$out/kindA.st" 'concat([x, x, x])'
    cp "$out/trainB.st" "$out/kindB.st"
}
made_lines() {
    make_file "$out/all.st" gan-data images "$data" --size "$size"
    hold_out "$(at_most $(($(samples_in "$out/all.st") / 10)) "$samples")" "$out/all.st" "$out/testA.st" "$out/rest.st"
    hold_out $(($(samples_in "$out/rest.st") / 2)) "$out/rest.st" "$out/trainA.st" "$out/others.st"
    turn_all "$drawn"
    cp "$out/trainA.st" "$out/kindA.st"
    turn "$out/others.st" "$out/kindB.st" "$drawn + view(range(3)*0, 1, 1, 3)" image
    rm "$out/all.st" "$out/rest.st"
}
# read_side A|B: a picture of pairs that is no good would shift those behind it
whole=${paired:+--strict}
# shellcheck disable=SC2086 # or none
read_side() {
    [ -d "$data/train$1" ] || die "$data: no folder train$1"
    make_file "$out/kind$1.st" gan-data images "$data/train$1" --size "$size" --first 2000
    if [ -d "$data/test$1" ]; then
        make_file "$out/train$1.st" gan-data images "$data/train$1" --size "$load" $whole
        make_file "$out/test$1.st" gan-data images "$data/test$1" --size "$load" --first "${samples:-1000}" $whole
    elif [ ! -s "$out/train$1.st" ]; then
        gan-data images "$data/train$1" --size "$load" $whole -o "$out/all$1.st"
        few=$(samples_in "$out/all$1.st")
        [ "$few" -ge 10 ] || die "$data/train$1: $few pictures, expected 10 at least, a tenth of which is held out, or a folder test$1"
        hold_out $(($(samples_in "$out/all$1.st") / 10)) "$out/all$1.st" "$out/test$1.st" "$out/train$1.st"
        rm "$out/all$1.st"
    fi
}
if [ -n "$small$lines" ]; then
    [ -s "$out/kindB.st" ] || if [ -n "$small" ]; then made_digits; else made_lines; fi
    rm -f "$out/turn.st"
else
    for part in train test; do
        if [ -d "$data/${part}A" ] && [ -d "$data/${part}B" ]; then
            [ -z "$paired" ] || same_names "$data/${part}A" "$data/${part}B"
        elif [ -d "$data/${part}A" ] || [ -d "$data/${part}B" ]; then
            die "$data: has one of the folders ${part}A and ${part}B only"
        fi
    done
    for side in A B; do read_side $side; done
    cp "$out/trainB.st" "$out/pairB.st"
fi

# kinds: pictures of both kinds, which one being the label
kinds() {
    for side in 0A 1B; do
        count=$(samples_in "$out/kind${side#?}.st")
        awk -v n="$count" -v kind="${side%?}" 'BEGIN { print "label"; while (n--) print kind }' >"$out/label.csv"
        gan-data table "$out/label.csv" -c label -o "$out/label.st"
        gan-data join "$out/kind${side#?}.st:image" "$out/label.st" -o "$out/side${side%?}.st"
    done
    gan-data cat "$out/side0.st" "$out/side1.st" -o "$out/kinds.st"
    for file in label.csv label.st side0.st side1.st; do rm "$out/$file"; done
}
[ -s "$out/kinds.st" ] || kinds
classifier "$out/judge.st" "$out/kinds.st" 200

# ---- games ----

# pace EPOCHS: steps in all, of which the second half with a rate that falls
passes 1 "$batch" "$out/trainB.st" >/dev/null # there are enough of those, too
all=$(passes "$([ -n "$small" ] && echo 10 || echo 200)" "$batch" "$out/trainA.st")
define="$define -D constant=$((all / 2)) -D falling=$((all - all / 2))"

# options_of PAGE: those of -D that it has
options_of() {
    for pair in $define; do
        case $pair in -D) ;; *) ! grep -q "^option ${pair%%=*} = " "$here/$1.gan" || printf ' -D %s' "$pair" ;; esac
    done
}
# play ARM
play() {
    case $1 in
    pix2pix) page=pix2pix extra='' ;;
    gan) page=cyclegan extra='-D cycle=0 -D identity=0' ;;
    *) page=cyclegan extra='' ;;
    esac
    # shellcheck disable=SC2046,SC2086 # several words
    [ -s "$out/$1.st" ] || gan-init "$here/$page.gan" $(options_of $page) $extra --seed "$seed" -o "$out/$1.st"
    if [ $page = cyclegan ]; then
        train_two "$out/$1.st" "$out/trainA.st" image "$out/trainB.st" other=image "$batch" "$all" 50
    else
        [ -s "$out/pairs.st" ] || gan-data join "$out/trainA.st:image" "$out/pairB.st:other=image" -o "$out/pairs.st"
        train "$out/$1.st" "$out/pairs.st" "$batch" "$all" 50
    fi
}

# error ARM SIDE EXPRESSION: mean over test pictures
error() { gan-sample "$out/$1.st" -i "$out/test.st" miss="mean(abs($2), [0, 1, 2])" | mean_of miss; }
# taken ARM EXPRESSION KIND: the share that the classifier takes for this kind, 0 or 1
taken() {
    gan-sample "$out/$1.st" -i "$out/test.st" --float image="$2 + view(range(3)*0, 1, 1, 3)" | gan-data join -- -:image |
        gan-sample "$out/judge.st" share="argmax(logits) == $3" | mean_of share
}

# beside ARM FILE EXPRESSION...: ten test pictures, and what becomes of them, in lines
beside() {
    run=$out/$1.st picture=$out/$2
    shift 2
    shown='' # grey pictures have three channels here
    for of in "$@"; do shown="$shown${shown:+, }$of + view(range(3)*0, 1, 1, 3)"; done
    gan-data head -n 10 "$out/test.st" | gan-sample "$run" picture="stack([$shown])" |
        gan-data sheet --name picture -c $# --scale $((256 / size > 4 ? 4 : 256 / size)) -o "$picture"
}

# own ARM: the share of test pictures whose translation is nearest to their own other half, of all
own() {
    gan-sample "$out/$1.st" -i "$out/test.st" --float place='view(G(x), count(y))' -o "$out/made.st"
    gan-sample "$out/$1.st" -i "$out/test.st" --float place='view(y, count(y))' -o "$out/real.st"
    gan-data nearest -k 1 -t place --show place --table "$out/made.st" "$out/real.st" 2>/dev/null |
        awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { n++; own += $at["sample"] == $at["index"] }
            END { if (n) print own / n }'
    rm "$out/made.st" "$out/real.st"
}

# row ARM
row() {
    there=- back=- home=- found=- near=-
    if [ "$1" != pix2pix ]; then
        there=$(error "$1" 'F(G(x)) - x') back=$(error "$1" 'G(F(y)) - y') home=$(taken "$1" 'F(y)' 0)
    fi
    [ -z "$paired" ] || found=$(own "$1") near=$(error "$1" 'G(x) - y')
    figures '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$there" "$back" "$(taken "$1" 'G(x)' 1)" "$home" "$found" "$near"
}

[ -s "$out/test.st" ] || {
    few=$(at_most "$(samples_in "$out/testA.st")" "$(samples_in "$out/testB.st")")
    for side in A B; do gan-data head -n "$few" "$out/test$side.st" -o "$out/few$side.st"; done
    gan-data join "$out/fewA.st:image" "$out/fewB.st:other=image" -o "$out/test.st"
    rm "$out/fewA.st" "$out/fewB.st"
}
printf 'arm\tF(G(x))\tG(F(y))\tG(x) taken for y\tF(y) taken for x\tnearest to its own y\tG(x) to y\n' >"$out/table.tsv"
for arm in $(echo "$arms" | tr , ' '); do
    play "$arm"
    row "$arm" >"$out/row.part"
    cat "$out/row.part" >>"$out/table.tsv"
    rm "$out/row.part"
    if [ "$arm" = pix2pix ]; then beside "$arm" "$arm.png" x 'G(x)' y
    else
        beside "$arm" "$arm.png" x 'G(x)' 'F(G(x))'
        beside "$arm" "$arm-back.png" y 'F(y)' 'G(F(y))'
    fi
done
cat "$out/table.tsv"
if [ -n "$small" ]; then echo "to look for: cycle taken for the other kind in 0.9 of all cases, both ways, and nearest to its own in half of them; gan seldom"
else echo "to look for: pictures taken for the other kind in 0.9 of all cases"; fi
