/* gan-eval: figures about streams. The metrics are the table of measure/metric.h. */
#include "base/cli.h"
#include "measure/metric.h"
#include "stream/stream.h"
#include "tensor/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_ROOM = 32, METRICS_ROOM = 64 };

/* The metric's options, bound to its struct, and those every metric has. */
static void bind_options(const Metric *m, char *values, bool *json, Opt *out) {
    size_t n = 0;
    for (const MetricOption *o = m->options; o->name && n < OPTIONS_ROOM - 2; o++)
        out[n++] =
            (Opt){o->name, o->letter, o->type, o->low, o->high, o->arg, values + o->at, o->help};
    out[n++] = (Opt){"json", 0, OPT_FLAG, NULL, json, "write one JSON object a line, not TSV"};
    out[n] = (Opt){0};
}

static int standard_inputs(const Metric *m, const char *values, char **inputs) {
    int n = 0;
    for (int i = 0; i < m->inputs && inputs[i]; i++) n += !strcmp(inputs[i], "-");
    for (const MetricOption *o = m->options; o->name; o++) {
        if (!o->input) continue;
        const char *path;
        memcpy(&path, values + o->at, sizeof path);
        n += path && !strcmp(path, "-");
    }
    return n;
}

static int measure(const Metric *m, const void *values, char **inputs, bool json) {
    Error err;
    Results *out = results_new(stdout, json);
    int bad = m->run(values, inputs, out, &err);
    for (size_t i = 0; !bad && result_warning(out, i); i++)
        tool_say("warning: %s", result_warning(out, i));
    if (results_free(out, "standard output", bad ? &(Error){""} : &err) < 0) bad = -1;
    if (bad) return tool_fail(&err);
    return stream_finish(stdout, "standard output", &err) < 0 ? tool_fail(&err) : 0;
}

static int run_with(const Metric *m, char *values, int argc, char **argv) {
    bool json = false;
    Opt options[OPTIONS_ROOM];
    bind_options(m, values, &json, options);
    Cli cli = {"gan-eval", m->name, m->operands, m->summary, options};
    int count, status;
    char **inputs;
    Error err;
    if (cli_parse(&cli, argc, argv, &count, &inputs, &status)) return status;
    if (count > m->inputs || count < m->inputs - (strchr(m->operands, '[') != NULL))
        return cli_usage(&cli, "expected %s, found %d operands", m->operands, count);
    if (m->check && m->check(values, &err) < 0) return cli_usage(&cli, "%s", err.text);
    if (standard_inputs(m, values, inputs) > 1)
        return cli_usage(&cli, "only one stream can come from standard input");
    return measure(m, values, inputs, json);
}

static int run_metric(int argc, char **argv) {
    const Metric *m = metric_find(argv[0]);
    char *values = malloc(m->size);
    if (!values) abort();
    memcpy(values, m->defaults, m->size);
    int status = run_with(m, values, argc, argv);
    free(values);
    return status;
}

/* METRIC:NAME is METRIC --protocol NAME. */
static char **spread_protocol(int *argc, char **argv) {
    char *colon = *argc > 1 ? strchr(argv[1], ':') : NULL;
    if (!colon) return argv;
    char **more = calloc((size_t)*argc + 3, sizeof *more);
    if (!more) abort();
    *colon = 0;
    more[0] = argv[0], more[1] = argv[1], more[2] = "--protocol", more[3] = colon + 1;
    for (int i = 2; i < *argc; i++) more[i + 2] = argv[i];
    *argc += 2;
    return more;
}

int main(int argc, char **argv) {
    Command command[METRICS_ROOM];
    const Command *commands[METRICS_ROOM] = {0};
    for (int i = 0; metrics[i] && i < METRICS_ROOM - 1; i++) {
        command[i] = (Command){metrics[i]->name, run_metric, metrics[i]->summary};
        commands[i] = &command[i];
    }
    tool_start("gan-eval");
    cpu_start(0);
    char **words = spread_protocol(&argc, argv);
    int status = cli_dispatch("gan-eval", "Measures streams; figures go to standard output.",
                              commands, argc, words);
    if (words != argv) free(words);
    return status;
}
