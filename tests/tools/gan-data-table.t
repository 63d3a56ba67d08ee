#!/bin/sh
# shellcheck disable=SC2002 # pipes are what is tested
# Tables beside the data: gan-data images --table, npy --labels, table.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-data
labelled() { # labelled EXPECTED NAME ARGUMENT...: the labels, and nothing but progress is said
    labels=$1 name=$2
    shift 2
    run 0 images "$@" -o out.st && ! grep -v ' files  0 skipped$' err && [ "$(values out.st label 'q<')" = "$labels" ]
    check $? "$name"
}
faulty() { # faulty TEXT PATTERN NAME: what is wrong with a table; printf makes it of TEXT
    # shellcheck disable=SC2059 # TEXT is a format
    printf "$1" >bad.csv
    run 1 images pics --table bad.csv -o bad.st && [ "$(wc -l <err)" = 1 ] && grep -aq "^gan-data: bad.csv$2" err && [ ! -e bad.st ]
    check $? "$3"
}

# five pictures whose first byte is their number
mkdir pics
for i in 0 1 2 3 4; do printf "P5 2 1 255\n\\00${i}x" >pics/$i.pgm; done
gan-data images pics -g -o plain.st 2>err
is "$(values plain.st image C)" "0 120 1 120 2 120 3 120 4 120" "the pictures"

# --- formats ---
printf '4.pgm,7\n0.pgm,3\n1.pgm,3\n3.pgm,0\n2.pgm,-1\n' >t.csv
labelled '3 3 -1 0 7' "numbers, in any order" pics --table t.csv
printf 'file,class\r\n0.pgm,owl\r\n1.pgm,cat\r\n"2.pgm","owl"\r\n3.pgm , cat\r\n4.pgm,"a ""grey"" one, small"\r\n' >words.csv
labelled '2 1 2 1 0' "words become classes, sorted" pics --table words.csv
gan-data info --meta gan.classes out.st >names
is "$(cat names)" '["a \"grey\" one, small","cat","owl"]' "and are kept"
(printf '\357\273\277'; cat words.csv) >bom.csv
cp out.st words.st
labelled '2 1 2 1 0' "a byte order mark" pics -t bom.csv
same words.st out.st "changes nothing"
sed 's/, *cat/\tcat/; s/,owl/\towl/; s/,"/\t"/; s/,class/\tclass/; s/ *\t/\t/' words.csv >words.tsv
labelled '2 1 2 1 0' "tabs" pics -t words.tsv
same words.st out.st "mean the same"
printf '\n\r\n"0.pgm";5\n1.pgm;6\r2.pgm;7\r\n\n3.pgm;8\n4.pgm;9' >t.csv
labelled '5 6 7 8 9' "semicolons, blank lines, all ends of lines, none at the end" pics -t t.csv
gzip -c t.csv >t.csv.gz
labelled '5 6 7 8 9' "gzip" pics -t t.csv.gz
cat t.csv | gan-data images pics -t - -o out.st 2>err
is "$(values out.st label 'q<')" "5 6 7 8 9" "a pipe"
printf '{"file_name": "0.pgm", "label": "owl"}\n\n{"label": "cat", "file_name": "1.pgm"}\n{"file_name": "2.pgm", "label": "owl"}\n{"file_name": "3.pgm", "label": "cat"}\n{"file_name": "4.pgm", "label": "a \\"grey\\" one, small"}\n' >t.jsonl
labelled '2 1 2 1 0' "JSON lines" pics -t t.jsonl
same words.st out.st "mean the same"
printf '["0.pgm", 1]\n["1.pgm", 2]\n["2.pgm", 3]\n["3.pgm", true]\n["4.pgm", 0]\n' >t.jsonl
labelled '1 2 3 1 0' "lists" pics -t t.jsonl
mkdir pics/00000 && printf 'P5 2 1 255\n\005x' >pics/00000/img5.pgm
printf '{"labels": [\n["0.pgm", 6], ["1.pgm", 9], ["2.pgm", 6],\n["3.pgm", 6], ["4.pgm", 0], ["00000/img5.pgm", 1]]}' >pics/dataset.json
labelled '6 1 9 6 6 0' "StyleGAN's dataset.json, which may lie among the pictures" pics -t pics/dataset.json --strict
printf '{"labels": [["0.pgm", [1, 0.5]], ["1.pgm", [2, 1]], ["2.pgm", [3, 0]], ["3.pgm", [0, 0]], ["4.pgm", [4, 4]], ["img5.pgm", [7, 7]]]}' >vector.json
passes "with vectors" images pics -t vector.json -o out.st
is "$(values out.st label 'f<')" "1 0.5 7 7 2 1 3 0 0 0 4 4" "of numbers"
perl -MIO::Compress::Zip=:all -e 'zip [@ARGV] => "-"' pics/dataset.json pics/0.pgm pics/1.pgm pics/00000/img5.pgm >set.zip
gan-data images set.zip --table set.zip/pics/dataset.json -o out.st 2>err
is "$(values out.st label 'q<')" "6 1 9" "in an archive, which it may lie in too"
rm -r pics/00000 pics/dataset.json

