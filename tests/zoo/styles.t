#!/bin/sh
# What the options of the style-based generators and of their blocks do, whatever the weights are.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

gan-data make shapes -n 8 --size 16 --seed 1 >shapes.st
small='-D size=16 -D most=8 -D nz=8 -D layers=2'
play() { # play RUN STREAM STEPS
    gan-data batch "$2" --size 4 --endless --drop-last | quiet gan-step "$1" -q -n "$3" --log "${1%.st}.tsv"
}

# --- half-life of averages: two minibatches of 4 pictures ---
for page in pggan stylegan stylegan2; do
    case $page in pggan) options='-D size=16 -D most=8' ;; *) options=$small ;; esac
    # shellcheck disable=SC2086 # options are words
    page $page.st $page $options -D half_life=0.008 -D rate=0.5 --batch 4
    play $page.st shapes.st 0
    cp $page.st before.st
    play $page.st shapes.st 1
    of='weights("G.first.1.weight_orig")'
    [ $page = pggan ] || of='weights("G.constant")'
    average=$(echo "$of" | sed 's/"G/"Ga/')
    old=$(worth before.st "stack([mean($of)])") new=$(worth $page.st "stack([mean($of)])")
    holds "$new - ($old) > 1e-3 || $old - ($new) > 1e-3" "$page learns"
    comes_to $page.st "mean($average)" 1e-5 "$page: its average keeps a half of the old in a half-life" "$(awk "BEGIN { h = sqrt(.5); print h * $old + (1 - h) * $new }")"
done
# shellcheck disable=SC2086
page default.st stylegan2 $small
gan-sample default.st -n 32 -b 32 value='0*z[0] + halving(z, half_life)' 2>err | gan-data to-table --bare | head -n 1 >found
near found 1e-5 'which is 10000 pictures by default' 0.99778

# --- mirrored pictures: black at the left, white at the right ---
cat >mirror.gan <<'EOP'
option mirror = 1
data drawn_x: image[1, 2, 1]
use "blocks/style.gan"
let x = turned(drawn_x)
param w = 0
player w: sgd(0) minimizes w*mean(x) log left = mean(x[0, 0, 0]), both = mean(abs(x[0, 0, 0] + x[0, 1, 0]))
EOP
frame lines.st "image:U8:64,1,2,1:$(numbers 1 128 '$_ % 2 * 255')"
for mirror in 0 1; do
    gan-init mirror.gan -D mirror=$mirror -o mirror.st 2>err
    gan-data batch lines.st --size 64 --endless | quiet gan-step mirror.st -q -n 1 --log mirror$mirror.tsv
done
holds "$(last mirror0.tsv left) == -1" 'pictures stay as they are'
holds "$(last mirror1.tsv left) > -0.6 && $(last mirror1.tsv left) < 0.6 && $(last mirror1.tsv both) == 0" 'or half of them are turned round'
gan-sample mirror.st -i lines.st value='view(x, 2)' 2>err | gan-data to-table --bare | sort -u >found
near found 0 'but not where nothing is learnt' -1 1
for page in pggan stylegan stylegan2; do
    case $page in pggan) options='-D size=16 -D most=8' ;; *) options=$small ;; esac
    for mirror in 0 1; do
        # shellcheck disable=SC2086
        page turned.st $page $options -D mirror=$mirror --batch 4
        rm -f turned.tsv
        play turned.st shapes.st 1
        last turned.tsv D >turned$mirror
    done
    differ turned0 turned1 "$page can have that"
done

# --- truncation in some layers ---
# shellcheck disable=SC2086
page still.st stylegan2 $small -D noise=none
for cutoff in 0 2 18; do
    gan-sample still.st -n 3 -D psi=0 -D cutoff=$cutoff -o cut.st 2>err
    gan-sample still.st -n 3 "image=Ga(mixed(centre, Fa(z), $cutoff))" -o wanted.st 2>err
    same cut.st wanted.st "the mean style in the first $cutoff layers"
    mv cut.st cut$cutoff.st
