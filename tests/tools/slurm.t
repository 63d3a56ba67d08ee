#!/bin/sh
# Under a batch system: Slurm, started here for these tests alone, with munge. A job, an array, a sweep, a job
# that is called off and comes again by itself, two ranks, and one that is lost.
. "$(dirname "$0")/../lib/tap.sh"
for tool in munged slurmctld slurmd srun sbatch scontrol; do
    command -v $tool >/dev/null 2>&1 && continue
    skip "jobs" "there is no $tool"
    echo "1..$n"
    exit 0
done
if [ "$(id -u)" != 0 ]; then
    skip "jobs" "slurmd wants to be root"
    echo "1..$n"
    exit 0
fi
export ASAN_OPTIONS=detect_leaks=0 # MPI keeps much until the end
export OMP_NUM_THREADS=1 SLURM_CONF="$dir/slurm.conf"
chmod 755 "$dir"
mkdir state spool
node=$(hostname -s)
port=$((20000 + $$ % 20000))
head -c 1024 /dev/urandom >munge.key
chmod 400 munge.key
cat >slurm.conf <<EOF
ClusterName=test
SlurmctldHost=$node
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge.sock,cred_expire=5
CredType=cred/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SchedulerParameters=bf_interval=1,sched_interval=1
ReturnToService=2
KillWait=5
MpiDefault=none
NodeName=$node CPUs=4 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
EOF
down() {
    scancel -u root >/dev/null 2>&1
    for p in slurmd slurmctld munged; do
        [ ! -s $p.pid ] || kill "$(cat $p.pid)" 2>/dev/null
    done
    sleep 0.5
    rm -rf "$dir"
}
trap down EXIT
munged --force --key-file="$dir/munge.key" --socket="$dir/munge.sock" --pid-file="$dir/munged.pid" \
    --log-file="$dir/munged.log" --seed-file="$dir/munge.seed" >out 2>err &&
    slurmctld -c >>out 2>>err && slurmd -N "$node" >>out 2>>err
for _ in $(seq 60); do
    sinfo -h -o %T 2>/dev/null | grep -q idle && break
    sleep 0.25
done
if ! sinfo -h -o %T 2>>err | grep -q idle; then
    skip "jobs" "Slurm does not come up: $(tail -1 slurmctld.log) $(tail -1 slurmd.log)"
    echo "1..$n"
    exit 0
fi

gan-data make digits -n 128 -o digits.st
gan-init "$here/../scripts/image/dcgan.gan" -D size=28 -D channels=1 -D nf=4 --shards 4 --batch 32 --seed 3 -o start.st
batches() { # batches CHECKPOINT: those that follow
    gan-data batch digits.st --size 32 --shuffle --endless --drop-last --from "$1"
}
cp start.st want.st
batches want.st | gan-step -q want.st --until 60
comes() { # comes FILE TEXT: waits until the text stands there
    for _ in $(seq 120); do
        grep -q "$2" "$1" 2>/dev/null && return 0
        sleep 0.25
    done
    return 1
}

# what gan-batch(7) says of a job
cat >job.sh <<'EOF'
#!/bin/sh
#SBATCH --requeue --open-mode=append --output=job.log
gan-data batch digits.st --size 32 --shuffle --endless --drop-last --from run.st |
    srun --mpi=pmix gan-step -q run.st --until 60 --checkpoint-every 1
rc=$?
[ $rc -eq 5 ] && exec scontrol requeue "$SLURM_JOB_ID"
exit $rc
EOF
cp start.st run.st
sbatch --wait -n 1 job.sh >out 2>err
check $? "a job plays a game"
same run.st want.st "as it is played by hand"
cp start.st run.st
sbatch --wait -n 2 job.sh >out 2>err
check $? "and on two ranks"
same run.st want.st "with the same bits"

cat >array.sh <<'EOF'
#!/bin/sh
#SBATCH --output=array-%a.log
gan-init dcgan.gan -D size=28 -D channels=1 -D nf=4 --seed "$SLURM_ARRAY_TASK_ID" -o "seed-$SLURM_ARRAY_TASK_ID.st" &&
    gan-data batch digits.st --size 32 --epochs 1 | srun gan-step -q "seed-$SLURM_ARRAY_TASK_ID.st"
EOF
cp "$here/../scripts/image/dcgan.gan" .
sbatch --wait -n 1 --array=1-3 array.sh >out 2>err
check $? "an array of three seeds"
is "$(for i in 1 2 3; do gan-data info seed-$i.st --meta gan.seed && gan-data info seed-$i.st --meta gan.step; done | tr '\n' ' ')" \
    "1 4 2 4 3 4 " "each of its own"

# a sweep, an array for each halving, against the same played without Slurm
swept() { # swept OUT OPTION...
    to=$1
    shift
    BIN=$bin "$here/../scripts/sweep.sh" dcgan.gan "$to" --data digits.st --batch 32 -D size=28 -D channels=1 -D nf=4 \
        -D rate=1e-9,1e-3,1e-4 --seeds 1 --steps 4 --every 2 --figure 'gan-sample "$run" -n 64 | gan-eval swd digits.st -' "$@"
}
swept by-hand >out 2>err
export BIN="$bin"
swept by-slurm --array >submit.sh && sh submit.sh >>out 2>>err
check $? "a sweep is submitted"
wait_for 120 [ -s by-slurm/curves.png ]
same by-slurm/table.tsv by-hand/table.tsv "and comes to the same table"

# called off in the middle: the step at hand is saved, and the job comes again where it was
cp start.st run.st
sed -i 's/--until 60/--until 60 --log run.tsv/' job.sh
job=$(sbatch --parsable -n 2 job.sh)
comes run.tsv '^3	' && scancel --signal=TERM "$job" 2>>err
comes job.log 'stopped by signal' >out 2>>err
check $? "a job that is told to end saves"
for _ in $(seq 240); do
    [ -z "$(squeue -h -j "$job" 2>/dev/null)" ] && break
    sleep 0.5
done
same run.st want.st "and when it has come again the bits are the same"

# a rank that is lost
cp start.st run.st
gan-data batch digits.st --size 32 --shuffle --epochs 400 --drop-last >long.st
timeout 60 srun -n 2 --mpi=pmix gan-step -q run.st --data long.st --checkpoint-every 1 >out 2>err &
step=$!
for _ in $(seq 200); do
    [ "$(gan-data info run.st --meta gan.step)" -gt 0 ] && break
    sleep 0.05
done
lost=$(pgrep -f "^[^ ]*gan-step -q run.st --data long.st" | tail -1)
kill -9 "$lost"
for _ in $(seq 100); do
    kill -0 $step 2>/dev/null || break
    sleep 0.1
done
! kill -0 $step 2>/dev/null && ! wait $step && grep -q 'srun: error.*task.*[01].*Killed' err
check $? "a rank that is lost ends the step within ten seconds, and srun names it"
at=$(gan-data info run.st --meta gan.step)
cp start.st other.st
batches other.st | gan-step -q other.st --until "$at"
same run.st other.st "what was saved is whole: step $at"

# srun without a word of MPI, and input that only one task reads
cp start.st run.st
timeout 30 srun -n 2 gan-step -q run.st -n 1 <digits.st >out 2>err
[ $? = 1 ] && [ "$(grep -c 'do not know of each other; srun --mpi=pmix' err)" = 2 ]
check $? "tasks that do not know of each other play nothing"

echo "1..$n"
exit $failed
