#!/bin/sh
# Each metric of gan-eval, by the tool on streams, against an independent implementation: the table is
# in the comments. With --table it is all that is printed, in Markdown.
. "$(dirname "$0")/../lib/tap.sh"
# Debian's packages belong to its own python3, which need not be the first in PATH
for python in python3 /usr/bin/python3 ''; do
    [ -n "$python" ] && "$python" -c 'import PIL, numpy, scipy, skimage, sklearn, torch' 2>/dev/null && break
done
if [ -z "$python" ]; then
    echo "1..0 # SKIP no SciPy, scikit-learn, scikit-image, PyTorch and Pillow (python3-scipy," \
        "python3-sklearn, python3-skimage, python3-torch, python3-pil)"
    exit 0
fi
"$python" -B -W ignore "$here/lib/references.py" "$@" >rows 2>err
status=$?
if [ "$*" = --table ]; then
    cat rows
    cat err >&2
    exit $status
fi
while read -r verdict name; do
    if [ "$verdict" = '#' ]; then echo "# $name"; else check "$verdict" "$name"; fi
done <rows
check $status "all of them are computed"
finish
