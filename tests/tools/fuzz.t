#!/bin/sh
# A second of coverage-guided fuzzing for each parser (`make fuzz` is the long run, and has the evaluator
# of pages and the loading of checkpoints too, which take minutes to compile).
cd "$(dirname "$0")/../.." || exit 1
[ "${CI-}" ] && {
    echo "1..0 # SKIP make fuzz comes after, for a minute"
    exit 0
}
build=${BUILD:-build}
targets=$(ls tests/fuzz/fuzz_*.c | sed 's/.*fuzz_\(.*\)\.c/\1/' | grep -Ev '^(eval|checkpoint)$')
printf 'int LLVMFuzzerTestOneInput(const unsigned char *b, unsigned long n) { return b && n > 9; }\n' |
    clang -x c -fsanitize=fuzzer,address -o /dev/null - 2>/dev/null || {
    echo "1..0 # SKIP no clang with libFuzzer here"
    exit 0
}
n=0 failed=0
# what they share is compiled once
make -s -j2 BUILD="$build" "$build/fuzz/parse.a" >"$build/fuzz.log" 2>&1 || tail -5 "$build/fuzz.log" >&2
for t in $targets; do
    n=$((n + 1))
    found=$build/fuzz/found/$t # new inputs go there
    if mkdir -p "$found" && make -s BUILD="$build" "$build/fuzz/$t" >"$build/fuzz-$t.log" 2>&1 &&
        "$build/fuzz/$t" -max_total_time=1 -malloc_limit_mb=512 -artifact_prefix="$build/fuzz/" \
            "$found" "tests/fuzz/corpus/$t" -runs=100000 >>"$build/fuzz-$t.log" 2>&1; then
        echo "ok $n - $t"
    else
        echo "not ok $n - $t"
        tail -5 "$build/fuzz-$t.log" | sed 's/^/# /'
        failed=1
    fi
done
echo "1..$n"
exit $failed
