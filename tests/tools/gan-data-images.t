#!/bin/sh
# gan-data images on folders as they are found: links, pipes, depth, archives, label maps, classes.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-data
grey() { # grey PIXELS: a row of grey pixels as PGM
    printf 'P5 %d 1 255 %s' ${#1} "$1"
}
pixels() { # pixels STREAM: the bytes of all its images
    gan-data to-npy -n image "$1" 2>/dev/null | tail -c +129
}
names() { # names TEXT NAME: on standard error, once
    [ "$(grep -cF -- "$1" err)" = 1 ]
    check $? "$2"
}

# --- what is below a folder ---
mkdir -p pics/sub none
grey AB >pics/a.pgm
grey CD >pics/sub/c.pgm
ln -s a.pgm pics/b.pgm
ln -s no/such/file pics/dead
ln -s .. pics/sub/back
ln -s self pics/self
mkfifo pics/pipe
perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "pics/socket", Listen => 1) or die' 2>/dev/null
ln -s /dev/zero pics/zero
passes "a folder with much in it that is no picture" images pics -g -o out.st
[ "$(pixels out.st)" = ABABCD ]
check $? "gives what is one, links followed"
names 'gan-data: pics/dead: a link to nothing: no/such/file' "a link to nothing is named"
names 'gan-data: pics/self: a link that leads back to itself' "a link to itself"
names 'gan-data: pics/sub/back: a link that leads back to a folder it lies in' "a link back"
names 'gan-data: pics/pipe: a named pipe, not a file' "a pipe, which is not opened"
names 'gan-data: pics/zero: a device, not a file' "a device"
if [ -S pics/socket ]; then
    names 'gan-data: pics/socket: a socket, not a file' "a socket"
else
    skip "a socket" "perl makes none here"
    mkfifo pics/socket
fi
names 'gan-data: 6 of 9 files are no good' "all are counted"
run 1 images pics -g --strict && grep -q "^gan-data: pics/dead: a link to nothing" err
check $? "--strict exits 1"
gan-data images pics -g --skip 1 --first 2 2>err >out.st
[ "$(pixels out.st)" = AB ] && grep -q '1 of 2 files' err
check $? "--skip and --first count them too"
run 1 images pics/pipe
names 'pics/pipe: neither a folder nor a regular file' "a pipe as operand"
ln -s nowhere gone
run 1 images gone
names 'gone: cannot open: No such file' "a link to nothing as operand"

mkdir -p locked/in
grey XY >locked/in/a.pgm
grey ZZ >locked/b.pgm
chmod 0 locked/in
if ls locked/in >out 2>&1; then # nobody is locked out of anything here
    as="setpriv --reuid 65534 --regid 65534 --clear-groups"
    chmod 755 "$dir"
    $as gan-data --version >out 2>&1 || as=
else
    as='env'
fi
if [ -n "$as" ]; then
    $as gan-data images locked -g >out.st 2>err
    [ $? = 0 ] && grep -q '^gan-data: locked/in/: cannot open: Permission denied$' err &&
        grep -q '1 of 2 files' err && [ "$(pixels out.st)" = ZZ ]
    check $? "a folder that does not open is named and counted"
    ! $as gan-data images locked/in -g >out.st 2>err && grep -q '^gan-data: locked/in/: cannot open' err
    check $? "as operand it is an error"
else
    skip "a folder that does not open" "everything opens for this user"
    skip "as operand" "everything opens for this user"
fi
chmod 755 locked/in

# 40 folders of 200 bytes: longer than the system takes at once
perl -e 'mkdir "deep"; chdir "deep"; for (1 .. 40) { mkdir "n" x 200 or die; chdir "n" x 200 or die }
    open F, ">", "deep.pgm"; print F "P5 2 1 255 EF"' 2>err
passes "folders of any depth" images deep -g -o out.st
[ "$(pixels out.st)" = EF ]
check $? "whose path is longer than the system takes"
perl -e 'mkdir "down"; chdir "down"; for (1 .. 3000) { mkdir "d" or die; chdir "d" or die }
    open F, ">", "down.pgm"; print F "P5 2 1 255 GH"' 2>err
run 0 images down -g -o out.st && [ "$(pixels out.st)" = GH ]
check $? "three thousand of them"
rm -rf deep down

# --- classes ---
mkdir -p data/train/cat data/train/dog data/test/cat data/test/dog one/only
for f in data/*/*; do grey AB >"$f/1.pgm"; done
grey AB >one/only/1.pgm
warned() { # warned TEXT NAME ARGUMENT...: one message, that; or none
    text=$1 name=$2
    shift 2
    run 0 "$@" -o out.st && [ -s out.st ] && [ "$(grep -v ' gan-data: [0-9]*/[0-9]* files ' err)" = "${text:+gan-data: $text}" ]
    check $? "$name"
}
below='make no classes of their own'
warned '' "classes as they should be" images data/train -l
warned "a label is the first folder of a path; folders below it, such as data/test/cat, $below (give data/test for that)" \
    "folders below the classes are told" images data -l
