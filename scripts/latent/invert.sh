#!/bin/sh
# invert.sh [OPTION]... DATA OUT: InterFaceGAN (Shen, Gu, Tang, Zhou 2020) around a trained generator: directions
# of its latents along which attributes grow, how they are entangled, edits with and without conditions, and
# pictures taken back to latents and edited.
#
# DATA is a checkpoint of stylegan2.gan or of another page whose G makes pictures of a noise z, such as dcgan.gan's,
# which then has no styles; the average Ga is taken where there is one.
# OUT receives pairs.st (latents, styles and scores of as many samples), directions-z.st and directions-w.st,
# accuracy.tsv (of the support vector machines), entangled.tsv (cosines of directions, correlations of scores),
# edits.tsv (what a walk of three deviations does to each score, by the score's deviation; the part of walks
# that rise at each step), projected.tsv (gain and leakage with and without a condition), NAME-z.png and
# NAME-w.png (walks, three deviations to both sides), inverted.tsv (peak signal-to-noise ratio by an encoder, by
# optimisation, of the generator's own pictures and of those given, and by both; the part of edited pictures
# whose score grows), inverted.png (pictures, what comes of their codes, and edits), and chance.tsv (how far normal latents are from a plane).
#   --judge FILE      a checkpoint whose `scores` of pictures are the attributes: attributes.gan's
#   --names LIST      what they are called (smile,age,gender,glasses)
#   --pictures FILE   a stream of pictures to take back
#   --samples N       latents to look at (500000)
#   --walks N         walks to measure edits by (1000)
#   --steps N         play no more than N steps of each game: inversion by codes and by the encoder (1000)
#   -D NAME=VALUE     option of invert.gan
#   --small           made-up portraits of 16x16, whose generator is trained here: some minutes
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
judge='' names=smile,age,gender,glasses pictures='' walks=''
data_is='checkpoint' small_decides='judge names pictures' free="$free walks "
check_own() { [ -n "$small" ] || { [ -n "$judge" ] && [ -n "$pictures" ]; } || usage "expected --judge FILE and --pictures FILE"; }
stays steps
recipe_options "$@"
: "${walks:=$([ -n "$small" ] && echo 500 || echo 1000)}"
asked=$(at_most "$([ -n "$small" ] && echo 300 || echo 1000)" "$steps")
run=$data

if [ -n "$small" ]; then
    names=pose,size,hue,glasses run=$out/run.st judge=$out/judge.st pictures=$out/pictures.st
    : "${samples:=20000}"
    start_small=" -D size=16 -D config=E -D base=512 -D most=64 -D nz=64 -D layers=4 -D gamma=0.3 -D noise=none -D mixing=0 -D rate=0.003"
    [ -s "$judge" ] || gan-init "$here/portraits.gan" --seed "$seed" -o "$judge"
    make_file "$out/data.st" gan-sample "$judge" -n 20000 --seed 1 image=face
    make_file "$pictures" gan-sample "$judge" -n 16 --seed 2 image=face
    # shellcheck disable=SC2086 # several words
    [ -s "$run" ] || gan-init "$pages/image/stylegan2.gan" $start_small --seed "$seed" -o "$run"
    train "$run" "$out/data.st" 16 1500 50
    gan-sample "$run" -n 64 --seed 7 'Ga(same(Fa(z)))' | gan-data sheet --scale 4 -o "$out/samples.png"
fi
: "${samples:=500000}"

# --- latents and scores, in the same frames ---
gan-data info "$run" --page >"$out/generator.gan"
# untold COMMAND...: what it says is of interest when it fails only
untold() { "$@" 2>"$out/said.part" || { cat "$out/said.part" >&2; exit 1; }; }
net=G spaces=z
! grep -q '^average Ga of G' "$out/generator.gan" || net=Ga
if grep -q '^average Fa of F' "$out/generator.gan"; then spaces='z w'; fi
case $spaces in
'z w')
    of_z="$net(same(Fa(z)))" of_w="$net(same(w))" of_ws="$net(ws)" also='w=Fa(z)' latent=ws space=w+
    set -- z=z w=w ;;
*) of_z="$net(z)" of_w='' of_ws='' also='' latent=z space=z; set -- z=z ;;
esac
# shellcheck disable=SC2016 # of the inner shell
make_file "$out/pairs.st" sh -c 'run=$1 judge=$2 n=$3 image=$4 also=$5
    shift 5
    gan-sample "$run" -n "$n" --seed 3 z=z ${also:+"$also"} image="$image" | gan-sample "$judge" "$@" scores=scores' \
    - "$run" "$judge" "$samples" "$of_z" "$also" "$@"

