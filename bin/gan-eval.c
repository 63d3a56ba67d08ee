/* gan-eval: figures about streams. The metrics are the table of measure/metric.h. */
#include "base/cli.h"
#include "measure/metric.h"
#include "stream/stream.h"
#include "tensor/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is asked of every metric. */
typedef struct {
    MetricWant want;
    bool json;
} Common;

/* The metric's options, bound to its struct, and those of every metric; to be freed. */
static Opt *bind_options(const Metric *m, char *values, Common *c) {
    enum { COMMON = 6 }; /* and the end */
    size_t n = 0;
    while (m->options[n].name) n++;
    Opt *out = calloc(n + COMMON, sizeof *out);
    if (!out) memory_exhausted();
    n = 0;
    for (const MetricOption *o = m->options; o->name; o++)
        out[n++] =
            (Opt){o->name, o->letter, o->type, o->low, o->high, o->arg, values + o->at, o->help};
    if (m->feature) {
        out[n++] = (Opt){"net",
                         0,
                         OPT_TEXT,
                         "CHECKPOINT",
                         &c->want.net.net,
                         "look at images through this network"};
        out[n++] = (Opt){"protocol",
                         0,
                         OPT_TEXT,
                         "NAME",
                         &c->want.net.protocol,
                         "how images reach it, see gan-eval(1); also METRIC:NAME"};
        out[n++] = (Opt){"feature",
                         0,
                         OPT_TEXT,
                         "EXPR",
                         &c->want.net.feature,
                         "what of the network's page is looked at"};
    }
    if (m->by)
        out[n++] = (Opt){
            "by",   0,           OPT_TEXT,
            "NAME", &c->want.by, "figures of each class of this tensor of labels, and their mean"};
    out[n++] = (Opt){"json", 0, OPT_FLAG, NULL, &c->json, "write one JSON object a line, not TSV"};
    return out;
}

/* The file that an option names, if it is one of that kind and was given. */
static const char *option_file(const MetricOption *o, MetricFile kind, const char *values) {
    const char *path = NULL;
    if (o->file == kind) memcpy(&path, values + o->at, sizeof path);
    return path;
}

static int standard_inputs(const Metric *m, const char *values, char **inputs) {
    int n = 0;
    for (int i = 0; i < m->inputs && inputs[i]; i++) n += !strcmp(inputs[i], "-");
    for (const MetricOption *o = m->options; o->name; o++) {
        const char *path = option_file(o, FILE_READ, values);
        n += path && !strcmp(path, "-");
    }
    return n;
}

static void say_warnings(const Results *out) {
    const char *text;
    size_t times;
    for (size_t i = 0; (text = result_warning(out, i, &times)); i++)
        if (times > 1)
            tool_say("warning: %s (and %zu more like it)", text, times - 1);
        else
            tool_say("warning: %s", text);
}

/* 0, or an exit status after a message: files are asked for before the work. */
static int check_outputs(const Cli *cli, const Metric *m, const char *values) {
    int status = 0;
    for (const MetricOption *o = m->options; o->name && !status; o++) {
        const char *path = option_file(o, FILE_WRITTEN, values);
        if (!path) continue;
        status = strcmp(path, "-")
                     ? tool_output(path, false)
                     : cli_usage(cli, "--%s needs a file: figures go to standard output", o->name);
    }
    return status;
}

static int measure(const Metric *m, const void *values, char **inputs, const Common *c) {
    Error err;
    Results *out = results_new(stdout, c->json);
    int bad = metric_run(m, values, &c->want, (const char *const *)inputs, out, &err);
    if (!bad) say_warnings(out);
    if (results_free(out, !bad, "standard output", bad ? &(Error){""} : &err) < 0) bad = -1;
    if (bad) return tool_fail(&err);
    return stream_finish(stdout, "standard output", &err) < 0 ? tool_fail(&err) : 0;
}

static int run_with(const Metric *m, char *values, const Cli *cli, const Common *common, int argc,
                    char **argv) {
    int count, status;
    char **inputs;
    Error err;
    if (cli_parse(cli, argc, argv, &count, &inputs, &status)) return status;
    if (count > m->inputs || count < m->inputs - (strchr(m->operands, '[') != NULL))
        return cli_usage(cli, "expected %s, found %d operands", *m->operands ? m->operands : "none",
                         count);
    if (m->check && m->check(values, &err) < 0) return cli_usage(cli, "%s", err.text);
    for (const MetricOption *o = m->options; o->name && common->want.by; o++)
        if (option_file(o, FILE_READ, values))
            return cli_usage(cli, "--by and --%s exclude each other", o->name);
    if (standard_inputs(m, values, inputs) > 1)
        return cli_usage(cli, "only one stream can come from standard input");
    if ((status = check_outputs(cli, m, values))) return status;
    return measure(m, values, inputs, common);
}

static int run_metric(int argc, char **argv) {
    const Metric *m = metric_find(argv[0]);
    Common common = {0};
    char *values = malloc(m->size);
    if (!values) memory_exhausted();
    memcpy(values, m->defaults, m->size);
    Opt *options = bind_options(m, values, &common);
    Cli cli = {"gan-eval", m->name, m->operands, m->summary, options};
    int status = run_with(m, values, &cli, &common, argc, argv);
    free(options);
    free(values);
    return status;
}

/* METRIC:NAME is METRIC --protocol NAME. */
static char **spread_protocol(int *argc, char **argv) {
    char *colon = *argc > 1 ? strchr(argv[1], ':') : NULL;
    if (!colon) return argv;
    char **more = calloc((size_t)*argc + 3, sizeof *more);
    if (!more) memory_exhausted();
    *colon = 0;
    more[0] = argv[0], more[1] = argv[1], more[2] = "--protocol", more[3] = colon + 1;
    for (int i = 2; i < *argc; i++) more[i + 2] = argv[i];
    *argc += 2;
    return more;
}

int main(int argc, char **argv) {
    size_t n = 0;
    while (metrics[n]) n++;
    Command *command = calloc(n, sizeof *command);
    const Command **commands = calloc(n + 1, sizeof *commands);
    cpu_settings(argv);
    tool_start("gan-eval");
    if (!command || !commands) memory_exhausted();
    for (size_t i = 0; i < n; i++) {
        command[i] = (Command){metrics[i]->name, run_metric, metrics[i]->summary};
        commands[i] = &command[i];
    }
    int cut = cpu_start(0);
    tool_threads(cut, cpu_threads());
    char **words = spread_protocol(&argc, argv);
    int status = cli_dispatch("gan-eval", "Measures streams; figures go to standard output.",
                              commands, argc, words);
    if (words != argv) free(words);
    free(commands);
    free(command);
    return status;
}
