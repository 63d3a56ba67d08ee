#!/bin/sh
# gan-data video: films and strips of frames to clips. Frames of most films here are flat and tell their number.
. "$(dirname "$0")/../lib/tap.sh"
tool='gan-data'
raw() { # raw STREAM: the bytes of all its clips
    gan-data to-npy -n video "$1" 2>>err | tail -c +129
}
levels() { # levels STREAM BYTES: of each so many bytes the first, in fives: the numbers of frames
    raw "$1" | perl -e 'local $/; my $b = <STDIN>; print join(" ", map { int((ord(substr $b, $_ * $ARGV[0], 1) + 2) / 5) } 0 .. length($b) / $ARGV[0] - 1), "\n"' "$2"
}
# 40 frames of 12x12, of levels 0, 5, 10, ..., side by side
perl -e 'print "P5 480 12 255\n"; for (0 .. 11) { print map { chr(5 * $_) x 12 } 0 .. 39 }' >flat.pgm
gan-data make scenes -n 1 -t 20 -s 24 -o scene.st
gan-data sheet scene.st --gap 0 -n 20 -o scene.png
raw scene.st >scene.raw

# --- strips, which ffmpeg has no part in ---
mkdir -p strips/walk strips/run
frame f.st video:U8:1,3,2,2,1:0,1,2,3,10,11,12,13,20,21,22,23
raw f.st >f.raw
frame across.st image:U8:1,2,6,1:0,1,10,11,20,21,2,3,12,13,22,23
frame down.st image:U8:1,6,2,1:0,1,2,3,10,11,12,13,20,21,22,23
for s in across down; do gan-data sheet $s.st --gap 0 -o $s.png; done
cp across.png strips/walk/a.jpg
cp down.png strips/run/b
run 0 video strips -g -t 3 -l -o out.st && raw out.st >got && cat f.raw f.raw >want && alike got want
check $? "strips of frames side by side, or one below the other"
is "$(gan-data info out.st --meta gan.classes) $(values out.st label q)" '["run","walk"] 0 1' "labels by folder"
frame fives.st image:U8:1,2,5,1:0*10
gan-data sheet fives.st --gap 0 -o odd.png
run 0 video odd.png across.png -g -t 3 -o out.st && grep -q '^gan-data: odd.png: 5x2 pixels are no strip of square frames$' err
check $? "no strip"

# --- which frames ---
passes "all clips, one after the other" video flat.pgm -t 8 -o out.st
is "$(levels out.st $((8 * 432)))" '0 8 16 24 32' "begin where the last ended"
run 0 video flat.pgm -t 8 --step 10 --stride 3 -o out.st
is "$(levels out.st 432 | cut -d' ' -f1-16)" '0 3 6 9 12 15 18 21 10 13 16 19 22 25 28 31' "--stride, --step"
run 0 video flat.pgm -t 4 --clips 4 --start uniform -o out.st
is "$(levels out.st $((4 * 432)))" '0 12 24 36' "--start uniform"
run 0 video flat.pgm -t 4 --clips 1 --start uniform -o out.st
is "$(levels out.st $((4 * 432)))" '18' "one in the middle"
run 0 video flat.pgm flat.pgm flat.pgm -t 38 --clips 20 -o out.st
is "$(levels out.st $((38 * 432)) | tr ' ' '\n' | sort -u | tr '\n' ' ')" '0 1 2 ' "random ones begin anywhere"
run 0 video flat.pgm -t 4 --clips 9 --seed 1 -o a.st && run 0 video flat.pgm -t 4 --clips 9 --seed 1 --frame 2 -o b.st &&
    run 0 video flat.pgm -t 4 --clips 9 --seed 2 -o c.st && raw a.st >a.raw && raw b.st >b.raw && raw c.st >c.raw
