/* gan-svd: singular values of the weights of a checkpoint, of its convolutions as maps, and of a
 * generator's derivative; changes those of weights. */
#include "base/cli.h"
#include "game/convolutions.h"
#include "maths/spectrum.h"
#include "measure/result.h"
#include "measure/spectral/jacobian.h"
#include "measure/spectral/operator.h"
#include "measure/spectral/phases.h"
#include "measure/spectral/spectra.h"
#include "page/store.h"
#include "page/syntax/page.h"
#include "tensor/cpu.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_TOP = 3, DEFAULT_ITERATIONS = 1000, DEFAULT_LATENTS = 8 };
#define NO_SEED UINT64_MAX

typedef struct {
    const char *path, *output;
    TextList names;
    uint64_t top, first;
    size_t listed; /* values of a column: as many as --top says, else all */
    double clip, clamp;
    bool normalise, orthogonalise, gains, in_place;
    bool all, values, compare, operators, phases;
    SpectrumMethod method;
    const char *append, *extent, *jacobian, *of, *latents;
    uint64_t count, seed, iterations;
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

static bool matches(const Options *o, const char *name) {
    for (size_t i = 0; i < o->names.count; i++)
        if (!fnmatch(o->names.items[i], name, 0)) return true;
    return !o->names.count;
}

static bool chosen(const Options *o, const Origin *from, const Tensor *t) {
    if (!spectrum_has(t)) return false;
    if (!o->all && (!strncmp(t->name, "optimizer.", 10) || is_average(from, t->name))) return false;
    return matches(o, t->name);
}

/* Of the matrix that the tensor is. */
static size_t rows_of(const Origin *from, const Tensor *t) {
    return spectrum_rows(t, from->checkpoint && store_own_layout(t->name));
}

/* "FILE: no weights of two dimensions named A, B": one line for all tables. */
static int none_found(const Options *o, const char *what, Error *err) {
    char names[256] = "";
    for (size_t i = 0, n = 0; i < o->names.count && n < sizeof names; i++)
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", i ? ", " : " named ",
                              o->names.items[i]);
    return fail(err, "%s: no %s%s", o->path, what, names);
}

/* ---- weights as matrices ---- */

static int add_weight(const Options *o, Spectra *to, const Tensor *t, size_t rows, uint64_t frame,
                      Error *err) {
    char shape[200];
    shape_text(t->rank, t->shape, shape, sizeof shape);
    SpectraRow *r = spectra_row(to, t->name, shape, frame, spectrum_count(t, rows), err);
    return r ? spectrum_values(t, rows, o->method, r->value, err) : -1;
}

static int add_frame(const Options *o, Spectra *to, const Frame *f, uint64_t number, Error *err) {
    Origin from = origin_of(f);
    int bad = 0;
    for (size_t i = 0; i < f->tensor_count && !bad; i++) {
        const Tensor *t = &f->tensors[i];
        if (!chosen(o, &from, t)) continue;
        bad = add_weight(o, to, t, rows_of(&from, t), number, err);
        if (bad && number > 1) fail_in(err, "frame %" PRIu64, number);
        if (bad) fail_in(err, "%s", o->path);
    }
    arena_free(from.arena);
    return bad;
}

/* *step: of the last frame. */
static int read_weights(const Options *o, Spectra *to, uint64_t *step, Error *err) {
    Frame f = {0};
    Reader *r = reader_open(o->path, err);
    int got = r ? 1 : -1;
    while (got > 0 && (got = reader_next(r, &f, err)) > 0) {
        const char *at = frame_meta(&f, "gan.step");
        if (o->append && (!at || !parse_u64(at, step)))
            got = fail(err, "%s: is no checkpoint, and has no step for --append", o->path);
        else if ((o->append || o->values) && reader_frames(r) > 1)
            got = fail(err, "%s: holds several frames, whose columns would have one name", o->path);
        else if (add_frame(o, to, &f, reader_frames(r), err))
            got = -1;
    }
    if (!got && !reader_frames(r)) got = fail(err, "%s: holds no frames", o->path);
    if (!got && !to->count) got = none_found(o, "weights of two or more dimensions", err);
    if (r) reader_close(r);
    frame_free(&f);
    return got ? -1 : 0;
}

