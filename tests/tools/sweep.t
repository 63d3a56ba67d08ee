#!/bin/sh
# scripts/sweep.sh: a grid played to a table and a plot, whatever ends it on the way and whoever plays which
# run; what falls behind is stopped, what diverges is a row, and what a newcomer gets wrong is one line.
. "$(dirname "$0")/../lib/tap.sh"
export BIN="$bin" OMP_NUM_THREADS=1
tool=$here/../scripts/sweep.sh
# w - 3 becomes (1 - rate)^t of what it was, and the figure the square of that
cat >w.gan <<'EOF'
option rate = 0.1
option until = 1000
param w[2] = normal(0, 1)
player w: sgd(rate) minimizes mean((w - 3)^2)
stop when step >= until
sample w
EOF
figure='gan-sample "$run" -n 1 "value=mean((w - 3)^2)" | tail -c 4 | od -An -t f4'
is "$(gan-init w.gan -o w.st 2>err; run=w.st sh -c "$figure" | wc -w)" 1 "a figure"
sweep() { # sweep OUT OPTION...: eight runs of four cells
    to=$1
    shift
    "$tool" w.gan "$to" -D rate=1e-6,0.3,1e30,0.2 --seeds 2 --steps 20 --every 5 --figure "$figure" "$@" >out 2>err
}

