#!/bin/sh
# Talking heads: what a person's own checkpoint makes before it is tuned, which vectors of videos move, how far
# the match pulls them, and the recipe in a tiny version. The drawings are in gan-data-landmarks.t.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"
floats() { gan-data to-table --bare "$1" -n "$2" 2>>err | tr '\t' '\n'; } # floats FILE TENSOR

# --- people.gan ---
page people.st people -D frames=3 &&
    gan-sample people.st -n 4 image='fold(film)' points='fold(points)' inside='fold(disc)' 2>err | gan-data landmarks --size 32 -o faces.st
check $? 'made-up people'
comes_to people.st 'max(abs(sqrt(sum((points[0..-1, 0..16] - view(middle, frames, 1, 2))^2, -1)) - radius))' 1e-4 'a jaw lies on the edge of its disc' 0
# pixels whose middle is in the middle of an eye have its colour
comes_to people.st 'sum(abs(colour[1] - colour[2])) > 0' 0 'eyes and mouth are of two colours' 1
printf '0\n0\n0\n1\n1\n1\n3\n3\n3\n3\n3\n3\n' >videos.csv
gan-data table videos.csv -c label=1 | gan-data join faces.st - -o frames.st

# --- meta-learning ---
small='-D size=32 -D nf=8 -D most=16 -D downs=2 -D residual=1 -D frames=2 -D videos=5 -D content=0 -D faces=0 -D distance=10'
episodes() { gan-data batch frames.st --size 2 --together 3 --shuffle --endless --from "$1"; }
# shellcheck disable=SC2086 # several words
page meta.st heads $small && cp meta.st first.st
episodes meta.st | quiet gan-step meta.st -q -n 4 --log meta.tsv --log-every 1
check $? 'plays'
is "$(head -1 meta.tsv | cut -f 4- | tr '\t' ' ')" 'G against features seen recognised match apart D' 'each term of the cost is told'
for run in first meta; do floats $run.st W.0.weight >$run.w; done
is "$(paste first.w meta.w | awk '$1 != $2 && !seen[k = int((NR - 1) / 16)]++ { printf "%d ", k }')" '0 1 3 ' 'vectors of the videos that came up move, and no others'
gan-data batch frames.st --size 4 --together 3 |
    gan-sample meta.st value='max(abs(grad(near*sum(mean(abs(each - view(u, 1, numbers)), [0, 1])), u)
        + near/(frames*numbers)*sum(sign(each - view(u, 1, numbers)), 0)), 0) where u = W(video)' -o pulls.st 2>err
floats pulls.st value | sort -g | tail -1 >found
near found 1e-5 'the match pulls a vector to where most embeddings are' 0
gan-data batch frames.st --size 4 --together 3 | gan-sample meta.st value='relu(1 + f) + relu(1 - r) where f = score(V(fake, y), 0*vector) - b, r = score(V(x, y), 0*vector) - b' -o hinge.st 2>err
floats hinge.st value | sort -u >found
near found 0 'scores of 0 cost D 2' 2
gan-data batch frames.st --size 4 --together 3 | gan-sample meta.st value='max(abs(e - (E(episode[1], drawn[1]) + E(episode[2], drawn[2]))/2), 0)' -o mean.st 2>err
floats mean.st value | sort -g | tail -1 >found
near found 1e-5 'an embedding is the mean of those of the frames that are not made' 0

# --- a person of one's own ---
gan-data pick frames.st --rows 6-10 --frame 5 -o shots.st
gan-data pick frames.st --rows 0-2 -o other.st
all='E(pictures, drawings)'
gan-sample meta.st -i shots.st psi="P(batchmean($all))" w="batchmean($all) + w0" -o person.st 2>err &&
    is "$(gan-data info person.st | awk '$2 == "F32" { printf "%s%s ", $1, $3 }')" 'psi[1,192] w[1,16] ' 'its parameters'
# shellcheck disable=SC2086
page tuned.st heads $small -D stage=tune -D rate=0.001 --from meta.st --from psi=person.st --from w=person.st
check $? 'become a checkpoint'
gan-data info tuned.st | grep -aEq '^ +[^ ]*(E|P|W|Faces|VGG)\.'
check $((! $?)) 'without E, P and the vectors of others'
gan-sample meta.st -i shots.st --float made="G(drawings, unbatch(P(batchmean($all)))[0])" \
    score="score(V(pictures, drawings), unbatch(batchmean($all))[0] + w0)" -o before.st 2>err