/* ---- methods beside each other ---- */

/* The tensor that is called as t but for the end of its name; NULL where it has another end, or
 * there is none. */
static const Tensor *sibling(const Frame *f, const Tensor *t, const char *end, const char *other) {
    char name[1100];
    size_t n = strlen(t->name), m = strlen(end);
    if (n <= m || strcmp(t->name + n - m, end)) return NULL;
    snprintf(name, sizeof name, "%.*s%s", (int)(n - m), t->name, other);
    return frame_find(f, name);
}

/* Where power iteration begins: a vector that goes with the weight, as spectral normalisation keeps
 * it, or ones. Says whether it was there. */
static bool start_of(const Frame *f, const Tensor *t, size_t rows, double *u) {
    const Tensor *start = sibling(f, t, "_orig", "_u");
    bool there = start && start->count == rows;
    for (size_t i = 0; i < rows; i++) u[i] = there ? tensor_get(start, i) : 1 / sqrt((double)rows);
    return there;
}

static int compare_weight(const Options *o, const Frame *f, const Tensor *t, size_t rows,
                          Error *err) {
    size_t n = spectrum_count(t, rows);
    double *value = data_alloc((2 * n + rows) * sizeof *value, err), time[4];
    if (!value) return -1;
    double *gram = value + n, *u = gram + n;
    Power p = {
        .most = o->iterations ? o->iterations : DEFAULT_ITERATIONS, .tolerance = 1e-9, .u = u};
    bool warm = start_of(f, t, rows, u);
    time[0] = now_seconds();
    int bad = spectrum_values(t, rows, SPECTRUM_SVD, value, err);
    time[1] = now_seconds();
    if (!bad) bad = spectrum_values(t, rows, SPECTRUM_GRAM, gram, err);
    time[2] = now_seconds();
    if (!bad) bad = spectrum_power(t, rows, &p, err);
    time[3] = now_seconds();
    char a[32], b[32], c[32];
    if (!bad)
        printf("%s\t%s\t%s\t%s\t%zu\t%d\t%.3g\t%.3g\t%.3g\n", t->name,
               real_text(value[0], a, sizeof a), real_text(gram[0], b, sizeof b),
               real_text(p.value, c, sizeof c), p.iterations, warm, time[1] - time[0],
               time[2] - time[1], time[3] - time[2]);
    free(value);
    return bad;
}

static int compare(const Options *o, Error *err) {
    Frame f = {0};
    int bad = frame_load(o->path, &f, err);
    Origin from = origin_of(&f);
    size_t found = 0;
    if (!bad) puts("name\tsvd\tgram\tpower\titerations\twarm\tsvd_s\tgram_s\tpower_s");
    for (size_t i = 0; i < f.tensor_count && !bad; i++) {
        const Tensor *t = &f.tensors[i];
        if (!chosen(o, &from, t)) continue;
        found++;
        bad = compare_weight(o, &f, t, rows_of(&from, t), err);
        if (bad) fail_in(err, "%s", o->path);
    }
    if (!bad && !found) bad = none_found(o, "weights of two or more dimensions", err);
    arena_free(from.arena);
    frame_free(&f);
    return bad;
}

/* ---- convolutions as maps ---- */

/* "64", "64x32" or "16x64x64"; how many numbers, 0 for any other text. */
static int parse_extent(const char *text, size_t *extent) {
    const char *p = text;
    uint64_t v = 0;
    int n = 0;
    while (n < 3 && parse_digits(&p, &v) && v > 0 && v < 1 << 20) {
        extent[n++] = (size_t)v;
        if (!*p) return n;
        if (*p++ != 'x') return 0;
    }
    return 0;
}