# ---- to the end ----
sweep whole --jobs 2
check $? "a sweep"
alike out whole/table.tsv
check $? "... prints its table"
cut -f1,4- whole/table.tsv >ends
printf '%s\t%s\t%s\t%s\n' rate seeds steps ended 0.3 2 20 played 0.2 2 10 stopped 1e-6 2 5 stopped 1e30 0 0 '2 diverged' >want
same ends want "... best first, with what was stopped early and what diverged"
for row in 0.3:20 0.2:10 1e-6:5; do
    for s in 1 2; do awk -v at=${row#*:} '$1 == at { print $2 }' "whole/rate=${row%:*},seed=$s.figures"; done |
        perl -e '@x = <>; $m = ($x[0] + $x[1]) / 2; printf "%g %g\n", $m, abs($x[0] - $x[1]) / sqrt 2'
done >want
# shellcheck disable=SC2046 # several numbers
near want 0.02 "... each figure that of its step" $(awk -F'\t' 'NR > 1 && $4 { print $2, $3 }' whole/table.tsv)
first=$(awk '$1 == 0 { print $2 }' "whole/rate=0.3,seed=1.figures")
last=$(awk '$1 == 20 { print $2 }' "whole/rate=0.3,seed=1.figures")
holds "$last < 1e-4 * $first && $last / $first / 0.7 ^ 40 < 1.01 && $last / $first / 0.7 ^ 40 > 0.99" "... and right"
is "$(gan-data info "whole/rate=1e-6,seed=2.st" --meta gan.step)" 5 "what is stopped plays no more"
cut -f1 whole/curves.tsv >out
printf '%s\n' step 0 5 10 15 20 >want
same out want "curves have a row for each step with figures"
head -c 4 whole/curves.png | grep -q PNG
check $? "... and are drawn"
sums() { (cd "$1" && cksum ./*.st ./*.figures table.tsv curves.tsv); }
sums whole >whole.sums
sweep whole --jobs 1
sums whole >out
same out whole.sums "again, it does nothing"

# ---- killed ----
begins() { # begins OUT STEP COUNT: a sweep in a session of its own, until so many runs have come to the step
    setsid "$tool" w.gan "$1" -D rate=1e-6,0.3,1e30,0.2 --seeds 2 --steps 20 --every 5 --jobs 2 \
        --figure "$figure" >out 2>err &
    pid=$!
    wait_for 30 sh -c "[ \$(grep -l '^$2	' $1/*.figures | wc -l) -ge $3 ]"
}
begins broken 0 3
check $? "a sweep has begun"
kill -9 -$pid
wait $pid 2>/dev/null
begins broken 10 1
kill -TERM $pid
wait $pid
is "$? $(tail -n 1 err)" "5 sweep.sh: stopped; run it again to go on" "... after one that was killed is told to end"
! ls broken/table.tsv >>err 2>&1
check $? "... and has no table"
sweep broken
sums broken >out
same out whole.sums "... and goes on to the same bytes"

# ---- a run at a time, as arrays do ----
mkdir fake
cat >fake/sbatch <<'EOF'
#!/bin/sh
echo "$(cat array/*.figures 2>/dev/null | wc -l) figures: $*" >>asked
cat >job
echo 7
case $* in
*--array=1-*)
    for i in $(seq "$(echo "$*" | sed 's/.*--array=1-\([0-9]*\).*/\1/')" -1 1); do SLURM_ARRAY_TASK_ID=$i sh job; done ;;
*) sh job ;;
esac >>played 2>&1
EOF
printf '#!/bin/sh\nshift\nexec "$@"\n' >fake/srun
chmod +x fake/*
PATH=$dir/fake:$PATH
sweep array --array
cp out submit.sh
[ ! -s err ] && ! ls array/*.st >>err 2>&1
check $? "--array plays nothing"
mkdir elsewhere
(cd elsewhere && sh ../submit.sh --time=5) >out 2>err
check $? "and prints a script"
cat >want <<'EOF'
0 figures: --time=5 --array=1-8
16 figures: --time=5 --array=1-8 --dependency=afterany:7
20 figures: --time=5 --array=1-8 --dependency=afterany:7
24 figures: --time=5 --dependency=afterany:7
EOF
sed 's/ --parsable.*slurm.log//' asked >out
same out want "... of an array for each halving, and of the table"
sums array >out
same out whole.sums "... with the same bytes, the last run first"

# ---- other rules, beside what is there ----
sweep whole --keep 3
cut -f1,5- whole/table.tsv >out
printf '%s\t%s\t%s\n' rate steps ended 0.3 20 played 0.2 20 played 1e-6 20 played 1e30 0 '2 diverged' >want
same out want "--keep plays more cells to the end"
sweep whole --higher --keep 3
is "$(sed -n 2p whole/table.tsv | cut -f1)" 1e-6 "--higher turns the order round"
sweep whole
sums whole | grep table >out
grep table whole.sums >want
same out want "and the first rule gives the first table"
"$tool" w.gan ended -D until=1000,7 -D rate=0.1 --seeds 1 --steps 20 --figure "$figure" >out 2>err
is "$(sed 1d ended/table.tsv | cut -f1,6,7 | tr '\t\n' ' ;')" "1000 20 played;7 0 1 ended by the page;" "a page may end a run"
"$tool" w.gan nan --seeds 2 --steps 3 --figure 'case $run in *seed=2*) echo nan ;; *) echo " 5 " ;; esac' >out 2>err
is "$(sed 1d nan/table.tsv | tr '\t' ' ')" "5 - 1 3 played" "a figure that is no number is left out, of a cell without options, too"

# ---- a stream, and names with blanks ----
gan-data make ring -n 256 -o 'a ring.st'
cp "$here/../scripts/toy/unrolled.gan" 'a page.gan'
ring='gan-sample "$run" -n 100 "point=G(z)" | gan-eval mmd "a ring.st" - --scales 1'
"$tool" 'a page.gan' 'an out' --data 'a ring.st' --batch 32 -D k=0 -D width=8 --seeds 1 --steps 9 --figure "$ring" >out 2>err
check $? "data, and a metric of gan-eval"
gan-init 'a page.gan' -D k=0 -D width=8 --seed 1 -o by.st 2>>err
gan-data batch 'a ring.st' --size 32 --shuffle --seed 1 --endless --drop-last | gan-step -q by.st --until 9 2>>err
same "an out/k=0,width=8,seed=1.st" by.st "... play what one would play by hand"
is "$(tail -n 1 "an out/k=0,width=8,seed=1.figures")" "9	$(run=by.st sh -c "$ring" | value mmd -)" "... with the figure"

# ---- what is wrong ----
try() { # try STATUS PATTERN NAME OPTION...: on the trivial page
    status=$1 pattern=$2 name=$3
    shift 3
    refuses "$status" "$pattern" "$name" w.gan none "$@"
}
try 2 '^--steps is missing' "no number of steps" --figure "$figure"
try 2 '^--figure is missing' "no figure" --steps 3
try 2 "^--figure: expected a command, found ' '" "an empty one" --steps 3 --figure ' '
try 2 '^-D rate=1,,2: expected values between commas' "a value that is missing" --steps 3 --figure "$figure" -D rate=1,,2
try 2 '^-D rate=1,1: expected .*, each once' "one that stands there twice" --steps 3 --figure "$figure" -D rate=1,1
try 2 '^-D rate=2: rate was given before' "an option that does" --steps 3 --figure "$figure" -D rate=1 -D rate=2
try 1 '^w.gan: the page has no option width$' "an option that the page has not" --steps 3 --figure "$figure" -D rate=1,2 -D width=3
try 1 '^w.gan:1:15: option rate: expected a number' "the last value of a grid" --steps 3 --figure "$figure" -D rate=1,2,fast
try 1 '^none.st: no such file$' "data that are not there" --steps 3 --figure "$figure" --data none.st
try 2 '^--task: expected 1 to 6, found 7' "a run that is none" --steps 3 --figure "$figure" -D rate=1,2 --task 7
refuses 1 '^none.gan: cannot open' "a page that is none" none.gan none --steps 3 --figure "$figure"
fails() { # fails PATTERN NAME OPTION...: status 1, and the last line says so
    pattern=$1 name=$2
    shift 2
    run 1 w.gan bad --steps 3 --seeds 1 "$@" && tail -n 1 err | grep -q "^sweep.sh: $pattern"
    check $? "$name"
}
fails 'seed=1: step 0: --figure: the command ended with status 3$' "a figure's command that fails" --figure 'exit 3'
fails "seed=1: step 0: --figure: expected a number or lines of gan-eval, found 'much '\$" "one that prints rubbish" --figure 'echo much'
fails "seed=1: step 0: --figure: expected .* found '1 2 '\$" "two numbers" --figure 'echo 1; echo 2'
fails "seed=1: step 0: --figure: expected .* found ''\$" "nothing" --figure :
run 0 w.gan bad --steps 3 --seeds 1 --figure "$figure"
check $? "and once that is mended it plays"
fails "bad: its figures are of '.*': take another OUT\$" "another figure" --figure 'echo 1'
fails "bad/seed=1.st: is at step 3, and has no figure at 2: take another OUT\$" "fewer steps" --figure "$figure" --steps 2
echo 'let other = 1' >>w.gan
fails "bad: its runs are of another text of w.gan: take another OUT\$" "another page" --figure "$figure"
mkdir tools
for t in awk cat basename cp cut dirname find gan-data gan-eval gan-init gan-sample gan-step grep head mkdir mktemp mv nproc rm sed seq sh tail tr wc cmp od printf; do
    ln -s "$(command -v $t)" tools/$t 2>>err
done
PATH=$dir/tools "$tool" w.gan undrawn --steps 3 --figure "$figure" >out 2>err
[ $? = 1 ] && alike out undrawn/table.tsv && tail -n 1 err | grep -q 'gan-data: cannot draw: there is no program gnuplot here'
check $? "without gnuplot there is the table"
"$tool" w.gan w.gan --steps 3 --figure "$figure" >out 2>err
is "$? $(cat err)" "1 sweep.sh: w.gan: cannot be made: File exists" "a place that is a file"
finish
