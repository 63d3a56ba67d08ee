#!/bin/sh
# aae.sh [OPTION]... DATA OUT: adversarial auto-encoders of digits (Makhzani et al. 2016): the error with
# a hundred labels, that of clusters without any, and codes that lie as one likes.
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k.
# OUT receives for each arm ARM.st (the checkpoint), .tsv (the costs) and .png (for semi and clusters a
# row for each class and a column for each style; for basic samples; for the others where the test
# digits' codes lie);
# table.tsv. Run it again to go on.
#   --arms LIST       of semi, cluster16, cluster30, basic, mixture, roll, regular, supervised, reduce
#                     (semi,cluster16)
#   --epochs N        reconstructions of each picture (20)
#   --steps N         play no more than N steps
#   --labels N        labels of each class (10)
#   -D NAME=VALUE     option of aae.gan
#   --small           points made on the spot: eight clusters of a space with a label each, and a ring
#                     whose codes are to be normal; a minute
#   --seed N          seed of everything, of the choice of labels too (1)
. "$(dirname "$0")/../lib/recipe.inc"
arms=semi,cluster16 labels=10
check_own() { each_of --arms "$arms" semi cluster16 cluster30 basic mixture roll regular supervised reduce; }
recipe_options "$@"

# eight normal clusters in 16 dimensions, to a table
clusters() {
    awk -v n="$1" -v seed="$2" 'function uniform() { state = state * 16807 % 2147483647; return state / 2147483647 }
        function normal() { return sqrt(-2 * log(uniform())) * cos(6.2831853 * uniform()) }
        BEGIN {
            state = 20071
            for (k = 0; k < 8; k++) for (i = 0; i < 16; i++) centre[k, i] = normal()
            state = seed
            for (i = 1; i <= 16; i++) printf "x%d,", i
            print "label"
            for (j = 0; j < n; j++) {
                for (i = 0; i < 16; i++) printf "%.4f,", centre[j % 8, i] + 0.3 * normal()
                print j % 8
            }
        }' | gan-data table - --column point=x1..x16 --column label
}

# with_few STREAM FEW NAME OUT: each sample of a stream, without its label, beside one of the few that
# have one, whose tensor NAME is called few
with_few() {
    [ ! -s "$4" ] || return 0
    awk -v n="$(samples_in "$1")" -v few="$(samples_in "$2")" 'BEGIN { for (i = 0; i < n; i++) print i % few }' >"$4.rows"
    gan-data pick "$2" --rows "$4.rows" -o "$4.few"
    gan-data join "$1:$3" "$4.few:few=$3,label" -o "$4"
    rm "$4.rows" "$4.few"
}

# error STREAM RUN: of the classes that E gives
error() {
    right=$(gan-sample "$2" -i "$1" logits='E(x)[1]' | gan-eval accuracy - | figure accuracy)
    awk -v right="$right" 'BEGIN { printf "%.4f\n", 1 - right }'
}

if [ -n "$small" ]; then
    make_file "$out/data.st" clusters 4000 $((seed + 100))
    make_file "$out/test.st" clusters 2000 $((seed + 200))
    make_file "$out/few.st" gan-data head -n 8 "$out/data.st"
    with_few "$out/data.st" "$out/few.st" point "$out/both.st"
    define=" -D task=points -D hidden=64$define"
    start_run "$out/semi.st" "$here/aae.gan" -D form=semi -D dims=16 -D classes=8 -D dz=2
    train "$out/semi.st" "$out/both.st" 100 3000
    found=$(error "$out/test.st" "$out/semi.st")
    echo "error with a label of each cluster: $found"
    echo "to look for: below 0.05"
    make_file "$out/ring.st" gan-data make ring -n 10000 --sigma 0.3 --seed 1
    start_run "$out/basic.st" "$here/aae.gan" -D dz=2 -D deviation=1 -D optimizer=sgd -D drop_at=2000
    [ -s "$out/basic-0.st" ] || cp "$out/basic.st" "$out/basic-0.st"
    train "$out/basic.st" "$out/ring.st" 100 3000
    for when in before after; do
        run=$out/basic.st
        [ $when = after ] || run=$out/basic-0.st
        gan-data head -n 1000 "$out/ring.st" | gan-sample "$run" -i - code='E(x)[0]' prior=z >"$out/codes.st"
        # sums over scales of C/(C + d^2), C = 2*2*s for s of .1 .2 .5 1 2 5 10
        mmd=$(gan-data join "$out/codes.st:prior" -o "$out/prior.st" && gan-data join "$out/codes.st:code" |
            gan-eval mmd "$out/prior.st" - --tensor prior,code --kernel imq --scales 0.4,0.8,2,4,8,20,40 | figure mmd)
        echo "MMD^2 of codes and prior, $when: $mmd"
        found="$found	$mmd"
    done
    rm "$out/codes.st" "$out/prior.st"
    echo "to look for: a tenth of what it was"
    echo "$found" | verdict '{ most("error", $1, .05); most("MMD^2", $3, $2 / 10) }'
    exit
