#!/bin/sh
# svae-semi.sh [OPTION]... DATA OUT: classes of digits from a hundred labels, by auto-encoders of two
# codes, normal or spherical each (Kingma et al. 2014, Davidson et al. 2018).
#
# DATA is a folder with train-images-idx3-ubyte[.gz], its labels, and the same of t10k. The last
# 10000 pictures to train on choose the epoch, by the bound of their likelihood without labels.
# OUT receives for each arm and seed ARM-SEED.st (the checkpoint), .tsv (the costs), .valid (epoch, bound
# and accuracy of the pictures to choose by), ARM-SEED-best.st; ARM.png (for the first seed a row for
# each class, a column for the second code of a test picture); table.tsv. Run it again to go on.
#   --arms LIST       of nn, ss, sn, the first and the second code, n normal and s spherical (all)
#   --seeds N         so many, of weights and of the choice of labels, from --seed on (3)
#   --labels N        labels of each class (10)
#   --epochs N        passes over the data at most (500)
#   --look N          passes without a better bound after which it ends (50)
#   --every N         passes from one look at the bound to the next (5)
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of svae-semi.gan
#   --small           digits made on the spot, small nets, one seed of nn and sn: two minutes
#   --seed N          first seed (1)
. "$(dirname "$0")/../lib/recipe.inc"
arms='' seeds='' labels=10 look=50 every=5
free="$free look "
check_own() { each_of --arms "${arms:-nn}" nn ss sn; }
recipe_options "$@"
if [ -n "$small" ]; then
    : "${arms:=nn,sn}" "${seeds:=1}"
    epochs=30
    wild="--rotate 0.2 --zoom 0.15 --move 1.5"
    # shellcheck disable=SC2086 # several words
    make_file "$out/train.st" gan-data make digits -n 5000 $wild --seed "$seed"
    # shellcheck disable=SC2086 # several words
    make_file "$out/valid.st" gan-data make digits -n 1000 $wild --seed 98
    # shellcheck disable=SC2086 # several words
    make_file "$out/test.st" gan-data make digits -n 2000 $wild --seed 99
    define=" -D hidden=100 -D d1=10 -D d2=5$define"
else
    : "${arms:=nn,ss,sn}" "${seeds:=3}" "${epochs:=500}"
    idx_stream "$out/data.st" "$data" train
    idx_stream "$out/test.st" "$data" t10k
    make_file "$out/train.st" gan-data pick "$out/data.st" --rows 0-49999
    make_file "$out/valid.st" gan-data pick "$out/data.st" --rows 50000-59999
fi
count=$(samples_in "$out/train.st")

# both SEED: of each minibatch a tenth, or so, is of the few whose label may be used; so the weight of
# their cost, 10, is 1 of the mean over them
both() {
    [ ! -s "$out/both-$1.st" ] || return 0
    gan-init "$here/svae-semi.gan" -o "$out/page.st"
    gan-data pick "$out/train.st" --balance --count "$labels" --seed "$1" -o "$out/few.st" 2>"$out/said" ||
        die "$(cat "$out/said")"
    gan-data pick "$out/few.st" --rows "0-$((labels * 10 - 1))" --repeat $((count / (labels * 100) + 1)) |
        gan-sample "$out/page.st" -i - image=x known='onehot(0, 1)' >"$out/known.st"
    gan-sample "$out/page.st" -i "$out/train.st" image=x known='onehot(1, 1)' >"$out/rest.st"
    gan-data cat "$out/known.st" "$out/rest.st" -o "$out/both-$1.st"
    rm "$out/page.st" "$out/few.st" "$out/said" "$out/known.st" "$out/rest.st"
}

# accuracy RUN STREAM
accuracy() { gan-sample "$1" -i "$2" logits=told | gan-eval accuracy - | figure accuracy; }