done
gan-sample still.st -n 3 'image=Ga(same(Fa(z)))' -o wanted.st 2>err
same cut0.st wanted.st 'in none of them nothing is truncated'
gan-sample still.st -n 3 'image=Ga(same(centre + 0*Fa(z)))' -o wanted.st 2>err
same cut18.st wanted.st 'in all of them only the mean style is left'

# --- classes ---
# shellcheck disable=SC2086
page classes.st stylegan2 $small -D classes=5 -D noise=none --batch 4
play classes.st shapes.st 2 && [ "$(wc -l <classes.tsv)" = 3 ] && ! grep -q nan classes.tsv
check $? 'classes are played'
differs() { # differs EXPRESSION NAME: what it gives of one class is not what it gives of another
    worth classes.st "stack([max(abs(a - b)) > 1e-3]) where a = $(echo "$1" | sed 's/CLASS/onehot(1, 5)/g'), b = $(echo "$1" | sed 's/CLASS/onehot(2, 5)/g')" >found
    near found 0 "$2" 1
}
differs 'Ga(same(Fa(z, CLASS)))' 'pictures have their class'
differs 'D(Ga(same(Fa(z, onehot(0, 5)))), CLASS)' 'and D asks for it'
comes_to classes.st 'stack([sum(D(p, onehot(0, 5)) + D(p, onehot(3, 5)) - D(p, onehot(0, 5) + onehot(3, 5)))]) where p = Ga(same(Fa(z)))' 1e-5 \
    'D has a logit for each' 0
gan-sample classes.st -n 3 image='Ga(same(centre + psi*(Fa(z, onehot(2, 5)) - centre)))' -o wanted.st 2>err
gan-sample classes.st -n 3 --label 2 2>err | gan-data join -o asked.st -- -:image
same asked.st wanted.st 'samples are of the labels given'
for space in w w+; do
    # shellcheck disable=SC2086
    page inverted.st invert $small -D classes=5 -D space=$space -D pictures=4 -D restarts=1 --from F=Fa=classes.st --from G=Ga=classes.st &&
        page projected.st project $small -D classes=5 -D space=$space -D pictures=4 --from F=Fa=classes.st --from G=Ga=classes.st &&
        play inverted.st shapes.st 2 && play projected.st shapes.st 2 && [ "$(step_of projected.st)" = 2 ]
    check $? "pictures of classes are taken back to $space"
    rm -f inverted.tsv projected.tsv
done

