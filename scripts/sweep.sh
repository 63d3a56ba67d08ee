#!/bin/sh
# sweep.sh [OPTION]... PAGE OUT: plays a page with every combination of some options' values, each with
# several seeds, stops what falls behind, and ranks the rest by a figure.
#
# Each combination is a cell. Figures are of the beginning, of each N steps of --every, and of the end. After
# N, 2N, 4N, ... steps the better half of the cells that are still in goes on (successive halving, Jamieson &
# Talwalkar 2016), by the mean of their figures at that step, so that nothing depends on which run was there
# first. A run that diverges has no figure from there on, and its cell stands behind those with more.
# OUT receives, of each run, NAME=VALUE,...,seed=N.st (the checkpoint), .tsv (the costs) and .figures;
# table.tsv (of each cell, the best first: mean and deviation of the figure over the seeds that have one, at
# which step, and how it ended), curves.tsv and curves.png (the means, step by step; of the best eight).
# Run it again to go on.
#   --data FILE       stream that the page reads
#   --batch N         samples of a minibatch (64)
#   -D NAME=VALUE     option of the page; several values stand between commas
#   --steps N         play so many steps
#   --every N         figures, and halving, on the way (none)
#   --keep N          play so many cells to the end, at least (1)
#   --figure COMMAND  command of the shell that prints the figure of the checkpoint named $run: a number, or
#                     lines of gan-eval, of which the first counts
#   --higher          the highest figure is the best, not the lowest
#   --seeds N         so many of each cell, from --seed on (3)
#   --jobs N          runs played at once, which share the cores (1)
#   --array           play nothing, and print a script that submits all to Slurm
#   --task N          play the Nth run alone, as far as it can go without the others' next figures
#   --seed N          first seed (1)
. "$(dirname "$0")/lib/recipe.inc"

# quoted TEXT: a word of the shell that is this text
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }
again=$(
    for word in "$@"; do [ "$word" = --array ] || printf ' %s' "$(quoted "$word")"; done
)
# shellcheck disable=SC2034 # recipe_options has use for them
first_operand=page free="$free data keep higher figure seed task array "
batch=64 every='' keep=1 figure='' higher='' seeds=3 jobs=1 array='' task=''
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# all_runs: a line for each, the first seed of each cell first: number of the cell, seed, name, settings of the
# cell (words NAME=VALUE, of which the last changes first)
all_runs() {
    echo "$grid" | awk -v seed="$seed" -v seeds="$seeds" '
        function bad(text) { print text >"/dev/stderr"; wrong = 1; exit 1 }
        # cross WORD: each cell so far with each value of an option
        function cross(word,   name, values, value, n, k, j, longer, taken) {
            name = values = word
            sub(/=.*/, "", name)
            sub(/[^=]*=/, "", values)
            if (given[name]++) bad("-D " word ": " name " was given before; its values stand between commas")
            n = split(values, value, ",")
            for (j = 1; j <= n; j++) if (value[j] == "" || taken[value[j]]++) n = 0
            if (!n) bad("-D " word ": expected values between commas, each once")
            for (k = 0; k < cells; k++)
                for (j = 1; j <= n; j++) longer[k * n + j - 1] = cell[k] (cell[k] == "" ? "" : " ") name "=" value[j]
            cells *= n
            for (k = 0; k < cells; k++) cell[k] = longer[k]
        }
        BEGIN { cells = 1 }
        { for (i = 2; i <= NF; i += 2) cross($i) }
        END {
            if (wrong) exit 1
            for (i = seed; i < seed + seeds; i++)
                for (k = 0; k < cells; k++) {
                    name = cell[k] (cell[k] == "" ? "" : ",") "seed=" i
                    gsub(/ /, ",", name)
                    gsub("/", "%", name)
                    print k + 1 "\t" i "\t" name "\t" cell[k]
                }
        }'
}