fi
idx_stream "$out/data.st" "$data" train
idx_stream "$out/test.st" "$data" t10k
make_file "$out/few.st" gan-data pick "$out/data.st" --balance --count "$labels" --seed "$seed"
all=$(passes 20 100)

# grid RUN CLASSES: styles of each
grid() { gan-sample "$1" --grid "${2}x12" --seed 7 'Dec(z, y)' | gan-data sheet --columns 12; }
# lie RUN EXPRESSION: where the codes of test digits lie
lie() { gan-sample "$1" -i "$out/test.st" point="$2" | gan-data scatter - --dot 3; }

printf 'arm\tsteps\tfigure\tfound\tpaper\n' >"$out/table.tsv.part"
row() { printf '%s\t%s\t%s\t%s\t%s\n' "$arm" "$(steps_played "$run")" "$@" >>"$out/table.tsv.part"; }
for arm in $(echo "$arms" | tr , ' '); do
    run=$out/$arm.st from=$out/data.st
    case $arm in
    semi | reduce)
        with_few "$out/data.st" "$out/few.st" image "$out/both.st"
        if [ "$arm" = semi ]; then start_run "$run" "$here/aae.gan" -D form=semi
        else start_run "$run" "$here/aae.gan" -D form=reduce -D dz=2; fi
        from=$out/both.st ;;
    cluster*) start_run "$run" "$here/aae.gan" -D form=cluster -D classes="${arm#cluster}" ;;
    regular)
        # every sixth has a label
        if [ ! -s "$out/known.st" ]; then
            gan-init "$here/aae.gan" -D form=regular -o "$out/known-page.st"
            for known in 0 1; do
                awk -v n="$(samples_in "$out/data.st")" -v known=$known \
                    'BEGIN { for (i = 0; i < n; i++) if ((i % 6 == 0) == known) print i }' >"$out/rows"
                gan-data pick "$out/data.st" --rows "$out/rows" |
                    gan-sample "$out/known-page.st" -i - image=image known="onehot($known, 1)" >"$out/known-$known.st"
            done
            gan-data cat "$out/known-0.st" "$out/known-1.st" -o "$out/known.st"
            rm "$out/known-0.st" "$out/known-1.st" "$out/known-page.st" "$out/rows"
        fi
        start_run "$run" "$here/aae.gan" -D form=regular
        from=$out/known.st ;;
    supervised) start_run "$run" "$here/aae.gan" -D form=supervised ;;
    basic) start_run "$run" "$here/aae.gan" ;;
    *) start_run "$run" "$here/aae.gan" -D prior="$arm" ;;
    esac
    train "$run" "$from" 100 "$all" 50
    case $arm in
    semi)
        row "error with $labels labels of each class" "$(error "$out/test.st" "$run")" "$([ "$labels" = 10 ] && echo 0.0190)"
        grid "$run" 10 >"$out/$arm.png" ;;
    cluster*)
        gan-sample "$run" -i "$out/test.st" logits='E(x)[1]' | gan-eval clusters - >"$out/clusters.tsv"
        of=$(case $arm in cluster16) echo 0.0955 ;; *) echo 0.0410 ;; esac)
        for line in nearest majority; do
            row "error of clusters called by the $line" \
                "$(figure clusters.$line <"$out/clusters.tsv" | awk '{ printf "%.4f", 1 - $1 }')" "$of"
            of=
        done
        rm "$out/clusters.tsv"
        grid "$run" "${arm#cluster}" >"$out/$arm.png" ;;
    supervised) grid "$run" 10 >"$out/$arm.png" ;;
    basic)
        gan-sample "$run" -n 64 --seed 7 | gan-data sheet -o "$out/$arm.png"
        gan-data head -n 1000 --shuffle "$out/data.st" >"$out/valid.st"
        gan-sample "$run" -n 10000 --seed 11 >"$out/judged.st"
        row 'log-likelihood by Parzen windows' "$(gan-eval parzen "$out/test.st" "$out/judged.st" --validation "$out/valid.st" |
            figure parzen | awk '{ printf "%.0f", $1 }')" 340
        rm "$out/valid.st" "$out/judged.st" ;;
    reduce)
        row "error with $labels labels of each class" "$(error "$out/test.st" "$run")" ''
        lie "$run" 'E(x)[0] + softmax(E(x)[1]) @ heads' >"$out/$arm.png" ;;
    *) lie "$run" 'E(x)[0]' >"$out/$arm.png" ;;
    esac
done
mv "$out/table.tsv.part" "$out/table.tsv"
cat "$out/table.tsv"