# --- directions ---
list=$(echo "$names" | tr , ' ')
printf 'space\tscore\ttraining\tvalidation\trest, by the middle\trest, by the median\n' >"$out/accuracy.new"
printf 'space\tscore\tother\tcosine\tcorrelation\n' >"$out/entangled.new"
for on in $spaces; do
    gan-eval boundary "$out/pairs.st" "$out/pairs.st" -t "$on" --names "$names" --seed "$seed" -o "$out/directions-$on.st" >"$out/figures.part"
    awk -F'\t' -v space="$on" '
        { for (i = 3; i <= NF; i++) { at = index($i, "="); f[substr($i, 1, at - 1)] = substr($i, at + 1) } }
        $1 == "boundary.train" { line = space "\t" f["score"] "\t" sprintf("%.3f", $2) }
        $1 == "boundary.validation" || $1 == "boundary.rest" { line = line sprintf("\t%.3f", $2) }
        $1 == "boundary.rest-median" { print line sprintf("\t%.3f", $2) }' "$out/figures.part" >>"$out/accuracy.new"
    awk -F'\t' -v space="$on" '
        { for (i = 3; i <= NF; i++) { at = index($i, "="); f[substr($i, 1, at - 1)] = substr($i, at + 1) } }
        $1 == "boundary.cosine" { c[f["score"], f["other"]] = $2 }
        $1 == "boundary.correlation" { printf "%s\t%s\t%s\t%.3f\t%.3f\n", space, f["score"], f["other"], c[f["score"], f["other"]], $2 }' \
        "$out/figures.part" >>"$out/entangled.new"
done
mv "$out/accuracy.new" "$out/accuracy.tsv"
mv "$out/entangled.new" "$out/entangled.tsv"
cat "$out/accuracy.tsv" "$out/entangled.tsv"

# --- edits ---
gan-data head -n "$walks" "$out/pairs.st" -o "$out/starts.st"
# deviation SPACE: of a coordinate
deviation() { gan-eval moments "$out/starts.st" -t "$1" --pairs 0 | figure moments.std; }
picture() { case $1 in z) echo "$of_z" ;; w) echo "$of_w" ;; esac; }
# walked SPACE DIRECTIONS ALONG FROM TO STEPS [STREAM]: pictures of relative walks, in deviations
walked() {
    by=$(deviation "$1")
    gan-data join "${7:-$out/starts.st}:$1" | gan-data walk --name "$1" --directions "$2" --along "$3" --relative \
        --from "$(awk "BEGIN { print $4 * $by }")" --to "$(awk "BEGIN { print $5 * $by }")" --steps "$6" |
        gan-sample "$run" image="$(picture "$1")"
}
# responses SPACE DIRECTIONS ALONG: of each score to a walk of three deviations
responses() {
    walked "$1" "$2" "$3" 0 3 4 | gan-sample "$judge" scores=scores |
        gan-eval edits - "$out/pairs.st" --steps 4 --names "$names"
}
printf 'space\tdirection' >"$out/edits.new"
for name in $list; do printf '\t%s' "$name" >>"$out/edits.new"; done
printf '\trising\n' >>"$out/edits.new"
for on in $spaces; do
    for along in $list; do
        responses "$on" "$out/directions-$on.st" "$along" >"$out/figures.part"
        printf '%s\t%s' "$on" "$along" >>"$out/edits.new"
        awk -F'\t' -v own="score=$along" '$1 == "edits.response" { printf "\t%.2f", $2 } $1 == "edits.rising" && ($3 == own || $4 == own) { rising = $2 }
            END { printf "\t%.2f\n", rising }' "$out/figures.part" >>"$out/edits.new"
        gan-data head -n 8 "$out/starts.st" -o "$out/few.part"
        walked "$on" "$out/directions-$on.st" "$along" -3 3 7 "$out/few.part" | gan-data sheet --columns 7 -o "$out/$along-$on.png"
    done
done
mv "$out/edits.new" "$out/edits.tsv"
cat "$out/edits.tsv"

