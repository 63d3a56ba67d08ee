/* tool.c: what a tool says and how it ends; the progress line. Nothing here allocates. */
#include "base/cli.h"
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* LINE: a pipe takes as much at once (PIPE_BUF), so that lines of several tools do not mix. */
enum { LINE = 4096, TEXT = 8192 };
#define CLEAR "\r\033[K"

static const char *tool_name = "gan-tools"; /* for messages only */
static bool muted;
static bool bar_drawn; /* the terminal's last line is a progress bar */

void tool_line(const char *text) {
    char line[LINE] = "";
    if (muted) return;
    if (bar_drawn) strcpy(line, CLEAR);
    bar_drawn = false;
    size_t n = strlen(line);
    n += text_escape(line + n, sizeof line - n, text);
    line[n++] = '\n';
    write_fully(STDERR_FILENO, line, n); /* there is nowhere to say that it cannot be written */
}

void tool_say(const char *format, ...) {
    char text[TEXT];
    va_list ap;
    size_t n = (size_t)snprintf(text, sizeof text, "%s: ", tool_name);
    va_start(ap, format);
    vsnprintf(text + n, sizeof text - n, format, ap);
    va_end(ap);
    tool_line(text);
}

void tool_mute(bool mute) { muted = mute; }

int tool_fail(const Error *err) {
    tool_say("%s", err->text);
    return EXIT_BAD;
}

/* ---- the process ---- */

/* A file opened later must not become one of the three standard ones, which messages and data are
 * written to and read from. What the caller has closed is empty or swallows everything, but for
 * standard output: data that go nowhere are an error. */
static void open_standard(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0) open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR);
}

/* The default action follows at once: the handler is taken off as it is called. */
static void on_end(int s) {
    output_discard();
    raise(s);
}

static void catch_end(int s) {
    struct sigaction old, a = {.sa_handler = on_end, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
    /* what the caller ignores (nohup) is ignored, but for a pipe that nobody reads */
    if (s != SIGPIPE && (sigaction(s, NULL, &old) || old.sa_handler == SIG_IGN)) return;
    sigaction(s, &a, NULL);
}

static void end_without_memory(void) {
    output_discard();
    muted = false;
    tool_say("out of memory");
    _exit(EXIT_BAD);
}

void tool_start(const char *tool) {
    static const int ends[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE,
                               SIGABRT, SIGXCPU, SIGALRM, SIGUSR1, SIGUSR2};
    tool_name = tool;
    memory_on_exhausted(end_without_memory);
    open_standard();
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) catch_end(ends[i]);
    signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is a failed write, with a message */
}

int tool_output(const char *path, bool text) {
    Error err;
    if (output_check(path, &err)) return tool_fail(&err);
    if (text || (path && strcmp(path, "-")) || !isatty(STDOUT_FILENO)) return 0;
    tool_say("will not write binary data to a terminal; redirect the output or name a file");
    return EXIT_USAGE;
}

const char *tool_input(const char *path) {
    static bool said;
    if (!said && !strcmp(path, "-") && isatty(STDIN_FILENO)) {
        tool_say("reading from the terminal; Control-D ends the input");
        said = true;
    }
    return path;
}

void tool_threads(int cut, int used) {
    if (cut) tool_say("%d threads cannot be had, %d are used", cut, used);
}

int tool_end_text(void) {
    errno = 0;
    if (!fflush(stdout) && !ferror(stdout)) return 0;
    tool_say("standard output: cannot write: %s", strerror(errno ? errno : EIO));
    return EXIT_BAD;
}

/* ---- progress ---- */

void progress_start(Progress *p, const char *what, double total, double quiet) {
    *p = (Progress){.what = what, .total = total, .quiet = quiet};
    p->terminal = isatty(STDERR_FILENO);
    p->start = p->last = now_seconds();
}

static void clock_text(double seconds, char *buf, size_t size) {
    long s = (long)(seconds + 0.5);
    if (s < 3600)
        snprintf(buf, size, "%ld:%02ld", s / 60, s % 60);
    else
        snprintf(buf, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
}

/* A line that the terminal would break could not be drawn over. */
static size_t terminal_width(void) {
    struct winsize w;
    return !ioctl(STDERR_FILENO, TIOCGWINSZ, &w) && w.ws_col ? w.ws_col : 80;
}

static void draw_line(const char *text) {
    char line[600];
    size_t most = terminal_width() - 1;
    if (most > 512) most = 512;
    int n = snprintf(line, sizeof line, "\r%.*s\033[K", (int)most, text);
    write_fully(STDERR_FILENO, line, (size_t)n);
    bar_drawn = true;
}

static void draw_bar(const Progress *p, double done, const char *note) {
    enum { WIDTH = 24 };
    char bar[WIDTH + 1], took[32], left[48] = "", shown[400], line[600];
    double elapsed = now_seconds() - p->start;
    clock_text(elapsed, took, sizeof took);
    text_escape(shown, sizeof shown, note);
    if (p->total > 0) {
        double part = fmin(done / p->total, 1);
        for (int i = 0; i < WIDTH; i++) bar[i] = i < part * WIDTH ? '#' : '.';
        bar[WIDTH] = 0;
        if (done > 0) {
            char rest[32];
            clock_text(elapsed * (p->total - done) / done, rest, sizeof rest);
            snprintf(left, sizeof left, ", %s left", rest);
        }
        snprintf(line, sizeof line, "[%s] %.0f/%.0f %s  %s%s  %s", bar, done, p->total, p->what,
                 took, left, shown);
    } else {
        snprintf(line, sizeof line, "%.0f %s  %s  %s", done, p->what, took, shown);
    }
    draw_line(line);
}

static void print_line(const Progress *p, double done, const char *note) {
    char date[32], total[32] = "", line[1024];
    time_t t = time(NULL);
    struct tm tm;
    strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", localtime_r(&t, &tm));
    if (p->total > 0) snprintf(total, sizeof total, "/%.0f", p->total);
    snprintf(line, sizeof line, "%s %s: %.0f%s %s  %s", date, tool_name, done, total, p->what,
             note);
    tool_line(line);
}

void progress_update(Progress *p, double done, const char *note) {
    double t = now_seconds();
    if (t - p->last < (p->terminal ? 0.2 : p->quiet)) return;
    p->last = t;
    p->drawn = true;
    if (p->terminal)
        draw_bar(p, done, note);
    else
        print_line(p, done, note);
}

void progress_end(Progress *p, double done, const char *note) {
    if (p->terminal && p->drawn) {
        draw_bar(p, done, note);
        write_fully(STDERR_FILENO, "\n", 1);
        bar_drawn = false;
    } else if (!p->terminal) {
        print_line(p, done, note);
    }
}
