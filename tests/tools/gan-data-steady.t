#!/bin/sh
# gan-data video --stabilise: a camera that shakes is held still, and no clip goes over a cut.
. "$(dirname "$0")/../lib/tap.sh"
tool='gan-data'
if ! ffmpeg -hide_banner -filters 2>err | grep -q vidstabdetect; then
    echo "1..0 # SKIP no ffmpeg with vidstabdetect here"
    exit 0
fi
scene() { # scene SEED FILE: 20 frames of a still seen by a camera that shakes
    perl -e 'srand(shift); for my $y (0 .. 23) { my @line = map { chr rand 256 } 0 .. 31; print map { $_ } @line }' "$1" >still.raw
    ffmpeg -nostdin -v error -y -f rawvideo -pix_fmt gray -s 32x24 -i still.raw \
        -vf "scale=256:192:flags=bicubic,loop=19:1,rotate=a='0.02*sin(n*0.9)',crop=160:120:x='48+9*sin(n*0.7)':y='36+7*cos(1.1*n)'" \
        -c:v ffv1 "$2" >out 2>&1
}
scene 1 a.mkv && scene 2 b.mkv || { echo "Bail out! ffmpeg does not encode"; exit 1; }
cat >moves.pl <<'P'
use strict; use warnings;
local $/;
my $film = <STDIN>;
my ($frames, $n, @moves) = (20, 48 * 48);
for my $i (0 .. $n - 1) {
    my ($sum, $square) = (0, 0);
    for my $k (0 .. $frames - 1) { my $v = ord substr $film, $k * $n + $i, 1; $sum += $v; $square += $v * $v }
    push @moves, sqrt(abs($square / $frames - ($sum / $frames) ** 2));
}
printf "%.2f\n", (sort { $a <=> $b } @moves)[$n / 2];
P
moves() { # moves STREAM: the median over pixels of their deviation over time
    gan-data to-npy "$1" --name video | tail -c +129 | perl moves.pl
}
passes "as it is" video a.mkv -t 20 -s 48 -g -o shaky.st
passes "--stabilise" video a.mkv -t 20 -s 48 -g --stabilise -o still.st
holds "$(moves shaky.st) > 20 && $(moves still.st) < $(moves shaky.st) / 4" "the background stands still"
for o in '' --stabilise; do run 0 video a.mkv -t 20 -s 60x80 --then-crop 48 -g $o -o "centre$o.st"; done
holds "$(moves centre.st) > 20 && $(moves centre--stabilise.st) < $(moves centre.st) / 4" "and in the centre of what was resized"
ffmpeg -nostdin -v error -y -i a.mkv -pix_fmt bgr0 -c:v ffv1 rgb.mkv >out 2>&1
passes "a film with RGB pixels" video rgb.mkv -t 20 -s 48 -g --stabilise -o rgb.st
holds "$(moves rgb.st) < $(moves shaky.st) / 4" "is held still too"
ffmpeg -nostdin -v error -y -i a.mkv -vf crop=iw-1:ih-1:0:0 -pix_fmt yuv444p -c:v ffv1 odd.mkv >out 2>&1
passes "a film with odd sides" video odd.mkv -t 20 -s 48 -g --stabilise -o odd.st
holds "$(moves odd.st) < $(moves shaky.st) / 4" "is held still too"
ffmpeg -nostdin -v error -y -i a.mkv -frames:v 4 x.gif >out 2>&1
passes "and a GIF" video x.gif -t 4 -s 48 --stabilise -o gif.st
run 0 video a.mkv -t 20 -s 48 -g --stabilise -o again.st
same again.st still.st "again"
printf 'file\tstart\tend\na.mkv\t5\t9\na.mkv\t10\t15\n' >parts.tsv
run 0 video a.mkv -t 5 -s 48 -g --stabilise -o fives.st && run 0 video a.mkv --table parts.tsv -t 5 -s 48 -g --stabilise -o parts.st &&
    gan-data pick fives.st --rows 2 -o whole.st && gan-data pick parts.st --rows 1 -o part.st &&
    gan-data to-npy whole.st -n video >whole.npy && gan-data to-npy part.st -n video >part.npy 2>>err
