#!/bin/sh
# Nothing is lost, read before it is set, or read where nothing is: gan-init and gan-sample under
# valgrind, in good runs and in bad ones.
. "$(dirname "$0")/../lib/tap.sh"
export OMP_NUM_THREADS=1 GAN_ISA=avx2
# set, so that gan-sample does not start itself anew, without valgrind
export GOMP_SPINCOUNT=20000 GLIBC_TUNABLES=glibc.malloc.hugetlb=0

if ! valgrind --version >out 2>&1; then
    skip "memory" "no valgrind"
    finish
elif nm -D "$bin/gan-init" | grep -q __asan_init; then
    skip "memory" "built with the address sanitizer"
    finish
fi
clean() { # clean STATUS NAME COMMAND...
    want=$1 text=$2
    shift 2
    valgrind -q --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite \
        --error-exitcode=99 "$@" >out 2>err </dev/null
    got=$?
    [ $got = "$want" ] && ! grep -q '^==[0-9]*==' err
    check $? "$text"
}
cat >game.gan <<'END'
option n = 3
data x: point[2]
noise z: normal[2]
net G(z) = z | linear(n) | relu | linear(2)
net D(x) = x | linear(n) | relu | linear(1)
average Ga of G: 0.9
player D: adam minimizes mean(softplus(-D(x))) + mean(softplus(D(G(z))))
player G: adam minimizes mean(softplus(-D(G(z))))
sample G(z)
END
clean 0 "gan-init" gan-init game.gan -D n=4 -o run.st
clean 0 "--from and --partial" gan-init game.gan -D n=5 --partial --from D=run.st --from G=Ga=run.st -o new.st
clean 0 "--continue" gan-init --continue run.st -D n=4 -o new.st
clean 1 "--continue of another width" gan-init --continue run.st -D n=5 -o new.st
clean 2 "a bad option" gan-init game.gan -D n
echo 'net G(z) = z | linear(' >bad.gan
clean 1 "a bad page" gan-init bad.gan
clean 0 "gan-sample" gan-sample run.st -n 3 --drop G.1:0 -o samples.st
clean 1 "a bad expression" gan-sample run.st 'G(z' -n 3
finish
