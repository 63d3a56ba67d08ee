/* Another program as a function from bytes to bytes. */
#include "base/child.h"
#include "tap.h"

#include <sys/wait.h>

static Error err;

static int run(const char *script, const char *in, size_t most, double seconds, Child *c) {
    const char *const argv[] = {"sh", "-c", script, NULL};
    return child_run(argv, in, strlen(in), most, seconds, c, &err);
}

int main(void) {
    Child c;
    ok(!run("cat; echo said >&2; exit 3", "bytes", 99, 60, &c) && c.n == 5 &&
           !memcmp(c.out, "bytes", 5) && !strcmp(c.said, "said\n") && WEXITSTATUS(c.status) == 3,
       "bytes go in and come out, with words and a status");
    free(c.out);
    ok(!run("head -c 2 >&2; cat /dev/stdin", "abcd", 99, 60, &c) && c.n == 4,
       "the input can be opened anew");
    free(c.out);
    ok(!run(":", "", 99, 60, &c) && c.n == 0 && !*c.said && !c.status, "nothing gives nothing");
    free(c.out);
    ok(!run("i=0; while [ $i -lt 3000 ]; do echo 0123456789; echo 9876543210 >&2; i=$((i+1)); done",
            "", 99999, 60, &c) &&
           c.n == 33000 && strlen(c.said) == sizeof c.said - 1,
       "much on both sides, of which the beginning of what is said is kept");
    free(c.out);
    ok(run("exec yes", "", 1000000, 60, &c) &&
           strstr(err.text, "sh: gives more than 1000000 bytes"),
       "a flood is ended: %s", err.text);
    double start = now_seconds();
    ok(run("exec sleep 60", "", 99, 0.2, &c) &&
           strstr(err.text, "sh: is not done after 0.2 seconds"),
       "and so is one that hangs: %s", err.text);
    ok(run("trap '' TERM INT; exec sleep 60", "", 99, 0.2, &c) && now_seconds() - start < 30,
       "whatever it traps");
    ok(run("exec sleep 60 >/dev/null 2>&1", "", 99, 0.2, &c) && now_seconds() - start < 30,
       "or closes");
    ok(!run("kill -9 $$", "", 99, 60, &c) && WIFSIGNALED(c.status), "a signal is in the status");
    free(c.out);
    const char *const none[] = {"no-such-program", NULL};
    ok(child_run(none, "", 0, 99, 60, &c, &err) && strstr(err.text, "no program no-such-program"),
       "%s", err.text);
    int good = 0;
#pragma omp parallel for num_threads(8) reduction(+ : good)
    for (int i = 0; i < 40; i++) {
        Child mine;
        Error mine_err;
        char text[32];
        const char *const cat[] = {"cat", NULL};
        int n = snprintf(text, sizeof text, "number %d", i);
        bool bad = child_run(cat, text, (size_t)n, 99, 60, &mine, &mine_err) != 0;
        good += !bad && mine.n == (size_t)n && !memcmp(mine.out, text, mine.n);
        free(mine.out);
    }
    ok(good == 40, "several at once, each its own");
    return done();
}
