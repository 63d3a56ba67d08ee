#!/bin/sh
# Pages that use blocks of other files: found, brought in, put into one text, refused.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-init
export OMP_NUM_THREADS=1
page() { cat >page.gan; }
say() { # say LINE NAME: the page is refused with this line
    run 1 page.gan && [ "$(cat err)" = "gan-init: $1" ] && [ ! -s out ]
    check $? "$2"
}

# --- one text of several files ---
mkdir blocks sub
cat >blocks/layers.gan <<'END'
# layers of all kinds
use "wide.gan"   # beside it
block dense(x, n) = x | linear(wide * n) | relu
net E(x) = x | dense(3) | linear(2)
let noise_like = 2 * z
END
printf 'let wide = 2 # no line ends here' >blocks/wide.gan
cat >whole.gan <<'END'
noise z: normal[4]
let wide = 2
block dense(x, n) = x | linear(wide * n) | relu
net E(x) = x | dense(3) | linear(2)
let noise_like = 2 * z
net G(z) = z | dense(2) | linear(4)
player G of G, E: adam(0.01) minimizes mean((E(G(noise_like)))^2)
sample G(z)
END
page <<'END'
noise z: normal[4]
use "blocks/layers.gan" # dense, E
use "blocks/wide.gan"
net G(z) = z | dense(2) | linear(4)
player G of G, E: adam(0.01) minimizes mean((E(G(noise_like)))^2)
sample G(z)
END
passes "a page and what it uses" page.gan -o run.st
cat >want <<'END'
noise z: normal[4]
# use "blocks/layers.gan" # dense, E
# layers of all kinds
# use "wide.gan"   # beside it
let wide = 2 # no line ends here
# end of "wide.gan"
block dense(x, n) = x | linear(wide * n) | relu
net E(x) = x | dense(3) | linear(2)
let noise_like = 2 * z
# end of "blocks/layers.gan"
# use "blocks/wide.gan"
net G(z) = z | dense(2) | linear(4)
player G of G, E: adam(0.01) minimizes mean((E(G(noise_like)))^2)
sample G(z)
END
gan-data info --page run.st >flat.gan
same flat.gan want "become one text, each file once"
tensors() { # tensors CHECKPOINT: what it holds after three steps, and samples
    gan-step -q "$1" -n 3
    { gan-data info -s "$1"; gan-sample "$1" -n 3 --seed 1 | gan-data info -s; } | grep 'F32 '
}
gan-init whole.gan -o whole.st
(cd sub && gan-init ../flat.gan -o ../flat.st) 2>err && [ -s flat.st ]
check $? "which works alone"
for f in run flat whole; do tensors $f.st >$f.what 2>>err; done
same run.what whole.what "the same numbers as one page"
same flat.what whole.what "and from the text of the checkpoint"
passes "a checkpoint goes on without the files" --continue run.st -o on.st
mv blocks away
gan-step -q run.st -n 4 >out 2>err && gan-sample run.st -n 1 -o s.st 2>>err && [ -s s.st ]
check $? "as every tool does"
mv away blocks

