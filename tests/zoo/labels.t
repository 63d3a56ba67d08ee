#!/bin/sh
# What pages with classes sample when no expression is given: the class that is asked for, and one that
# is drawn and told where none is.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

sampled() { # sampled PAGE EXPRESSION OPTION...: the default sample of class 1 is that expression, whose class is 1
    page=$1 expression=$2
    shift 2
    gan-init "$scripts"/*/"$page.gan" "$@" -o "$page.st" 2>err >out &&
        gan-sample "$page.st" --float -n 2 --label 1 -o asked.st 2>err && gan-sample "$page.st" --float -n 2 "$expression" -o given.st 2>>err
    name=$(gan-data info given.st | awk '/F32/ { print $1; exit }')
    is "$(values given.st "$name" f | cksum)" "$(values asked.st "$name" f | cksum)" "$page: --label 1"
    is "$(values asked.st label q)" '1 1' "$page: as it is told"
    gan-sample "$page.st" --float -n 2 "$(echo "$expression" | sed 's/onehot(1/onehot(0/g')" -o other.st 2>err
    holds "$(cmp -l given.st other.st 2>>err | wc -l) > 20" "$page: class 0 is another"
    gan-sample "$page.st" --float -n 20 -o drawn.st 2>err
    is "$(values drawn.st label q | tr ' ' '\n' | sort -u | tr '\n' ' ')" '0 1 2 ' "$page: all classes where none is asked for"
}
sampled biggan 'Ga(z, onehot(1, 3))' -D size=16 -D ch=4 -D classes=3 -D chunk=4 -D width=4
sampled tgan 'G(z, T(z, onehot(1, 3)), onehot(1, 3))' -D size=16 -D nz=5 -D nf=2 -D nf_G=2 -D nf_T=2 -D embed=6 -D classes=3
sampled tganv2 'G(z, onehot(1, 3))[1]' -D size=16 -D nf=2 -D nf_D=2 -D nz=4 -D classes=3
sampled mocogan 'film(c, m, e, onehot(1, 3))' -D size=16 -D nf=2 -D nf_D=2 -D classes=3 -D labels=1
sampled ssgan 'p(y=onehot(1, 3)).x' -D labels=3 -D frames=4 -D size=16 -D nh=4 -D nv=2 -D ne=2 -D nf=4 -D units=8 -D hidden_o=4
finish
