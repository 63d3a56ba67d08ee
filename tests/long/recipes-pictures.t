#!/bin/sh
# What the recipes of pictures from pictures learn in minutes, by the tables that they write.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

of() { awk -F'\t' -v arm="$2" -v k="$3" '$1 == arm { print $k }' "$1/table.tsv"; } # of FOLDER ARM COLUMN

recipe spade --small spade --arms spade,plain
check $? "spade"
holds "$(of spade spade 5) >= 0.8 && $(of spade plain 5) <= 0.35" "maps of one label: SPADE keeps them, instance norms do not"
holds "$(of spade spade 2) >= $(of spade plain 2) + 0.1" "maps of several: SPADE is ahead by a tenth"

recipe cyclegan --small cycle --arms cycle,gan
check $? "cyclegan"
holds "$(of cycle cycle 4) >= 0.9 && $(of cycle cycle 5) >= 0.9" "CycleGAN: pictures are taken for the other kind, both ways"
holds "$(of cycle cycle 6) >= 0.5 && $(of cycle gan 6) <= 0.1" "and are nearest to their own other half, which those without the way back are not"
holds "$(of cycle cycle 2) < 0.05 && $(of cycle cycle 3) < 0.1" "and lead back"

recipe rings --small points
check $? "rings: points of two rings, to and back"

recipe vid2vid --small glide
check $? "vid2vid"
holds "$(of glide film 2) < 0.85 * $(of glide frames 2)" "frames made of those before flicker less than frames by themselves"

# of two seeds, whose embeddings are not equally good
for seed in 1 2; do
    recipe heads --small "heads$seed" --arms tuned,random --seed "$seed"
    check $? "heads, seed $seed"
done
made() { awk -F'\t' -v arm="$1" -v epochs="$2" '$1 == arm && $2 == epochs { sum += $3 } END { print sum / 2 }' heads[12]/table.tsv; } # made ARM EPOCHS
holds "$(made forward 0) <= 0.8 * $(made nobody 0)" "an embedding tells who somebody is"
holds "$(made tuned 40) <= 0.5 * $(made forward 0)" "fine-tuning on four frames halves what is left"
holds "$(made random 8) >= 1.3 * $(made tuned 8)" "and is ahead where it begins at the embedding"
holds "$(cut -f2 heads1/changed.tsv) >= 2" "another's embedding changes the face and not what is around it"
finish