check $? "seeds"
same b.raw a.raw "the same clips in other frames"
differ c.raw a.raw "another seed"
run 0 video flat.pgm -t 42 --clips 3 -o out.st
is "$(levels out.st 432 | cut -d' ' -f38-)" '37 38 39 39 39' "the last frame is repeated"
run 0 video flat.pgm -t 18 --stride 3 --lengths -o out.st
is "$(values out.st length q) $(levels out.st 432 | cut -d' ' -f13-15)" '14 36 39 39' "--lengths"
run 1 video flat.pgm -t 42 --drop-short -o none.st && grep -q '1 films are shorter than a clip, and left out' err
check $? "--drop-short"

run 0 video flat.pgm -t 3 --step 9 -o out.st
is "$(levels out.st 432)" '0 1 2 9 10 11 18 19 20 27 28 29 36 37 38' "clips with holes between them"

# --- parts that a table lists ---
mkdir parts && cp flat.pgm parts/flat.pgm && cp flat.pgm parts/more.pgm
printf 'file\tstart\tend\tlabel\nflat.pgm\t10\t20\twalk\nmore.pgm\t5\t\trun\nflat.pgm\t\t4\trun\nflat.pgm\t36\t40\tsit\n' >parts.tsv
run 0 video parts --table parts.tsv -t 8 -o out.st
is "$(levels out.st 432) $(gan-data info out.st --meta gan.classes) $(values out.st label q)" \
    "0 1 2 3 3 3 3 3 $(seq -s ' ' 10 17) 36 37 38 39 39 39 39 39 $(seq -s ' ' 5 36) [\"run\",\"sit\",\"walk\"] 0 2 1 0 0 0 0" "each part is cut as a film is, the last frame of a short one repeated"
run 0 video parts --table parts.tsv -t 4 --stride 2 --clips 2 --start uniform --drop-short -o out.st && grep -q '2 films are shorter than a clip' err
is "$(levels out.st 432)" '10 12 14 16 13 15 17 19 5 7 9 11 33 35 37 39' "--clips, --drop-short"
run 0 video parts --table parts.tsv -t 2 -c of=label --frame 1 -o out.st && values out.st of q >got && [ "$(wc -w <got)" = 26 ]
check $? "--column"
printf 'flat.pgm,40,50,a\nmore.pgm,0,9,a\nflat.pgm,3,9,a\nless.pgm,0,1,a\n' | sed '1i film,start,end,label' >late.csv
run 0 video parts --table late.csv -t 6 -o out.st && grep -q '^gan-data: late.csv:2: no frame of parts/flat.pgm, which has 40$' err &&
    grep -q "^gan-data: late.csv:5: no file 'less.pgm'$" err
is "$(levels out.st 432)" '3 4 5 6 7 8 0 1 2 3 4 5' "rows that begin behind their film's end, or have no film, are told"
run 1 video parts --table late.csv -t 6 -o none.st --strict && [ ! -e none.st ] && grep -q '^gan-data: 2 rows are no good$' err
check $? "--strict"
run 1 video strips flat.pgm --table late.csv -t 6 --strict -o none.st && grep -q '^gan-data: strips/walk/a.jpg: is not in late.csv$' err
check $? "a film without a row"
while IFS='|' read -r row text; do
    printf 'film,start,end,label\nflat.pgm,0,9,a\n%s\n' "$row" >bad.csv
    run 1 video parts --table bad.csv -o none.st && grep -q "^gan-data: bad.csv:3: $text$" err
    check $? "$row: $text"
done <<'END'
flat.pgm,-1,3,a|column 'start' is -1, expected a whole number from 0 on
flat.pgm,0,x,a|column 'end' is 'x', expected a whole number from 0 on
flat.pgm,0,2.5,a|column 'end' is 2.5, expected a whole number from 0 on
flat.pgm,5,5,a|starts at 5 and ends at 5
,5,6,a|column 'film' is empty, expected a file's name
flat.pgm,5,6,|column 'label' is empty
END
printf 'film,start,end,video\nflat.pgm,0,9,1\nmore.pgm,0,9,2\n' >bad.csv
run 1 video parts --table bad.csv -c video -o none.st && grep -q '^gan-data: bad.csv: a column makes a second tensor video' err
check $? "a column called video"
run 2 video parts --table parts.tsv --seconds && grep -q -- '--seconds goes with --table and --fps' err
check $? "--seconds needs --fps"

