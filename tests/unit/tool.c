/* tool.c: messages: one line in one write, whatever stands in them. */
#include "base/cli.h"
#include "tap.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void escapes(const char *text, const char *expected) {
    char out[200];
    size_t n = text_escape(out, sizeof out, text);
    ok(!strcmp(out, expected) && n == strlen(out), "%s", out);
}

static void test_escape(void) {
    char out[12];
    escapes("", "");
    escapes("a b/c.st 100%", "a b/c.st 100%");
    escapes("a\nb\tc\rd", "a\\nb\\tc\\rd");
    escapes("\x1b[31mred\x7f\x01", "\\x1b[31mred\\x7f\\x01");
    escapes("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
    escapes("\xc2\x85\xc2\xa0", "\\xc2\\x85\xc2\xa0"); /* C1 control, a space */
    escapes("\xe2\x80\xae"
            "a\xe2\x80\xa8",
            "\\xe2\\x80\\xaea\\xe2\\x80\\xa8");
    escapes("\xff\xc3", "\\xff\\xc3");                            /* no UTF-8, cut short */
    escapes("\xc0\x80\xe0\x80\x80", "\\xc0\\x80\\xe0\\x80\\x80"); /* overlong */
    escapes("\xed\xa0\x80\xf4\x90\x80\x80", "\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80");
    ok(text_escape(out, sizeof out, "12345678901") == 11 && !strcmp(out, "12345678901"), "fits");
    ok(text_escape(out, sizeof out, "123456789012") == 11 && !strcmp(out, "12345678..."), "cut");
    ok(text_escape(out, sizeof out, "1234567\n\n\n\n") < 12 && strstr(out, "..."), "cut: %s", out);
}

/* Standard error is a socket of messages: what one write sends is one. */
static int wire[2];
static char got[5000];

static const char *message(void) {
    ssize_t n = recv(wire[0], got, sizeof got - 1, MSG_DONTWAIT);
    got[n > 0 ? n : 0] = 0;
    return got;
}

static void says(const char *expected) {
    bool right = !strcmp(message(), expected);
    char rest[10];
    ok(right && recv(wire[0], rest, sizeof rest, MSG_DONTWAIT) < 0, "%.*s", (int)strcspn(got, "\n"),
       got);
}

static void test_writes(void) {
    static char name[9000];
    int before = dup(STDERR_FILENO);
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, wire)) abort();
    dup2(wire[1], STDERR_FILENO);
    tool_start("gan-test");
    tool_say("%s: %d", "a\nb\x1b[2J", 7);
    says("gan-test: a\\nb\\x1b[2J: 7\n");
    Error err;
    fail(&err, "%s: line\r", "x");
    ok(tool_fail(&err) == EXIT_BAD, "a failure");
    says("gan-test: x: line\\r\n");
    const Opt none[] = {{0}};
    const Cli cli = {"gan-test", "do", "", "", none};
    ok(cli_usage(&cli, "found '%s'", "\n") == EXIT_USAGE, "wrong usage");
    says("gan-test do: found '\\n' (see gan-test do --help)\n");
    ok(cli_dispatch("gan-test", "", (const Command *const[]){NULL}, 2,
                    (char *[]){"gan-test", "a\nb"}) == EXIT_USAGE,
       "no such command");
    says("gan-test: unknown command 'a\\nb' (see gan-test --help)\n");

    Progress p;
    progress_start(&p, "steps", 10, 0);
    progress_update(&p, 3, "cost\n1");
    message();
    ok(strstr(got, " gan-test: 3/10 steps  cost\\n1\n") && strchr(got, '\n')[1] == 0,
       "a line of progress");
    progress_end(&p, 10, "");
    message();
    ok(strstr(got, " gan-test: 10/10 steps  \n") != NULL, "the last one");

    memset(name, 'x', sizeof name - 1);
    tool_say("%s", name);
    size_t n = strlen(message());
    ok(n == 4096 && !strcmp(got + n - 4, "...\n"), "a line is no longer than a pipe takes at once");
    dup2(before, STDERR_FILENO);
}

int main(void) {
    test_escape();
    test_writes();
    return done();
}
