#!/bin/sh
# gan-data movie: what gan-data video makes of a film again is what went into it.
. "$(dirname "$0")/../lib/tap.sh"
tool='gan-data'
gan-data make curves -n 5 -s 24 -o clips.st
raw() { gan-data to-npy -n video "$1" 2>>err | tail -c +129; }
raw clips.st >all.raw

# --- without FFmpeg ---
passes "frames" movie clips.st -f frames -n 4 --gap 3 --scale 2 -o frames
run 0 images frames -o frames.st && gan-data info frames.st >out && grep -q '\[N,99,99,3\]' out && grep -q ' 16 samples' out
check $? "are of four clips as tiles, magnified"
gan-data to-npy frames.st | tail -c +129 >frames.raw
perl -e 'local $/; my ($f, $c) = map { open my $f, "<", $_; scalar <$f> } "frames.raw", "all.raw";
    for my $k (0 .. 15) { for my $y (0 .. 98) { for my $x (0 .. 98) {
        my ($row, $column) = (int($y / 51), int($x / 51)); my ($v, $u) = (int(($y - 51 * $row) / 2), int(($x - 51 * $column) / 2));
        my $want = $v > 23 || $u > 23 ? "\xff" x 3 : substr $c, ((((2 * $row + $column) * 16 + $k) * 24 + $v) * 24 + $u) * 3, 3;
        exit 1 if $want ne substr $f, (($k * 99 + $y) * 99 + $x) * 3, 3;
    } } }'
check $? "each in its place"
frame mixed.st video:U8:1,3,2,2,3:"$(numbers 1 36 '$_ * 7')" && frame mixed.st video:U8:1,2,2,2,3:"$(numbers 1 24 '$_ * 7')"
refuses 1 '^mixed.st: frame 2: tensor video is \[1,2,2,2,3\], expected clips of 3 frames as before' "clips of other lengths" movie mixed.st -o mixed.gif
refuses 2 'shows a frame for 655 seconds at most' "a GIF that lasts too long" movie clips.st -r 0.0015 -o slow.gif
# 27 colours, each with another alpha
frame clear.st video:U8:1,3,3,3,4:"$(perl -e 'print join ",", map { my $i = $_; (map { int($i / 3**$_) % 3 * 100 + 27 } 0 .. 2), $i * 9 + 5 } 0 .. 26')"
gan-data movie clear.st -o clear.gif 2>err && gan-data video clear.gif -t 3 -o seen.st 2>>err
is "$(raw seen.st | perl -e 'local $/; print join ",", unpack "C*", <STDIN>')" \
    "$(perl -e 'print join ",", map { my $i = $_; map { int($i / 3**$_) % 3 * 100 + 27 } 0 .. 2 } 0 .. 26')" "a GIF of clips with alpha has their colours"
refuses 1 'frames: 16 films or frames of an earlier run are there' "an earlier run" movie clips.st -f frames -o frames
refuses 1 'frames: 16 films or frames of an earlier run are there, such as frames/0' "films among them" movie clips.st -f gif --each -o frames
run 0 movie clips.st -f frames -n 2 --each --force -o frames && [ "$(find frames -name '00000[01]-0[01][0-9].png' | wc -l) $(find frames -name '*.png' | wc -l)" = '32 32' ]
check $? "--force; frames of each clip"
passes "a sheet" movie clips.st -o sheet.png --gap 0
run 0 images sheet.png -o sheet.st && gan-data info sheet.st >out && grep -q '\[N,120,384,3\]' out
check $? "has frames across and clips down"
run 0 movie clips.st -n 1 --gap 0 -f sheet -o strip && run 0 video strip -o strip.st && raw strip.st >strip.raw && head -c 27648 all.raw | cmp - strip.raw >out 2>err
check $? "the sheet of one clip is a strip"
frame nan.st video:F32:1,1,1,4,1:nan,1,-1,inf
run 0 movie nan.st -f sheet --gap 0 -o nan.png && gan-data images nan.png -g -o nan.st
is "$(values nan.st image C)" '0 255 0 255' "NaN is black"
refuses 2 "format: expected mp4, .*, frames or sheet, found 'avi'" "an unknown format" movie clips.st -f avi -o x.avi
refuses 2 'expected --format, or -o FILE with the ending of one' "no format" movie clips.st -o film
refuses 2 'expected -o FOLDER' "films of each to standard output" movie clips.st --each -f gif
refuses 2 'expected -o FOLDER' 'by its name' movie clips.st --each -f gif -o -
refuses 2 'a sheet is of all clips' "a sheet of each" movie clips.st --each -o x.png
refuses 2 'exclude each other' "columns of each" movie clips.st --each -c 2 -f gif -o x
gan-data make shapes -n 12 -s 24 -o shapes.st
refuses 1 'tensor image is no clips, expected \[N,T,H,W,C\]' "films of each picture" movie shapes.st --each -f gif -o x
gan-data make ring -n 3 -o ring.st
refuses 1 'none other of shape' "points" movie ring.st -o x.gif
refuses 1 '^clips.st: a picture of .* pixels is too large.*--scale' "much too large" movie clips.st -f frames --scale 16384 -n 5 -o x
refuses 1 '^clips.st: a picture of .* pixels is too large.*--scale' "and a sheet" sheet clips.st --scale 5000 -o x.png
refuses 2 'a GIF shows at most 50 frames a second, found 60' "a GIF at 60 frames a second" movie clips.st -r 60 -o x.gif
frame five.st image:U8:1,1,1,5:1,2,3,4,5
refuses 1 'expected 1, 3 or 4 channels$' "five channels: no option is named that is not there" movie five.st -o x.gif
mkdir -p several/inner && touch several/000000.gif several/other.gif several/inner/000000.mp4
refuses 1 'several: 1 films or frames of an earlier run are there, such as several/000000.gif' "films of an earlier run, of another format" movie clips.st -f mp4 --each -o several
refuses 1 'there, such as several/000000.gif' "or frames among them" movie clips.st -f frames -o several
head -c 9000 clips.st >short.st
refuses 1 '^short.st: ' "--force: as long as no film is whole, all of them stay" movie short.st --force --each -f apng -o several