# play ARM SEED: until the bound has not become better for so long
play() {
    run=$out/$1-$2 epoch=0
    case $1 in n?) first=normal ;; s?) first=sphere ;; esac
    case $1 in ?n) second=normal ;; ?s) second=sphere ;; esac
    both "$2"
    # shellcheck disable=SC2086 # define holds several words
    [ -s "$run.st" ] || gan-init "$here/svae-semi.gan" -D first=$first -D second=$second -D alpha=10 $define --seed "$2" -o "$run.st"
    [ ! -s "$run.valid" ] || epoch=$(tail -n 1 "$run.valid" | cut -f1)
    seed=$2 # of the order of the data, too
    while [ "$epoch" -lt "$epochs" ]; do
        [ "$epoch" = 0 ] || awk -F'\t' -v look="$look" '!n++ || $2 > most { most = $2; at = $1 }
            END { exit $1 - at >= look }' "$run.valid" || break
        next=$((epoch + every))
        train "$run.st" "$out/both-$2.st" 100 $((next * (count / 100))) 50 -q
        bound=$(gan-sample "$run.st" -i "$out/valid.st" bound=unlabelled | gan-eval moments - --tensor bound --pairs 0 |
            figure moments.mean)
        if [ ! -s "$run.valid" ] || awk -F'\t' -v bound="$bound" '!n++ || $2 > most { most = $2 }
            END { exit !(bound > most) }' "$run.valid"; then
            cp "$run.st" "$run-best.part" && mv "$run-best.part" "$run-best.st"
        fi
        printf '%s\t%s\t%s\n' "$next" "$bound" "$(accuracy "$run.st" "$out/valid.st")" >>"$run.valid"
        [ -z "$steps" ] || short_of "$run.st" "$steps" || break
        epoch=$next
    done
}

# papers ARM: accuracy of these dimensions, table 3 of the paper
papers() {
    case "$(setting d1 50) $(setting d2 50) $small" in
    '5 5 ') set -- "$1" 90.0 94.0 93.8 ;;
    '5 10 ') set -- "$1" 90.7 94.1 94.8 ;;
    '5 50 ') set -- "$1" 90.7 92.7 93.0 ;;
    '10 5 ') set -- "$1" 90.7 91.7 94.0 ;;
    '10 10 ') set -- "$1" 92.2 96.0 95.9 ;;
    '10 50 ') set -- "$1" 92.9 95.1 95.7 ;;
    '50 5 ') set -- "$1" 92.0 91.7 95.8 ;;
    '50 10 ') set -- "$1" 93.0 95.8 97.1 ;;
    '50 50 ') set -- "$1" 93.2 94.2 97.4 ;;
    *) set -- "$1" - - - ;;
    esac
    case $1 in nn) echo "$2" ;; ss) echo "$3" ;; sn) echo "$4" ;; esac
}

from=$seed
printf 'codes\taccuracy, %%\tepochs\tseeds\tpaper\n' >"$out/table.tsv.part"
for arm in $(echo "$arms" | tr , ' '); do
    : >"$out/$arm.found"
    for s in $(seq "$from" $((from + seeds - 1))); do
        play "$arm" "$s"
        printf '%s\t%s\n' "$(accuracy "$run-best.st" "$out/test.st")" "$(tail -n 1 "$run.valid" | cut -f1)" >>"$out/$arm.found"
    done
    awk -F'\t' -v arm="$arm" -v papers="$(papers "$arm")" '{ n++; s += $1; q += $1 * $1; e = $2 > e ? $2 : e }
        END {
            v = n > 1 ? (q - s * s / n) / (n - 1) : 0
            printf "%s\t%.1f +- %.1f\t%d\t%d\t%s\n", arm, 100 * s / n, 100 * sqrt(v > 0 ? v : 0), e, n, papers
        }' "$out/$arm.found" >>"$out/table.tsv.part"
    gan-data head -n 12 "$out/test.st" >"$out/styles.st"
    for class in 0 1 2 3 4 5 6 7 8 9; do
        gan-sample "$out/$arm-$from-best.st" -i "$out/styles.st" image="analogy($class)"
    done | gan-data sheet --columns 12 -o "$out/$arm.png"
    rm "$out/$arm.found" "$out/styles.st"
done
mv "$out/table.tsv.part" "$out/table.tsv"
cat "$out/table.tsv"
[ -z "$small" ] || echo "to look for: 80 at least of each"
verdict 'NR > 1 { least("accuracy of " $1 ":", $2, 80) }' "$out/table.tsv"
