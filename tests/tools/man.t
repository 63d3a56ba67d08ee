#!/bin/sh
# The manual against the tools: options, builtins, keywords, and the pages it shows.
. "$(dirname "$0")/../lib/tap.sh"
root=$(cd "$here/.." && pwd)
BIN=$bin
export BIN

# the sub-commands of a tool, or an empty line
commands() {
    case $1 in
    gan-data | gan-eval) "$1" --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' ;;
    *) echo ;;
    esac
}
# "-name x" for each option that --help shows, x being its letter or nothing
options() { # options TOOL [COMMAND]
    "$@" --help | perl -ne 'print "-$2 $1\n" if /^  (?:-(\w),| *) ?--([\w-]+)/ || /^  -(\w), --([\w-]+)/'
}
# what the macro Fl shows, a line each; letters written together in a synopsis are taken apart
flags() { # flags PAGE
    perl -ne 'next unless /^\.(It|Op|Fl|Oo|Pq|Nm) ?.*Fl|^\.Fl/; my $on = 0;
        for my $w (split) {
            if ($w =~ /^\.?Fl$/) { $on = 1; next }
            if ($w =~ /^\.?[A-Z][a-z]$/ || $w eq "|") { $on = 0; next }
            next if !$on || $w =~ /^[,.:;()]+$/;
            print $w =~ /^-/ ? "$w\n" : map { "$_\n" } split //, $w;
        }' "$1" | sort -u
}

for tool in gan-data gan-eval gan-init gan-sample gan-step gan-svd; do
    page=$root/man/$tool.1
    flags "$page" >written
    : >all
    for command in $(commands $tool) ''; do
        [ -n "$command" ] || [ "$(commands $tool)" = '' ] || continue
        # shellcheck disable=SC2086
        options $tool $command >shown
        cat shown >>all
        : >out
        while read -r name letter; do
            for o in "$name" "$letter"; do
                [ -z "$o" ] || grep -qx -- "$o" written || echo "$o is not in $tool.1" >>out
            done
        done <shown
        [ -s shown ] && [ ! -s out ]
        check $? "$tool $command: every option is in the manual"
    done
    # what is listed; elsewhere options of other tools may be named
    sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p; /^\.It/p' "$page" >listed
    tr ' ' '\n' <all | sort -u >known
    flags listed | grep -vxF -f known >out
    [ ! -s out ]
    check $? "$tool: every option in the manual exists"
    commands $tool >shown
    : >out
    while read -r command; do
        [ -z "$command" ] || grep -Eq "^\.(Cm|Ic|Ss|It).* ?$command( |\$)" "$page" ||
            echo "$command is not in $tool.1" >>out
    done <shown
    [ ! -s out ]
    check $? "$tool: every command is in the manual"
done

# --- the language ---
page=$root/man/gan-page.5
"$root/scripts/dev/man-functions" >tables 2>err
sed -n '/^\.\\" functions$/,/^\.\\" end of functions$/p' "$page" | sed '1d;$d' >written
alike tables written
check $? "the tables of gan-page(5) are those of gan-init --functions (scripts/dev/man-functions --update)"
# What the tables do not say of an argument that may be left out stands before them.
gan-init --functions | grep -o '[a-z_]*?' | tr -d '?' | sort -u >open
sed -n '/^What may be left out/,/^Three dots/p' "$page" >told
missing=
while read -r name; do grep -qE "(Ar|,) $name( |\$)" told || missing="$missing $name"; done <open
[ -z "$missing" ] && [ -s open ]
check $? "gan-page(5) says what happens without each argument that has no default number$missing"
gan-init --functions | sed -n 's/^\([a-z_0-9]*\)(.*/\1/p' >names
[ "$(wc -l <names)" -gt 50 ] && [ "$(grep -c '^\.It' tables)" = "$(wc -l <names)" ]
check $? "with every layer and function"
echo '?' >bad.gan
gan-init bad.gan --plan 2>&1 | grep -q "bad.gan:1:1: unexpected character '?'"
check $? "a page that is no page"
echo 'x' >bad.gan
gan-init bad.gan --plan 2>&1 | sed 's/.*expected //; s/, found.*//; s/,//g; s/ or / /' | tr ' ' '\n' >words
[ "$(wc -l <words)" -ge 12 ]
check $? "statements, from a message"
sed -n '/^\.Sh STATEMENTS/,/^\.Sh EXPRESSIONS/p' "$page" >statements
sed -n '/^\.Sh GRAMMAR/,/^\.Ed/p' "$page" >grammar
: >out
while read -r word; do
    grep -q "^\.It Cm $word\( \|\$\)" statements || echo "$word has no description" >>out
    grep -q "\"$word\"" grammar || echo "$word is not in the grammar" >>out
