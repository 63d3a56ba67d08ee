#!/bin/sh
# One game on several processes under mpirun: the same file for any number of them, of threads, and
# after whatever ends some of them; what does not fit together is refused.
# shellcheck disable=SC2154 # $scripts is of mpi.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/mpi.sh"
[ "$(wc -l <err)" = 1 ] && grep -q '^gan-step: missing.st: cannot open' err
check $? "what all ranks find wrong is said once"

# ---- the same file ----
gan-data make digits -n 64 -o digits.st
gan-data make ring -n 128 -o ring.st
gan-data make shapes -n 16 --size 8 -o shapes.st
game() { # game NAME DATA BATCH SHARDS PAGE OPTION...: a checkpoint, and what comes of it on one process
    name=$1 data=$2 batch=$3 shards=$4 page=$5
    shift 5
    gan-init "$scripts/$page.gan" "$@" --shards "$shards" --batch "$batch" --seed 3 -o "$name.0.st" 2>err &&
        gan-data batch "$data.st" --size "$batch" --shuffle --seed 2 --epochs 6 --drop-last -o "$name.data.st" 2>>err &&
        cp "$name.0.st" "$name.1.st" && gan-step -q "$name.1.st" -n 3 <"$name.data.st" 2>>err
}
on() { # on NAME R [OPTION...]: the same on R
    name=$1 of=$2
    shift 2
    cp "$name.0.st" "$name.r.st"
    ranks "$of" gan-step -q "$name.r.st" -n 3 "$@" <"$name.data.st" >out 2>err
    same "$name.r.st" "$name.1.st" "$name on $of $*"
}
game dcgan digits 16 4 image/dcgan -D size=28 -D channels=1 -D nf=4
for r in 2 3 4; do on dcgan $r; done
on dcgan 2 --threads 2
on dcgan 2 --data dcgan.data.st
on dcgan 2 --profile
sed -n 's/.*exchange, \(.*\) bytes received/\1/p' err | awk '{ all += $1 } END { print all }' >received
gan-init "$scripts/image/dcgan.gan" -D size=28 -D channels=1 -D nf=4 --shards 4 --batch 16 --plan |
    awk '/^processes/ { getline; print $3 }' >planned
same received planned "a profile has what the plan said would be received"
game three digits 12 3 image/dcgan -D size=28 -D channels=1 -D nf=4
on three 2
game unrolled ring 32 4 toy/unrolled -D k=5 -D width=16
on unrolled 3
game gmmn ring 64 4 image/gmmn -D space=ring -D width=0.125 -D rate=0 -D unbiased=1
on gmmn 2
game stylegan2 shapes 8 2 image/stylegan2 -D size=8 -D most=8 -D nz=16 -D layers=2 -D every_d=2 -D every_g=2
on stylegan2 2
# sums that are cut among ranks, and those of many pieces
game wide digits 8 4 image/gan -D nets=maxout
on wide 3

# ---- what does not fit ----
refused() { # refused PATTERN NAME: what the last command said in one line, and that it failed
    [ $? -ne 0 ] && [ "$(grep -c '^gan-step' err)" = 1 ] && grep -q "$1" err
    check $? "$2"
}
cp dcgan.0.st a.st
gan-init "$scripts/image/dcgan.gan" -D size=28 -D channels=1 -D nf=4 -o whole.st
ranks 2 gan-step -q whole.st -n 1 <dcgan.data.st >out 2>err
refused '1 shard cannot be played by 2 processes' "fewer shards than processes"
if gan-init --plan "$scripts/toy/unrolled.gan" | grep -q '^processor: avx'; then
    ranks 1 gan-step -q a.st -n 1 --data dcgan.data.st : -n 1 env GAN_ISA=portable gan-step -q a.st -n 1 >out 2>err
    refused '^gan-step: instruction set: rank 1 (.*) has portable, rank 0 (.*) has avx' "another instruction set is named, with its node"
else
    skip "another instruction set" "this processor has one"