# the_run N: sets what there is of run N
the_run() {
    line=$(echo "$runs" | sed -n "$1p") settings=${line##*	} define=''
    line=${line#*	} seed=${line%%	*}
    line=${line#*	} name=${line%%	*}
    for pair in $settings; do define="$define -D $pair"; done
    checkpoint=$out/$name.st figures=$out/$name.figures said=$scratch/$name.said
}

# All cells are looked at before anything is made or played; a task of many leaves the others' to them.
check_own() {
    [ -n "$steps" ] || usage "--steps is missing"
    [ -n "$figure" ] || usage "--figure is missing"
    : "${every:=$steps}"
    grid=$define
    runs=$(all_runs 2>&1) || usage "$runs"
    cells=$(echo "$runs" | tail -n 1 | cut -f1)
    run_count=$((cells * seeds))
    [ "${task:-1}" -le "$run_count" ] || usage "--task: expected 1 to $run_count, found $task"
    for i in ${task:-$(seq "$cells")}; do
        the_run "$i"
        # shellcheck disable=SC2086 # several words
        reason=$(gan-init "$page" $define 2>&1) || die "${reason#gan-init: }"
    done
    define=''
}

# The page's text, with what it uses, is that of the runs that are there, and so is the figure.
check_made() {
    the_run 1
    # shellcheck disable=SC2086 # several words
    gan-init "$page" $define -o "$scratch/page.st"
    gan-data info "$scratch/page.st" --page >"$scratch/page.gan"
    [ -s "$out/page.gan" ] || cp "$scratch/page.gan" "$out/page.gan"
    cmp -s "$scratch/page.gan" "$out/page.gan" || die "$out: its runs are of another text of $page: take another OUT"
    made=''
    [ ! -e "$out/figure" ] || made=$(cat "$out/figure")
    [ "$made" != "$figure" ] || return 0
    [ -z "$(find "$out" -name '*.figures' | head -n 1)" ] || die "$out: its figures are of '$made': take another OUT"
    printf '%s\n' "$figure" >"$out/figure"
}

# ---- a run ----

# note STEP FIGURE: adds what is known of the run at hand to its figures, at once or not at all
note() {
    { { [ ! -e "$figures" ] || cat "$figures"; } && printf '%s\t%s\n' "$1" "$2"; } >"$figures.part" &&
        mv "$figures.part" "$figures" || die "$figures: cannot be written"
    say "$name: step $1: $2"
}

# told: passes on what was said meanwhile, with the run's name
told() {
    while IFS= read -r line; do say "$name: $line"; done <"$said"
    rm "$said"
}

# play STEP: the run at hand until then; fails as gan-step does
play() {
    status=0
    if [ -n "$data" ]; then train "$checkpoint" "$data" "$batch" "$1" 10 -q 2>"$said" || status=$?
    else play_alone "$checkpoint" "$1" 10 -q --batch "$batch" 2>"$said" || status=$?; fi
    told
    return $status
}

# number_of FILE: that of a figure, if there is one; an infinite one is nan, too
number_of() {
    awk -F'\t' '
        NR == 1 && /^metric\tvalue/ { next }
        ++lines == 1 { several = NF > 1; found = several ? $2 : $1; gsub(/^ +| +$/, "", found) }
        END {
            if (lines > 1 && !several) exit
            if (found ~ /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$/) print found
            else if (found ~ /^[-+]?(nan|inf)$/) print "nan"
        }' "$1"
}

# judge STEP: the figure of the run at hand, which is there
judge() {
    at=$(steps_played "$checkpoint") status=0
    [ "$at" = "$1" ] || die "$checkpoint: is at step $at, and its figure at $1 is missing: take another OUT"
    run=$checkpoint sh -c "$figure" >"$scratch/$name.found" 2>"$said" &
    attend $! 2>/dev/null || status=$?
    told
    [ $status = 0 ] || die "$name: step $1: --figure: the command ended with status $status"
    number=$(number_of "$scratch/$name.found")
    [ -n "$number" ] || die "$name: step $1: --figure: expected a number or lines of gan-eval, found '$(
        head -c 60 "$scratch/$name.found" | tr '\n' ' ')'"
    rm "$scratch/$name.found"
    note "$1" "$number"
}

# advance N STEP: run N until then, with the figures on the way
advance() {
    the_run "$1"
    at=-1 ending=''
    [ ! -e "$figures" ] || read_last
    while [ "$at" -lt "$2" ]; do
        case $ending in diverged | ended) return ;; esac
        if [ "$at" = -1 ]; then at=0; else at=$(at_most $(((at / every + 1) * every)) "$steps"); fi
        [ -s "$checkpoint" ] || start_run "$checkpoint" "$page"
        status=0
        play "$at" || status=$?
        case $status in
        0) judge "$at" ;;
        4) ending=diverged; note "$at" $ending ;;
        7) ending=ended; note "$at" $ending ;;
        5) exit 5 ;;
        *) say "$name: the game ended with status $status"; exit "$status" ;;
        esac
    done
    grep -q "^$2	" "$figures" || die "$checkpoint: is at step $at, and has no figure at $2: take another OUT"
}
read_last() {
    ending=$(tail -n 1 "$figures")
    at=${ending%	*} ending=${ending#*	}
}

# ---- all of them ----

# halving SHOW: what halving.awk shows of all runs
halving() {
    echo "$runs" | out=$out awk -f "$pages/lib/halving.awk" -v steps="$steps" -v every="$every" \
        -v keep="$keep" -v higher="$higher" -v show="$1"
}

# work N...: plays those of the runs, until `target`, that no other worker has taken; they end with one that
# fails, and with the sweep
work() {
    trap ': >"$scratch/failed"' EXIT
    for i in "$@"; do
        if [ -e "$scratch/failed" ] || ! kill -0 $$ 2>/dev/null; then break; fi
        mkdir "$scratch/$i-$target" 2>/dev/null || continue
        advance "$i" "$target"
    done
    trap - EXIT
}

# still_in CELL...: their runs
still_in() {
    for s in $(seq 0 $((seeds - 1))); do
        for c in "$@"; do echo $((s * cells + c)); done
    done
}

# to_next_halving: plays all runs that are still in, or that of --task, until `target`
to_next_halving() {
    next=$(halving next) target=${next%% *}
    # shellcheck disable=SC2046,SC2086 # several numbers
    set -- $(still_in ${next#* })
    [ -z "$task" ] || case " $* " in *" $task "*) set -- "$task" ;; *) set -- ;; esac
    workers=''
    while [ "$(echo "$workers" | wc -w)" -lt "$jobs" ]; do
        work "$@" &
        workers="$workers $!"
    done
    # shellcheck disable=SC2086
    attend $workers
}

# submission: a script for Slurm
submission() {
    cat <<EOF
#!/bin/sh
# Submits a sweep to Slurm: for each halving and for the end an array of all runs, behind the one before,
# then a job that makes the table. What is told to this script, such as --time=2:00:00, is told to sbatch.
set -e
cd $(quoted "$PWD")
submit() {
    sbatch --parsable --requeue --signal=TERM@60 --open-mode=append --output=$(quoted "$out/slurm.log") "\$@" <<'END'
#!/bin/sh
srun --mpi=none \${SLURM_CPUS_PER_TASK:+-c \$SLURM_CPUS_PER_TASK} $(quoted "$here/$recipe") \${SLURM_ARRAY_TASK_ID:+--task=\$SLURM_ARRAY_TASK_ID}$again
rc=\$?; [ \$rc -eq 5 ] && exec scontrol requeue \$SLURM_JOB_ID; exit \$rc
END
}
job=\$(submit "\$@" --array=1-$run_count)
EOF
    rung=$every
    while [ "$rung" -lt "$steps" ]; do
        rung=$((rung * 2))
        echo "job=\$(submit \"\$@\" --array=1-$run_count --dependency=afterany:\"\${job%;*}\")"
    done
    echo "submit \"\$@\" --dependency=afterany:\"\${job%;*}\""
}

recipe_options "$@"
check_made
if [ -n "$array" ]; then
    submission
    exit
fi
[ -z "$task" ] || jobs=1
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-$((($(nproc) + jobs - 1) / jobs))}"
target=0
while [ "$target" -lt "$steps" ]; do
    to_next_halving
    [ -z "$task" ] || exit 0
done
for shown in table curves; do
    halving $shown >"$out/$shown.part"
    mv "$out/$shown.part" "$out/$shown.tsv"
done
cat "$out/table.tsv"
gan-data plot "$out/curves.tsv" -o "$out/curves.png"
