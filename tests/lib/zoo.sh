# zoo.sh: what the tests of pages and recipes share; sourced after tap.sh.
# shellcheck disable=SC2034,SC2154 # $here and $bin are tap.sh's, $scripts is for whoever sources it
scripts=$here/../scripts BIN=$bin OMP_NUM_THREADS=1
export BIN OMP_NUM_THREADS
quiet() { "$@" >out 2>err; } # what was said is shown when a check fails
worth() { # worth CHECKPOINT EXPRESSION [N]: the numbers of an expression's N samples, a line each
    gan-sample "$1" -n "${3:-1}" -b 10000 value="$2" 2>err </dev/null |
        gan-data to-table --bare -n value 2>>err | tr '\t' '\n'
}
recipe() { # recipe NAME ARGUMENT...
    script=$1
    shift
    "$scripts"/*/"$script.sh" "$@" >out 2>err
}
step_of() { gan-data info "$1" --meta gan.step; }
left() { # left FOLDER FILE...: the files are there and pictures are pictures
    folder=$1
    shift
    for f in "$@"; do
        [ -s "$folder/$f" ] || { echo "no $folder/$f" >>err; return 1; }
        case $f in *.png) head -c 4 "$folder/$f" | grep -q PNG || return 1 ;; esac
    done
}
page() { # page FILE PAGE OPTION...: a checkpoint
    file=$1 source=$2
    shift 2
    gan-init "$scripts"/*/"$source.gan" "$@" -o "$file" >out 2>err
}
comes_to() { # comes_to CHECKPOINT EXPRESSION TOLERANCE NAME NUMBER...: its numbers are those
    case $2 in stack*) listed=$2 ;; *) listed="stack([$2])" ;; esac
    worth "$1" "$listed" >found
    shift 2
    near found "$@"
}
last() { # last LOG COLUMN
    awk -F'\t' -v name="$2" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) k = i }
        END { print $k }' "$1"
}