same part.npy whole.npy "parts that a table lists"
ffmpeg -nostdin -v error -y -i a.mkv -i b.mkv -filter_complex concat=n=2 -c:v ffv1 cut.mkv >out 2>&1
run 0 video cut.mkv -t 8 --step 1 -s 24 -g --stabilise -o all.st && grep -q 'at 7 places the camera.s motion is unsure' err &&
    gan-data info all.st >out && grep -q ' 26 samples' out
check $? "no clip goes over a cut"
run 0 video cut.mkv -t 12 --clips 30 -s 24 -g --stabilise -o some.st && run 0 video cut.mkv -t 12 --clips 18 --start uniform -s 24 -g --stabilise -o even.st &&
    gan-data info some.st >out && grep -q ' 30 samples' out && gan-data info even.st >out && grep -q ' 18 samples' out
check $? "whichever are asked for"

# --- a film as small as this is watched enlarged: a pan over a picture stands still ---
perl -e 'srand 3; my @v = map { int rand 200 } 1 .. 80 * 80;
    for my $y (0 .. 159) { print pack "C*", map { $v[int($y / 2) * 80 + int($_ / 2)] } 0 .. 159 }' >picture.raw
ffmpeg -nostdin -v error -y -f rawvideo -pix_fmt gray -s 160x160 -i picture.raw -vf 'loop=19:1,crop=48:36:3*n:2*n' \
    -c:v ffv1 -frames:v 20 pan.mkv
for i in 1 2; do run 0 video pan.mkv -t 5 -g --stabilise -o "pan$i.st"; done
same pan1.st pan2.st "a small film, twice the same"
gan-data to-npy pan1.st --name video | tail -c +129 >pan.raw
perl -e 'local $/; my @v = unpack "C*", <STDIN>; my ($n, $sum) = (0, 0);
    for my $clip (0 .. 3) { for my $t (1 .. 4) { for my $y (12 .. 23) { for my $x (16 .. 31) {
        my $at = ($clip * 5 + $t) * 36 * 48 + $y * 48 + $x;
        $sum += abs($v[$at] - $v[$at - $t * 36 * 48]); $n++ } } } }
    print $sum / $n' <pan.raw >moved
holds "$(cat moved) < 8" "and held still: its pixels differ by $(cat moved) of 255"

# --- what a program may give instead of motions ---
gan=$(command -v gan-data) real=$(command -v ffmpeg)
mkdir fake
chmod 755 fake
bad() { # bad SCRIPT TEXT NAME
    printf '#!/bin/sh\ncase "$*" in\n*vidstabdetect*)\n%s ;;\n*) exec %s "$@" ;;\nesac\n' "$1" "$real" >fake/ffmpeg
    chmod +x fake/ffmpeg
    PATH=$dir/fake:$PATH timeout 20 "$gan" video a.mkv --stabilise -o x.st >out 2>err
    [ $? = 1 ] && [ "$(head -1 err)" = "gan-data: a.mkv: $2" ]
    check $? "$3"
}
bad 'echo "VID.STAB 1"; echo "Frame 1 (List 0 [])"; echo "Frame 3 (List 0 [])"' 'ffmpeg gives no motions of frame 2' "a frame left out"
bad 'echo "Frame 1 (List 2 [(LM 1 2 3 4 5 .5 .5)])"' 'ffmpeg gives no motions of frame 1' "a field left out"
bad 'printf "TRF\001xxxxxxxx"' 'ffmpeg gives motions that are not text' "numbers in binary"
bad 'echo "[x @ 0x1] No such filter: '"'vidstabdetect'"'" >&2; exit 1' "ffmpeg: No such filter: 'vidstabdetect'" "what FFmpeg says"
finish
