#!/bin/sh
# gan-data images on the formats that FFmpeg decodes, and on what may go wrong with a program in between.
. "$(dirname "$0")/../lib/tap.sh"
tool='gan-data'
if ! ffmpeg -version >out 2>&1; then
    echo "1..0 # SKIP no ffmpeg here"
    exit 0
fi
pixels() { # pixels STREAM: the bytes of all its images
    gan-data to-npy -n image "$1" 2>/dev/null | tail -c +129
}
encode() { # encode FILE OPTION...: of shape.png
    file=$1
    shift
    ffmpeg -nostdin -v error -i shape.png "$@" -frames:v 1 -y "file:$file" >out 2>err </dev/null
}
gan-data make shapes -n 1 -s 40 -o shapes.st
gan-data export shapes shapes.st 2>err && mv shapes/000000.png shape.png
passes "a PNG to compare with" images shape.png -o png.st
pixels png.st >want

# --- each format; FFmpeg here may have been built without its encoder ---
while read -r name near options; do
    # shellcheck disable=SC2086 # several words
    if ! encode "x.$name" $options || [ ! -s "x.$name" ]; then
        skip "$name" "this ffmpeg does not encode it"
        continue
    fi
    mv "x.$name" "x" # names mean nothing
    run 0 images x -o "$name.st" && pixels "$name.st" >got &&
        perl -e 'sub get { local $/; open my $f, "<", shift; <$f> } my ($a, $b, $near) = (get("got"), get("want"), shift);
            my $d = 0; $d += abs(ord(substr $a, $_, 1) - ord substr $b, $_, 1) for 0 .. length($b) - 1;
            $d /= length $b; print STDERR "differ by $d\n" if $d > $near; exit(length $a != length $b || $d > $near)' "$near" 2>>err
    check $? "$name"
    size=$(wc -c <x)
    head -c $((size * 3 / 5)) x >./cut
    run 1 images cut && [ "$(grep -c '^gan-data: cut: [A-Z].*: ' err)" = 1 ]
    check $? "$name cut short is one line"
done <<END
webp 0 -c:v libwebp -lossless 1
lossy.webp 4 -c:v libwebp -quality 90
tiff 0
bmp 0
gif 6 -filter_complex split[a][b];[a]palettegen=reserve_transparent=0[p];[b][p]paletteuse=dither=none
avif 4 -c:v libaom-av1 -still-picture 1 -cpu-used 8
jxl 4
jp2 4
qoi 0
rgb48.tiff 1 -pix_fmt rgb48le
END
encode x.tif -vf format=gray && run 0 images x.tif -g -o out.st && gan-data info out.st >out && grep -q '\[N,40,40,1\]' out
check $? "grey"
encode x.webp -lossless 1 -vf 'format=rgba,colorchannelmixer=aa=0' && run 0 images x.webp --alpha white -o out.st &&
    [ "$(pixels out.st | tr -d '\377' | wc -c)" = 0 ]
check $? "transparency"

# --- how a picture lies ---
encode x.webp -lossless 1 -vf transpose=clock && encode y.webp -lossless 1
perl -e 'local $/; open F, "<", "x.webp"; my $f = <F>; my $exif = "II*\0" . pack("VvvvVvvV", 8, 1, 0x112, 3, 1, 8, 0, 0);
    my $body = "WEBPVP8X" . pack("VCx3vCvC", 10, 8, 39, 0, 39, 0) . substr($f, 12) . "EXIF" . pack("V", length $exif) . $exif;
    print "RIFF", pack("V", length $body), $body' >lying.webp
run 0 images lying.webp -o a.st && gan-data images y.webp -o b.st 2>/dev/null && pixels a.st >got
same want got "EXIF of WebP is followed"

# --- names that mean something to FFmpeg or to a shell ---
encode good.webp -lossless 1
mkdir names
for f in 'http:%d.webp' 'concat:a|b.webp' 'a";echo $(id) `id`.webp' '-i' "two
lines"; do cp good.webp "names/$f"; done
run 0 images names -o out.st && [ -s out.st ] && ! grep -q 'are no good' err
check $? "names are names"
gan-data info out.st >out && grep -q '5 samples' out
check $? "all of them"
rm out.st
(cd names && gan-data images -o ../out.st -- -i 2>../err) && [ -s out.st ]
check $? "an operand that looks like an option"

# --- in an archive, several at once ---
if perl -MIO::Compress::Zip -e 'my $z; for ("a.webp", "b.webp") { $z ? $z->newStream(Name => $_) : ($z = IO::Compress::Zip->new("x.zip", Name => $_));
        local $/; open F, "<", "good.webp"; $z->print(<F>) } $z->close' 2>err; then
    run 0 images x.zip -o out.st && gan-data info out.st >out && grep -q '2 samples' out
    check $? "from an archive"
else
    skip "from an archive" "no IO::Compress::Zip here"
fi
OMP_NUM_THREADS=1 gan-data images names 2>/dev/null >one.st
OMP_NUM_THREADS=4 gan-data images names 2>/dev/null >four.st
same one.st four.st "threads change nothing"
run 1 images good.webp --index && grep -q '^gan-data: good.webp: WebP does not keep indices' err
check $? "it holds no indices"

# --- a program that is not there, or that misbehaves ---
gan=$(command -v gan-data)
mkdir fake none
printf '#!/bin/sh\n%s\n' 'echo "[webp @ 0x55] all is lost" >&2; echo more >&2; exit 1' >fake/ffmpeg
chmod +x fake/ffmpeg
bad() { # bad TEXT NAME: the message about good.webp
    PATH=$dir/fake:$PATH "$gan" images good.webp -o out.st >out 2>err
    [ $? = 1 ] && [ "$(head -1 err)" = "gan-data: good.webp: WebP: $1" ]
    check $? "$2"
}
bad 'ffmpeg: all is lost' "what FFmpeg says is passed on in a line"
printf '#!/bin/sh\nexit 7\n' >fake/ffmpeg
bad 'ffmpeg gives no picture (exit status 7)' "when it says nothing, its status"
printf '#!/bin/sh\nexit 0\n' >fake/ffmpeg
bad 'ffmpeg gives no picture (exit status 0)' "nothing at all"
printf '#!/bin/sh\necho hello\n' >fake/ffmpeg
bad 'ffmpeg gives no picture' "something else"
printf '#!/bin/sh\nkill -SEGV $$\n' >fake/ffmpeg
bad 'ffmpeg was ended by signal 11' "a crash"
printf '#!/bin/sh\nprintf "P7\\nWIDTH 2\\nHEIGHT 1\\nDEPTH 1\\nMAXVAL 255\\nENDHDR\\nA"\n' >fake/ffmpeg
bad 'from ffmpeg: PNM: 2x1 pixels need 2 bytes after the header, 1 found' "half a picture"
printf '#!/bin/sh\necho "[webp @ 0x1] invalid TIFF header in Exif data" >&2\nprintf "P5 1 1 255 A"\n' >fake/ffmpeg
PATH=$dir/fake:$PATH "$gan" images good.webp -o notes.st >out 2>err && [ -s notes.st ]
check $? "complaints about notes are no reason"
PATH=$dir/none "$gan" images good.webp >out 2>err
[ $? = 1 ] && [ "$(head -n 1 err)" = 'gan-data: good.webp: WebP: there is no program ffmpeg here' ]
check $? "no FFmpeg at all"

finish
