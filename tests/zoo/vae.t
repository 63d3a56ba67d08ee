#!/bin/sh
# Variational auto-encoders: their likelihoods, maps of codes, early stopping, and their recipes in tiny versions.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"
pictures() { for f in "$@"; do head -c 4 "$f" 2>err | grep -q PNG || { echo "no $f" >>err; return 1; }; done; }

# --- maps of codes ---
cat >maps.gan <<'END'
use "blocks/manifold.gan"
let a = stack([0*step, 0*step + 1, 0*step]), x = 0*normal[3]
sample x
END
gan-init maps.gan -o maps.st 2>err
worth maps.st 'samples(stack([quantile(0*step + p) for p in [0.025, 0.5, 0.8413447, 0.999]]))' >found
near found 1e-5 'quantiles of the normal distribution' -1.959964 0 1 3.090232
worth maps.st 'stack([max(abs(norm(globe(20)) - 1)), mean(globe(20)[2])])' >found
near found 1e-6 'points of a globe have length 1, as many in the north' 0 0
worth maps.st 'plane(2)' 4 | head -8 >found
near found 1e-5 'points of a plane, from the top left' -.6744898 .6744898 .6744898 .6744898 \
    -.6744898 -.6744898 .6744898 -.6744898
worth maps.st "hammer(x + stack([1, 0, 0])) + 0" >front
worth maps.st "hammer(x + stack([0, 0, 1]))" >north
worth maps.st "hammer(x + stack([0, -1, 0]))" >west
cat front north west >found
near found 1e-5 "Hammer's projection: in front, the north, the west" 0 0 0 1.4142136 -1.5307337 0

# --- densities ---
gan-data make digits -n 40 -o digits.st
for d in 2 5; do
    gan-init "$scripts/latent/svae.gan" -D d=$d -D width=0.125 -D draws=1000 -o sphere$d.st 2>err
    # the mean of p(z)/q(z|x) over draws of q is 1
    gan-sample sphere$d.st -i digits.st -n 40 'value=stack([mean(exp(log_p - log_q))])' 2>err |
        gan-data to-table --bare -n value | head -1 >found
    near found 0.02 "densities of the sphere and of codes on it agree, d = $d" 1
done
# what the bounds come to is the same however many pictures are in a frame
for k in 1 7 40; do
    gan-data cat --frame $k digits.st | gan-sample sphere2.st -D draws=50 -i - log_weight=log_weight 2>err |
        gan-eval likelihood - 2>err | cut -f1,2 | sed 's/\(\.[0-9]\{3\}\)[0-9]*/\1/' >bound$k
done
same bound1 bound40 'bounds in small frames'
same bound7 bound40 'of any size'
# black and white anew in each use
gan-sample sphere2.st -i digits.st --seed 1 seen=seen -o seen1.st 2>err
gan-sample sphere2.st -i digits.st --seed 2 seen=seen -o seen2.st 2>err
gan-eval moments seen1.st -t seen --pairs 0 >m 2>err
gan-eval moments digits.st --pairs 0 >g 2>err
holds "$(awk -F'\t' '$1 == "moments.mean" { v[FILENAME] = $2 } END { d = v["m"] - v["g"]; print (d < 0 ? -d : d) }' m g) < 0.01" \
    'pixels are white as often as they are grey'
gan-eval histogram seen1.st -t seen --bins 2 >h 2>err
gan-eval mse seen1.st seen2.st -t seen >d 2>err
holds "$(awk -F'\t' '$1 == "mse" { print $2 }' d) > 0.01" 'others with another seed'
gan-data cat --frame 3 digits.st | gan-sample sphere2.st -i - --seed 1 seen=seen 2>err | gan-data cat --frame 40 >again.st
same seen1.st again.st 'the same with the same, in frames of any size'