/* The size that was asked for, one number standing for all dimensions. */
static int resize(const Options *o, ConvShape *s, Error *err) {
    size_t extent[3];
    int n = parse_extent(o->extent, extent);
    for (int i = 1; n == 1 && i < s->dims; i++) extent[i] = extent[0];
    if (n != 1 && n != s->dims)
        return fail(err, "--input %s: expected a size, or %d joined by x", o->extent, s->dims);
    return operator_resize(s, extent, err);
}

static int add_operator(const Options *o, Spectra *to, const LayerUse *use, Error *err) {
    ConvShape s = use->shape;
    size_t found;
    char text[200];
    Str shape = {0};
    if (o->extent && resize(o, &s, err)) return -1;
    size_t in[4], out[4];
    for (int d = 0; d < s.dims; d++) in[d] = s.in[d], out[d] = s.out[d];
    in[s.dims] = s.cin, out[s.dims] = s.cout;
    str_printf(&shape, "%s", shape_text(s.dims + 1, in, text, sizeof text));
    str_printf(&shape, "%s", shape_text(s.dims + 1, out, text, sizeof text));
    SpectraRow *r = spectra_row(to, use->weight->state.name, shape.text, 1, o->top, err);
    str_free(&shape);
    const State *w = &use->weight->state;
    for (size_t i = 0; r && i < w->count; i++)
        if (!isfinite(w->data[i])) return fail(err, "element %zu is %f", i, (double)w->data[i]);
    if (!r || operator_values(&s, w->data, o->top, r->value, &found, err)) return -1;
    r->count = found;
    r->whole = false;
    return 0;
}

static int read_operators(const Options *o, Spectra *to, uint64_t *step, Error *err) {
    Model m;
    if (model_load(&m, o->path, err)) return -1;
    LayerUse *list;
    size_t count;
    int bad = model_convolutions(&m, m.arena, &list, &count, err);
    if (bad) fail_in(err, "%s", o->path);
    for (size_t i = 0; i < count && !bad; i++) {
        if (!matches(o, list[i].weight->state.name)) continue;
        bad = add_operator(o, to, &list[i], err);
        if (bad) fail_in(err, "%s: %s", o->path, list[i].weight->state.name);
    }
    if (!bad && !to->count) bad = none_found(o, "convolution", err);
    *step = m.step;
    model_free(&m);
    return bad;
}

/* ---- strides ---- */

static int show_phases(const Options *o, Error *err) {
    Model m;
    if (model_load(&m, o->path, err)) return -1;
    LayerUse *list;
    size_t count, found = 0;
    int bad = model_convolutions(&m, m.arena, &list, &count, err);
    if (bad) fail_in(err, "%s", o->path);
    for (size_t i = 0; i < count && !bad; i++) {
        const State *w = &list[i].weight->state;
        const ConvShape *s = &list[i].shape;
        char shape[200], a[32], b[32];
        double imbalance;
        if (!matches(o, w->name) || phases_count(s) < 2) continue;
        if ((bad = phases_imbalance(s, w->data, &imbalance, err))) break;
        if (!found++) puts("name\tlayer\tkernel\tphases\toverlap\timbalance");
        printf("%s\t%s\t%s\t%zu\t%s\t%s\n", w->name, list[i].transposed ? "deconv" : "conv",
               shape_text(s->dims, s->kernel, shape, sizeof shape), phases_count(s),
               real_text(phases_overlap(s), a, sizeof a), real_text(imbalance, b, sizeof b));
    }
    if (!bad && !found) bad = none_found(o, "convolution with a stride", err);
    model_free(&m);
    return bad;
}

/* ---- derivatives ---- */