# --- conditions: of pairs of attributes whose scores or directions go together ---
printf 'space\tdirection\tcondition\tgain\tleakage\tgain, projected\tleakage\n' >"$out/projected.new"
for among in $spaces; do
    awk -F'\t' -v space="$among" '$1 == space && ($4 > .1 || $4 < -.1) { print $2, $3; print $3, $2 }' "$out/entangled.tsv" |
        while read -r of on; do
            untold gan-data project "$out/directions-$among.st" --of "$of" --on "$on" -o "$out/one.part"
            responses "$among" "$out/one.part" 0 >"$out/figures.part" </dev/null
            awk -F'\t' -v space="$among" -v of="$of" -v on="$on" '
                FNR == 1 { file++ }
                file == 1 && FNR == 1 { for (i = 3; i < NF; i++) column[$i] = i }
                file == 1 && $1 == space && $2 == of { gain = $column[of]; leak = $column[on] }
                file == 2 && $1 == "edits.response" { for (i = 3; i <= NF; i++) { if ($i == "score=" of) now = $2; if ($i == "score=" on) left = $2 } }
                END { printf "%s\t%s\t%s\t%s\t%s\t%.2f\t%.2f\n", space, of, on, gain, leak, now, left }' "$out/edits.tsv" "$out/figures.part" >>"$out/projected.new"
        done
done
mv "$out/projected.new" "$out/projected.tsv"
cat "$out/projected.tsv"

# --- pictures back to latents ---
count=$(samples_in "$pictures")
cp "$here/invert.gan" "$out/invert.gan"
if [ $space = z ]; then
    sed -i -e 's/^use F, G from .*/use G from "generator.gan"/' -e '/^use lpips_far/d' -e 's/^block picture(c) = .*/block picture(c) = G(c)/' \
        -e 's/^block drawn(z) = .*/block drawn(z) = z/' -e "s/^noise q: .*/$(sed -n 's/^noise *z:/noise q:/p' "$out/generator.gan")/" \
        -e "s/^data x: .*/$(sed -n '/^data *x:/{s/\[/[pictures, /;s/].*/] whole/;p;}' "$out/generator.gan")/" "$out/invert.gan"
fi
# begin RUN OPTION...: of the generator's nets
begin() {
    begun=$1
    shift
    [ $space = z ] || set -- --from F=Fa="$run" "$@"
    untold start_run "$begun" "$out/invert.gan" --from G=$net="$run" "$@"
}
options=''
for setting in $(gan-data info "$run" --meta gan.settings); do
    # what both pages have by one name, and mean each for itself
    case $setting in rate=* | now=* | fade=* | steps=* | image=* | units=* | deviation=* | noise=fresh) continue ;; esac
    # shellcheck disable=SC2086 # several words
    gan-init "$out/invert.gan" $options -D "$setting" 2>&1 | grep -q 'has no option' || options="$options -D $setting"
done
define="$options -D pictures=$count -D space=$space -D steps=$asked$define"
begin "$out/encoder.st" -D stage=encoder
play_alone "$out/encoder.st" "$asked" 50 --batch 32
gan-data cat --frame "$count" "$pictures" -o "$out/given.part"
gan-sample "$out/encoder.st" -i "$out/given.part" code='E(samples(x))' -o "$out/guess.part"
printf 'by\tpsnr\n' >"$out/inverted.new"
gan-sample "$out/encoder.st" -i "$out/given.part" psnr='10 * log(4 / far(picture(shaped(E(samples(x)))), samples(x))) / log(10)' |
    gan-eval moments - -t psnr | awk '$1 == "moments.mean" { printf "encoder\t%.1f\n", $2 }' >>"$out/inverted.new"
gan-data pick "$out/guess.part" --rows "0-$((count - 1))" --repeat 4 --frame $((4 * count)) -o "$out/codes.part"
gan-sample "$run" -n "$count" --seed 9 image="$of_z" -o "$out/own.part"
for by in own optimisation both; do
    set --
    [ $by != both ] || set -- --from code="$out/codes.part"
    before=$pictures
    [ $by != own ] || before=$out/own.part
    begin "$out/$by.st" "$@"
    gan-data cat --frame "$count" "$before" -o "$out/whole.part"
    ! short_of "$out/$by.st" "$asked" || gan-data batch "$out/whole.part" --size "$count" --endless --from "$out/$by.st" |
        gan-step "$out/$by.st" --until "$asked" --log "$out/$by.tsv" --log-every 10
    gan-sample "$out/$by.st" -i "$out/whole.part" psnr=psnr $latent=best image='picture(best)' -o "$out/$by-codes.st"
    gan-eval moments "$out/$by-codes.st" -t psnr | awk -v by=$by '$1 == "moments.mean" { printf "%s\t%.1f\n", by, $2 }' >>"$out/inverted.new"