if ! ffmpeg -version >out 2>&1; then
    skip "films" "no ffmpeg here"
    finish
fi
# --- films and back ---
run 0 movie clips.st --each -f apng -o each && run 0 video each -o back.st && raw back.st >back.raw
check $? "APNG of each clip"
same back.raw all.raw "and the same clips again"
run 0 movie clips.st -n 2 --each -f apng --force -o several
is "$(cd several && echo * inner/*)" '000000.apng 000001.apng inner other.gif inner/000000.mp4' "--force replaces films, and nothing else"
gan-data make movers -n 3 -o movers.st && raw movers.st >movers.raw
run 0 movie movers.st --each -f gif -o grey && run 0 video grey -g -o back.st && raw back.st >back.raw
check $? "GIF"
same back.raw movers.raw "of grey is without loss"
perl -e 'print map { pack "f<", $_ / 127.5 - 1 } unpack "C*", do { local $/; <STDIN> }' <movers.raw >floats.raw
perl -e 'my $h = "{\"x\":{\"dtype\":\"F32\",\"shape\":[3,16,16,16,1],\"data_offsets\":[0,49152]}}"; $h .= " " while (8 + length $h) % 64;
    local $/; print pack("Q<", length $h), $h, <STDIN>' <floats.raw >floats.st
run 0 movie floats.st -o floats.gif && run 0 movie movers.st -o bytes.gif
check $? "numbers of -1 to 1"
same floats.gif bytes.gif "are what bytes are"
run 0 movie shapes.st -r 5 -o shapes.apng && run 0 video shapes.apng -t 12 -o back.st && raw back.st >back.raw &&
    gan-data to-npy shapes.st --name image | tail -c +129 | cmp - back.raw >out 2>err
check $? "pictures are the frames of one film"
head -c $(($(wc -c <shapes.apng) - 12)) shapes.apng >cut.apng # the last chunk says that it is whole
run 1 video cut.apng -o back.st && grep -q '^gan-data: cut.apng: cut short: its end is not there' err
check $? "an APNG without its end"
run 0 video shapes.apng --fps 10 -t 24 -o back.st && gan-data info back.st >out && grep -q ' 1 sample,' out
check $? "--fps"
for format in mp4 webm; do
    if ! run 0 movie clips.st -n 4 --gap 3 --scale 2 -o "x.$format"; then
        grep -q 'Unknown encoder' err
        check $? "$format: this ffmpeg does not encode it"
        continue
    fi
    OMP_NUM_THREADS=1 gan-data movie clips.st -n 4 --gap 3 --scale 2 -f $format >again 2>err
    same again x.$format "$format: the same bytes again"
    run 0 video x.$format --crop 98 -o back.st && raw back.st >back.raw &&
        perl -e 'local $/; my ($f, $b) = map { open my $f, "<", $_; scalar <$f> } "frames.raw", "back.raw"; my ($d, $n) = (0, 98 * 98 * 3);
            exit 1 if length $b != 16 * $n;
            for my $k (0, 15) { for my $y (0 .. 97) { for my $x (0 .. 97 * 3) {
                $d += abs(ord(substr $f, ($k * 99 + $y + 1) * 99 * 3 + 3 + $x, 1) - ord substr $b, $k * $n + $y * 98 * 3 + $x, 1) } } }
            $d /= 2 * $n; print STDERR "differ by $d\n"; exit($d > 8)' 2>>err
    check $? "$format: the film is near what went in, with an even side"
done

# --- a program that misbehaves ---
gan=$(command -v gan-data)
mkdir fake
echo before >x.gif
bad() { # bad SCRIPT TEXT NAME
    printf '#!/bin/sh\n%s\n' "$1" >fake/ffmpeg
    chmod +x fake/ffmpeg
    PATH=$dir/fake:$PATH timeout 20 "$gan" movie clips.st -o x.gif >out 2>err
    [ $? = 1 ] && [ "$(cat err)" = "gan-data: $2" ] && [ "$(cat x.gif)" = before ]
    check $? "$3"
}
bad 'cat >out; echo "[gif @ 0x1] all is lost" >&2; echo more >&2; exit 1' 'ffmpeg: all is lost' "what FFmpeg says is passed on in a line, and the file stays"
bad 'exec <&-; echo "Unknown encoder '"'gif'"'" >&2; exit 1' "ffmpeg: Unknown encoder 'gif'" "one that does not read"
bad 'cat >/dev/null' 'ffmpeg gives no film (exit status 0)' "nothing"
finish