gan-sample tuned.st -i shots.st --float made=fake score='score(V(x, y), vector)' -o after.st 2>err
for part in made score; do
    for time in before after; do floats $time.st $part >$time; done
    # shellcheck disable=SC2046 # numbers
    paste before after | awk '{ d = $1 - $2; if (d < 0) d = -d; if (d > most) most = d } $1 != 0 { some++ } END { print (NR > 4 && some > 4 ? most + 0 : "none") }' >found
    near found 1e-5 "$part before tuning is that of the embedding" 0
done
gan-sample tuned.st -i other.st -o driven.st 2>err && shows '^  image *U8 *\[N,32,32,3\]' 'landmarks of somebody else drive it' driven.st
cp tuned.st start.st
gan-data batch shots.st --size 5 --endless | quiet gan-step tuned.st -q -n 30 --log tuned.tsv --log-every 1
head -2 tuned.tsv >began.tsv
holds "$(last tuned.tsv apart) < 0.9 * $(last began.tsv apart)" 'it comes nearer to what it is shown'
for part in psi w; do
    for run in start tuned; do floats $run.st $part >$run.$part; done
    differ start.$part tuned.$part "$part is trained"
done
# shellcheck disable=SC2086
page plain.st heads $small -D stage=tune -D adversarial=0 -D matched=0 --from meta.st --from psi=person.st &&
    gan-data batch shots.st --size 1 --endless | quiet gan-step plain.st -q -n 2
check $? 'one frame at a time, and without D'

# --- the recipe ---
recipe heads --small made --test 2 --judged 3 --after 1 --steps 2 --arms tuned,random,nomatch,plain -D nf=8 -D most=16 && left made heads.png driven.gif &&
    [ "$(cut -f1,2 made/table.tsv | tr '\t\n' ':,')" = 'arm:epochs,nobody:0,forward:0,other:0,tuned:1,random:1,nomatch:1,plain:1,' ] && [ -s made/changed.tsv ]
check $? 'heads'
recipe heads --small made --test 2 --judged 3 --after 1 --steps 3 --arms tuned -D nf=8 -D most=16 && [ "$(step_of made/meta.st)" = 3 ]
check $? 'goes on'
recipe heads --small anew --test 2 --judged 3 --after 1 --steps 3 --arms tuned -D nf=8 -D most=16 &&
    same anew/table.tsv made/table.tsv 'to the figures of a game that was played at once'
mkdir films
gan-data export films/all frames.st >out 2>err
echo "file$(perl -e 'print map ",x$_,y$_", 0 .. 67')" >films/landmarks.csv
values frames.st points f >points
for k in 0 1 2 3 4 5 6 7 8 9 10 11; do
    mkdir -p films/$((k / 3))
    mv "films/all/$(printf %06d $k).png" films/$((k / 3))/$k.png
    echo "$((k / 3))/$k.png,$(cut -d' ' -f$((k * 136 + 1))-$((k * 136 + 136)) points | tr ' ' ,)" >>films/landmarks.csv
done
rmdir films/all
page knows.st classifier -D size=32 -D channels=3 -D nf=2 -D features=4 -D classes=2
recipe heads films seen --size 32 --test 2 --shots 1 --judged 2 --batch 1 --epochs 1 --after 1 --csim knows.st --fid knows.st \
    -D frames=2 -D nf=8 -D most=16 -D downs=2 -D residual=1 && left seen heads.png && [ "$(step_of seen/meta.st)" = 2 ] &&
    awk -F'\t' 'NF != 6 || (NR > 1 && ($3 <= 0 || $5 < -1 || $5 > 1 || $6 < 0)) { bad = 1 } END { exit bad || NR != 7 }' seen/table.tsv
check $? 'folders of frames and their landmarks, and networks to judge by'
rm seen/table.tsv
printf '%s\n' 'data x: image[32, 32, 3]' 'net F(x) = x | flatten | linear(2)' 'sample F(x)' >blind.gan && gan-init blind.gan -o blind.st 2>err
recipe heads films seen --size 32 --test 2 --shots 1 --judged 2 --batch 1 --epochs 1 --after 1 --csim blind.st \
    -D frames=2 -D nf=8 -D most=16 -D downs=2 -D residual=1
[ $? = 1 ] && grep -q 'blind.st: --feature by default.* unknown name feature' err && [ ! -e seen/table.tsv ]
check $? 'a figure that is missing is no table'
gan-data pick frames.st --rows 0-2 -o own.st && gan-data pick seen/train.st --rows 0-2 -o read.st
for run in own read; do values $run.st landmarks C | cksum >$run; done
same read own 'are drawn as they are'
rm films/landmarks.csv
recipe heads films none --size 32
[ $? = 1 ] && grep -q 'films: no landmarks.csv' err
check $? 'landmarks that are not there are told'
finish
