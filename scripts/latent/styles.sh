#!/bin/sh
# styles.sh [OPTION]... DATA OUT: what the styles of a trained StyleGAN or StyleGAN2 do: how far pictures move along paths
# of latents and of styles, what truncation gives and takes, the parts of a picture that are due to each size, and
# peaks of the maps of each layer.
#
# DATA is a checkpoint of stylegan.gan or stylegan2.gan.
# OUT receives ppl.tsv: mean path lengths, between latents on a sphere (z) and between styles on a line (w), on whole
# paths and at their ends, of pictures larger than 256 pixels as means of blocks that make them so large; walk.gif, a
# film of the lines between eight styles, so large at most; droplets.tsv: peaks of the maps of the last layer of each
# size; shares.tsv, of networks with tRGB at each size: the deviation of each size's part of the picture, as a part of
# their sum; of networks with fresh noise, noise.png, eight pictures, each the mean of a hundred of one style, above
# the deviation of each of their pixels, white being the largest of the map, and noise.tsv, the mean and the largest
# deviation of each; and with --pictures truncation.tsv: for each psi the Frechet distance from them, precision and
# recall of features, and truncation.png, a row for each.
#   --pictures FILE   a stream of pictures of the size of its own
#   --judge FILE      a checkpoint whose feature of pictures is what distances are of: for paths its lpips if it has
#                     one; otherwise pixels, in 4x4 blocks for all but paths
#   --psi LIST        truncations (1,0.8,0.6,0.4,0.2)
#   --crop            of faces, for paths: rows from 3/8 to 7/8 and columns from 2/8 to 6/8
#   --pairs N         of pictures for each length (2000)
#   --samples N       to judge by (2000)
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
pictures='' judge='' psi=1,0.8,0.6,0.4,0.2 crop='' pairs=2000
data_is=checkpoint free="$free pairs psi pictures judge crop "
check_own() {
    for word in $(echo "$psi" | tr , ' '); do
        case $word in *[!0-9.]* | *.*.* | .) usage "--psi: expected numbers, found '$word'" ;; esac
    done
}
recipe_options "$@"
: "${samples:=2000}"
run=$data
gan-data info "$run" --page | grep -q '^block maps_of(ws, j)' || die "$run: expected a checkpoint of stylegan.gan or stylegan2.gan"
gan-sample "$run" -n 1 'image=shown(same(Fa(z)))' -o "$out/one.part"
# the longer side, and the shape as the page's language writes it
size=$(image_axes "$out/one.part" | awk '{ print ($1 > $2 ? $1 : $2) }')
shape=$(image_axes "$out/one.part" | sed 's/ /, /g')

# --- paths ---
feature=feature
[ -z "$judge" ] || ! gan-data info "$judge" --page | grep -q '^let.* lpips =\|^ *lpips =' || feature=lpips
# pooled PICTURE SIDE: the means that are looked at of a picture of so many pixels a side
pooled() { if [ "$2" -gt 256 ]; then echo "avgpool($1, $(($2 / 256)))"; else echo "$1"; fi; }
region="image=$(pooled p "$size") where p = shown(same(s))"
[ -z "$crop" ] || region="image=$(pooled "p[$(image_axes "$out/one.part" |
    awk '{ printf "%d..%d, %d..%d", 3 * $1 / 8, 7 * $1 / 8 - 1, 2 * $2 / 8, 6 * $2 / 8 - 1 }')]" $((size / 2))) where p = shown(same(s))"
# along SPACE T: the picture at T of a path
along() {
    case $1 in z) style="Fa(slerp(z, z2, $2))" ;; w) style="a + ($2) * (b - a), a = Fa(z), b = Fa(z2)" ;; esac
    gan-sample "$run" --float -n "$pairs" --seed "$seed" "$region, t = uniform()[], s = $style"
}
printf 'space\tpath\tlength\n' >"$out/ppl.new"
for space in z w; do
    for path in full end; do
        case $path in full) at=t ;; end) at=0 ;; esac
        along $space "$at" >"$out/a.part"
        along $space "$at + 1e-4" >"$out/b.part"
        set -- "$out/a.part" "$out/b.part"
        [ -z "$judge" ] || set -- "$@" --net "$judge" --feature $feature
        gan-eval ppl "$@" 2>"$out/said.part" >"$out/figures.part" || { cat "$out/said.part" >&2; exit 1; }
        figures '%s\t%s\t%s\n' $space $path "$(figure ppl <"$out/figures.part")" >>"$out/ppl.new"
    done
done
mv "$out/ppl.new" "$out/ppl.tsv"
cat "$out/ppl.tsv"

# --- a film: styles come from a stream, so that each frame has noise of its own ---
gan-sample "$run" -n 8 --seed "$seed" 'w=walk(Fa(z), 16)' | gan-sample "$run" "image=$(pooled p "$size") where p = shown(same(w))" |
    gan-data movie -r 16 -o "$out/walk.gif"