# --- which row is whose ---
printf 'pics/%s\n' 0.pgm,3 1.pgm,3 2.pgm,-1 3.pgm,0 4.pgm,7 >t.csv
labelled '3 3 -1 0 7' "names with the folder" pics -t t.csv
labelled '3 3 -1 0 7' "or as files" pics/0.pgm pics/1.pgm pics/2.pgm pics/3.pgm pics/4.pgm -t t.csv
mkdir -p deep/a deep/b && cp pics/[012].pgm deep/a && cp pics/[34].pgm deep/b
sed 's/pics\///' t.csv >names.csv
labelled '3 3 -1 0 7' "names without folders" deep -t names.csv
sed 's/\.pgm//' names.csv >stems.csv
labelled '3 3 -1 0 7' "or endings" deep -t stems.csv
cp pics/3.pgm deep/a
run 1 images deep -t names.csv -o out.st && grep -q "^gan-data: names.csv:4: '3.pgm' may be deep/a/3.pgm or deep/b/3.pgm" err
check $? "not when two files have the name"
sed 's/^3/b\/3/; s/^4/.\/4/' names.csv >t.csv && rm deep/a/3.pgm && cp pics/3.pgm deep/3.pgm
run 0 images deep -t t.csv -o out.st && grep -q '^gan-data: deep/3.pgm: is not in t.csv' err && grep -q '1 of 6 files are no good' err
check $? "more of the path says which"
is "$(values out.st label 'q<')" "3 3 -1 0 7" "and a picture without a row is left out"
run 1 images deep -t t.csv -o out.st --strict && grep -q "is not in t.csv" err
check $? "--strict"
printf '8.pgm,1\n' >>names.csv
run 0 images pics -t names.csv -o out.st && grep -q "^gan-data: names.csv:6: no file '8.pgm'" err && grep -q '^gan-data: names.csv: 1 of 6 rows have no file' err
check $? "a row without a picture is told"
run 1 images pics -t names.csv -o out.st --strict && grep -q "no file .8.pgm" err
check $? "--strict"
run 0 images pics -t names.csv -o out.st --first 2 && grep -q '1 of 6 rows' err
check $? "not what --first leaves out"
faulty 'x.pgm,1\ny.pgm,2\n' ": none of 5 files is in it; it names 'x.pgm', the first file is pics/0.pgm" "no row of any picture"
run 2 images pics t.csv --labels && grep -q -- '--table t.csv takes labels from it' err
check $? "a table among the operands"

