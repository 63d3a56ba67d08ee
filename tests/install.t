#!/bin/sh
# An installation in a folder of its own works from any other folder.
cd "$(dirname "$0")/.." || exit 1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n=0 failed=0
check() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; sed 's/^/# /' "$dir/log"; failed=1; fi
}
make -s install PREFIX="$dir/x" BUILD="${BUILD:-build}" BIN="${BIN:-bin}" >"$dir/log" 2>&1
check $? "make install"
cd "$dir" || exit 1
for t in data init step sample eval svd; do
    x/bin/gan-$t --version >log 2>&1 && grep -q "^gan-$t (gan-tools) [0-9]" log && [ -e x/share/man/man1/gan-$t.1 ]
    check $? "gan-$t and its manual page"
done
for p in x/share/gan-tools/*.gan; do
    [ -x "${p%.gan}.sh" ] || [ "$(basename "$p")" = classifier.gan ]
    check $? "$(basename "$p") has its recipe"
done
x/bin/gan-init x/share/gan-tools/dcgan.gan -D size=32 -D nf=4 -o r.st >log 2>&1 &&
    x/bin/gan-sample r.st -n 2 -o s.st >>log 2>&1 && x/bin/gan-data sheet s.st -o s.png >>log 2>&1 && [ -s s.png ]
check $? "from a page to a sheet"
x/share/gan-tools/dcgan.sh --help >log 2>&1 && grep -q 'DATA OUT' log
check $? "an installed recipe finds the tools"
echo "1..$n"
exit $failed
