#!/bin/sh
# wgan-gp-text.sh [OPTION]... DATA OUT: WGAN-GP of characters (Gulrajani et al. 2017), from a text to
# lines made up and how far their n-grams are from the text's.
#
# DATA is a text, plain or gzip, a sample a line. The last lines, a tenth but at most 5000, are held
# out: their own distance from the rest is what can be hoped for.
# OUT receives run.st, run.tsv, curve.png, samples.txt, and result.tsv: n and the Jensen-Shannon
# divergence, base 2, of n-grams between corpus and samples, samples of the untrained networks, and
# lines held out.
#   --steps N         play no more than N steps (200000)
#   --samples N       lines to judge by (640)
#   -D NAME=VALUE     option of wgan-gp-text.gan
#   --small           sentences made on the spot, 32 maps, 2 blocks: a minute or two
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
data_is="file"
recipe_options "$@"

# sentences N: made-up lines, the same by every awk
sentences() {
    awk -v n="$1" -v state="$((seed + 1))" '
    function below(k) { # Lehmer'\''s generator, exact in doubles
        state = state * 16807 % 2147483647
        return 1 + int(k * state / 2147483647)
    }
    BEGIN {
        split("the a one every this", d); split("old small red quiet late", j)
        split("cat dog bird king ship tree", s); split("sees finds likes makes", v)
        for (i = 0; i < n; i++)
            print d[below(5)], j[below(5)], s[below(6)], v[below(4)], d[below(5)], s[below(6)]
    }'
}

all=200000 count=${samples:-640}
if [ -n "$small" ]; then
    all=300
    data=$out/sentences.txt
    make_file "$data" sentences 5000
    define=" -D dim=32 -D blocks=2 -D critics=5 -D rate=0.001$define"
fi
make_file "$out/all.st" gan-data text "$data"
lines=$(samples_in "$out/all.st")
held=$(at_most $((lines / 10)) 5000)
[ "$held" -gt 0 ] || die "$data: $lines lines, a tenth is held out"
make_file "$out/data.st" gan-data pick "$out/all.st" --rows "0-$((lines - held - 1))"
make_file "$out/held.st" gan-data pick "$out/all.st" --rows "$((lines - held))-$((lines - 1))"
start_run "$out/run.st" "$here/wgan-gp-text.gan" \
    -D symbols="$(gan-data info "$out/data.st" --meta gan.symbols)"
train "$out/run.st" "$out/data.st" 64 "$all"
gan-data plot "$out/run.tsv" -o "$out/curve.png" --columns gap --smooth 11

init_like "$out/run.st" "$out/untrained.st" $((seed + 1))
for run in run untrained; do
    gan-sample "$out/$run.st" -n "$count" --seed 5 -o "$out/$run-lines.st"
done
gan-data to-text "$out/run-lines.st" --alphabet "$out/data.st" -o "$out/samples.txt"
js() { # js STREAM: a column
    gan-eval ngrams "$1" "$out/data.st" -n "$count" | awk '$1 == "ngrams.js" { print $2; n++ } END { exit n < 4 }'
}
{
    printf 'n\tsamples\tuntrained\theld_out\n'
    for column in run-lines untrained-lines held; do js "$out/$column.st" >"$out/$column.part"; done
    seq 4 | paste - "$out/run-lines.part" "$out/untrained-lines.part" "$out/held.part"
} >"$out/result.tsv"
rm "$out"/*.part
head -5 "$out/samples.txt"
cat "$out/result.tsv"
[ -z "$small" ] || echo "to look for: samples well below untrained at each n"
say "look at $out/samples.txt"
