#!/bin/sh
# The recipes' options, what they refuse, and how they end: one line that begins with their name, exit
# 2 for wrong usage and 1 for the rest, the status of a game that came to nothing, and after a signal
# a run that goes on.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"


declines() { # declines STATUS PATTERN NAME RECIPE ARGUMENT...: one line, and nothing is made
    tool=$4 expected=$1 pattern=$2 text=$3
    shift 4
    refuses "$expected" "^$pattern" "$text" "$@" </dev/null
}

# --- all of them ---
mkdir data
: >file
printf "data x: x[1]\nnet D(x) = x | linear(1)\nsample D(x)\n" >page.gan && gan-init page.gan -o run.st >out 2>err
for script in "$scripts"/*/*.sh; do
    name=$(basename "$script")
    "$script" --help >help 2>err
    head -1 help | grep -q "^$name \[OPTION\]\.\.\. .*: " && [ ! -s err ]
    check $? "$name --help"
    operands=$(sed -n '1s/.*\.\.\. \([A-Z ]*\):.*/\1/p' help | sed 's/[A-Z]*$/made/; s/[A-Z][A-Z]*/data/')
    see=" (see $name --help)\$"
    declines 2 "unknown option --no-such-option$see" "$name: an unknown option" "$script" --no-such-option $operands
    declines 2 "option --seed needs an argument$see" "$name: a value that is missing" "$script" $operands --seed
    declines 2 "expected .*, found 0 operands$see" "$name: no operand" "$script"
    declines 2 "expected .*, found 3 operands$see" "$name: too many" "$script" data made more
    case $operands in *data*)
        declines 1 "none: no such file or folder\$" "$name: data that are not there" "$script" none made ;;
    esac
    place=$(echo "$operands" | sed 's/made/file/')
    ! grep -q "data_is=['\"]*file" "$script" || place='file file'
    ! grep -q "data_is=['\"]*checkpoint" "$script" || place='run.st file'
    case $name in
    transfer.sh) place="--style file --net file $place" ;;
    invert.sh) place="--judge file --pictures file $place" ;;
    project.sh) place="--pictures file $place" ;;
    preferences.sh) place="--beside file $place" ;;
    esac
    # shellcheck disable=SC2086 # several words
    declines 1 "file: cannot be made: File exists" "$name: no place to write to" "$script" $place
    # what a help promises is known, and nothing else: a number where one stands there
    sed -n 's/^  \(--[a-z]*\) N .*/\1/p' help | sort -u >numbers
    while read -r option; do
        declines 2 "$option: expected a whole number from [01] to 999999999, found '2x'$see" "$name $option" \
            "$script" "$option" 2x $operands
    done <numbers
done

# --- single kinds ---
gan=$scripts/image/gan.sh
declines 1 'file: is neither a folder nor a .zip$' "a file for a folder" "$gan" file made
declines 1 'file: is no folder$' "also where it must be one" "$scripts/image/cgan.sh" file made
declines 1 'file: is no checkpoint$' "a file for a checkpoint" "$scripts/image/dream.sh" file made
declines 1 'data: is a folder$' "a folder for a file" "$scripts/text/wgan-gp-text.sh" data made
declines 1 'file/out: cannot be made: Not a directory$' "an output folder that cannot be made" "$gan" --small file/out
declines 1 'file: cannot be made: File exists$' "a file in its place" "$gan" --small file
declines 2 'expected with --small OUT, found 2 operands' "--small makes its own data" "$gan" --small data made
declines 2 '--epochs: --small has its own' "and has its own length" "$gan" --small --epochs 3 made
declines 2 '-D x: expected NAME=VALUE' "-D without a value" "$gan" -D x data made
declines 2 '-D x=a b: expected NAME=VALUE without blanks' "-D of two words" "$gan" -D 'x=a b' data made
declines 1 'gan.gan: the page has no option x$' "-D of an option that the page has not" "$gan" -Dx=1 data made
declines 1 'gan.gan:.*option loss must be one of' "-D of a value that it has not" "$gan" -D loss=odd data made
declines 1 'none: no such file$' "a file that is not there" "$scripts/video/tgan.sh" --judge none --small made
declines 1 'tgan.gan:[0-9:]* option adjoint must be one of: 0$' "what one of the arms cannot have" "$scripts/video/latentode.sh" -D adjoint=1 --small made
declines 2 '-D stride: clips of each Nth frame are made by --stride N' "what the recipe has an option for" "$scripts/video/mocogan.sh" -D stride=2 data made
declines 1 'mocogan.gan:[0-9:]* option length must be from 31 on, found 20$' "clips shorter than what D sees" "$scripts/video/mocogan.sh" -D length=20 -D frames=31 --small made
declines 2 "--arms: expected of values,.*, found 'clip-x'" "an arm that is none" "$scripts/video/tgan.sh" --arms clip-x --small made
declines 2 "--arms: 'values' twice" "an arm twice" "$scripts/video/tgan.sh" --arms values,none,values --small made
declines 2 '-D size: --size N is the option for it' "the page's size" "$scripts/translation/cyclegan.sh" -D size=8 data made
declines 2 'pix2pix learns from pairs: --paired' "pairs that are none" "$scripts/translation/cyclegan.sh" --arms cycle,pix2pix data made
declines 2 'pix2pix learns from pairs: --paired' "whichever arm is the last" "$scripts/translation/cyclegan.sh" --arms pix2pix,cycle data made
declines 2 'option --small takes no value' "a value for none" "$gan" --small=1 made
for bad in 0 -1 1.5 '' 99999999999999999999 1e3 ' 1'; do
    declines 2 "--steps: expected a whole number from 1 to 999999999, found '$bad'" "--steps='$bad'" \
        "$gan" --steps="$bad" --small made
