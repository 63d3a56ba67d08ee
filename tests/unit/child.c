/* Another program as a function from bytes to bytes. */
#include "base/child.h"
#include "tap.h"

#include <sys/wait.h>

static Error err;

static int run(const char *script, const char *in, size_t most, double seconds, Child *c) {
    const char *const argv[] = {"sh", "-c", script, NULL};
    return child_run(argv, in, strlen(in), most, seconds, c, &err);
}

static void check_processes(void) {
    Process p;
    char block[64] = "";
    const char *const upper[] = {"sh", "-c", "tr a-z A-Z; echo done >&2; exit 4", NULL};
    ok(!process_start(&p, upper, -1, -1, 60, &err) && !process_write(&p, "some", 4, &err) &&
           !process_write(&p, "thing", 5, &err) && !process_end(&p, &err) &&
           !strcmp(p.said, "done\n") && WEXITSTATUS(p.status) == 4,
       "what is written is taken, and what is not read is let go");
    process_stop(&p);
    const char *const two[] = {"sh", "-c", "printf abc; sleep 0.1; printf def", NULL};
    ok(!process_start(&p, two, -1, -1, 60, &err) && process_read(&p, block, 5, &err) == 5 &&
           !memcmp(block, "abcde", 5) && process_read(&p, block, 5, &err) == 1 && *block == 'f' &&
           process_read(&p, block, 5, &err) == 0 && !process_end(&p, &err) && !p.status,
       "reading goes on to the end");
    process_stop(&p);
    const char *const deaf[] = {"sh", "-c", "exec <&-; echo no >&2; exit 1", NULL};
    int bad = process_start(&p, deaf, -1, -1, 60, &err);
    static const char much[1 << 20];
    ok(!bad && process_write(&p, much, sizeof much, &err) && strstr(err.text, "sh reads no more") &&
           !process_end(&p, &err) && !strcmp(p.said, "no\n"),
       "one that does not read is an error and no signal: %s", err.text);
    process_stop(&p);
    const char *const idle[] = {"sleep", "60", NULL};
    double start = now_seconds();
    ok(!process_start(&p, idle, -1, -1, 0.2, &err) && process_read(&p, block, 1, &err) < 0 &&
           strstr(err.text, "sleep has not stirred for 0.2 seconds"),
       "%s", err.text);
    process_stop(&p);
    ok(now_seconds() - start < 30, "and it is ended");
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
    check_processes();
    return done();
}