# --- how they are framed ---
run 0 video scene.png -t 20 --flip 1 -o out.st && raw out.st >got && perl -e 'local $/; my ($a, $b) = map { open my $f, "<", $_; scalar <$f> } "got", "scene.raw";
    for my $l (0 .. 20 * 24 - 1) { for my $x (0 .. 23) { exit 1 if substr($a, ($l * 24 + $x) * 3, 3) ne substr($b, ($l * 24 + 23 - $x) * 3, 3) } }'
check $? "--flip 1"
run 0 video scene.png -t 2 --clips 40 --flip 0.5 -o some.st && run 0 video scene.png -t 2 --clips 40 -o none.st && raw some.st >some.raw && raw none.st >none.raw &&
    perl -e 'local $/; my ($a, $b) = map { open my $f, "<", $_; scalar <$f> } "some.raw", "none.raw"; my $n = 24 * 24 * 6;
        my $same = grep { substr($a, $_ * $n, $n) eq substr($b, $_ * $n, $n) } 0 .. 39; print STDERR "$same\n"; exit($same < 8 || $same > 32)' 2>>err
check $? "--flip 0.5 mirrors some"
# of 21 columns the 12 from the fifth on
columns() { perl -e 'local $/; my $b = <STDIN>; print map { substr $b, 21 * $_ + 4, 12 } 0 .. length($b) / 21 - 1'; }
run 0 video scene.png -t 20 --size 16x21 --stretch -g -o wide.st && raw wide.st | columns >want &&
    run 0 video scene.png -t 20 --size 16x21 --stretch --then-crop 16x12 -g -o out.st && raw out.st >got && [ -s got ] && alike got want
check $? "--then-crop cuts what was resized"
run 2 video scene.png --size 16 --then-crop 20 -o none.st && grep -q -- '--then-crop: 20 does not fit into --size 16 ' err
check $? "and not more than that"
gan-data export frames scene.st --name video 2>err
for how in '--filter box' --pad; do
    # shellcheck disable=SC2086 # words
    run 0 images frames --crop 20 --size 8x10 -g $how -o pictures.st && run 0 video scene.png -t 20 --crop 20 --size 8x10 -g $how -o out.st &&
        raw out.st >got && gan-data to-npy pictures.st | tail -c +129 | cmp - got >>out 2>>err
    check $? "cut and resized as images does it, $how"
done

if ! ffmpeg -version >out 2>&1; then
    skip "films" "no ffmpeg here"
    finish
fi
encode() { ffmpeg -nostdin -v error -y "$@" >out 2>&1 </dev/null; } # encode OPTION...
# 40 frames of 16x12, of levels 0, 5, 10, ...
perl -e 'print chr(5 * $_) x (16 * 12) for 0 .. 39' >flat.raw
flat() { encode -f rawvideo -pix_fmt gray -s 16x12 -r 20 -i flat.raw "$@"; }
flat -c:v ffv1 flat.mkv || { echo "Bail out! ffmpeg does not encode"; exit 1; }
raw scene.st | ffmpeg -v error -f rawvideo -pix_fmt rgb24 -s 24x24 -r 20 -i - -c:v png scene.mkv 2>err

