/* gan-sample: evaluates expressions of a page with a checkpoint's weights. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/output.h"
#include "game/frozen.h"
#include "game/sampler.h"
#include "tensor/cpu.h"

enum { LABELS_MAX = 100000, CLASS_MAX = 1 << 30 };

typedef struct {
    const char *output, *label, *grid, *input;
    TextList drop, define;
    uint64_t count, seed, batch, limit, threads;
    bool as_float, batch_statistics, guided;
} Options;

/* "3", "0,4,7", "0-9" and mixtures */
static int parse_labels(const char *text, double **list, size_t *count, Error *err) {
    *list = calloc(LABELS_MAX, sizeof **list);
    *count = 0;
    if (!*list) return fail(err, "out of memory");
    for (const char *p = text; *p; p += *p == ',') {
        uint64_t a, b;
        bool good = parse_digits(&p, &a);
        b = a;
        if (good && *p == '-') good = parse_digits((p++, &p), &b);
        if (!good || (*p && *p != ',') || b < a || b - a >= LABELS_MAX - *count || b > CLASS_MAX)
            return fail(err, "--label %s: expected classes such as 3 or 0-9", text);
        for (; a <= b; a++) (*list)[(*count)++] = (double)a;
    }
    return *count ? 0 : fail(err, "--label: no class given");
}

/* "10x20": ten classes, twenty samples each */
static int parse_grid(const char *text, SampleOptions *s, double **labels, Error *err) {
    uint64_t rows, columns;
    const char *p = text;
    bool good = parse_digits(&p, &rows) && *p == 'x' && parse_digits((p++, &p), &columns) && !*p;
    if (!good || !rows || !columns || rows > LABELS_MAX || columns > LABELS_MAX)
        return fail(err, "--grid %s: expected ROWSxCOLUMNS, each from 1 to %d", text, LABELS_MAX);
    if (!s->label) {
        *labels = calloc(rows, sizeof **labels);
        if (!*labels) return fail(err, "out of memory");
        for (size_t i = 0; i < rows; i++) (*labels)[i] = (double)i;
        s->label = *labels;
        s->label_count = rows;
    }
    s->grid_columns = columns;
    s->count = (size_t)(rows * columns);
    return 0;
}

/* A stream is read when it is asked for, or when it is there and no number of samples is given. */
static bool wants_input(const Options *o) {
    struct stat st;
    if (o->input) return true;
    if (o->count || o->grid) return false;
    return fstat(STDIN_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode));
}

static int evaluate(const Options *o, const char *checkpoint, const SampleOptions *s, Error *err) {
    bool named = o->input && strcmp(o->input, "-"), wanted = wants_input(o);
    Model m;
    Output out;
    Reader *in = NULL;
    int r = model_load(&m, checkpoint, err);
    m.settings.limits = limits_times(o->limit);
    if (!r) r = model_define(&m, o->define.items, o->define.count, err);
    frozen_start(&m);
    if (!r && wanted && !(in = reader_open(named ? o->input : "-", err))) r = -1;
    if (!r) r = output_open(&out, o->output, err);
    if (!r) {
        r = sample(&m, s, in, named ? o->input : "standard input", out.file, out.name, err);
        r = output_close(&out, r, err);
    }
    if (in) reader_close(in);
    model_free(&m);
    return r;
}

static int run(const Options *o, const char *checkpoint, int n, char **exprs, Error *err) {
    SampleOptions s = {.outputs = (const char *const *)exprs,
                       .output_count = n,
                       .seed = o->seed,
                       .count = o->count,
                       .batch = o->batch,
                       .asked_input = o->input,
                       .as_float = o->as_float,
                       .batch_statistics = o->batch_statistics,
                       .guided = o->guided,
                       .drop = o->drop.items,
                       .drop_count = (int)o->drop.count};
    double *labels = NULL, *rows = NULL;
    int r = o->label ? parse_labels(o->label, &labels, &s.label_count, err) : 0;
    s.label = labels;
    if (!r && o->grid) r = parse_grid(o->grid, &s, &rows, err);
    if (!r) r = evaluate(o, checkpoint, &s, err);
    free(labels);
    free(rows);
    return r;
}

int main(int argc, char **argv) {
    Options o = {.batch = 100};
    const Opt table[] = {
        {"count", 'n', OPT_U64(1, UINT32_MAX), "N", &o.count, "samples to make (64)"},
        {"seed", 0, OPT_U64(0, UINT64_MAX), "N", &o.seed, "seed of the noise (0)"},
        {"input", 'i', OPT_TEXT, "FILE", &o.input,
         "stream of minibatches; its tensors are the page's data or replace its noise"},
        {"output", 'o', OPT_TEXT, "FILE", &o.output, "write there instead of standard output"},
        {"define", 'D', OPT_PAIRS, "NAME=VALUE", &o.define,
         "set an option of the page, such as a length"},
        {"label", 0, OPT_TEXT, "LIST", &o.label, "classes given to the page in turn: 3 or 0-9"},
        {"grid", 0, OPT_TEXT, "RxC", &o.grid, "a row of C samples for each of R classes"},
        {"float", 0, OPT_FLAG, NULL, &o.as_float, "images as F32 in the page's range, not U8"},
        {"batch", 'b', OPT_U64(1, BATCH_MAX), "N", &o.batch, "samples evaluated at once (100)"},
        {"batch-statistics", 0, OPT_FLAG, NULL, &o.batch_statistics,
         "batch norm and dropout as while training"},
        {"drop", 0, OPT_LIST, "PATH:MAPS", &o.drop, "set feature maps of a stage to zero"},
        {"guided", 0, OPT_FLAG, NULL, &o.guided, "guided backpropagation in grad()"},
        {"limit", 0, OPT_U64(1, LIMIT_MAX), "N", &o.limit,
         "let the page take N times as much time and memory to evaluate (1)"},
        {"threads", 't', OPT_U64(1, THREADS_MAX), "N", &o.threads, "threads (all cores)"},
        {0}};
    const Cli cli = {"gan-sample", NULL, "CHECKPOINT [[NAME=]EXPRESSION]...",
                     "Evaluates expressions of a checkpoint's page and writes a stream.", table};
    int n, status;
    char **operands;
    cpu_settings(argv);
    tool_start("gan-sample");
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n < 1) return cli_usage(&cli, "expected a checkpoint");
    if (o.grid && (o.input || o.count))
        return cli_usage(&cli, "--grid goes without --%s", o.input ? "input" : "count");
    if ((status = tool_output(o.output, false))) return status;
    if (o.input) tool_input(o.input);
    int cut = cpu_start((int)o.threads);
    tool_threads(cut, cpu_threads());
    cpu_reserve();
    Error err;
    return run(&o, operands[0], n - 1, operands + 1, &err) ? tool_fail(&err) : 0;
}
