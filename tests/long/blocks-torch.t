#!/bin/sh
# Recurrent cells and self-attention of scripts/blocks, by the tools, against PyTorch's modules, and their counts.
. "$(dirname "$0")/../lib/tap.sh"
# Debian's packages belong to its own python3, which need not be the first in PATH
for python in python3 /usr/bin/python3 ''; do
    [ -n "$python" ] && "$python" -c 'import numpy, torch' 2>/dev/null && break
done
ln -s "$here/../scripts/blocks" blocks

# of MoCoGAN's motion and of TGANv2's frames
cat >page.gan <<'END'
use "blocks/recurrent.gan"
data x: x[10]
data y: y[3, 3, 1024]
net R(x) = gru_cell(x, 0*x, name="cell")
net M(y) = convlstm_cell(y, [0*y, 0*y], name="cell")[0]
sample R(x)
let m = M(y)
END
gan-init page.gan --plan --batch 1 >plan 2>err
is "$(awk '/^[RM] / && $2 == "total" { printf "%s ", $3 }' plan)" '660 75501568 ' "cells of the papers' sizes"

if [ -z "$python" ]; then
    skip blocks 'no PyTorch (python3-torch)'
    finish
fi
for name in gru lstm convlstm attention; do
    $python -B -W ignore "$here/golden/blocks.py" $name >out 2>err
    check $? "$name"
    sed -n '/^# /p' out
    rm -f -- *.safetensors *.st
done
finish