done
far=$(deviation "${spaces#z }")
gan-data cat "$out/whole.part" -o "$out/sheet.part"
gan-data join "$out/both-codes.st:image" >>"$out/sheet.part"
for along in $list; do
    gan-data join "$out/both-codes.st:$latent" | gan-data walk --name $latent --directions "$out/directions-${spaces#z }.st" --along "$along" --relative --from 0 \
        --to "$(awk "BEGIN { print 3 * $far }")" --steps 4 | gan-sample "$run" image="${of_ws:-$of_z}" -o "$out/walk.part"
    gan-sample "$judge" -i "$out/walk.part" scores=scores | gan-eval edits - "$out/pairs.st" --steps 4 --names "$names" |
        awk -F'\t' -v own="score=$along" -v along="$along" '$1 == "edits.up" { for (i = 3; i <= NF; i++) if ($i == own) printf "edited: %s\t%.2f\n", along, $2 }' >>"$out/inverted.new"
    gan-data pick "$out/walk.part" --rows "$(awk -v n="$count" 'BEGIN { for (i = 0; i < n; i++) printf "%s%d", i ? "," : "", 4*i + 3 }')" >"$out/last.part"
    gan-data join "$out/last.part:image" >>"$out/sheet.part"
done
mv "$out/inverted.new" "$out/inverted.tsv"
gan-data sheet "$out/sheet.part" --columns "$count" -o "$out/inverted.png"
cat "$out/inverted.tsv"

# --- how far a million normal latents of 512 numbers are from a plane through 0 ---
if [ ! -s "$out/chance.tsv" ]; then
    cat >"$out/chance.gan" <<'EOP'
noise z: normal[512]
param n[512] = normal()

let d = z @ (n / sqrt(sum(n^2)))
sample d
EOP
    untold gan-init "$out/chance.gan" --seed "$seed" -o "$out/chance.part"
    gan-sample "$out/chance.part" -n "$(at_most 1000000 "$((50 * samples))")" -b 10000 'beyond=stack([abs(d) > 3, abs(d) > 5], 0)' -o "$out/beyond.part"
    gan-eval moments "$out/beyond.part" -t beyond --pairs 0 >"$out/figures.part"
    gan-data to-table "$out/beyond.part" -n beyond --bare |
        awk '{ a += $1; b += $2 } END { print "beyond\tshare\tof a normal number"; printf "3\t%g\t.0027\n5\t%g\t5.7e-7\n", a / NR, b / NR }' >"$out/chance.new"
    mv "$out/chance.new" "$out/chance.tsv"
fi
cat "$out/chance.tsv"
rm -f "$out"/*.part "$out/chance.gan"

if [ -n "$small" ]; then
    echo "to look for: accuracy in validation of w at least .94 and z's but for a hundredth, by the median above z's; cosines and correlations"
    echo "go together (above .6, in z); each direction of w moves its own score by more than 1; in z conditions take two"
    echo "thirds of the leakage above .5 and leave 60 % of the gain; 30 dB of pictures that it made; 80 % of edits up; .0027 within a tenth beyond 3"
    verdict 'FNR == 1 { file++; if (file == 3) for (i = 3; i < NF; i++) column[$i] = i; next }
        file == 1 && $1 == "z" { valid[$2] = $4; median[$2] = $6 }
        file == 1 && $1 == "w" && ($4 < .94 || $4 < valid[$2] - .01 || $6 < median[$2]) { miss("accuracy of " $2) }
        file == 2 && $1 == "z" { n++; x += $4; y += $5; xx += $4^2; yy += $5^2; xy += $4*$5 }
        file == 3 && $1 == "w" && $(column[$2]) < 1 { miss("edit of " $2) }
        file == 4 && $1 == "z" && ($5 > .5 || $5 < -.5) { gain += $4; leak += $5 < 0 ? -$5 : $5; kept += $6; left += $7 < 0 ? -$7 : $7 }
        file == 5 && $1 == "own" && $2 < 30 { miss("inversion") }
        file == 5 && $1 ~ /^edited/ { up += $2; edits++ }
        file == 6 && $1 == 3 && ($2 < .9 * .0027 || $2 > 1.1 * .0027) { miss("chance") }
        END {
            r = (xy - x*y/n) / sqrt((xx - x*x/n) * (yy - y*y/n))
            printf "cosines and correlations: %.2f; leakage %.2f times less, %.2f of the gain\n", r, leak / left, kept / gain >"/dev/stderr"
            if (r < .6) miss("entanglement")
            if (up < .8 * edits) miss("edits of pictures")
            if (left > leak / 3 || kept < .6 * gain) miss("conditions")
        }' "$out/accuracy.tsv" "$out/entangled.tsv" "$out/edits.tsv" "$out/projected.tsv" "$out/inverted.tsv" "$out/chance.tsv"
fi
say "look at $out/*.png"
