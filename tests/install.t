#!/bin/sh
# An installation in a folder of its own works from any other folder.
. "$(dirname "$0")/tap.sh"
build=${BUILD:-build}
make -s -C "$here/.." install PREFIX="$dir/x" BUILD="$build" BIN="$bin" >out 2>err
check $? "make install"
for t in data init step sample eval svd; do
    x/bin/gan-$t --version >out 2>err && grep -q "^gan-$t (gan-tools) [0-9]" out && [ -e x/share/man/man1/gan-$t.1 ]
    check $? "gan-$t and its manual page"
done
for p in x/share/gan-tools/*.gan; do
    # a page without players is a network whose weights come from elsewhere
    [ -x "${p%.gan}.sh" ] || [ "$(basename "$p")" = classifier.gan ] || ! grep -q '^player ' "$p"
    check $? "$(basename "$p") has its recipe, or needs none"
done
x/bin/gan-init x/share/gan-tools/dcgan.gan -D size=32 -D nf=4 -o r.st >out 2>err &&
    x/bin/gan-sample r.st -n 2 -o s.st >>out 2>err && x/bin/gan-data sheet s.st -o s.png >>out 2>err && [ -s s.png ]
check $? "from a page to a sheet"
x/share/gan-tools/dcgan.sh --help >out 2>err && grep -q 'DATA OUT' out
check $? "an installed recipe finds the tools"
finish