static int add_jacobians(const Options *o, Spectra *to, Jacobian *j, size_t count, Error *err) {
    char shape[64], name[64];
    size_t in = jacobian_inputs(j), out = jacobian_outputs(j);
    snprintf(shape, sizeof shape, "[%zu,%zu]", out, in);
    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%zu", i + 1);
        SpectraRow *r = spectra_row(to, o->values || o->append ? name : o->jacobian, shape, i + 1,
                                    in < out ? in : out, err);
        if (!r || jacobian_values(j, i, r->value, err)) return -1;
    }
    return 0;
}

static int read_jacobians(const Options *o, Spectra *to, uint64_t *step, Error *err) {
    Model m;
    Frame latents = {0};
    Jacobian *j = NULL;
    const Tensor *like = NULL;
    if (model_load(&m, o->path, err)) return -1;
    const char *of = o->of ? o->of : "z";
    int bad = o->latents ? frame_load(o->latents, &latents, err) : 0;
    if (!bad && o->latents && !(like = frame_find(&latents, of)))
        bad = fail(err, "%s: no tensor %s", o->latents, of);
    if (!bad && !(j = jacobian_new(&m, o->jacobian, of, o->seed, like, o->latents, err))) bad = -1;
    size_t count = like ? like->shape[0] : o->count ? o->count : DEFAULT_LATENTS;
    if (!bad) bad = add_jacobians(o, to, j, count, err);
    *step = m.step;
    jacobian_free(j);
    frame_free(&latents);
    model_free(&m);
    return bad;
}

static int show(const Options *o, Error *err) {
    Spectra s = {0};
    uint64_t step = 0, lost = 0;
    int bad = o->operators  ? read_operators(o, &s, &step, err)
              : o->jacobian ? read_jacobians(o, &s, &step, err)
                            : read_weights(o, &s, &step, err);
    if (!bad && o->append)
        bad = spectra_append(&s, o->top, step, o->append, &lost, err);
    else if (!bad && o->values)
        spectra_columns(&s, o->listed, stdout);
    else if (!bad)
        spectra_table(&s, o->top, stdout);
    if (!bad && lost)
        tool_say("%s: %" PRIu64 " lines of step %" PRIu64 " and later are taken out", o->append,
                 lost, step);
    spectra_free(&s);
    return bad;
}

/* ---- changes ---- */

/* A batch norm's gain that has a running variance beside it is kept within its bounds. */
static void bound_gain(const Frame *f, Tensor *t) {
    if (t->rank != 1 || t->dtype != DT_F32) return;
    const Tensor *variance = sibling(f, t, ".weight", ".running_var");
    float *gain = t->data;
    for (size_t i = 0; variance && i < t->count && i < variance->count; i++) {
        double most = sqrt(tensor_get(variance, i) + GAIN_EPS);
        gain[i] = (float)fmax(fmin((double)gain[i], most), GAIN_LEAST * most);
    }
}

static SpectrumChange change_of(const Options *o) {
    SpectrumChange c = {.kind = SPECTRUM_LOWER, .method = o->method};
    if (o->normalise) c.kind = SPECTRUM_NORMALISE;
    if (o->orthogonalise) c.kind = SPECTRUM_ORTHOGONALISE;
    if (o->clip > 0) c.bound = (SingularBound){.most = o->clip, .first = o->first};
    if (o->clamp > 0)
        c.bound =
            (SingularBound){.most = o->clamp, .first = o->first ? o->first : 1, .relative = true};
    return c;
}

static int rewrite(const Options *o, Error *err) {
    Frame f = {0};
    size_t found = 0;
    SpectrumChange change = change_of(o);
    int bad = frame_load(o->path, &f, err);
    Origin from = origin_of(&f);
    for (size_t i = 0; i < f.tensor_count && !bad; i++) {
        Tensor *t = &f.tensors[i];
        if (o->gains && matches(o, t->name)) bound_gain(&f, t);
        if (!chosen(o, &from, t)) continue;
        found++;
        bad = spectrum_change(t, rows_of(&from, t), &change, NULL, err);
        if (bad) fail_in(err, "%s", o->path);
    }
    if (!bad && !found) bad = none_found(o, "weights of two or more dimensions", err);
    if (!bad) bad = frame_save(&f, o->output, err);
    arena_free(from.arena);
    frame_free(&f);
    return bad;
}

