#!/bin/sh
# gan-data maps: pictures that are maps of labels, as numbers or in colours, made labels, and drawn again.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-data result=out.st

# --- numbers ---
frame maps.st image:U8:2,2,2,1:0,1,2,255,2,2,1,0 label:I64:2:7,8
passes 'numbers' maps maps.st --classes 3 --other 255
is "$(values out.st segment C)" '0 1 2 3 2 2 1 0' 'become labels, what is none the number behind them'
is "$(values out.st label 'q<')" '7 8' 'what else there is stays'
shows '^  segment *U8 *\[N,2,2\]' 'without an axis of channels' out.st
passes 'without --classes' maps maps.st
is "$(values out.st segment C)" '0 1 2 255 2 2 1 0' 'numbers are taken as they are'
refuses 1 '^maps.st: frame 1: map 0, row 1, column 1: label 255, expected 0 to 2' 'a number that is no label' maps maps.st -c 3
passes 'several numbers' maps maps.st -c 1 --other 1,2,255
is "$(values out.st segment C)" '0 1 1 1 1 1 1 0' 'may be no labels'
frame wide.st image:U16:1,1,4,1:0,1,24001,65535
passes 'numbers of 16 bits' maps wide.st
is "$(values out.st segment 'S<')" '0 1 24001 65535' 'are taken as they are'
shows '^  segment *U16 *\[N,1,4\]' 'and stay as wide' out.st
refuses 1 'map 0, row 0, column 2: label 24001, expected 0 to 254' 'but not above the classes' maps wide.st -c 255
frame none.st image:U16:1,1,3,1:0,1,255
passes 'those that are none' maps none.st -c 2 --other 255
is "$(values out.st segment 'S<')" '0 1 2' 'as with 8 bits'
passes 'classes of more than 8 bits' maps wide.st -c 30000 --other 65535
is "$(values out.st segment 'S<')" '0 1 24001 30000' 'and what is none of them'
refuses 1 'tensor image is U8, which has no room for 300' 'not in 8 bits' maps maps.st -c 300 --other 255

# --- colours ---
printf '\357\273\277# of a street\n10 20 30 road\r\n\n0\t0\t255 sky with clouds\n255 0 0 road\n7 7 7 void\n' >street.txt
frame colours.st image:U8:1,1,4,3:10,20,30,255,0,0,0,0,255,7,7,7
passes 'colours' maps colours.st --palette street.txt
is "$(values out.st segment C)" '0 0 1 2' 'lines of one name are one label'
is "$(gan-data info out.st --meta gan.classes.segment)" '["road","sky with clouds","void"]' 'and have their names'
passes 'with --classes' maps colours.st --palette street.txt -c 2 --other 2
is "$(values out.st segment C)" '0 0 1 2' 'the palette may have some that are none'
is "$(gan-data info out.st --meta gan.classes.segment)" '["road","sky with clouds"]' 'these have no names'
cp out.st labels.st
passes '--draw' maps --draw labels.st --palette street.txt -c 2
is "$(values out.st image C)" '10 20 30 10 20 30 0 0 255 0 0 0' 'draws the first colour of each label, and black for none'
gan-data info out.st | grep -q gan.classes
[ $? = 1 ]
check $? 'without the names of a tensor that is no more'
printf '10 20 30\n0 0 255 sky\n255 0 0\n7 7 7\n' >some.txt
passes 'some without names' maps colours.st --palette some.txt
is "$(gan-data info out.st --meta gan.classes.segment)" '["0","sky","2","3"]' 'are called by their numbers'
printf '10 20 30\n0 0 255\n255 0 0\n7 7 7\n' >bare.txt
passes 'no names' maps colours.st --palette bare.txt
gan-data info out.st | grep -q gan.classes
[ $? = 1 ]
check $? 'are none'
frame numbers.st image:U8:1,1,4,1:0,0,1,2
passes 'numbers with a palette' maps numbers.st --palette street.txt -c 2 --other 2
is "$(values out.st segment C)" '0 0 1 2' 'are labels as they stand'
is "$(gan-data info out.st --meta gan.classes.segment)" '["road","sky with clouds"]' 'and have its names'
passes 'without --classes' maps numbers.st --palette street.txt
is "$(gan-data info out.st --meta gan.classes.segment)" '["road","sky with clouds","void"]' 'all of them'
frame odd.st image:U8:1,1,2,3:10,20,30,10,20,31
refuses 1 '^odd.st: frame 1: map 0, row 0, column 1: colour 10 20 31 is not in the palette' 'a colour that is not there' maps odd.st -p street.txt
frame high.st segment:I64:1,1,2:0,4
refuses 1 'map 0, row 0, column 1: label 4, expected 0 to 2' 'a label to draw that the palette lacks' maps -d high.st -p street.txt

# --- what is refused ---
refuses 1 'is \[1,1,4,3\]: expected U8 or U16 \[N,H,W,1\]; colours need --palette' 'colours without a palette' maps colours.st
refuses 1 '^maps.st: frame 1: map 0, row 1, column 1: label 255, expected 0 to 2' 'a number the palette has not' maps maps.st -p street.txt
refuses 1 '^street.txt: colours of 3 labels, expected 4' 'more classes than the palette has' maps maps.st -p street.txt -c 4
frame two.st image:U8:1,1,2,2:0,0,0,0
refuses 1 'is \[1,1,2,2\]: expected numbers U8 or U16 \[N,H,W,1\], or colours U8 \[N,H,W,3\]' 'neither' maps two.st -p street.txt
frame grey.st image:U8:1,1,1,3:1,1,1
refuses 1 'colour 1 1 1 is not in the palette; if it is a number, take the maps with images --index' 'a number taken as a colour' maps grey.st -p street.txt
refuses 1 '^high.st: frame 1: no tensor image' 'no maps' maps high.st
frame both.st image:U8:1,1,1,1:0 segment:U8:1,1,1:0
refuses 1 'the stream has a tensor segment already' 'two of one name' maps both.st
refuses 2 'draw goes with --palette' '--draw alone' maps -d labels.st
refuses 2 'other goes with --classes or --palette' '--other alone' maps maps.st --other 3
for bad in '3,' ',3' 65536 x 3,,4; do
    refuses 2 'other: expected numbers from 0 to 65535' "--other '$bad'" maps maps.st -c 3 --other "$bad"
done
wrong() { # wrong TEXT PATTERN NAME
    printf "$1" >bad.txt
    refuses 1 "^bad.txt: $2" "$3" maps colours.st -p bad.txt
}
wrong "" "this is empty" "an empty palette"
wrong '# none\n' 'no colours' 'of comments alone'
wrong '1 2\n' 'line 1: expected red, green and blue from 0 to 255' 'a colour of two numbers'
wrong '1 2 256\n' 'line 1: expected red' 'a number that is too large'
wrong '1 2 3x\n' 'line 1: expected red' 'a number that is none'
wrong '1 2 3 a\n1 2 3 b\n' 'line 2: this colour has had a line' 'a colour twice'
wrong "1 2 3 $(printf '%064d' 0)\n" 'line 1: a name of 64 bytes, expected at most 63' 'a name that is too long'
wrong '1 2 3 \377\n' "the name of a label '.*' is not UTF-8" 'a name in no known letters'
perl -e 'print join(" ", $_ % 256, int($_ / 256), 0), "\n" for 0 .. 256' >many.txt
refuses 1 '^many.txt: line 257: at most 256 labels' 'too many labels' maps colours.st -p many.txt
refuses 1 'none.txt' 'a palette that is not there' maps colours.st -p none.txt
finish