done
declines 1 'wgan.gan:.*option size must be one of' "a size that the page has not" "$scripts/image/wgan.sh" --size 17 data made
declines 2 "--nets: expected of dcgan,.*, found 'cnn'" "a list with a stranger" "$scripts/image/wgan-gp.sh" --nets dcgan,cnn data made
declines 1 'none: no such folder' "a folder of masks that is not there" "$scripts/image/dcgan-inside.sh" --masks none data made
declines 2 "unknown option --?\\[31mred (see" "control characters reach no terminal" "$gan" "$(printf -- '--\033[31mred')"
declines 2 'unknown option --odd (see pacgan.sh --help)' "a recipe that calls another" "$scripts/toy/pacgan.sh" --odd made
declines 2 'unknown option --odd (see demo --help)' "demo" "$scripts/demo" --odd
"$scripts/demo" --help >out 2>err && grep -q '^demo \[FOLDER\]: ' out && [ ! -s err ]
check $? "demo --help"

mkdir empty
for try in 'gan.sh .*no files' 'dcgan-mnist.sh empty: no train-images' 'wgan-gp-cifar.sh empty: no \*.bin' \
    'cgan-tags.sh empty: no pairs.st' 'dcgan-inside.sh empty: no run.st' 'dcgan-imagenet32.sh empty: no \*.bin'; do
    "$scripts"/*/"${try%% *}" empty other >out 2>err
    [ $? = 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q ": ${try#* }" err && [ ! -s out ]
    check $? "${try%% *} of an empty folder"
    rm -rf other
done

mkdir others && echo precious >others/edges.tsv
"$scripts/latent/graphsgan.sh" --small others >out 2>err
[ $? = 1 ] && grep -q "^graphsgan.sh: others holds files that are not this recipe's, edges.tsv for one: take another OUT$" err &&
    [ "$(ls others)$(cat others/edges.tsv)" = edges.tsvprecious ]
check $? "a folder with files of others stays as it is"

# --- options that a recipe chooses ---
"$scripts/latent/circle.sh" --small -D posterior=normal chosen >out 2>err
[ $? = 2 ] && [ "$(cat err)" = "circle.sh: -D posterior=normal: circle.sh chooses posterior itself, here posterior=sphere; --arms may leave out the games that have it so (see circle.sh --help)" ]
check $? "an option that makes the arms is refused"

# --- one OUT, one set of options ---
"$scripts/image/gan.sh" --small made -D loss=hinge -D nf=4 --steps 2 --samples 100 >out 2>err
check $? "a tiny game"
"$scripts/image/gan.sh" --small made -D loss=hinge -D nf=8 --steps 2 --samples 100 >out 2>err
[ $? = 1 ] && grep -q "^gan.sh: made was made by 'gan.sh --small --seed 1 -D loss=hinge -D nf=4', this is '.*nf=8': take another OUT$" err
check $? "another option into the same folder is refused"
"$scripts/image/gan.sh" --small --seed 2 made -D loss=hinge -D nf=4 --steps 2 >out 2>err
[ $? = 1 ]
check $? "another seed, too"
"$scripts/image/gan.sh" --small -D loss=hinge -D nf=4 --steps 3 --samples 100 -- made >out 2>err &&
    [ "$(gan-data info made/hinge.st --meta gan.step)" = 3 ]
check $? "but not a longer game"

# --- what the small check looks for: told of the whole game with its own options only ---
mkdir -p x/y
ln -s "$(cd "$scripts" && pwd)/lib" x/lib
cat >x/y/mini.sh <<'END'
#!/bin/sh
# mini.sh [OPTION]... OUT: judges what is in the file found.
#
# OUT receives nothing.
#   --steps N         play no more than N steps
#   -D NAME=VALUE     option of no page
#   --small           the verdict
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
recipe_options "$@"
verdict 'NR > 1 { least("score of " $1, $2, .9); most("error of " $1, $3, 1 / 8) }' found
END
chmod +x x/y/mini.sh
printf 'arm\tscore\terror\na\t0.9\t.125\nb\t12e-1\t-3\n' >found
x/y/mini.sh --small fine >out 2>err
check $? "figures at their bounds are as they should be"
printf 'a\t.89\t0\nb\tnan\tinf\nc\t1\t0.2\nd\t\t-nan\n' >>found
tool=x/y/mini.sh
refuses 1 '^it is not as it should be: score of a .89 in place of at least 0.9; score of b nan .*; error of b inf .*; error of c 0.2 in place of at most 0.125; score of d  .*; error of d -nan' \
    "figures that are missed are named" --small fine
x/y/mini.sh fine2 >out 2>err && x/y/mini.sh --small --steps 3 fine3 >out 2>err && x/y/mini.sh --small -D a=b fine4 >out 2>err
check $? "not of other games"

# --- pictures that are sorted by class: what is held out has all of them ---
gan-data make shapes -n 200 --size 32 | gan-data export -l -n 200 sorted 2>/dev/null
"$scripts/networks/classifier.sh" sorted parts -D nf=2 --size 8 --steps 1 >out 2>err
gan-data info parts/test.st >out && grep -q ' 20 samples' out && grep -q 'labels: 5 distinct' out
check $? "classifier.sh"
gan-data info parts/data.st >out && grep -q ' 180 samples' out && grep -q 'labels: 5 distinct' out
check $? "and the rest is for training"
"$scripts/image/wgan.sh" sorted near -D nf=4 -D burst=1 --size 16 --steps 1 --samples 40 >out 2>err
gan-data head -n 40 near/data.st | gan-data to-npy --name image -o first.npy
gan-data to-npy near/real.st --name image -o real.npy
unlike first.npy real.npy && [ "$(wc -c <first.npy)" = "$(wc -c <real.npy)" ]
check $? "wgan.sh"

# --- a game that came to nothing is no success ---
mkdir shim
for tool in gan-data gan-init gan-sample gan-eval gan-svd; do ln -s "$bin/$tool" "shim/$tool"; done
cat >shim/gan-step <<'END'
#!/bin/sh
exit "$STATUS"
END
chmod +x shim/gan-step
for status in 1 4 6; do
    for recipe in fgan modes wgan wgan-toy cgan gan; do # those with a loop around their games
        case $status$recipe in [14]cgan | [14]gan) continue ;; esac
        BIN=$dir/shim STATUS=$status "$scripts"/*/"$recipe.sh" --small "fails-$recipe" --steps 3 >out 2>err
        got=$?
        [ $got = $status ] || echo "status $got" >>err
        [ $got = $status ]
        check $? "$recipe ends with the status $status of its game"
    done
    rm -rf fails-*
