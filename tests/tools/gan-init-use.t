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
    say "blocks/bad.gan:2:1: ${s%% *} in a file that is used, which holds nets, blocks and lets alone; use NAME from a page takes parts of it" "a file with ${s%% *}"
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
for s in 'use' 'use bad' 'use 3' 'use bad from' 'use bad, from "blocks/bad.gan"' 'use bad from bad' 'use "blocks/bad.gan" "blocks/bad.gan"' 'use "blocks/bad.gan'; do
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

# --- parts of a page ---
cat >game.gan <<'END'
# a game
option nf = 4 in [4, 8]
option levels = 2
data x: image[8, 8, 1]
noise z: normal[3]
init normal(0, 0.02)
# so many maps
block down(x, n) = x | conv(n, 3, stride=2) | lrelu
param gain[1] = 1

# a critic
net D(x) = (x | for i in 1..levels (down(nf * i)) | flatten | linear(1)) * gain
net G(z) = z | linear(n) | reshape(8, 8, 1)
    where n = 64
let n = 3, [unneeded, other] = [1, 2] # nobody's
player D of D, gain: adam(0.001) minimizes mean(D(x))
player G: adam(0.001) minimizes mean(D(G(z)))
sample G(z)
END
page <<'END'
option nf = 8
data y: image[8, 8, 1]
use D from "game.gan"   # alone
let other = D(y)
player D: sgd(0.1) minimizes mean(other^2)
sample other
END
passes "use NAME from a page" page.gan -o part.st
cat >want <<'END'
option nf = 8
data y: image[8, 8, 1]
# use D from "game.gan"   # alone
option levels = 2
# so many maps
block down(x, n) = x | conv(n, 3, stride=2) | lrelu
param gain[1] = 1

# a critic
net D(x) = (x | for i in 1..levels (down(nf * i)) | flatten | linear(1)) * gain
# end of "game.gan"
let other = D(y)
player D: sgd(0.1) minimizes mean(other^2)
sample other
END
gan-data info --page part.st >flat.gan
same flat.gan want "takes what that needs, options but for those that the page has"
gan-init game.gan -D nf=8 --plan | grep '^D.*total\|^D\.' >want
gan-init page.gan --plan | grep '^D.*total\|^D\.' >got
same got want "which are then the net's"
run 0 page.gan --plan -D levels=1 && grep -q '^D.0.0.weight .*\[8,1,3,3\]' out && ! grep -q '^D.1.0' out
check $? "-D sets those that came along"
printf 'noise z: normal[3]\nuse G from "game.gan"\nuse D, down from "game.gan"\nsample D(G(z))\n' >page.gan
passes "parts of a page one after the other" page.gan -o part.st
[ "$(gan-data info --page part.st | grep -c '^net\|^block\|^option\|^param')" = 6 ] && ! gan-data info --page part.st | grep -q unneeded
check $? "each once, and no name that a net has of its own"
printf 'use D from "game.gan"\ndata y: image[8, 8, 1]\nsample D(y)\n' >blocks/again.gan
printf 'data y: image[8, 8, 1]\nuse D from "blocks/again.gan"\nsample D(y)\n' >page.gan
run 1 page.gan && [ "$(cat err)" = 'gan-init: page.gan:2:12: blocks/again.gan has no net, block, let, option, param or state D' ]
check $? "what the other page has itself"
printf 'use "blocks/layers.gan"\nnoise z: normal[4]\nnet H(z) = z | dense(2)\nsample H(z)\n' >user.gan
printf 'noise z: normal[4]\nuse H from "user.gan"\nsample H(z)\n' >page.gan
passes "of a page that uses files" page.gan -o part.st
printf 'noise z: normal[4]\nuse D, E from "game.gan"\nsample E(z)\n' >page.gan
say 'page.gan:2:15: game.gan has no net, block, let, option, param or state E' "a name that it has not"
printf 'use x from "game.gan"\nsample x\n' >page.gan
say 'page.gan:1:12: game.gan has no net, block, let, option, param or state x' "its data"
printf 'net D(x) = x\nuse D from "game.gan"\nsample D(1)\n' >page.gan
say 'game.gan:12:1: D is already defined in page.gan:1' "a net that the page has too"
printf 'use D from "page.gan"\nlet a = 1\n' >blocks/ring.gan
printf 'use a from "blocks/ring.gan"\nnet D(x) = x\nsample a\n' >page.gan
say 'blocks/ring.gan:1:12: the use of page.gan goes round in a circle' "pages that take parts of each other"

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
