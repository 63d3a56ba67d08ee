/* gan-svd: singular values of the weights of a checkpoint; clips or normalises them. */
#include "base/cli.h"
#include "maths/spectrum.h"
#include "measure/result.h"
#include "page/store.h"
#include "page/syntax/page.h"
#include "tensor/cpu.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *path, *pattern, *output;
    uint64_t top;
    double clip;
    bool normalise, all;
} Options;

/* What a frame's tensors are: in a checkpoint its page tells. */
typedef struct {
    bool checkpoint;
    Arena *arena;
    Page page; /* without statements when there is none */
} Origin;

static Origin origin_of(const Frame *f) {
    const char *kind = frame_meta(f, "gan.kind"), *text = frame_meta(f, "gan.page");
    Origin r = {.checkpoint = kind && !strcmp(kind, "checkpoint"), .arena = arena_new(NULL)};
    Error unused;
    if (r.checkpoint && text && page_parse(r.arena, "page", text, &r.page, &unused))
        r.page.count = 0;
    return r;
}

static bool is_average(const Origin *from, const char *name) {
    for (int i = 0; i < from->page.count; i++) {
        const Statement *s = &from->page.statements[i];
        size_t n = s->kind == ST_AVERAGE ? strlen(s->name) : 0;
        if (n && !strncmp(name, s->name, n) && name[n] == '.') return true;
    }
    return false;
}

static bool chosen(const Options *o, const Origin *from, const Tensor *t) {
    if (!spectrum_has(t)) return false;
    if (!o->all && (!strncmp(t->name, "optimizer.", 10) || is_average(from, t->name))) return false;
    return !o->pattern || !fnmatch(o->pattern, t->name, 0);
}

/* Of the matrix that the tensor is. */
static size_t rows_of(const Origin *from, const Tensor *t) {
    return spectrum_rows(t, from->checkpoint && store_own_layout(t->name));
}

static void print_header(const Options *o) {
    printf("name\tshape\tlargest\tsmallest\tcondition\tstable_rank\tframe");
    for (uint64_t i = 0; i < o->top; i++) printf("\ts%" PRIu64, i + 1);
    putchar('\n');
}

static int print_tensor(const Options *o, const Tensor *t, size_t rows, uint64_t frame,
                        Error *err) {
    size_t n = spectrum_count(t, rows);
    double *value = data_alloc(n * sizeof *value, err);
    if (!value || spectrum_values(t, rows, value, err) < 0) {
        free(value);
        return -1;
    }
    char shape[200], number[32];
    Spectrum s = spectrum_summary(value, n);
    double column[] = {s.largest, s.smallest, s.condition, s.stable_rank};
    printf("%s\t%s", t->name, shape_text(t->rank, t->shape, shape, sizeof shape));
    for (int i = 0; i < 4; i++) printf("\t%s", real_text(column[i], number, sizeof number));
    printf("\t%" PRIu64, frame);
    for (uint64_t i = 0; i < o->top; i++)
        printf("\t%s", i < n ? real_text(value[i], number, sizeof number) : "");
    putchar('\n');
    free(value);
    return 0;
}

static int print_frame(const Options *o, const Frame *f, uint64_t number, size_t *found,
                       Error *err) {
    Origin from = origin_of(f);
    int bad = 0;
    for (size_t i = 0; i < f->tensor_count && !bad; i++) {
        const Tensor *t = &f->tensors[i];
        if (!chosen(o, &from, t)) continue;
        if (!(*found)++) print_header(o);
        bad = print_tensor(o, t, rows_of(&from, t), number, err);
        if (bad) fail_in(err, "%s", o->path);
    }
    arena_free(from.arena);
    return bad;
}

static int none_found(const Options *o, Error *err) {
    return fail(err, "%s: no weights of two or more dimensions%s%s", o->path,
                o->pattern ? " named " : "", o->pattern ? o->pattern : "");
}

static int print_stream(const Options *o, Error *err) {
    Frame f = {0};
    Reader *r = reader_open(o->path, err);
    size_t found = 0;
    int got = r ? 1 : -1;
    while (got > 0 && (got = reader_next(r, &f, err)) > 0)
        if (print_frame(o, &f, reader_frames(r), &found, err) < 0) got = -1;
    if (!got && !reader_frames(r)) got = fail(err, "%s: holds no frames", o->path);
    if (!got && !found) got = none_found(o, err);
    if (r) reader_close(r);
    frame_free(&f);
    return got ? -1 : stream_finish(stdout, "standard output", err);
}

static int rewrite(const Options *o, Error *err) {
    Frame f = {0};
    size_t found = 0;
    int bad = frame_load(o->path, &f, err);
    Origin from = origin_of(&f);
    for (size_t i = 0; i < f.tensor_count && !bad; i++) {
        Tensor *t = &f.tensors[i];
        if (!chosen(o, &from, t)) continue;
        found++;
        size_t rows = rows_of(&from, t);
        bad = o->normalise ? spectrum_normalise(t, rows, err)
                           : spectrum_clip(t, rows, o->clip, NULL, err);
        if (bad) fail_in(err, "%s", o->path);
    }
    if (!bad && !found) bad = none_found(o, err);
    if (!bad) bad = frame_save(&f, o->output, err);
    arena_free(from.arena);
    frame_free(&f);
    return bad;
}

int main(int argc, char **argv) {
    Options o = {0};
    const Opt options[] = {
        {"name", 'n', OPT_TEXT, "PATTERN", &o.pattern, "only tensors of this name (*, ?, [])"},
        {"top", 0, OPT_U64(1, 100000), "K", &o.top, "also print the K largest singular values"},
        {"output", 'o', OPT_TEXT, "FILE", &o.output, "write the changed checkpoint here"},
        {"clip", 'c', OPT_REAL(1e-30, 1e30), "C", &o.clip, "lower singular values above C to C"},
        {"normalise", 0, OPT_FLAG, NULL, &o.normalise, "divide by the largest singular value"},
        {"all", 0, OPT_FLAG, NULL, &o.all, "moments of optimizers and averages too"},
        {0},
    };
    Cli cli = {"gan-svd", NULL, "[CHECKPOINT]",
               "Prints, clips or normalises the singular values of weights.", options};
    int count, status;
    char **operands;
    Error err;
    tool_start("gan-svd");
    int cut = cpu_start(0);
    tool_threads(cut, cpu_threads());
    if (cli_parse(&cli, argc, argv, &count, &operands, &status)) return status;
    if (count > 1) return cli_usage(&cli, "expected one checkpoint, found %d operands", count);
    o.path = count ? operands[0] : tool_input("-");
    bool change = o.normalise || o.clip != 0;
    if (o.normalise && o.clip != 0)
        return cli_usage(&cli, "--clip and --normalise exclude each other");
    if (change && !o.output) return cli_usage(&cli, "--clip and --normalise need --output FILE");
    if (o.output && !change) return cli_usage(&cli, "--output needs --clip or --normalise");
    if (o.output && (status = tool_output(o.output, false))) return status;
    return (o.output ? rewrite(&o, &err) : print_stream(&o, &err)) < 0 ? tool_fail(&err) : 0;
}
