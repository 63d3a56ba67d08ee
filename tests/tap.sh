# tap.sh: what the shell tests share; sourced. The tools come first in PATH, a fresh folder is the
# current one and goes away at the end, `out` and `err` there hold what the last command said.
here=$(cd "$(dirname "$0")" && pwd)
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
finish() {
    echo "1..$n"
    exit "$failed"
}