# --- pictures that are not square ---
gan-data make shapes -n 8 --size 16 --seed 1 | gan-data export pictures 2>err
gan-data images pictures --size 8x16 -o low.st 2>err
gan-data images pictures --size 16x12 -o narrow.st 2>err
# shellcheck disable=SC2086
for shape in low-height=8 narrow-width=12; do
    for net in E 'B -D d=skip'; do
        page ${shape%-*}16.st stylegan2 $small -D config=$net -D ${shape#*-} --batch 4 && rm -f ${shape%-*}16.tsv &&
            play ${shape%-*}16.st ${shape%-*}.st 2 && [ "$(step_of ${shape%-*}16.st)" = 2 ] && ! grep -q nan ${shape%-*}16.tsv
        check $? "$shape, $net is played"
    done
done
gan-sample low16.st -n 2 2>err | gan-data info -s 2>>err | grep -q '\[N,8,16,3\]' && gan-sample narrow16.st -n 2 2>err | gan-data info -s 2>>err | grep -q '\[N,16,12,3\]'
check $? 'samples have that shape'
quiet gan-init "$scripts/image/stylegan2.gan" -D size=16 -D height=10 -o bad.st
[ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'option height must be one of: 4, 8, 12, 16$' err
check $? 'which is one of four'

# --- networks that grow ---
gan-data images pictures --size 8 --filter box -o tiny.st 2>err
gan-data images pictures --size 4 --filter box -o least.st 2>err
tensors() { gan-data info "$1" | awk '$2 == "F32" { print $1, $3 }'; }
level() { # level FILE NOW FADE [BEFORE]: of 16x16 in the end
    # shellcheck disable=SC2086
    page "$1" stylegan2 $small -D config=D -D noise=none -D now="$2" -D fade="$3" --batch 4 ${4:+--from "$4" --partial --no-moments}
}
level 4.st 4 0 && play 4.st least.st 2 && level 8.st 8 4 4.st && cp 8.st 8-new.st && play 8.st tiny.st 5 && cp 8.st 8-before.st &&
    level 16.st 16 4 8.st && cp 16.st 16-new.st && play 16.st shapes.st 5 && [ "$(step_of 16.st)" = 5 ]
check $? 'three sizes, one after the other'
for sizes in '4 8-new 8 least' '8-before 16-new 16 tiny'; do
    # shellcheck disable=SC2086
    set -- $sizes
    gan-sample "$1.st" -n 3 --float image='upsample(Ga(same(Fa(z))), 2)' -o wanted.st 2>err
    gan-sample "$2.st" -n 3 --float image='Ga(same(Fa(z)))' -o made.st 2>err
    values wanted.st image f >wanted
    values made.st image f >found
    # shellcheck disable=SC2046
    near found 1e-6 "$3: at first pictures are those of the size before" $(cat wanted)
    gan-sample "$1.st" -i "$4.st" value='D(x)' 2>err | gan-data to-table --bare -n value >wanted
    gan-sample "$1.st" -i "$4.st" --float image='upsample(x, 2)' -o large.st 2>>err
    gan-sample "$2.st" -i large.st value='D(x)' 2>>err | gan-data to-table --bare -n value >found
    # shellcheck disable=SC2046
    near found 1e-6 "$3: and D judges them as before" $(cat wanted)
done
comes_to 16.st 'stack([share(3), share(4), max(abs(real(x0) - x0))]) where x0 = Ga(same(Fa(z)))' 1e-6 'after four steps all layers are there' 1 1 0
# shellcheck disable=SC2086
level whole.st 16 0 && page plain.st stylegan2 $small -D config=D -D noise=none --batch 4
tensors plain.st >wanted
tensors whole.st >found
same found wanted 'networks of the full size are those that do not grow'
tensors 16.st | grep -v 'D\.rgb8\|G\.0\.0\|Ga\.0\.0' >found
same found wanted 'and those that have grown, but for the way out of and into the size before'
play whole.st shapes.st 2
play plain.st shapes.st 2
tail -c 60000 whole.st >found
tail -c 60000 plain.st >wanted
same found wanted 'which are played to the bit'
for options in 'config=E -D now=8' 'config=B -D g=skip -D now=8' 'config=B -D now=32'; do
    # shellcheck disable=SC2086
    quiet gan-init "$scripts/image/stylegan2.gan" -D size=16 -D $options -o bad.st
    [ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'option now must be one of' err
    check $? "not so with $options"
done

# --- codes by features ---
page vgg.st vgg16 -D nf=2 -D classifier=0 -D size=32
gan-data head -n 4 shapes.st | gan-data cat --frame 4 - -o four.st 2>err
for lpips in 0 3; do
    case $lpips in 0) network='' ;; *) network='--from VGG=vgg.st --from LPIPS=vgg.st' ;; esac
    # shellcheck disable=SC2086
    page codes.st invert $small -D lpips=$lpips -D nf=2 -D pictures=4 -D restarts=2 --from F=Fa=still.st --from G=Ga=still.st $network
    [ $lpips = 0 ] || gan-sample codes.st -i four.st value='sum(lpips_far(made, each(x))) / restarts + 0*x[0, 0, 0]' 2>err | gan-data to-table --bare -n value | head -n 1 >far
    rm -f codes.tsv
    play codes.st four.st 1
    last codes.tsv code >cost$lpips
done
holds "$(cat far) > 0.001" 'pictures are apart by features'
near cost3 1e-5 'which the cost of codes has in it' "$(awk -v far="$(cat far)" '{ print $1 + 3 * far }' cost0)"
finish
