#!/bin/sh
# An installation in a folder of its own works from any other folder.
. "$(dirname "$0")/../lib/tap.sh"
build=${BUILD:-build}
make -s -C "$here/.." install PREFIX="$dir/x" BUILD="$build" BIN="$bin" >out 2>err
check $? "make install"
for t in data init step sample eval svd; do
    x/bin/gan-$t --version >out 2>err && grep -q "^gan-$t (gan-tools) [0-9]" out && [ -e x/share/man/man1/gan-$t.1 ]
    check $? "gan-$t and its manual page"
done
share=x/share/gan-tools
for p in "$share"/*/*.gan; do
    # a page without players is a network whose weights come from elsewhere; others tell why they have none
    [ -x "${p%.gan}.sh" ] || grep -q "$(basename "$p")" "$share"/*/*.sh "$share"/*/*.inc || [ "$(basename "$p")" = classifier.gan ] || ! grep -q '^player ' "$p" ||
        grep -q '^# No recipe: ' "$p"
    check $? "$(basename "$p") has its recipe, or needs none"
done
# --- families: everything that lies in one, and nothing else ---
(cd "$here/../scripts" && find ./* -path ./dev -prune -o -type f -print | sort) >want
(cd "$share" && find ./* -type f | sort) >out
diff out want >err
check $? "the families with all their files, but what is for development"
find "$share" -name '*.gan' -o -name '*.sh' | sed 's|.*/||' | sort | uniq -d >out
[ ! -s out ]
check $? "no name stands in two families"
found() { # found TOOL PAGE: which has not such an option; that is told before the page is evaluated
    "$1/gan-init" "$2" -D nosuch=1 >out 2>err
    [ "$(cat err)" = "gan-init: $2: the page has no option nosuch" ]
}
for p in "$share"/*/*.gan; do
    found x/bin "$(basename "$p")" && found "$bin" "$(basename "$p")"
    check $? "$(basename "$p") is found by its name alone, installed and in the tree"
done
for b in "$share"/blocks/*.gan; do
    grep -l "^use .blocks/$(basename "$b")" "$share"/*/*.gan "$here"/*/*.t >out
    [ -s out ]
    check $? "$(basename "$b") is what a page uses, or a test tries"
done
x/bin/gan-init image/dcgan.gan -D size=32 -D nf=4 -o r.st >out 2>err
check $? "or with its family"
echo 'sample 1' >dcgan.gan
x/bin/gan-init dcgan.gan -o page.st >out 2>err && [ "$(x/bin/gan-data info page.st --page)" = 'sample 1' ]
check $? "a file that is here comes first"
x/bin/gan-sample r.st -n 2 -o s.st >out 2>err && x/bin/gan-data sheet s.st -o s.png >>out 2>err && [ -s s.png ]
check $? "from a page to a sheet"
for script in "$share"/*/*.sh "$share/demo" "$share/sweep.sh"; do
    (cd / && PATH=/usr/bin:/bin BIN='' "$dir/$script" --help) >out 2>err && grep -q "^$(basename "$script") \[" out && [ ! -s err ]
    check $? "$(basename "$script"), installed, finds what it shares and the tools"
done
finish