# --- what comes out ---
passes "a film" video scene.mkv -t 20 -o out.st
shows 'video *U8 *\[N,20,24,24,3\]' "is clips" out.st
raw out.st | cmp - scene.raw >out 2>err
check $? "of the same bytes"
mkdir -p 'odd/$(touch made)'
for name in '-film' 'a:b' '%03d.png' "two
lines" 'concat:x|y' '$(touch made)/x'; do cp scene.mkv "odd/$name"; done
cd odd && run 0 video -t 20 -o ../odd.st -- * && cd .. && [ ! -e odd/made ] && raw odd.st >odd.raw &&
    perl -e 'local $/; my ($a, $b) = map { open my $f, "<", $_; scalar <$f> } "odd.raw", "scene.raw"; exit($a ne $b x 6)'
check $? "whatever the file is called"
for c in libx264 mpeg4 mpeg2video libtheora gif; do
    case $c in libx264) e=mp4 ;; mpeg4) e=avi ;; mpeg2video) e=ts ;; libtheora) e=ogv ;; *) e=$c ;; esac
    if ! encode -i scene.mkv -r 25 -c:v $c "x.$e" || [ ! -s "x.$e" ]; then
        skip "$c" "this ffmpeg does not encode it"
        continue
    fi
    cp "x.$e" film # names mean nothing
    run 0 video film -t 20 -o out.st && raw out.st >got &&
        perl -e 'local $/; my ($a, $b) = map { open my $f, "<", $_; scalar <$f> } "got", "scene.raw"; my $d = 0;
            exit 1 if length $a != length $b; $d += abs(ord(substr $a, $_, 1) - ord substr $b, $_, 1) for 0 .. length($b) - 1;
            $d /= length $b; print STDERR "differ by $d\n"; exit($d > 25)' 2>>err
    check $? "$c"
    head -c $(($(wc -c <film) * 3 / 5 + 1)) film >part.film
    run 1 video part.film && [ "$(grep -c '^gan-data: part.film: ' err)" = 1 ]
    check $? "$c, cut short, is named in one line"
done
encode -i scene.mkv -vf 'drawbox=w=12:color=white:t=fill,drawbox=x=12:w=12:color=black:t=fill,setsar=2' -c:v libx264 -crf 1 x.mp4 &&
    encode -i x.mp4 -c copy -metadata:s:v rotate=90 turned.mp4 &&
    run 0 video turned.mp4 -t 1 -g -o out.st && gan-data info out.st >out && grep -q '\[N,1,48,24,1\]' out &&
    [ "$(raw out.st | head -c 1152 | perl -e 'local $/; my $b = <STDIN>; print map { ord(substr $b, 24 * $_, 1) > 128 ? 1 : 0 } 2, 20, 28, 45')" = 0011 ]
check $? "pixels of two by one and a rotation are applied"

encode -f lavfi -i sine=d=0.1 -c:a pcm_s16le sound.mka && run 1 video sound.mka && grep -q '^gan-data: sound.mka: holds no pictures$' err
check $? "a film of sound alone"

# --- which frames of a film ---
run 0 video flat.mkv -t 8 --fps 4 -o out.st
is "$(levels out.st 576)" '2 7 12 17 22 27 32 37' "--fps 4 of 20"
flat -vf "setpts='if(lt(N,10),N,10+(N-10)*4)/20/TB+0.1'" -fps_mode passthrough -c:v ffv1 slow.mkv
run 0 video slow.mkv -t 24 --fps 20 -o out.st
is "$(levels out.st 576 | cut -d' ' -f1-24 | tr ' ' '\n' | uniq -c | awk '{ print $1 }' | tr '\n' ' ' | cut -c1-26)" \
    '1 1 1 1 1 1 1 1 1 1 4 4 4 ' "a rate that varies becomes one that does not"