done

# --- signals ---
interrupted() { # interrupted NAME CHECKPOINT COMMAND...: TERM to the recipe alone, once it plays
    text=$1 checkpoint=$2
    shift 2
    "$@" >out 2>err &
    pid=$!
    tries=0
    while [ $tries -lt 200 ] && ! { [ -s "${checkpoint%.st}.tsv" ] && [ "$(wc -l <"${checkpoint%.st}.tsv")" -gt 1 ]; }; do
        sleep 0.05
        tries=$((tries + 1))
    done
    kill $pid
    wait $pid
    [ $? = 5 ] && grep -q 'stopped; run it again to go on$' err
    check $? "$text: a signal ends the recipe with status 5"
    at=$(gan-data info "$checkpoint" --meta gan.step)
    sleep 0.3
    [ "$at" -gt 0 ] && [ "$(gan-data info "$checkpoint" --meta gan.step)" = "$at" ]
    check $? "$text: the game has been saved, and nobody plays it"
}
interrupted "a game of data" stop/run.st "$scripts/text/cgan-tags.sh" --small stop
"$scripts/text/cgan-tags.sh" --small stop --steps $((at + 20)) >out 2>err && [ "$(gan-data info stop/run.st --meta gan.step)" = $((at + 20)) ]
check $? "run again it goes on"
interrupted "a game without" stop2/fit-kl.st "$scripts/image/fgan.sh" --small stop2
interrupted "several games at once" stop3/ring-minimax-1.st "$scripts/toy/modes.sh" --small --mixtures ring --arms minimax,veegan --seeds 1 stop3
finish
