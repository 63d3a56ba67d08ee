/* When a run saves: by steps, by the clock, patiently, and again after a failure. */
#include "game/keep.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

static bool due_after(Keep *k, double seconds, uint64_t step) {
    Model m = {.step = step};
    k->time = now_seconds() - seconds;
    return keep_due(k, &m);
}

static void test_parse(void) {
    Keep k = {0};
    ok(keep_parse(NULL, &k) && k.patient && k.seconds == 300 && !k.steps,
       "five minutes by default");
    ok(keep_parse("100", &k) && k.steps == 100, "steps");
    ok(keep_parse("90s", &k) && k.seconds == 90 && !k.steps && !k.patient, "seconds");
    ok(keep_parse("1.5h", &k) && k.seconds == 5400, "hours");
    ok(keep_parse("2d", &k) && k.seconds == 172800, "days");
    ok(keep_parse("never", &k) && isinf(k.seconds), "never");
    static const char *const bad[] = {"",   "0",  "-1",  "s",    "0m", "-1m",
                                      "3q", "1e", "nan", "nans", "x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!keep_parse(bad[i], &k), "'%s' is no interval", bad[i]);
}

static void test_due(void) {
    Keep k = {0};
    keep_parse(NULL, &k);
    ok(!due_after(&k, 290, 1) && due_after(&k, 301, 1), "after five minutes");
    k.took = 60;
    ok(!due_after(&k, 1190, 1) && due_after(&k, 1201, 1), "or twenty times what a save takes");
    keep_parse("10m", &k);
    ok(due_after(&k, 601, 1), "but not when an interval was asked for");
    keep_parse("never", &k);
    ok(!due_after(&k, 1e9, 100), "never is never");
    keep_parse("5", &k);
    ok(!due_after(&k, 1e9, 9) && due_after(&k, 0, 10), "multiples of steps");
}

static void test_again(void) {
    Error err;
    Keep k = {.path = "no/such/folder/x.st", .hold = -1};
    Model m = {.arena = arena_new(NULL), .step = 3, .page_name = "page", .page = {.text = ""}};
    m.store = store_new(m.arena, 0);
    keep_parse("never", &k);
    keep_start(&k, &m);
    ok(keep_save(&k, &m, &err) == -1 && !k.saved && k.step == 3, "a save that fails");
    ok(!keep_due(&k, &m), "is not tried again at once");
    double first = k.wait;
    k.again -= first;
    ok(keep_due(&k, &m), "but after a while, whatever the interval");
    ok(keep_save(&k, &m, &err) == -1 && k.wait == 2 * first, "and then after a longer one");
    int failed = 0;
    for (int i = 0; i < 20; i++) failed += keep_save(&k, &m, &err) == -1;
    ok(failed == 20 && k.wait == 600, "of ten minutes at most");
    char path[] = "keep-XXXXXX";
    int fd = mkstemp(path);
    k.path = path;
    ok(fd >= 0 && !keep_save(&k, &m, &err) && k.saved && !k.again && k.hold >= 0,
       "one that succeeds holds its file");
    keep_end(&k);
    close(fd);
    unlink(path);
    store_free(m.store);
    arena_free(m.arena);
}

int main(void) {
    test_parse();
    test_due();
    test_again();
    return done();
}
