#!/bin/sh
# Every command of gan-batch(7), as it stands there, on a small game; scripts of Slurm with an srun
# that only says what it was asked. slurm.t plays such scripts under Slurm itself.
. "$(dirname "$0")/../lib/tap.sh"
export ASAN_OPTIONS=detect_leaks=0 # MPI keeps much until the end
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
manual=$here/../man/gan-batch.7
block() { # block MARK: the text of the example behind a comment
    sed -n "/^\.\\\\\" $1\$/,/^\.Ed/p" "$manual" | sed '1,2d; $d; s/^\\&//; s/\\e/\\/g'
}
for f in train.sh Makefile job.sh array.sh; do block "file $f" >$f; done
# the page by its name, made small, and pictures for it
sed 's/^option size = 64/option size = 28/; s/^option channels = 3/option channels = 1/; s/^option nf = 128/option nf = 2/' \
    "$here/../scripts/image/dcgan.gan" >dcgan.gan
gan-data make digits -n 64 --frame 64 -o faces.st
example() { # example MARK NAME
    block "$1" >example.sh
    [ -s example.sh ] && timeout 300 sh -e example.sh >out 2>err
    check $? "$2"
}
at() { gan-data info "$1" --meta gan.step; }

example "run train" "a script that begins a run"
cp run.st whole.st
is "$(at run.st)" 25 "... plays it"
example "run train" "... and does nothing once that is done"
same run.st whole.st "... as the run is as it was"
rm run.st run.tsv
(timeout -s TERM 0.15 sh train.sh >out 2>err)
# (what was broken off may take its time to let go of the run)
for _ in 1 2 3 4 5 6 7 8 9 10; do sh train.sh >>out 2>>err && [ "$(at run.st)" = 25 ] && break; sleep 0.5; done
same run.st whole.st "what was broken off goes on to the same bytes"

block crontab >cron.txt
[ "$(wc -l <cron.txt)" = 1 ] && grep -Eq '^[0-9*]+ [0-9*]+ \* \* \* cd faces && timeout -s TERM 6h sh train.sh >>train.log 2>&1$' cron.txt
check $? "cron's line is a line of cron"
mkdir faces && cp run.st train.sh dcgan.gan faces.st faces && rm faces/run.st
(eval "$(cut -d' ' -f6- cron.txt)")
same faces/run.st whole.st "... whose command plays the run"

example "run memory" "a run with a limit of memory"
is "$(at small.st)" 2 "... is played"

example "run make" "make plays three seeds, two at a time"
is "$(for s in 1 2 3; do at seed-$s.st; done | tr '\n' ' ')" "25 25 25 " "... to their end"
same seed-1.st whole.st "... with the bits of one alone"
if command -v parallel >/dev/null 2>&1 && parallel --version 2>/dev/null | grep -q '^GNU parallel'; then
    example "run parallel" "parallel plays rates and seeds, crossed"
    is "$(ls rate-*.st | wc -l)" 4 "... four of them"
    before=$(cat rate-*.st | cksum)
    example "run parallel" "... once"
    is "$(cat rate-*.st | cksum)" "$before" "... and no more"
else
    skip "parallel" "there is no GNU parallel"
fi
ln -s "$here/../scripts" scripts
export BIN="$bin"
example "run sweep" "a grid is played and ranked"
awk -F'\t' '
    NR == 1 { good = $0 == "rate\tnz\tfigure\tdeviation\tseeds\tsteps\tended" }
    NR > 1 { row[NR] = $5 " " $6 " " $7 }
    END {
        good = good && NR == 7 && row[2] == "2 40 played" && row[3] == row[2]
        for (i = 4; i <= 7; i++) good = good && row[i] == "2 " (i == 4 ? 20 : 10) " stopped"
        exit !good
    }' rates/table.tsv && alike out rates/table.tsv
check $? "... by halves"
if command -v mpirun >/dev/null 2>&1; then
    example "run mpirun" "mpirun plays shards"
    is "$(at large.st)" 25 "... to the end"
else
    skip "mpirun" "there is no mpirun"
fi
example "run plan" "what processes would receive"
is "$(tail -4 out | cut -d' ' -f1 | xargs)" "processes 2 4 processor:" "... each of two, of four"
example "run info" "how far a run got"
example "run again" "another rate from there on"

# six lines of Slurm: the scripts as a shell, with srun and scontrol that tell what they are asked
mkdir fake
printf '#!/bin/sh\necho "srun $1" >>asked\nshift\nexec "$@"\n' >fake/srun
printf '#!/bin/sh\necho "scontrol $*" >>asked\n' >fake/scontrol
chmod +x fake/*
cp dcgan.gan faces.st fake
gan-init dcgan.gan --shards 4 -o large.st 2>err
PATH=$dir/fake:$PATH SLURM_JOB_ID=7 sh job.sh >out 2>err
check $? "the job's script plays"
is "$(cat asked)" "srun --mpi=pmix" "... through srun"
PATH=$dir/fake:$PATH SLURM_ARRAY_TASK_ID=2 sh array.sh >out 2>err
check $? "the array's script plays"
is "$(gan-data info array-2.st --meta gan.seed) $(at array-2.st)" "2 25" "... its seed"
printf '#!/bin/sh\necho "sbatch $*" >>asked; echo 12\n' >fake/sbatch
chmod +x fake/sbatch
PATH=$dir/fake:$PATH example "slurm sweep" "a sweep is submitted"
is "$(sed -n 's/^sbatch --parsable .*slurm.log //p' asked | tr '\n' ';')" \
    "-c 2 --time=1:00:00 --array=1-12;$(
        for _ in 1 2; do printf '%s' '-c 2 --time=1:00:00 --array=1-12 --dependency=afterany:12;'; done
    )-c 2 --time=1:00:00 --dependency=afterany:12;" "... for each halving, and for the table"
printf '#!/bin/sh\ncat >/dev/null\nexit 5\n' >fake/srun
PATH=$dir/fake:$PATH SLURM_JOB_ID=7 sh job.sh >out 2>err
grep -qx 'scontrol requeue 7' asked
check $? "a job that was told to end comes again"
for mark in "slurm job" "slurm array"; do
    block "$mark" | grep -q '^sbatch .*\(job\|array\).sh$'
    check $? "$mark: $(block "$mark")"
done

echo "1..$n"
exit $failed
