#!/bin/sh
# What the library writes, an independent reader (plain Python, no packages) reads.
here=$(dirname "$0")
build=${BUILD:-build}
writer=${STREAM_WRITER:-$build/tests/stream.t}
if ! command -v python3 >/dev/null 2>&1 || ! python3 -c 'import json, zlib' 2>/dev/null; then
    echo "1..0 # SKIP python3 is not installed"
    exit 0
fi
if [ ! -x "$writer" ]; then
    echo "1..0 # SKIP $writer is not built"
    exit 0
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0
failed=0
check() { # check STATUS NAME
    n=$((n + 1))
    if [ "$1" = 0 ]; then printf 'ok %d - %s\n' "$n" "$2"; else
        printf 'not ok %d - %s\n' "$n" "$2"
        failed=1
    fi
}
has() { # has LINE: one of the lines the reader printed
    grep -qxF -- "$1" "$dir/out"
    check $? "$1"
}

"$writer" write "$dir/two.st"
check $? "two frames are written"
python3 "$here/read_safetensors.py" "$dir/two.st" >"$dir/out" 2>"$dir/err"
check $? "another reader accepts them"
sed 's/^/# /' "$dir/err"
has "1 a.weight F32 [2, 3] -1.0 -0.75 -0.5 -0.25 0.0 0.25"
has "2 a.weight F32 [2, 3] -2.0 -1.75 -1.5 -1.25 -1.0 -0.75"
has "1 nothing F32 [0, 7] "
grep -q '^1 scalar F64 \[\] ' "$dir/out"
check $? "a scalar"
grep -q '^1 image U8 \[2, 3, 3, 1\] ' "$dir/out"
check $? "an image"
has '1 é"\ I32 [1] '"$(awk '/^1 é/ { print $NF }' "$dir/out")"
has '1 meta page "net G(z) = z\n\t| tanh  # \"quoted\" \\ \u00e9\n"'
has '2 meta gan.steps "2"'
has "frames 2"
"$writer" write "$dir/again.st"
cmp -s "$dir/two.st" "$dir/again.st"
check $? "the same frames are the same bytes"
head -c 1000 "$dir/two.st" >"$dir/cut.st"
! python3 "$here/read_safetensors.py" "$dir/cut.st" >/dev/null 2>&1
check $? "the other reader does reject what is wrong"
echo "1..$n"
exit $failed
