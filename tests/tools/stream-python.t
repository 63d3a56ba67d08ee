#!/bin/sh
# What the library writes, an independent reader (plain Python, no packages) reads.
build=$(cd "${BUILD:-build}" && pwd)
. "$(dirname "$0")/../lib/tap.sh"
writer=$build/tests/unit/stream.t
if ! command -v python3 >/dev/null 2>&1 || ! python3 -c 'import json, zlib' 2>/dev/null; then
    echo "1..0 # SKIP python3 is not installed"
    exit 0
fi
if [ ! -x "$writer" ]; then
    echo "1..0 # SKIP $writer is not built"
    exit 0
fi
reads() { # reads LINE: one of the lines the reader printed
    grep -qxF -- "$1" "$dir/out"
    check $? "$1"
}

"$writer" write "$dir/two.st"
check $? "two frames are written"
python3 "$here/lib/read_safetensors.py" "$dir/two.st" >"$dir/out" 2>"$dir/err"
check $? "another reader accepts them"
sed 's/^/# /' "$dir/err"
reads "1 a.weight F32 [2, 3] -1.0 -0.75 -0.5 -0.25 0.0 0.25"
reads "2 a.weight F32 [2, 3] -2.0 -1.75 -1.5 -1.25 -1.0 -0.75"
reads "1 nothing F32 [0, 7] "
grep -q '^1 scalar F64 \[\] ' "$dir/out"
check $? "a scalar"
grep -q '^1 image U8 \[2, 3, 3, 1\] ' "$dir/out"
check $? "an image"
reads '1 é"\ I32 [1] '"$(awk '/^1 é/ { print $NF }' "$dir/out")"
reads '1 meta page "net G(z) = z\n\t| tanh  # \"quoted\" \\ \u00e9\n"'
reads '2 meta gan.steps "2"'
reads "frames 2"
"$writer" write "$dir/again.st"
alike "$dir/two.st" "$dir/again.st"
check $? "the same frames are the same bytes"
head -c 1000 "$dir/two.st" >"$dir/cut.st"
! python3 "$here/lib/read_safetensors.py" "$dir/cut.st" >/dev/null 2>&1
check $? "the other reader does reject what is wrong"

cat >page.gan <<'PAGE'
data x: image[8, 8, 1]
noise z: normal[4]
net G(z) = z | linear(64, init=0.5, bias_init=0.25) | reshape(8, 8, 1)
net D(x) = x | conv(3, 5, init=2, bias=0) | flatten | linear(1)
player D: adam() minimizes mean(D(x)^2) + mean((D(G(z)) - 1)^2)
player G: adam() minimizes mean(D(G(z))^2)
PAGE
gan-init page.gan -o run.st 2>err && python3 "$here/lib/read_safetensors.py" run.st >out 2>>err
check $? "another reader accepts a checkpoint"
grep -q '^1 D.0.weight F32 \[3, 1, 5, 5\] 2.0 2.0 ' out
check $? "a convolution's weight has PyTorch's shape"
grep -q '^1 G.0.weight F32 \[64, 4\] 0.5 0.5 ' out
check $? "so has a linear layer's"
grep -q '^1 meta gan.step "0"' out && grep -q '^1 meta gan.page "data x' out
check $? "the counters and the page are metadata"
finish