# --- where files are found ---
mkdir -p tree/family tree/blocks
cp page.gan tree/family/
cp blocks/* tree/blocks/
says '^page.gan: good' "above the page's folder, for pages in a family" tree/family/page.gan
gan-init - <page.gan >out 2>err && grep -q ' good$' err
check $? "beside a page on standard input"
mv blocks away
say 'page.gan:2:5: blocks/layers.gan: no such file beside the page, nor among the families of pages' "a file that is not there"
mkdir -p share/bin share/share/gan-tools/any
cp "$bin/gan-init" share/bin/
cp away/* share/share/gan-tools/any/
sed 's|"blocks/|"any/|' page.gan >families.gan
share/bin/gan-init families.gan >out 2>err && grep -q ' good$' err
check $? "in a family of the tools"
sed 's|"blocks/|"|' page.gan >families.gan
share/bin/gan-init families.gan >out 2>err && grep -q ' good$' err
check $? "or by its name alone"
mv away blocks

# --- what is told ---
page <<'END'
use "blocks/bad.gan"
sample f(1)
END
printf 'block g(x) = x\n\nblock f(x) = x | relu | none_such(3)\n' >blocks/bad.gan
say "blocks/bad.gan:3:25: unknown layer or function none_such (in f, called at page.gan:2:8)" "a mistake of evaluation, with the file that it is in"
printf 'block g(x) = x\nblock f(x) = x | | relu\n' >blocks/bad.gan
say "blocks/bad.gan:2:18: expected a layer or function after '|', found '|'" "a mistake of grammar"
printf '\nblock f(x) = x\nblock f(x) = x\n' >blocks/bad.gan
say 'blocks/bad.gan:3:1: f is already defined in line 2' "a name that a file has twice"
printf '\nblock f(x) = x\n' >blocks/bad.gan
{
    cat page.gan
    echo 'let f = 3'
} >twice && mv twice page.gan
say 'page.gan:3:5: f is already defined in blocks/bad.gan:2' "that page and file have"
page <<'END'
let f = 3
use "blocks/bad.gan"
sample f(1)
END
say 'blocks/bad.gan:2:1: f is already defined in page.gan:1' "or the other way round"
page <<'END'
use "blocks/bad.gan"
sample f(1)
END
for s in 'player G: adam minimizes 1' 'data x: image[2]' 'noise z: normal' 'option a = 1' 'param a = 1' 'state a = 1' \
    'init normal' 'average A of G: 0.9' 'sample 1'; do
    printf '# a file\n%s\n' "$s" >blocks/bad.gan
    say "blocks/bad.gan:2:1: ${s%% *} in a file that is used, which holds nets, blocks and lets alone" "a file with ${s%% *}"
done
printf 'use "other.gan"\n' >blocks/bad.gan
printf 'let a = 1\nuse "bad.gan"\n' >blocks/other.gan
say 'other.gan:2:5: the use of bad.gan goes round in a circle' "files that use each other"
printf 'use "page.gan"\n' >blocks/bad.gan
say 'blocks/bad.gan:1:5: the use of page.gan goes round in a circle' "a page that is used by what it uses"
for f in "$dir/blocks/wide.gan" blocks/../blocks/wide.gan ../wide.gan ..; do
    printf 'use "%s"\nsample wide' "$f" >page.gan
    say "page.gan:1:5: $f: no such file beside the page, nor among the families of pages" "not named with its place: $f"
done
for s in 'use' 'use bad' 'use 3' 'use "blocks/bad.gan" "blocks/bad.gan"' 'use "blocks/bad.gan'; do
    echo "$s" >page.gan
    run 1 page.gan && [ "$(wc -l <err)" = 1 ] && grep -q '^gan-init: page.gan:[12]:[0-9]*: ' err
    check $? "$s"
done
page <<'END'
use "blocks"
sample 1
END
say 'page.gan:1:5: blocks: no such file beside the page, nor among the families of pages' "a folder"
gan-data make ring -n 3 -o ring.st
echo 'use "ring.st"' >page.gan
run 1 page.gan && [ "$(wc -l <err)" = 1 ] && grep -q '^gan-init: page.gan:1:5: .*ring.st: .*a page' err
check $? "a file that is none of text"

# --- limits ---
i=0
while [ $i -lt 100 ]; do
    echo "use \"$((i + 1)).gan\"" >blocks/$i.gan
    i=$((i + 1))
done
echo 'let a = 1' >blocks/100.gan
printf 'use "blocks/0.gan"\nsample 1' >page.gan
say '98.gan:1:5: more than 99 files in use' "too many files"
printf 'use "blocks/2.gan"\nsample 1' >page.gan
says '^page.gan: good' "as many as there may be" page.gan
for f in one two; do awk -v f=$f 'BEGIN { for (i = 0; i < 9000; i++) print "# as long as a line may well be, and then a bit longer, of", f; print "let", f, "= 1" }' >$f.gan; done
printf 'use "one.gan"\nsample one' >page.gan
says '^page.gan: good' "a long file" page.gan
printf 'use "one.gan"\nuse "two.gan"\nsample one' >page.gan
say 'page.gan:2:5: with what it uses the page is larger than 1048576 bytes' "files that are too long together"
finish