# --- peaks of maps, and parts of pictures ---
# level SIZE: its logarithm
level() { awk "BEGIN { printf \"%.0f\", log($1) / log(2) }"; }
printf 'size\thighest\tmean\ttogether\n' >"$out/droplets.new"
at=4
while [ "$at" -le "$size" ]; do
    gan-sample "$run" -n "$(at_most 100 "$samples")" --seed "$seed" "maps=maps_of(same(Fa(z)), $(level $at))" | gan-eval droplets - >"$out/figures.part"
    awk -F'\t' -v size=$at 'NR > 1 { line = line sprintf("\t%.2f", $2) } END { print size line }' "$out/figures.part" >>"$out/droplets.new"
    at=$((2 * at))
done
mv "$out/droplets.new" "$out/droplets.tsv"
cat "$out/droplets.tsv"
# so OPTION VALUE: whether that is an option of the run
so() {
    gan-sample "$run" -n 1 "so=stack([if $1 == \"$2\" then 1 else 0])" -o "$out/so.part"
    [ "$(gan-eval moments "$out/so.part" -t so | figure moments.mean)" = 1 ]
}
if gan-data info "$run" --page | grep -q '^block part(ws, j)' && so g skip; then
    : >"$out/shares.new"
    at=4
    while [ "$at" -le "$size" ]; do
        gan-sample "$run" --float -n "$(at_most 1024 "$samples")" --seed "$seed" "part=part(same(Fa(z)), $(level $at))" -o "$out/parts.part"
        figures '%s\t%s\n' $at "$(gan-eval moments "$out/parts.part" -t part --pairs 0 | figure moments.std)" >>"$out/shares.new"
        at=$((2 * at))
    done
    awk -F'\t' '{ size[NR] = $1; deviation[NR] = $2; sum += $2 }
        END { print "size\tdeviation\tshare"; for (i = 1; i <= NR; i++) printf "%s\t%.4f\t%.3f\n", size[i], deviation[i], deviation[i] / sum }' \
        "$out/shares.new" >"$out/shares.tsv"
    rm "$out/shares.new"
    cat "$out/shares.tsv"
fi

# --- what noise changes ---
if so noise fresh; then
    gan-sample "$run" -n 8 --seed "$seed" w='Fa(z)' | gan-data pick - --rows 0-7 --repeat 100 --frame 100 -o "$out/each.part"
    over="where p = shown(same(w)), m = mean(p, \"batch\"), d = sqrt(mean((p - samples(view(m, 1, $shape)))^2, \"batch\"))"
    gan-sample "$run" -i "$out/each.part" -b 100 --float "image=view(m, 1, $shape) $over" \
        "map=view(2*d / maximum(max(d), 1e-20) - 1, 1, $shape) $over" \
        "mean=view(mean(d), 1, 1) $over" "largest=view(max(d), 1, 1) $over" -o "$out/noise.part"
    { gan-data join "$out/noise.part:image"; gan-data join "$out/noise.part:image=map"; } | gan-data sheet --columns 8 -o "$out/noise.png"
    gan-data to-table "$out/noise.part" -n mean -n largest --bare |
        awk 'BEGIN { print "picture\tmean\tlargest" } { printf "%d\t%.3g\t%.3g\n", NR, $1, $2 }' >"$out/noise.new"
    mv "$out/noise.new" "$out/noise.tsv"
    cat "$out/noise.tsv"
fi

# --- truncation ---
if [ -n "$pictures" ]; then
    # seen STREAM: its features
    seen() {
        if [ -n "$judge" ]; then gan-sample "$judge" -i "$1" feature=feature
        else gan-sample "$run" -i "$1" "feature=flatten(avgpool(x, $((size / 4))))"; fi
    }
    gan-data head --shuffle -n "$(at_most "$samples" "$(samples_in "$pictures")")" "$pictures" -o "$out/few.part"
    seen "$out/few.part" >"$out/real.part"
    printf 'psi\tdistance\tprecision\trecall\n' >"$out/truncation.new"
    : >"$out/sheet.part"
    for by in $(echo "$psi" | tr , ' '); do
        cut="image=shown(same(centre + $by * (Fa(z) - centre)))"
        gan-sample "$run" -n "$samples" --seed "$seed" "$cut" -o "$out/samples.part"
        gan-data head -n "$(at_most 10 "$samples")" "$out/samples.part" >>"$out/sheet.part"
        seen "$out/samples.part" >"$out/seen.part"
        gan-eval fid "$out/real.part" "$out/seen.part" 2>/dev/null >"$out/figures.part"
        gan-eval prdc "$out/real.part" "$out/seen.part" 2>/dev/null >>"$out/figures.part"
        awk -F'\t' -v psi="$by" '{ f[$1] = $2 } END { printf "%s\t%.3f\t%.3f\t%.3f\n", psi, f["fid"], f["prdc.precision"], f["prdc.recall"] }' \
            "$out/figures.part" >>"$out/truncation.new"
    done
    gan-data sheet "$out/sheet.part" --columns "$(at_most 10 "$samples")" -o "$out/truncation.png"
    mv "$out/truncation.new" "$out/truncation.tsv"
    cat "$out/truncation.tsv"
fi
rm -f "$out"/*.part