# --- columns ---
printf 'name,age,x,y,sex\n0,31,.5,1,f\n1,5,1.5,2,m\n2,70,-2,3,f\n3,18,0,4,f\n4,0,1e1,5,m\n' >t.csv
passes "several columns" images pics -t t.csv -o out.st
is "$(values out.st age 'q<')/$(values out.st x 'f<')/$(values out.st sex 'q<')" "31 5 70 18 0/0.5 1.5 -2 0 10/0 1 0 0 1" "are tensors of their names"
is "$(gan-data info --meta gan.classes.sex out.st)" '["f","m"]' "with the words of each"
passes "--column" images pics -t t.csv -c label=sex -c at=x..y -c age -o out.st
is "$(values out.st label 'q<')/$(values out.st at 'f<')/$(values out.st age 'q<')" "0 1 0 0 1/0.5 1 1.5 2 -2 3 0 4 10 5/31 5 70 18 0" "renames and joins them"
is "$(gan-data info --meta gan.classes out.st)" '["f","m"]' "classes too"
gan-data pick out.st --label m >m.st
is "$(values m.st age 'q<')" "5 0" "which pick knows"
printf ',x,id\n0,5,0\n1,6,1\n2,7,2\n3,8,3\n4,9,4\n' >t.csv
labelled '5 6 7 8 9' "--key; a column without a name is no tensor" pics -t t.csv --key id
run 1 images pics -t t.csv --key file -o out.st && grep -q "t.csv: no column 'file'; they are , x, id" err
check $? "a key that is not there"
run 1 images pics -t t.csv --key id -c y -o out.st && grep -q "t.csv: no column 'y'" err
check $? "a column that is not there"
refuses 2 "^--column and --key go with --table" "--column needs --table" images pics -c y
printf 'name,image\n0,3\n1,4\n' >t.csv
run 1 images pics -t t.csv --key name -c image -o out.st && grep -q 't.csv: a column makes a second tensor image' err
check $? "a tensor that is there already"
mkdir -p cls && cp -r deep/a deep/b cls
run 1 images cls -l -t names.csv -o out.st && grep -q 'names.csv: a column makes a second tensor label' err
check $? "so with --labels"
run 0 images cls -l -t names.csv -c n=2 -o out.st
is "$(values out.st label 'q<')/$(values out.st n 'q<')" "0 0 0 1 1/3 3 -1 0 7" "both, under two names"

# --- what is wrong in a table: the line, and nothing is written ---
faulty '0.pgm,1\n1.pgm\n' ":2: 1 field, expected 2 as in line 1" "too few fields"
faulty '0.pgm,1\n1.pgm,2,3\n' ":2: 3 fields, expected 2" "too many"
faulty '0.pgm,1\n\n1.pgm,two\n' ":3: column '2' is 'two', expected a number as in line 1" "a word among numbers"
faulty 'f,c\n0.pgm,one\n1.pgm,2\n' ":3: column 'c' is a number, expected a word as in line 2" "a number among words"
faulty 'f,c\n0.pgm,1\n1.pgm,\n' ":3: column 'c' is empty" "an empty field"
faulty '0.pgm,1\n1.pgm,nan\n' ":2: column '2' is 'nan', expected a number" "no number"
faulty '0.pgm,1\n1.pgm,1e99\n' ":2: column '2' is 1e+99, expected numbers of a size of at most 3.4e38" "a large number"
faulty '0.pgm,1\n1.pgm,9007199254740993\n' ":2: column '2' is 9007199254740992, expected numbers of a size of at most 2^53 - 1" "a large class"
faulty '0.pgm,1\n1.pgm,1\n./0.pgm,1\n' ":3: '0.pgm' is there already, in line 1" "a name twice"
faulty '0.pgm,1\n"1.pgm,2\n' ":2: a quote begins here and does not end" "an open quote"
faulty '0.pgm,1\n"1.pgm"x,2\n' ":2: 'x,2' behind a quoted field" "text behind a quote"
faulty '0.pgm\n1.pgm\n' ":1: one field, expected the file's name and a class" "one field"
faulty '' ": this is empty, expected CSV" "an empty file"
faulty '0.pgm,1\0' ": byte 7: not a text" "no text"
faulty '\377\3760' ": this is UTF-16 text" "UTF-16"
faulty 'f,c\n0.pgm,\351\n1.pgm,x\n' ": the class '.*' is not UTF-8" "no UTF-8"
faulty '["0.pgm", 1]\n["1.pgm"]\n' ":2: 1 cells, expected 2" "JSON lines of different lengths"
faulty '{"f": "0.pgm", "c": 1}\n{"f": "1.pgm", "d": 1}\n' ":2: no 'c', which the first row has" "or keys"
faulty '{"f": "0.pgm", "c": 1}\n{"f": "1.pgm", "c": 1\n' ":2: no JSON: " "no JSON"
faulty '{"labels": [["0.pgm", 1],\n["1.pgm", 2]' ":2: no JSON: " "JSON cut short"
faulty '{"labels": [["0.pgm", [1, 2]], ["1.pgm", [1]]]}' ": entry 2: column '2' holds 1 numbers, expected 2 as in entry 1" "vectors of different lengths"
faulty '{"labels": null}' ": .labels. is null" "dataset.json without labels"
faulty '["0.pgm", {}]\n' ":1: an object, expected a text, a number or a list of numbers" "an object"

