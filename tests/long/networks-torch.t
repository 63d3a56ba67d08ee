#!/bin/sh
# The feature networks at the papers' sizes, by the tools, against PyTorch's own modules.
. "$(dirname "$0")/../lib/tap.sh"
# Debian's packages belong to its own python3, which need not be the first in PATH
for python in python3 /usr/bin/python3 ''; do
    [ -n "$python" ] && "$python" -c 'import numpy, torch, torchvision' 2>/dev/null && break
done
if [ -z "$python" ]; then
    echo "1..0 # SKIP no PyTorch with torchvision (python3-torch, python3-torchvision)"
    exit 0
fi
for name in inception-v3-fid inception-v3 vgg16 vgg19 c3d i3d; do
    $python -B -W ignore "$here/golden/networks.py" check $name >out 2>err
    check $? "$name"
    sed -n '/^# /p' out
    rm -f -- *.safetensors *.st
done
$python -B -W ignore "$here/golden/networks.py" figures >out 2>err
check $? 'figures of images'
sed -n '/^# /p' out
finish
