#!/bin/sh
# A game of four processes that is killed (SIGKILL) at a random time, a rank of it or the launcher, and goes on
# with two or one, ends in the bytes of one that nobody disturbed. KILLS is how many are tried, 4 if not set;
# SEED, which is printed, chooses time, victim and how many go on (not what the victim does just then).
# shellcheck disable=SC2154 # $scripts is of mpi.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/mpi.sh"
steps=90
seed=${SEED:-$(od -An -N3 -t u4 /dev/urandom | tr -d ' ')}
echo "# ${KILLS:=4} kills, SEED=$seed"
gan-data make digits -n 256 -o digits.st
gan-init "$scripts/image/dcgan.gan" -D size=28 -D channels=1 -D nf=8 --shards 4 --batch 16 --seed 3 -o start.st 2>err
starts() { # starts CHECKPOINT R: in the background; `launcher` is mpirun
    gan-data batch digits.st --size 16 --shuffle --seed 2 --endless --from "$1" |
        mpirun -q -n "$2" gan-step -q "$1" --until $steps --checkpoint-every 3 >out 2>err &
    launcher=$!
}
plays() { # plays CHECKPOINT R: to the end
    starts "$@"
    wait "$launcher"
}
now() { date +%s.%N; }
cp start.st whole.st
began=$(now)
plays whole.st 4
check $? "a game of four"
took=$(echo "$(now) $began" | awk '{ print $1 - $2 }')
echo "# it takes $took s"
cp start.st alone.st
plays alone.st 1
same alone.st whole.st "... is that of one"

gone() { ! pgrep -f "gan-step -q $dir/killed.st"; }
# killed TIME VICTIM: a game on killed.st meets that, 4 being the launcher; `victim` says who it was, `at` what
# was saved; fails if the game was over
killed() {
    cp start.st killed.st
    # the whole path, so that nobody else's processes have it
    starts "$dir/killed.st" 4
    sleep "$1"
    victim="the launcher" pid=$launcher
    if [ "$2" != 4 ]; then
        rank=$(pgrep -P "$launcher" | sed -n "$(($2 + 1))p")
        [ -z "$rank" ] || victim="rank $2" pid=$rank
    fi
    kill -9 "$pid" 2>>err
    found=$?
    wait "$launcher" 2>>err
    wait_for 20 gone || echo "left: $(pgrep -af "$dir/killed.st")" >>err
    at=$(gan-data info killed.st --meta gan.step)
    [ $found = 0 ] && [ "$at" -lt $steps ]
}
awk -v seed="$seed" -v took="$took" 'BEGIN {
    srand(seed)
    for (i = 0; i < 1000; i++) printf "%.3f %d %d\n", rand() * took, int(rand() * 5), 1 + int(rand() * 2)
}' >plan
tried=0
while [ "$tried" -lt "$KILLS" ] && read -r time who left; do
    killed "$time" "$who" || continue # it was quicker than the first
    tried=$((tried + 1))
    plays killed.st "$left"
    same killed.st whole.st "$victim killed after $time s, step $at saved, goes on with $left"
done <plan
is "$tried" "$KILLS" "so many were killed"
finish
