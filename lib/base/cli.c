#include "base/cli.h"

#include "base/output.h"

#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *tool_name = "gan-tools"; /* for messages only */

enum { OPTIONS_MAX = 64, HELP_CODE = 1000, VERSION_CODE = 1001, FIRST_CODE = 2000 };

static void print_name(FILE *f, const Cli *cli) {
    fprintf(f, "%s%s%s", cli->tool, cli->command ? " " : "", cli->command ? cli->command : "");
}

static void print_option(const char *name, char letter, const char *arg, const char *help) {
    char left[80];
    snprintf(left, sizeof left, "%s%c%c --%s%s%s", letter ? "-" : " ", letter ? letter : ' ',
             letter ? ',' : ' ', name, arg ? " " : "", arg ? arg : "");
    printf("  %-28s %s\n", left, help);
}

static void print_help(const Cli *cli) {
    printf("usage: ");
    print_name(stdout, cli);
    printf(" [OPTION]...%s%s\n%s\n\n", *cli->operands ? " " : "", cli->operands, cli->summary);
    for (const Opt *o = cli->options; o->name; o++)
        print_option(o->name, o->letter, o->arg, o->help);
    print_option("help", 'h', NULL, "show this help");
    print_option("version", 0, NULL, "show the version");
}

int cli_usage(const Cli *cli, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    print_name(stderr, cli);
    fputs(": ", stderr);
    vfprintf(stderr, format, ap);
    fputs(" (see ", stderr);
    print_name(stderr, cli);
    fputs(" --help)\n", stderr);
    va_end(ap);
    return EXIT_USAGE;
}

static bool in_range(const Opt *o, double v) { return v >= o->low && v <= o->high; }

static bool store(const Opt *o, const char *text) {
    switch (o->type) {
    case TAKES_NOTHING: *(bool *)o->to = true; return true;
    case TAKES_U64: return parse_u64(text, o->to) && in_range(o, (double)*(uint64_t *)o->to);
    case TAKES_REAL: return parse_double(text, o->to) && in_range(o, *(double *)o->to);
    case TAKES_TEXT: *(const char **)o->to = text; return true;
    case TAKES_LIST: {
        TextList *l = o->to;
        const char **items = realloc(l->items, (l->count + 1) * sizeof *items);
        if (!items) abort();
        items[l->count++] = text;
        l->items = items;
        return true;
    }
    }
    return false;
}

/* A number that is none, or out of range. */
static int number_usage(const Cli *cli, const Opt *o, const char *text) {
    const char *kind = o->type == TAKES_U64 ? "a whole number" : "a number";
    if (o->type == TAKES_U64 && o->high >= (double)UINT64_MAX)
        return cli_usage(cli, "--%s: expected %s from %.0f on, found '%s'", o->name, kind, o->low,
                         text);
    return cli_usage(cli, "--%s: expected %s from %.10g to %.10g, found '%s'", o->name, kind,
                     o->low, o->high, text);
}

bool cli_parse(const Cli *cli, int argc, char **argv, int *operand_count, char ***operands,
               int *status) {
    struct option longs[OPTIONS_MAX + 3];
    char shorts[2 * OPTIONS_MAX + 4];
    size_t n = 0, s = 0;
    shorts[s++] = ':';
    for (const Opt *o = cli->options; o->name && n < OPTIONS_MAX; o++, n++) {
        bool arg = o->type != TAKES_NOTHING;
        longs[n] = (struct option){o->name, arg ? required_argument : no_argument, NULL,
                                   FIRST_CODE + (int)n};
        if (!o->letter) continue;
        shorts[s++] = o->letter;
        if (arg) shorts[s++] = ':';
    }
    shorts[s++] = 'h';
    shorts[s] = 0;
    longs[n] = (struct option){"help", no_argument, NULL, HELP_CODE};
    longs[n + 1] = (struct option){"version", no_argument, NULL, VERSION_CODE};
    longs[n + 2] = (struct option){0};

    *status = 0;
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
        if (c == 'h' || c == HELP_CODE) {
            print_help(cli);
            return true;
        }
        if (c == VERSION_CODE) {
            printf("%s (gan-tools) %s\n", cli->tool, GAN_VERSION);
            return true;
        }
        if (c == '?' || c == ':') {
            const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
            *status = cli_usage(cli, c == ':' ? "option %s needs an argument" : "unknown option %s",
                                word);
            return true;
        }
        const Opt *o = NULL;
        for (size_t i = 0; i < n; i++)
            if (c == FIRST_CODE + (int)i || c == cli->options[i].letter) o = &cli->options[i];
        if (!store(o, optarg)) {
            *status = number_usage(cli, o, optarg);
            return true;
        }
    }
    *operand_count = argc - optind;
    *operands = argv + optind;
    return false;
}