run 0 video slow.mkv -t 40 -o out.st
is "$(levels out.st 576)" "$(seq -s ' ' 0 39)" "without --fps each frame comes once"
# --- memory: 4000 frames, of 197 MB when they are 128x128 ---
perl -e 'for my $i (0 .. 3999) { print chr($i % 250) x 192 }' | ffmpeg -v error -y -f rawvideo -pix_fmt gray -s 16x12 -r 20 -i - -c:v rawvideo long.avi 2>err
mkdir free
printf '#!/bin/sh\nulimit -Sd unlimited\nexec "%s" "$@"\n' "$(command -v ffmpeg)" >free/ffmpeg
chmod +x free/ffmpeg
enough() { (ulimit -Sd 150000 && gan-data --version >out 2>&1); }
frugal() { (ulimit -Sd 150000 && PATH=$dir/free:$PATH OMP_NUM_THREADS=1 && export PATH OMP_NUM_THREADS && run 0 video long.avi -t 4 "$@"); }
if enough; then
    frugal --clips 5 -s 128 --frame 4 -o long.st && frugal --step 400 -s 128 --frame 4 -o apart.st
    check $? "a long film takes no more memory"
else
    skip "a long film takes no more memory" "the tools do not run in 150 MB (sanitizers)"
    run 0 video long.avi -t 4 --clips 5 -s 128 --frame 4 -o long.st
fi
run 0 video long.avi -t 4 --clips 5 -s 12 -o small.st
is "$(raw long.st | perl -e 'local $/; my $b = <STDIN>; print join " ", map { ord substr $b, $_ * 12 * 128 * 128, 1 } 0 .. 4')" \
    "$(raw small.st | perl -e 'local $/; my $b = <STDIN>; print join " ", map { ord substr $b, $_ * 12 * 12 * 12, 1 } 0 .. 4')" "read twice or held, the clips are the same"

# parts of a film that is read twice
printf 'file\tstart\tend\nlong.avi\t3990\t3993\nlong.avi\t0\t9\nlong.avi\t3997\t\nlong.avi\t6\t10\n' >long.tsv
for s in 12 128; do run 0 video long.avi --table long.tsv -t 4 -g -s $s -o long$s.st; done
is "$(raw long128.st | perl -e 'local $/; my $b = <STDIN>; print join " ", map { ord substr $b, $_ * 128 * 128, 1 } 0 .. 19')" \
    "$(raw long12.st | perl -e 'local $/; my $b = <STDIN>; print join " ", map { ord substr $b, $_ * 12 * 12, 1 } 0 .. 19')" "and so are parts of it"
printf 'file\tstart\tend\nflat.mkv\t0.5\t0.9\nflat.mkv\t1.21\t9\n' >seconds.tsv
run 0 video flat.mkv --table seconds.tsv --seconds --fps 10 -t 4 -o out.st
is "$(levels out.st 576)" '10 12 14 16 26 28 30 32' "--seconds"

encode -i flat.mkv -vf scale=20:12 -c:v ffv1 wide.mkv
run 0 video flat.mkv wide.mkv -o out.st && grep -q '^gan-data: wide.mkv: 20x12 pixels, expected 16x12 as in the first film (--size makes them equal)' err
check $? "films of two sizes"

if perl -MIO::Compress::Zip -e 1 2>>err; then
    perl -MIO::Compress::Zip=:all -e 'zip ["strips/walk/a.jpg", "flat.mkv"] => "x.zip" or die' && run 0 video x.zip -s 4 -g -t 3 -o out.st && gan-data info out.st >out && grep -q '14 samples' out
    check $? "from an archive"
else
    skip "from an archive" "no IO::Compress::Zip here"
fi

# --- what is no good ---
head -c 3000 scene.mkv >cut.mkv
printf '#EXTM3U\n#EXTINF:1\nflat.mkv\n' >list.m3u8
printf 'ffconcat version 1.0\nfile flat.mkv\n' >list
: >empty
ln -s nowhere link
mkfifo pipe
mkdir bad && mv cut.mkv list.m3u8 list empty link pipe bad && cp flat.mkv bad/a.mkv && cp flat.mkv bad/z.mkv && cp "$here/lib/tap.sh" bad/text
run 0 video bad -t 20 -s 12 -o out.st && gan-data info out.st >out && grep -q ' 4 samples' out
check $? "the good ones are taken"
while IFS='|' read -r name text; do
    grep -q "^gan-data: bad/$name: $text" err
    check $? "$name: $text"
