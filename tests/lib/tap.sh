# tap.sh: what the shell tests share; sourced. The tools come first in PATH, a fresh folder is the
# current one and goes away at the end, `out` and `err` there hold what the last command said.
# shellcheck disable=SC2034,SC2154 # variables of whoever sources it
export LC_ALL=C # of awk and sort
here=$(cd "$(dirname "$0")/.." && pwd) # tests/
bin=$(cd "${BIN:-bin}" && pwd) || exit 1
PATH=$bin:$PATH
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
[ -x "$bin/gan-data" ] || { echo "Bail out! no tools in $bin"; exit 1; }
exec </dev/null
n=0
failed=0

check() { # check STATUS NAME
    n=$((n + 1))
    if [ "$1" = 0 ]; then printf 'ok %d - %s\n' "$n" "$2"; else
        printf 'not ok %d - %s\n' "$n" "$2"
        sed 's/^/# /' "$dir/out" "$dir/err" 2>/dev/null | tail -20
        failed=1
    fi
}
skip() { # skip NAME REASON
    n=$((n + 1))
    printf 'ok %d - # SKIP %s: %s\n' "$n" "$1" "$2"
}
# Two things that are compared come first, what was found before what is expected, and the name last.
# Nothing is not the same as nothing: whatever made two empty files or texts has not been seen to work.
alike() { # alike FILE|- FILE
    cmp "$1" "$2" >>err 2>&1 && [ -s "$2" ]
}
unlike() { # unlike FILE FILE
    [ -s "$1" ] && [ -s "$2" ] && ! cmp -s "$1" "$2"
}
same() { # same FILE FILE NAME
    alike "$1" "$2"
    check $? "$3"
}
differ() { # differ FILE FILE NAME
    unlike "$1" "$2"
    check $? "$3"
}
is() { # is TEXT EXPECTED NAME
    [ "$1" = "$2" ] && [ -n "$1" ] || { printf "found '%s', expected '%s'\n" "$1" "$2" >err; false; }
    check $? "$3"
}
holds() { # holds EXPRESSION NAME: a comparison of numbers
    awk "BEGIN { exit !($1) }" || { echo "not so: $1" >>err; false; }
    check $? "$2"
}
near() { # near FILE TOLERANCE NAME NUMBER...: the numbers in it, to a tolerance relative to 1 + |NUMBER|
    perl -e 'my ($file, $tolerance, $name, @want) = @ARGV; local $/; open my $f, "<", $file or exit 1;
        my @got = split " ", <$f>;
        exit !(@want && @got == @want && !grep { my ($g, $w) = ($got[$_], $want[$_]);
            $g ne $w && !($g =~ /^-?[\d.]/ && $w =~ /^-?[\d.]/ && abs($g - $w) <= $tolerance * (1 + abs $w)) } 0 .. $#want)' \
        -- "$@" || { cat "$1" >out; false; }
    check $? "$3"
}

# For tests of one tool, whose name or path is in $tool; what it says goes to $result. What is expected
# comes first, then the name, then the arguments.
result=out
run() { # run STATUS ARGUMENT...: with the caller's standard input
    want=$1
    shift
    "$tool" "$@" >"$result" 2>err
    got=$?
    [ "$got" = "$want" ] || echo "status $got, expected $want: $tool $*" >>err
    [ "$got" = "$want" ]
}
# made ARGUMENT...: what the tool was to write with -o, else on standard output, is there and not empty
made() {
    made=$result
    while [ $# -gt 0 ]; do
        [ "$1" != -o ] || made=$2
        shift
    done
    [ -e "$made" ] && { [ ! -f "$made" ] || [ -s "$made" ]; } || { echo "nothing in $made" >>err; false; }
}
passes() { # passes NAME ARGUMENT...: exit 0, and something was made
    name=$1
    shift
    run 0 "$@" && made "$@"
    check $? "$name"
}
one_line() { # one_line PATTERN: one line, of the tool or its command; the pattern is looked for behind the name
    [ "$(wc -l <err)" = 1 ] && sed -n "s/^${tool##*/}\( [a-z-]*\)\{0,1\}: //p" err | grep -q -e "$1"
}
says() { # says PATTERN NAME ARGUMENT...: exit 0 and one line on standard error
    pattern=$1 name=$2
    shift 2
    run 0 "$@" && one_line "$pattern"
    check $? "$name"
}
silent() { # silent NAME ARGUMENT...: the same, and nothing on standard error
    name=$1
    shift
    run 0 "$@" && [ ! -s err ] && made "$@"
    check $? "$name"
}
there() { # the folder's files: what they are called, where they lie, how large and how old they are
    find . -mindepth 1 -maxdepth 1 ! -name out ! -name err ! -name "${result##*/}" -printf '%f %i %s %T@\n' | sort
}
refuses() { # refuses STATUS PATTERN NAME ARGUMENT...: one line, no figures, and all files are as before
    refused_status=$1 refused_pattern=$2 refused_name=$3
    shift 3
    refused_there=$(there)
    run "$refused_status" "$@" && one_line "$refused_pattern" && [ ! -s "$result" ] &&
        { [ "$(there)" = "$refused_there" ] || { echo 'files came, went or changed' >>err; false; }; }
    check $? "$refused_name"
}
has() { # has PATTERN NAME: what was said
    grep -q -e "$1" "$result"
    check $? "$2"
}

# --- streams and tables ---
stream() { perl "$here/lib/stream.pl" "$@" || exit 1; } # stream TENSOR...: a frame
frame() { # frame FILE TENSOR...: appends a frame
    file=$1
    shift
    stream "$@" >>"$file"
}
numbers() { # numbers SEED COUNT EXPRESSION: of $_ = 0, 1, ...
    perl -e 'srand(shift); my $f = eval "sub { $ARGV[1] }"; print join ",", map { sprintf "%.6g", &$f } 0 .. $ARGV[0] - 1' -- "$@"
}
values() { # values FILE NAME LETTER: the elements of a tensor, as perl's unpack reads them
    gan-data to-npy "$1" --name "$2" | perl -e 'local $/; $_ = <STDIN>; print join(" ", unpack("x128 $ARGV[0]*", $_)), "\n"' "$3"
}
shows() { # shows PATTERN NAME ARGUMENT...: what gan-data info says
    pattern=$1 name=$2
    shift 2
    gan-data info "$@" >out 2>err && grep -q -e "$pattern" out
    check $? "$name"
}
value() { # value LINE [FILE]: the figure of that name
    awk -F'\t' -v m="$1" '$1 == m { print $2; exit }' "${2:-out}"
}
wait_for() { # wait_for SECONDS COMMAND...: until it succeeds
    tries=$(($1 * 20))
    shift
    while [ $tries -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return 0
        tries=$((tries - 1))
        sleep 0.05
    done
    return 1
}

finish() {
    echo "1..$n"
    exit "$failed"
}