int cli_dispatch(const char *tool, const char *summary, const Command *const *commands, int argc,
                 char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    if (!strcmp(name, "--version")) {
        printf("%s (gan-tools) %s\n", tool, GAN_VERSION);
        return 0;
    }
    for (const Command *const *c = commands; *c; c++)
        if (!strcmp((*c)->name, name)) return (*c)->run(argc - 1, argv + 1);
    bool help = !strcmp(name, "--help") || !strcmp(name, "-h");
    FILE *f = help ? stdout : stderr;
    if (*name && !help) fprintf(f, "%s: unknown command '%s'\n", tool, name);
    fprintf(f, "usage: %s COMMAND [OPTION]... [OPERAND]...\n%s\n\n", tool, summary);
    for (const Command *const *c = commands; *c; c++)
        fprintf(f, "  %-12s %s\n", (*c)->name, (*c)->summary);
    fprintf(f, "\n`%s COMMAND --help` shows a command's options.\n", tool);
    return help ? 0 : EXIT_USAGE;
}

/* A file opened later must not become one of the three standard ones, which messages and data are
 * written to and read from: what the caller has closed is /dev/null. */
static void open_standard(void) {
    int fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO) fd = dup(fd);
    if (fd >= 0) close(fd);
}

/* The default action follows at once: the handler is taken off as it is called. */
static void on_end(int s) {
    output_discard();
    raise(s);
}

static void catch_end(int s) {
    struct sigaction old, a = {.sa_handler = on_end, .sa_flags = SA_RESETHAND | SA_NODEFER};
    /* what the caller ignores (nohup) is ignored, but for a pipe that nobody reads */
    if (s != SIGPIPE && (sigaction(s, NULL, &old) || old.sa_handler == SIG_IGN)) return;
    sigaction(s, &a, NULL);
}

void tool_start(const char *tool) {
    static const int ends[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE,
                               SIGABRT, SIGXCPU, SIGALRM, SIGUSR1, SIGUSR2};
    tool_name = tool;
    open_standard();
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) catch_end(ends[i]);
    signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is a failed write, with a message */
}

void tool_say(const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    fprintf(stderr, "%s: ", tool_name);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
    va_end(ap);
}

int tool_fail(const Error *err) {
    tool_say("%s", err->text);
    return EXIT_BAD;
}

int tool_output(const char *path, bool text) {
    Error err;
    if (output_check(path, &err)) return tool_fail(&err);
    if (text || (path && strcmp(path, "-")) || !isatty(STDOUT_FILENO)) return 0;
    tool_say("will not write binary data to a terminal; redirect the output or name a file");
    return EXIT_USAGE;
}

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

static void draw_bar(const Progress *p, double done, const char *note) {
    enum { WIDTH = 24 };
    char bar[WIDTH + 1], took[32], left[48] = "";
    double elapsed = now_seconds() - p->start;
    clock_text(elapsed, took, sizeof took);
    if (p->total > 0) {
        double part = fmin(done / p->total, 1);
        for (int i = 0; i < WIDTH; i++) bar[i] = i < part * WIDTH ? '#' : '.';
        bar[WIDTH] = 0;
        if (done > 0) {
            char rest[32];
            clock_text(elapsed * (p->total - done) / done, rest, sizeof rest);
            snprintf(left, sizeof left, ", %s left", rest);
        }
        fprintf(stderr, "\r[%s] %.0f/%.0f %s  %s%s  %s\033[K", bar, done, p->total, p->what, took,
                left, note);
    } else {
        fprintf(stderr, "\r%.0f %s  %s  %s\033[K", done, p->what, took, note);
    }
    fflush(stderr);
}

static void print_line(const Progress *p, double done, const char *note) {
    char date[32];
    time_t t = time(NULL);
    struct tm tm;
    strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", localtime_r(&t, &tm));
    fprintf(stderr, "%s %s: %.0f", date, tool_name, done);
    if (p->total > 0) fprintf(stderr, "/%.0f", p->total);
    fprintf(stderr, " %s  %s\n", p->what, note);
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
        fputc('\n', stderr);
    } else if (!p->terminal) {
        print_line(p, done, note);
    }
}