warned '' "but not without labels" images data
warned "all files are of one class, 'only'" "one class is told" images one -l
mkdir high && cp -r data/train high/
warned "all files are of one class, 'train'; folders below it, such as high/train/cat, $below (give high/train for that)" \
    "and which folder would give more" images high -l

# --- label maps ---
png() { # png TYPE DEPTH WIDTH HEIGHT ROWS(hex): colour type 3 gets a palette of four
    perl -MCompress::Zlib -e 'my ($type, $depth, $w, $h, $rows) = @ARGV;
        sub chunk { my ($k, $d) = @_; pack("N", length $d) . $k . $d . pack("N", crc32($k . $d)) }
        my $raw = pack "H*", $rows; my $n = length($raw) / $h;
        print "\x89PNG\r\n\x1a\n", chunk("IHDR", pack "NNCCCCC", $w, $h, $depth, $type, 0, 0, 0),
            $type == 3 ? chunk("PLTE", pack "C*", 9, 8, 7, 200, 0, 0, 0, 200, 0, 0, 0, 200) : "",
            chunk("IDAT", compress(join "", map { "\0" . substr $raw, $_ * $n, $n } 0 .. $h - 1)),
            chunk("IEND", "")' "$@"
}
if png 3 2 4 1 1b >map.png 2>err; then
    passes "the indices of a palette" images map.png --index -o out.st
    [ "$(pixels out.st | od -An -tu1 | tr -d ' \n')" = 0123 ]
    check $? "as they are"
    gan-data info out.st >out && grep -q '\[N,1,4,1\]' out
    check $? "in one channel"
    run 0 images map.png --index --size 2x8 -o out.st &&
        [ "$(pixels out.st | od -An -tu1 | tr -d ' \n')" = 0011223300112233 ]
    check $? "single ones when resized, never between two"
    run 0 images map.png -o out.st && [ "$(pixels out.st | od -An -tu1 -N6 | tr -s ' ')" = ' 9 8 7 200 0 0' ]
    check $? "without --index they are colours"
    png 0 4 3 1 1f30 >grey4.png
    run 0 images grey4.png --index -o out.st && [ "$(pixels out.st | od -An -tu1 | tr -s ' ')" = ' 1 15 3' ]
    check $? "grey of four bits is not scaled"
    png 0 16 3 1 00005dc1ffff >wide.png
    run 1 images wide.png --index
    names 'wide.png: PNG: 16-bit grey, expected indices of at most 8 bits' 'grey of 16 bits is no index of 8'
    run 0 images wide.png grey4.png --index16 --size 1x3 -o out.st && [ "$(pixels out.st | od -An -tu1 | tr -s ' ')" = ' 1 0 15 0 3 0 0 0 193 93 255 255' ]
    check $? "--index16 keeps both"
    gan-data info out.st >out && grep -q 'image *U16 *\[N,1,3,1\]' out
    check $? "as numbers of 16 bits"
    printf 'P2 2 1 24001\n7 24001\n' >wide.pgm
    run 0 images wide.pgm pics/a.pgm --size 1x2 --index16 -o out.st && [ "$(pixels out.st | od -An -tu1 | tr -s ' ')" = ' 65 0 66 0 7 0 193 93' ]
    check $? "those of PNM, too"
    png 2 8 1 1 010203 >rgb.png
    run 1 images rgb.png --index
    names 'rgb.png: PNG: colours, expected indices: a palette, or grey' "colours have no indices"
else
    skip "label maps" "no Compress::Zlib here"
fi
for o in --grey --rgb '--alpha white' '--filter box'; do
    # shellcheck disable=SC2086 # two words
    run 2 images map.png --index $o && grep -q -- '--index' err
    check $? "--index excludes $o"
done
run 0 images pics/a.pgm --index --filter nearest -o nearest.st && [ "$(pixels nearest.st)" = AB ]
check $? "--filter nearest goes with it"