done <words
[ ! -s out ]
check $? "each statement is described, and in the grammar"
: >out
for word in 'if' 'then' 'else' 'for' 'in' where scan minimizes maximizes; do
    printf 'option %s = 1\n' $word >bad.gan
    gan-init bad.gan --plan 2>&1 | grep -q "expected the option's name, found '$word'" ||
        echo "$word is a name" >>out
    grep -q "\"$word\"" grammar || echo "$word is not in the grammar" >>out
    grep -Eq "^\.Cm (.* , |)$word( |\$)" "$page" || echo "$word is not listed" >>out
done
[ ! -s out ]
check $? "so are the words that are no names"
: >out
for word in of repeat every when 'then' log weight bias gain shift; do
    grep -q "\"$word\"" grammar || echo "$word is not in the grammar" >>out
done
[ ! -s out ]
check $? "and the other words"

# every name in the grammar is defined, or is what the lexical rules define
perl -ne 'next if /^\./; s/"[^"]*"//g; $def{$1} = 1 if s/^(\w+) *=//; $use{$1} = 1 while /([a-z]+)/g;
    END { print "$_\n" for grep { !$def{$_} && !/^(number|text|name)$/ } sort keys %use }' grammar >out
[ ! -s out ]
check $? "the grammar is complete"

# the pages shown
i=0
awk '/^\.\\" page$/ { next_one = 1 } /^\.Bd/ && next_one { on = 1; next_one = 0; f++; next }
    /^\.Ed/ { on = 0 } on { print > ("page" f ".gan") }' "$page"
for f in page*.gan; do
    i=$((i + 1))
    gan-init "$f" --plan >out 2>err
    check $? "$f of the manual is a page"
done
[ $i -ge 5 ]
check $? "all of them"
gan-init page1.gan -o run.st && gan-data make digits -n 128 --size 16 | gan-data batch --size 64 | gan-step run.st -q &&
    gan-sample run.st -n 4 | gan-data sheet >sheet.png
[ -s sheet.png ]
check $? "the first one plays"

# --- dumps of gan-hacking(7); scratch depends on threads and processor ---
sed -n '/^# how far the numbers/,/^\.Ed/p' "$root/man/gan-hacking.7" | sed '$d' >square.gan
sed 's/, [0-9]* of scratch$//' "$root/man/gan-hacking.7" >written
for view in graph fused plan; do
    gan-init square.gan --batch 4 --dump $view 2>err | sed 's/, [0-9]* of scratch$//; /^$/,$d' >lines
    perl -0777 -e 'open F, shift; open G, shift; exit(index(<F>, <G>) < 0)' written lines && [ -s lines ]
    check $? "gan-hacking.7 shows --dump $view"
done

# --- form ---
if command -v mandoc >/dev/null; then
    for f in "$root"/man/*.[157]; do
        mandoc -T lint -W warning "$f" >out 2>err
        [ ! -s out ]
        check $? "$(basename "$f") is well-formed"
    done
else skip "form" "no mandoc"; fi
: >out
for f in "$root"/man/*.[157]; do
    sed -n 's/^\.Xr \(gan-[a-z]*\) \([1-9]\).*/\1.\2/p' "$f" | sort -u | while read -r other; do
        [ -e "$root/man/$other" ] || echo "$(basename "$f") names $other"
    done >>out
done
[ ! -s out ]
check $? "the pages they name exist"
finish