fi
ranks 1 env GAN_CONV=direct gan-step -q a.st -n 1 --data dcgan.data.st : -n 1 gan-step -q a.st -n 1 >out 2>err
refused '^gan-step: kernels of products: rank 1 .* rank 0 .*convolutions direct' "other kernels"
ranks 1 gan-step -q a.st -n 1 --data dcgan.data.st : -n 1 gan-step -q dcgan.1.st -n 1 >out 2>err
refused '^gan-step: checkpoint: rank 1 .* has step 3' "another checkpoint"
cp "$bin/gan-step" gan-other && echo >>gan-other
ranks 1 gan-step -q a.st -n 1 --data dcgan.data.st : -n 1 ./gan-other -q a.st -n 1 >out 2>err
refused '^gan-step: checksum of the program: rank 1' "another build"
GAN_TRACE=nan ranks 2 gan-step -q a.st -n 1 --data dcgan.data.st >out 2>err
refused '^gan-step: GAN_TRACE takes one process' "a trace, which would end one of them"
gan-data batch digits.st --size 10 | ranks 2 gan-step -q a.st -n 1 >out 2>err
refused 'frame 1: a minibatch of 10 does not make 4 shards' "a minibatch that shards do not divide"
SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2 gan-step -q a.st -n 1 <dcgan.data.st >out 2>err
refused 'srun has started 2 tasks that do not know of each other' "srun without PMIx"
same a.st dcgan.0.st "and nothing was played"

# ---- ends ----
gan-data batch digits.st --size 16 --shuffle --seed 2 --epochs 500 >long.st
long() { # long OPTION...: starts a game that does not end soon on 3, and waits until it has saved
    cp dcgan.0.st a.st
    # shellcheck disable=SC2086 # several words
    mpirun -q -n 3 gan-step -q a.st --data "$dir/long.st" --checkpoint-every 1 "$@" >out 2>err &
    launcher=$!
    for _ in $(seq 200); do
        [ "$(gan-data info a.st --meta gan.step)" -gt 0 ] && break
        sleep 0.05
    done
}
rank() { pgrep -P "$launcher" | tail -1; }
is_gone() { ! pgrep -f "gan-step -q a.st --data $dir/long.st"; }
ended() { # ended STATUS NAME: the job has ended so in ten seconds, and nothing of it is left
    if wait_for 10 is_gone; then
        wait "$launcher"
        now=$?
        echo "status $now" >>err
        [ "$1" = any ] || [ $now = "$1" ]
    else
        echo "left: $(is_gone)" >>err
        false
    fi
    check $? "$2"
}
goes_on() { # goes_on R NAME: a checkpoint that was left is gone on with on R
    at=$(gan-data info a.st --meta gan.step)
    cp dcgan.0.st b.st
    gan-step -q b.st --until "$((at + 2))" --data long.st 2>>err
    gan-data batch digits.st --size 16 --shuffle --seed 2 --epochs 500 --from a.st >rest.st 2>>err
    cp a.st c.st
    ranks "$1" gan-step -q c.st --until "$((at + 2))" --data rest.st >out 2>>err
    same c.st b.st "$2"
}
long
kill -9 "$(rank)"
ended any "a rank that is lost ends the job"
goes_on 2 "two go on where three were, with the same bits"
long
kill -USR1 "$launcher"
ended any "USR1, which mpirun passes on, stops all"
grep -q '^gan-step: stopped by signal .*saved in a.st' err
check $? "... and saves"
goes_on 1 "one goes on"
long
kill -9 "$launcher"
ended 137 "a launcher that is lost ends the ranks"
long --comm-timeout 1s
stopped=$(rank)
kill -STOP "$stopped"
ended 1 "an exchange that stands still ends the job"
grep -q 'gan-step: step [0-9]*, values of all shards: rank [01] .* waited [0-9]* s for rank 2;\|gan-step: step [0-9]*, .* for rank 2;' err
check $? "... and the rank that is waited for is named"

echo "1..$n"
exit $failed