done <<END
cut.mkv|ffmpeg: 
list.m3u8|this is a list of other files, expected a film or a strip of frames
list|this is a list of other files
empty|this is empty, expected a film
link|a link to nothing
pipe|a named pipe
text|this is text, expected a film
END
grep -q '^gan-data: 7 of 9 files are no good' err
check $? "and counted"
cp out.st keep.st
run 1 video bad -t 20 -s 12 --strict -o keep.st && grep -q '7 of 9 files are no good' err && cmp keep.st out.st >out 2>&1
check $? "--strict fails, and the file stays"
# a film that is damaged far behind its beginning: what fills a frame is kept, whatever came before
flat -c:v png late.mkv
perl -e 'local $/; open my $f, "+<", "late.mkv"; my $b = <$f>; my ($at, $n) = (0, 0);
    while (($at = index $b, "IDAT", $at) >= 0 && $n++ < 30) { $at += 4 } seek $f, $at + 6, 0; print $f "x" x 9'
run 0 video flat.mkv late.mkv -t 2 -s 12 --frame 10 -o out.st && grep -q 'late.mkv: ffmpeg: .* (the 1[0-9] clips before that are kept)$' err &&
    run 0 video flat.mkv late.mkv -t 2 -s 12 --frame 16 -o out.st && ! grep -q 'are kept' err && gan-data info out.st >out && grep -q ' 20 samples' out
check $? "of a damaged film"

# --- a program that is not there, or that misbehaves ---
gan=$(command -v gan-data)
mkdir fake none
printf '#!/bin/sh\n%s\n' 'echo "[mov @ 0x55] all is lost" >&2; echo more >&2; exit 1' >fake/ffmpeg
chmod +x fake/ffmpeg
bad() { # bad TEXT NAME: the message about flat.mkv
    PATH=$dir/fake:$PATH timeout 20 "$gan" video flat.mkv -o x.st >out 2>err
    [ $? = 1 ] && [ "$(head -1 err)" = "gan-data: flat.mkv: $1" ]
    check $? "$2"
}
bad 'ffmpeg: all is lost' "what FFmpeg says is passed on in a line"
printf '#!/bin/sh\nexit 7\n' >fake/ffmpeg
bad 'ffmpeg gives no frames (exit status 7)' "when it says nothing, its status"
printf '#!/bin/sh\nperl -e "print q(hello ) x 99"\n' >fake/ffmpeg
bad 'ffmpeg gives no frame behind 0' "something else"
head='P7\\nWIDTH 2\\nHEIGHT 1\\nDEPTH 3\\nMAXVAL 255\\nTUPLTYPE RGB\\nENDHDR\\n'
printf '#!/bin/sh\nprintf "%sabcdef%sabc"\n' "$head" "$head" >fake/ffmpeg
bad 'ffmpeg gives no frame behind 1' "half a frame"
printf '#!/bin/sh\nkill -SEGV $$\n' >fake/ffmpeg
bad 'ffmpeg was ended by signal 11' "a crash"
PATH=$dir/none "$gan" video flat.mkv >out 2>err
[ $? = 1 ] && [ "$(head -n 1 err)" = 'gan-data: flat.mkv: there is no program ffmpeg here' ]
check $? "no FFmpeg at all"
refuses 2 '--start goes with --clips' "a start without clips" video flat.mkv --start random
refuses 2 '--step and --clips exclude each other' "steps and clips" video flat.mkv --step 3 --clips 2
refuses 2 'expected random or uniform' "an unknown start" video flat.mkv --clips 1 --start late
refuses 1 'are too large' "clips beyond all memory" video flat.mkv -t 60000 -s 16384
finish
