#include "base/cli.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_CODE = 1000, VERSION_CODE = 1001, FIRST_CODE = 2000 };

static void print_option(const char *name, char letter, const char *arg, const char *help) {
    char left[80];
    snprintf(left, sizeof left, "%s%c%c --%s%s%s", letter ? "-" : " ", letter ? letter : ' ',
             letter ? ',' : ' ', name, arg ? " " : "", arg ? arg : "");
    printf("  %-28s %s\n", left, help);
}

static void print_help(const Cli *cli) {
    printf("usage: %s%s%s [OPTION]...%s%s\n%s\n\n", cli->tool, cli->command ? " " : "",
           cli->command ? cli->command : "", *cli->operands ? " " : "", cli->operands,
           cli->summary);
    for (const Opt *o = cli->options; o->name; o++)
        print_option(o->name, o->letter, o->arg, o->help);
    print_option("help", 'h', NULL, "show this help");
    print_option("version", 0, NULL, "show the version");
}

int cli_usage(const Cli *cli, const char *format, ...) {
    const char *space = cli->command ? " " : "", *command = cli->command ? cli->command : "";
    char text[2048], line[2304];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    snprintf(line, sizeof line, "%s%s%s: %s (see %s%s%s --help)", cli->tool, space, command, text,
             cli->tool, space, command);
    tool_line(line);
    return EXIT_USAGE;
}

static bool in_range(const Opt *o, double v) { return v >= o->low && v <= o->high; }

/* NAME=VALUE */
static bool is_pair(const char *text) { return *text != '=' && strchr(text, '='); }

static bool store(const Opt *o, const char *text) {
    switch (o->type) {
    case TAKES_NOTHING: *(bool *)o->to = true; return true;
    case TAKES_U64: return parse_u64(text, o->to) && in_range(o, (double)*(uint64_t *)o->to);
    case TAKES_BYTES: return parse_bytes(text, o->to) && in_range(o, (double)*(uint64_t *)o->to);
    case TAKES_REAL: return parse_double(text, o->to) && in_range(o, *(double *)o->to);
    case TAKES_TEXT: *(const char **)o->to = text; return true;
    case TAKES_RANGE: return parse_range(text, o->to);
    case TAKES_PAIRS:
    case TAKES_LIST: {
        TextList *l = o->to;
        if (o->type == TAKES_PAIRS && !is_pair(text)) return false;
        if (l->count == LIST_MAX) return false;
        l->items[l->count++] = text;
        return true;
    }
    }
    return false;
}

/* A number or range that is none, or out of bounds; or a list that is full. */
static int value_usage(const Cli *cli, const Opt *o, const char *text) {
    if (o->type == TAKES_PAIRS && !is_pair(text))
        return cli_usage(cli, "--%s: expected %s, found '%s'", o->name, o->arg, text);
    if (o->type == TAKES_LIST || o->type == TAKES_PAIRS)
        return cli_usage(cli, "--%s: given more than %d times", o->name, LIST_MAX);
    if (o->type == TAKES_RANGE)
        return cli_usage(cli, "--%s: expected LO,HI with LO < HI, found '%s'", o->name, text);
    if (o->type == TAKES_BYTES)
        return cli_usage(cli, "--%s: expected bytes such as 800M or 2.5G, found '%s'", o->name,
                         text);
    const char *kind = o->type == TAKES_U64 ? "a whole number" : "a number";
    if (o->type == TAKES_U64 && o->high >= (double)UINT64_MAX)
        return cli_usage(cli, "--%s: expected %s from %.0f on, found '%s'", o->name, kind, o->low,
                         text);
    return cli_usage(cli, "--%s: expected %s from %.10g to %.10g, found '%s'", o->name, kind,
                     o->low, o->high, text);
}

static int print_version(const char *tool) {
    printf("%s (gan-tools) %s\n", tool, GAN_VERSION);
    return tool_end_text();
}

/* What gan-tools(7) says of the environment; a word that is none would change a result unnoticed.
 */