# --- without files ---
printf 'a,b,kind\n1,2,x\n3,4,y\n5,6,x\n' >t.csv
passes "table" table t.csv -o out.st
is "$(values out.st a 'q<')/$(values out.st kind 'q<')" "1 3 5/0 1 0" "a sample each row"
passes "--column" table t.csv --column point=a,b --frame 2 -o out.st
is "$(gan-data to-npy out.st | perl -e 'local $/; $_ = <STDIN>; print join " ", unpack("x128 q<*")')" "1 2 3 4 5 6" "makes points"
gan-data info out.st | grep -q '2 frames, 3 samples'
check $? "--frame"
printf 'x\n-1.5\n2\n' >t.csv
passes "one column" table t.csv -o out.st
is "$(values out.st label 'f<')" "-1.5 2" "is the label"
perl "$here/lib/npy.pl" '|u1' 3,2 C 0..5 >x.npy
printf 'dog\ncat\ndog\n' >t.csv
passes "npy --labels of a table" npy x.npy --labels t.csv --frame 2 -o out.st
is "$(values out.st label 'q<')/$(gan-data info --meta gan.classes out.st)" '1 0 1/["cat","dog"]' "in the order of the samples"
printf 'dog\ncat\n' >t.csv
run 1 npy x.npy --labels t.csv && grep -q '^gan-data: t.csv: [12] labels, but x.npy holds 3 samples' err
check $? "as many as samples"

# --- to-table ---
tab=$(printf '\t')
perl "$here/lib/npy.pl" '<f4' 2,2,2 C 0.1,-2,3e38,1e-30,inf,nan,16777217,0 >x.npy
printf '9007199254740991\n-1\n' >t.csv
gan-data npy x.npy --name x >x.st && gan-data table t.csv -c n=1 -o n.st && gan-data join x.st n.st -o both.st
passes "to-table" to-table both.st
is "$(head -1 out)" "n${tab}x.1${tab}x.2${tab}x.3${tab}x.4" "names: one of a vector, numbered ones of more axes"
is "$(sed 1d out)" "$(printf '9007199254740991\t0.1\t-2\t3e+38\t1e-30\n-1\tinf\tnan\t16777216\t0')" "all digits of whole numbers, the fewest that tell others apart"
gan-data make ring -n 300 --frame 7 >ring.st
gan-data to-table ring.st >ring.tsv && gan-data table ring.tsv -c label -c point=point.1..point.2 -o back.st &&
    [ "$(values back.st point 'f<')" = "$(values ring.st point 'f<')" ] && [ "$(values back.st label 'q<')" = "$(values ring.st label 'q<')" ]
check $? "table reads the same numbers back, of many frames"
run 0 to-table --bare -n point -n label ring.st && cut -f3 out >labels && sed 1d ring.tsv | cut -f1 | cmp -s - labels
check $? "--name chooses and orders, --bare leaves names out"
run 1 to-table ring.st -n way && grep -qx 'gan-data: ring.st: frame 1: no tensor way' err && [ ! -s out ]
check $? "a tensor that is not there"
cat ring.st x.st >unlike.st
run 1 to-table unlike.st -o table.tsv && grep -q '^gan-data: unlike.st: frame 44: ' err && [ ! -e table.tsv ]
check $? "frames unlike the first; no file is left"
head -c 3000 ring.st >cut.st
run 1 to-table cut.st && [ "$(wc -l <err)" = 1 ]
check $? "a stream cut short"

# --- gan-tools(7): from a folder and a table to pictures of each class ---
gan-data make shapes -n 12 -s 40 | gan-data export animals - 2>/dev/null
i=0
for kind in owl cat dog cat owl dog owl owl cat dog dog cat; do
    printf '%06d.png,%s\n' $i $kind
    i=$((i + 1))
done >animals.csv
gan-data images animals --size 32 --table animals.csv 2>/dev/null | gan-data pick --balance 2>/dev/null >even.st
gan-init "$here/../scripts/image/wgan-gp-cifar.gan" -D classes=3 -D dim=2 -D nz=4 -o run.st &&
    gan-data batch even.st --size 12 --shuffle --epochs 10 | gan-step run.st -q 2>err
gan-sample run.st --grid 3x4 >samples.st 2>>err
gan-data info samples.st >out && grep -q '12 samples' out && grep -q '\[N,32,32,3\]' out
check $? "from a folder and a table to pictures of each class"
finish
