#!/bin/sh
# preferences.sh [OPTION]... DATA OUT: pairs of clips of two models, or of a model and of films, in a hidden
# order, for people to say which one is the more real (Vondrick et al. 2016, section 4.1).
#
# DATA is a stream of clips, `video` U8 [N,T,H,W,C], such as vgan.sh and mocogan.sh leave and gan-sample makes
# (video=made[0], or of a frame that stays video='stack([made[0][0] for t in 1..frames])').
# OUT receives for each pair a film of both side by side (pair-000.apng, ...), and key.tsv: whose clip is left,
# whose is right, and their numbers in DATA (a) and in the other stream (b). Once OUT/answers.tsv has lines of a
# pair's number, a tab, and left or right, as many of each pair as people have been asked, the recipe, run
# again, says how often a was preferred.
#   --beside FILE     the other stream, of clips of the same shape
#   --pairs N         how many (100)
#   --scale N         magnify (2)
#   --seed N          seed of which clips, and which of them left (1)
. "$(dirname "$0")/../lib/recipe.inc"
beside='' pairs=100 scale=2 data_is=file
check_own() { [ -n "$beside" ] || usage "expected --beside FILE"; }
recipe_options "$@"

# drawn COUNT NUMBER: numbers below COUNT in an order of their own (Lehmer's generator, exact in doubles)
drawn() {
    awk -v n="$1" -v state=$(((seed + 1) * 1000003 % 2147483563 + $2)) 'BEGIN {
        for (i = -10; i < n; i++) {
            state = state * 16807 % 2147483647
            if (i >= 0) printf "%.0f\t%d\n", state, i
        }
    }' | sort -n | cut -f2
}

# extents STREAM: of its clips
extents() { gan-data info "$1" | sed -n 's/^  video .*\[N,\(.*\)\].*/\1/p'; }
if [ ! -s "$out/key.tsv" ]; then
    [ "$(extents "$data")" = "$(extents "$beside")" ] ||
        die "$beside: clips of [$(extents "$beside")], those of $data are [$(extents "$data")]"
    number=0
    for stream in "$data" "$beside"; do
        gan-data join "$stream:video" -o "$out/$number.part"
        drawn "$(samples_in "$out/$number.part")" $((number += 1)) >"$out/order$number.part"
    done
    first=$(samples_in "$out/0.part")
    for order in 1 2; do pairs=$(at_most "$pairs" "$(wc -l <"$out/order$order.part")"); done
    drawn "$pairs" 3 | awk '{ print $1 % 2 }' >"$out/sides.part"
    paste "$out/order1.part" "$out/order2.part" "$out/sides.part" | head -n "$pairs" |
        awk -F'\t' 'BEGIN { print "pair\tleft\tright\ta\tb" }
            { printf "%03d\t%s\t%d\t%d\n", NR - 1, $3 ? "b\ta" : "a\tb", $1, $2 }' >"$out/key.part"
    awk -F'\t' -v first="$first" 'NR > 1 { a = $4; b = first + $5; print $2 == "a" ? a " " b : b " " a }' "$out/key.part" >"$out/rows.part"
    cat "$out/0.part" "$out/1.part" | gan-data pick - --rows "$out/rows.part" >"$out/shown.part"
    for pair in $(sed 1d "$out/key.part" | cut -f1); do
        at=$((2 * $(echo "$pair" | sed 's/^0*\(.\)/\1/')))
        gan-data pick "$out/shown.part" --rows $at-$((at + 1)) |
            gan-data movie -c 2 --gap 8 --scale "$scale" -o "$out/pair-$pair.apng"
    done
    mv "$out/key.part" "$out/key.tsv"
    rm "$out"/*.part
fi
say "$(($(wc -l <"$out/key.tsv") - 1)) pairs; answers.tsv is to have lines of a pair's number, a tab, and left or right"

if [ -s "$out/answers.tsv" ]; then
    awk -F'\t' 'NR == FNR { if (FNR > 1) { left[$1 + 0] = $2; known[$1 + 0] = 1 } next }
        !/^[0-9]+\t(left|right)$/ || !($1 + 0 in known) { printf "%d\n", FNR; bad = 1; exit }
        { n++; chosen += (left[$1 + 0] == "a") == ($2 == "left") }
        END { if (!bad) { p = chosen / n
            printf "a was preferred %d times of %d, %.1f %% +- %.1f\n", chosen, n, 100 * p, 196 * sqrt(p * (1 - p) / n) } }' \
        "$out/key.tsv" "$out/answers.tsv" >"$out/preference.new"
    case $(cat "$out/preference.new") in
    a*) mv "$out/preference.new" "$out/preference.txt" && cat "$out/preference.txt" ;;
    *) die "$out/answers.tsv: line $(cat "$out/preference.new"): expected a pair of key.tsv, a tab, and left or right" ;;
    esac
fi