/* ---- the command line ---- */

/* What does not go together: 0, or the status of wrong usage. */
static int check_usage(const Cli *cli, Options *o) {
    int changes = o->normalise + o->orthogonalise + (o->clip > 0) + (o->clamp > 0);
    if (o->top && (changes || o->compare || o->phases))
        return cli_usage(cli, "--top goes with tables of singular values");
    o->listed = o->top ? (size_t)o->top : SIZE_MAX;
    if (!o->top) o->top = DEFAULT_TOP;
    int sinks = o->values + o->compare + (o->append != NULL);
    if (changes > 1)
        return cli_usage(cli,
                         "--clip, --clamp, --normalise and --orthogonalise exclude each other");
    if (o->operators + o->phases + (o->jacobian != NULL) + o->compare + changes > 1)
        return cli_usage(
            cli, "--operators, --phases, --jacobian, --compare and changes exclude each other");
    if (o->phases && (o->values || o->append))
        return cli_usage(cli, "--phases excludes --values and --append");
    if (sinks + changes > 1) return cli_usage(cli, "one way of showing at a time");
    if (o->in_place && o->output) return cli_usage(cli, "--in-place excludes --output");
    if (o->in_place && !strcmp(o->path, "-")) return cli_usage(cli, "--in-place needs a file");
    if (o->in_place) o->output = o->path;
    if (changes && !o->output) return cli_usage(cli, "a change needs --output FILE or --in-place");
    if (o->output && !changes) return cli_usage(cli, "--output needs a change, such as --clip");
    if (o->first && !(o->clip > 0) && !(o->clamp > 0))
        return cli_usage(cli, "--first goes with --clip or --clamp");
    if (o->gains && !(o->clip > 0)) return cli_usage(cli, "--gains goes with --clip");
    bool seeded = o->seed != NO_SEED;
    if ((o->latents || o->of || o->count || seeded) && !o->jacobian)
        return cli_usage(cli, "--of, --latents, --count and --seed go with --jacobian");
    if (o->latents && (o->count || seeded))
        return cli_usage(cli, "--latents excludes --count and --seed");
    if (!seeded) o->seed = 0;
    if (o->all && (o->operators || o->phases))
        return cli_usage(cli, "--operators and --phases exclude --all");
    if (o->jacobian && (o->names.count || o->all))
        return cli_usage(cli, "--jacobian excludes --name and --all");
    if (o->iterations && !o->compare) return cli_usage(cli, "--iterations goes with --compare");
    if (o->extent && !o->operators) return cli_usage(cli, "--input goes with --operators");
    size_t extent[3];
    if (o->extent && !parse_extent(o->extent, extent))
        return cli_usage(cli, "--input: expected such as 64, 64x32 or 16x64x64, found '%s'",
                         o->extent);
    if (o->append && !strcmp(o->append, "-"))
        return cli_usage(cli, "--append needs a file of its own");
    return 0;
}

/* Only tables of weights and what lowers values have a choice of it. */
static int set_method(const Cli *cli, const char *name, Options *o) {
    if (!name) return 0;
    if (strcmp(name, "svd") != 0 && strcmp(name, "gram") != 0)
        return cli_usage(cli, "--method: expected svd or gram, found '%s'", name);
    if (o->operators || o->phases || o->jacobian || o->compare || o->normalise || o->orthogonalise)
        return cli_usage(cli, "--method goes with tables of weights, --clip and --clamp");
    o->method = *name == 's' ? SPECTRUM_SVD : SPECTRUM_GRAM;
    return 0;
}

