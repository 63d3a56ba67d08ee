#!/bin/sh
# gan-step --memory: the bits of a game without a limit, within the limit, in shards as well; what
# cannot be done is refused.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"
gan-data make shapes -n 96 --size 64 -o 64.st
gan-data make shapes -n 96 --size 32 -o 32.st
# sanitizers keep memory of their own
measured=1
ldd "$bin/gan-step" 2>/dev/null | grep -q 'lib[au]*san' && measured=

# peak FILE ARGUMENT...: MiB that gan-step had resident while it played the minibatches of a file
peak() {
    perl -I"$here/bench" -MBench -e 'printf "%.1f\n", watched(shift, "/dev/null", "gan-step", "-q", @ARGV)' "$@" 2>err
}

# limited SHARE NAME PAGE DATA BATCH SHARDS OPTION...: with that share of the values
limited() {
    share=$1 name=$2 page=$3 data=$4 batch=$5 shards=$6
    shift 6
    gan-init "$scripts"/*/"$page.gan" "$@" --batch "$batch" --shards "$shards" --seed 3 -o all.st 2>err
    cp all.st less.st
    gan-data batch "$data.st" --size "$batch" --epochs 4 --drop-last -o steps.st
    plan=$(gan-init --continue all.st --plan 2>err |
        sed -n 's/^memory.* values \([0-9.]*\) MiB.* data \([0-9.]*\) MiB.*peak about \([0-9.]*\) MiB/\1 \3/p')
    limit=$(echo "$plan" | awk -v share="$share" '{ printf "%.1f", $2 - (1 - share) * $1 }')
    whole=$(peak steps.st all.st -n 2)
    least=$(peak steps.st less.st -n 2 --memory "${limit}M")
    is "$(gan-data info less.st --meta gan.step)" 2 "$name: is played"
    same less.st all.st "$name: the same bits with $limit MiB as with ${plan#* }"
    [ -z "$measured" ] || holds "${least:-0} > 0 && $least <= $limit && $least < $whole" \
        "$name: $least MiB at its peak, $whole without a limit"
}

limited .6 "DCGAN" dcgan 64 64 1 -D nf=32
limited .6 "DCGAN in 4 shards" dcgan 64 64 4 -D nf=32
limited .6 "WGAN-GP" wgan-gp 32 64 1 -D net=resnet -D size=32 -D nf=32 -D critics=1
limited .5 "StyleGAN2" stylegan2 32 32 1 -D size=32 -D base=512 -D most=64 -D every_d=1 -D every_g=1
limited .7 "StyleGAN2 in 4 shards" stylegan2 32 32 4 -D size=32 -D base=512 -D most=64 -D every_d=1 -D every_g=1

# ---- what cannot be done ----

cp all.st before.st
gan-step -q all.st -n 1 --memory 30M <steps.st >out 2>err
is "$?" 1 "too little memory is refused"
grep -q '^gan-step: --memory: a minibatch of 32 needs about [0-9]* MiB, found 30 MiB$' err
check $? "in one line that says how much is needed"
same all.st before.st "and the checkpoint is as it was"
gan-step all.st -n 1 --memory 2.5X >out 2>err
is "$?" 2 "what is no number of bytes is wrong usage"
for good in 1048576K 1024M 1G 0.5T 1073741824; do gan-init --continue all.st --plan --memory $good >out 2>err || break; done
check $? "bytes with K, M, G and T"

echo "1..$n"
exit $failed