# --- early stopping: figures are given by the step; the game is stopped on the way and goes on ---
mkdir -p x/y
ln -s "$(cd "$scripts" && pwd)/lib" x/lib
cat >x/y/mini.gan <<'END'
data x: point[2]
param m[2] = 0
player m: sgd(0.01) minimizes mean(sqnorm(x - m))
sample m
END
cat >x/y/mini.sh <<'END'
#!/bin/sh
# mini.sh [OPTION]... DATA OUT: a game that stops early.
#
# OUT receives what it receives.
#   --steps N         play no more than N steps
#   --seed N          seed of everything (1)
. "$(dirname "$0")/../lib/recipe.inc"
data_is=file
recipe_options "$@"
figure_of() {
    echo "$(steps_played "$1")" >>"$out/judged"
    awk -v s="$(steps_played "$1")" 'BEGIN { print -(s - 32)^2 }'
}
start_run "$out/run.st" "$here/mini.gan"
train_early "$out/run.st" "$data" 16 200 10 60 2 figure_of
END
chmod +x x/y/mini.sh
gan-data make ring -n 320 -o ring.st
x/y/mini.sh ring.st early --steps 25 >out 2>err && [ "$(step_of early/run.st)" = 25 ] && [ "$(step_of early/run.best.st)" = 25 ]
check $? 'a game with early stopping plays as far as it is told'
x/y/mini.sh ring.st early >out 2>err && [ "$(step_of early/run.st)" = 60 ]
check $? 'goes on, and ends after the fewest steps when two figures have been worse'
[ "$(step_of early/run.best.st)" = 30 ] && [ "$(tr '\n' ' ' <early/judged)" = '10 20 25 30 40 50 60 ' ]
check $? 'keeps the best, and looks at each step once'
x/y/mini.sh ring.st early >out 2>err && [ "$(wc -l <early/judged)" = 7 ] && [ "$(step_of early/run.st)" = 60 ]
check $? 'and does nothing when it has ended'
gan-init x/y/mini.gan --seed 1 -o straight.st 2>err
gan-data batch ring.st --size 16 --shuffle --seed 1 --endless --drop-last 2>/dev/null | gan-step straight.st -q --until 60 2>err
same straight.st early/run.st 'it is the game that plays on, to the bit'

# --- recipes ---
recipe svae --small svae --steps 40 --samples 20 -D width=0.25
check $? 'svae, 40 steps'
recipe svae --small svae --steps 80 --samples 20 -D width=0.25 && [ "$(step_of svae/d2-normal-1.st)" = 80 ] &&
    pictures svae/d2-*-1.png svae/d2-*-1.between.png svae/d2-*-1.manifold.png svae/d2-*-1.codes.png
check $? 'goes on to 80, with pictures'
[ "$(cut -f1-4 svae/svae.tsv | tail -n +2 | tr '\t\n' '  ')" = '2 sphere 1 80 2 normal 1 80 ' ] &&
    awk -F'\t' 'NR > 1 && !($6 > $7 && $7 < 0 && ($7 - $8 + $9)^2 < 0.001 && $10 > 5 && $12 <= 100) { exit 1 }' svae/svae.tsv
check $? 'its table: bounds in order, which add up, and accuracies'
recipe vae --small vae --steps 30 --samples 20 && pictures vae/fixed.png vae/learned.pairs.png vae/bernoulli.curve.png &&
    awk -F'\t' 'NR > 1 && !($3 > $4) { exit 1 } END { exit NR != 4 }' vae/vae.tsv
check $? 'vae: three decoders'
recipe vae --small flat --steps 10 --samples 20 -D d=2 --arms bernoulli && pictures flat/bernoulli.manifold.png flat/bernoulli.codes.png
check $? 'vae: codes of two numbers'
recipe betavae --small beta --steps 20 && pictures beta/beta-1-1.png beta/beta-4-1.numbers.png &&
    awk -F'\t' 'NR > 1 && !($4 > 0.15 && $4 <= 1 && $10 >= 0.15 && $10 <= 1 && $11 < 0 && $12 > 0) { exit 1 } END { exit NR != 3 }' beta/betavae.tsv
check $? 'betavae: two weights, a score of each'
recipe circle --small circle --steps 200 && pictures circle/sphere-1.png
check $? 'circle, 200 steps'
awk -F'\t' '{ v[$1] = $2 } END { exit !(v["sphere"] < 0.5 * v["normal"] && v["sphere"] > 0) }' circle/circle.tsv
check $? 'what is decoded of a circle of codes is nearer to the circle than of a plane of codes'
finish