int main(int argc, char **argv) {
    Options o = {.seed = NO_SEED, .method = SPECTRUM_SVD};
    const char *method = NULL;
    const Opt options[] = {
        {"name", 'n', OPT_LIST, "PATTERN", &o.names, "only tensors of such names (*, ?, [])"},
        {"all", 0, OPT_FLAG, NULL, &o.all, "moments of optimizers and averages too"},
        {"top", 0, OPT_U64(1, 100000), "K", &o.top,
         "print the K largest singular values (default 3)"},
        {"method", 0, OPT_TEXT, "NAME", &method, "svd (default) or gram, the symmetric form"},
        {"values", 0, OPT_FLAG, NULL, &o.values, "all singular values, a column a weight"},
        {"append", 0, OPT_TEXT, "FILE", &o.append, "the K largest as one more line of this table"},
        {"compare", 0, OPT_FLAG, NULL, &o.compare, "the largest by svd, gram and power iteration"},
        {"iterations", 0, OPT_U64(1, 1e9), "N", &o.iterations,
         "of power iteration at most (default 1000)"},
        {"operators", 0, OPT_FLAG, NULL, &o.operators, "of convolutions as maps of images"},
        {"input", 0, OPT_TEXT, "SIZE", &o.extent, "for images of this size: 64, 64x32 or 16x64x64"},
        {"phases", 0, OPT_FLAG, NULL, &o.phases, "how strides divide the kernels of convolutions"},
        {"jacobian", 0, OPT_TEXT, "EXPR", &o.jacobian, "of the derivative of EXPR, such as G(z)"},
        {"of", 0, OPT_TEXT, "NAME", &o.of, "in this noise or let of the page (default z)"},
        {"latents", 0, OPT_TEXT, "FILE", &o.latents, "at the rows of the tensor NAME there"},
        {"count", 0, OPT_U64(1, 1e6), "N", &o.count, "or at so many that are drawn (default 8)"},
        {"seed", 0, OPT_U64(0, NO_SEED - 1), "S", &o.seed, "of what is drawn (default 0)"},
        {"clip", 'c', OPT_REAL(1e-30, 1e30), "C", &o.clip, "lower singular values above C to C"},
        {"gains", 0, OPT_FLAG, NULL, &o.gains, "and gains of batch norms to the running deviation"},
        {"clamp", 0, OPT_REAL(1e-30, 1e30), "R", &o.clamp, "lower the first to R times the next"},
        {"first", 0, OPT_U64(1, 100000), "N", &o.first,
         "of --clip and --clamp: the N largest alone (all and 1)"},
        {"normalise", 0, OPT_FLAG, NULL, &o.normalise, "divide by the largest singular value"},
        {"orthogonalise", 0, OPT_FLAG, NULL, &o.orthogonalise, "make all singular values 1"},
        {"output", 'o', OPT_TEXT, "FILE", &o.output, "write the changed checkpoint here"},
        {"in-place", 'i', OPT_FLAG, NULL, &o.in_place, "or in the place of the one that is read"},
        {0},
    };
    Cli cli = {"gan-svd", NULL, "[CHECKPOINT]", "Prints or changes the singular values of weights.",
               options};
    int count, status;
    char **operands;
    Error err;
    tool_start("gan-svd");
    int cut = cpu_start(0);
    tool_threads(cut, cpu_threads());
    if (cli_parse(&cli, argc, argv, &count, &operands, &status)) return status;
    if (count > 1) return cli_usage(&cli, "expected one checkpoint, found %d operands", count);
    o.path = count ? operands[0] : tool_input("-");
    if ((status = set_method(&cli, method, &o)) || (status = check_usage(&cli, &o))) return status;
    if (o.output && (status = tool_output(o.output, false))) return status;
    if (o.output) return rewrite(&o, &err) ? tool_fail(&err) : 0;
    int bad = o.compare ? compare(&o, &err) : o.phases ? show_phases(&o, &err) : show(&o, &err);
    if (!bad) bad = stream_finish(stdout, "standard output", &err);
    return bad ? tool_fail(&err) : 0;
}