static int check_environment(const Cli *cli) {
    static const struct {
        const char *name, *words[4];
    } variables[] = {
        {"GAN_ISA", {"portable", "avx2", "avx512"}},
        {"GAN_CONV", {"direct", "winograd"}},
        {"GAN_TRACE", {"nan"}},
    };
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i].name), *const *word = variables[i].words;
        if (!value || !*value) continue;
        while (*word && strcmp(*word, value)) word++;
        if (*word) continue;
        word = variables[i].words;
        char list[80];
        size_t n = 0;
        for (; *word; word++)
            n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", *word);
        return cli_usage(cli, "%s in the environment: expected %s, found '%s'", variables[i].name,
                         list, value);
    }
    return 0;
}

/* What getopt_long is told of the table. */
typedef struct {
    struct option *longs;
    char *shorts;
    size_t count; /* of the table's options; help and version follow */
} Words;

static Words words_of(const Opt *options) {
    Words w = {0};
    size_t s = 0;
    while (options[w.count].name) w.count++;
    w.longs = calloc(w.count + 3, sizeof *w.longs);
    w.shorts = calloc(w.count + 2, 2);
    if (!w.longs || !w.shorts) memory_exhausted();
    w.shorts[s++] = ':';
    for (size_t i = 0; i < w.count; i++) {
        bool arg = options[i].type != TAKES_NOTHING;
        w.longs[i] = (struct option){options[i].name, arg ? required_argument : no_argument, NULL,
                                     FIRST_CODE + (int)i};
        if (!options[i].letter) continue;
        w.shorts[s++] = options[i].letter;
        if (arg) w.shorts[s++] = ':';
    }
    w.shorts[s] = 'h';
    w.longs[w.count] = (struct option){"help", no_argument, NULL, HELP_CODE};
    w.longs[w.count + 1] = (struct option){"version", no_argument, NULL, VERSION_CODE};
    return w;
}

/* One option that getopt_long found; true when the tool is to end with *status. */
static bool take(const Cli *cli, int c, const Words *w, char **argv, int *status) {
    if (c == 'h' || c == HELP_CODE) {
        print_help(cli);
        *status = tool_end_text();
        return true;
    }
    if (c == VERSION_CODE) {
        *status = print_version(cli->tool);
        return true;
    }
    if (c == '?' || c == ':') {
        /* a letter may stand in a word that getopt has not done with */
        char letter[] = {'-', (char)optopt, 0};
        const char *word = optopt > ' ' && optopt < 0x7f ? letter : argv[optind - 1];
        *status =
            cli_usage(cli, c == ':' ? "option %s needs an argument" : "unknown option %s", word);
        return true;
    }
    const Opt *o = NULL;
    for (size_t i = 0; i < w->count; i++)
        if (c == FIRST_CODE + (int)i || c == cli->options[i].letter) o = &cli->options[i];
    if (store(o, optarg)) return false;
    *status = value_usage(cli, o, optarg);
    return true;
}

bool cli_parse(const Cli *cli, int argc, char **argv, int *operand_count, char ***operands,
               int *status) {
    if ((*status = check_environment(cli))) return true;
    Words w = words_of(cli->options);
    bool ends = false;
    opterr = 0;
    optind = 1;
    for (int c; !ends && (c = getopt_long(argc, argv, w.shorts, w.longs, NULL)) != -1;)
        ends = take(cli, c, &w, argv, status);
    free(w.longs);
    free(w.shorts);
    if (ends) return true;
    *operand_count = argc - optind;
    *operands = argv + optind;
    for (int i = optind; i < argc; i++) tool_input(argv[i]);
    return false;
}

int cli_dispatch(const char *tool, const char *summary, const Command *const *commands, int argc,
                 char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    if (!strcmp(name, "--version")) return print_version(tool);
    for (const Command *const *c = commands; *c; c++)
        if (!strcmp((*c)->name, name)) return (*c)->run(argc - 1, argv + 1);
    if (strcmp(name, "--help") && strcmp(name, "-h"))
        return cli_usage(&(Cli){.tool = tool},
                         *name ? "unknown command '%s'" : "expected a command", name);
    printf("usage: %s COMMAND [OPTION]... [OPERAND]...\n%s\n\n", tool, summary);
    for (const Command *const *c = commands; *c; c++)
        printf("  %-12s %s\n", (*c)->name, (*c)->summary);
    printf("\n`%s COMMAND --help` shows a command's options.\n", tool);
    return tool_end_text();
}