# --- archives ---
if perl -MIO::Compress::Zip=:all -e '
    my %in = ("z/dog/1.pgm" => "P5 2 1 255 DE", "z/cat/1.pgm" => "P5 2 1 255 CA", "z/cat/2.pgm" => "P5 2 1 255 CB",
        "z/cat/.hidden" => "x", "__MACOSX/z/._1.pgm" => "x", "z/cat/notes.txt" => "not a picture", "z/cat/empty" => "");
    my $zip;
    for (sort keys %in) { 
        my %o = (Name => $_, Method => /dog/ ? ZIP_CM_STORE : ZIP_CM_DEFLATE);
        if ($zip) { $zip->newStream(%o) } else { $zip = IO::Compress::Zip->new("faces.zip", %o) or die }
        $zip->print($in{$_});
    }
    $zip->close' 2>err; then
    passes "a zip archive is read as a folder" images faces.zip -g -o out.st
    [ "$(pixels out.st)" = CACBDE ]
    check $? "in the order of the names"
    names 'gan-data: faces.zip/z/cat/notes.txt: ' "what is no picture is named"
    names 'gan-data: faces.zip/z/cat/empty: ' "an empty member too"
    names 'gan-data: 2 of 5 files are no good' "and counted"
    mv faces.zip faces.st
    passes "told by its content; a folder of it" images faces.st/z -g -l -o out.st
    gan-data info out.st >out && grep -q '2 distinct: 0 (cat)' out
    check $? "whose folders are classes"
    run 0 images faces.st -l -g -o out.st && grep -q "give faces.st/z for that" err
    check $? "as the message says"
    run 1 images faces.st/q
    names 'faces.st: no file in a folder q' "a folder that is not in it"
    run 1 images faces.st/z/dog/1.pgm/x
    names 'faces.st: no file in a folder z/dog/1.pgm/x' "a file is no folder"
    OMP_NUM_THREADS=1 gan-data images faces.st -g --frame 1 2>/dev/null | gan-data cat --frame 256 >one.st
    OMP_NUM_THREADS=3 gan-data images faces.st -g 2>/dev/null >three.st
    same one.st three.st "threads and frames change nothing"
    mkdir zips && cp faces.st zips/inner.zip && grey AB >zips/a.pgm
    run 0 images zips -g -o out.st && grep -q '^gan-data: zips/inner.zip: ' err && grep -q '1 of 2 files' err
    check $? "an archive below a folder is named and passed over"
    perl -e 'local $/; open F, "<", "faces.st"; $_ = <F>; s/P5 2 1 255 DE/P5 2 1 255 DX/ or die; print' >bad.zip
    run 0 images bad.zip -g -o out.st && grep -q '^gan-data: bad.zip/z/dog/1.pgm: cannot read: CRC error' err
    check $? "a member with a bad sum is named"
    perl -e 'local $/; open F, "<", "faces.st"; $_ = <F>; my $at = rindex $_, "PK\1\2"; substr($_, $at + 24, 4) = pack "V", 1 << 29; print' >bomb.zip
    run 0 images bomb.zip -g -o out.st && grep -q '^gan-data: bomb.zip/.*: claims 536870912 bytes in an archive of ' err
    check $? "what a member claims to be is not believed"
    head -c 300 faces.st >cut.zip
    run 1 images cut.zip
    names 'gan-data: cut.zip: cannot be read as a zip archive: ' "an archive that is cut short"
    printf 'PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >empty.zip
    run 1 images empty.zip
    names 'gan-data: empty.zip: no files found' "an empty one"
else
    skip "archives" "no IO::Compress::Zip here"
fi

# --- a part of the files ---
mkdir -p three/a three/b three/c
for c in a b c; do grey AB >three/$c/1.pgm && grey CD >three/$c/2.pgm; done
run 0 images three -l -g --skip 4 -o last.st
names 'gan-data: the 2 files that are taken are of 1 of 3 classes' "--skip leaves one class of three"
gan-data info last.st >out && grep -q 'labels: 1 distinct: 2 (c) 2x' out && grep -q 'gan.classes = \["a","b","c"\]' out
check $? "which keeps its number"
run 0 images three -l -g --first 3 -o first.st
names 'gan-data: the 3 files that are taken are of 2 of 3 classes' "--first too"
run 0 images three -l -g --first 5 -o first.st
[ "$got" = 0 ] && [ "$(wc -l <err)" = 1 ]
check $? "all classes are no matter"

# --- pictures of another ratio than what is asked for: 2x4 pixels ---
mkdir wide
printf 'P5 4 2 255 ABCDEFGH' >wide/a.pgm
padded() { # padded SIZE WANTED: as text, zeros being points
    run 0 images wide -g --size "$1" --pad --filter nearest -o out.st && [ "$(pixels out.st | tr '\0' .)" = "$2" ]
    check $? "--pad to $1"
}
padded 4 ....ABCDEFGH....
padded 5x4 ....ABCDEFGH........
padded 2x7 .ABCD...EFGH..
padded 1x4 .FH.
padded 2x4 ABCDEFGH
refuses 2 '--index and --index16 exclude --pad' 'a margin of labels' images wide --size 4 --pad --index
refuses 2 '--pad goes with --size' '--pad to no size' images wide --pad
refuses 2 '--pad goes with --size' 'and cutting after it' images wide --size 4 --pad --then-crop 2
refuses 2 '--pad goes with --size' 'to stretch them, too' images wide --size 4 --pad --stretch
finish
