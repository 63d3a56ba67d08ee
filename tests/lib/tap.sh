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
same() { # same FILE FILE NAME
    cmp "$1" "$2" >out 2>err
    check $? "$3"
}
differ() { # differ FILE FILE NAME
    ! cmp -s "$1" "$2"
    check $? "$3"
}

# For tests of one tool, whose name is in $tool; what it says goes to $result.
result=out
run() { # run STATUS ARGUMENT...
    want=$1
    shift
    "$tool" "$@" >"$result" 2>err </dev/null
    got=$?
    [ "$got" = "$want" ] || echo "status $got, expected $want: $tool $*" >>err
    [ "$got" = "$want" ]
}
passes() { # passes NAME ARGUMENT...
    name=$1
    shift
    run 0 "$@"
    check $? "$name"
}
refuses() { # refuses PATTERN NAME ARGUMENT...: exit 1, nothing but one line that matches
    pattern=$1 name=$2
    shift 2
    run 1 "$@" && [ "$(wc -l <err)" = 1 ] && [ ! -s "$result" ] && grep -q "^$tool: $pattern" err
    check $? "$name"
}

finish() {
    echo "1..$n"
    exit "$failed"
}
