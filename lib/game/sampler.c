#include "game/sampler.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "game/feed.h"

enum { BINDS_MAX = 16, MAPS_MAX = 65536 };

typedef struct {
    Model *m;
    const SampleOptions *o;
    Reader *in;
    FILE *out;
    const char *in_name, *out_name;
    const char **names; /* of outputs; NULL: by shape */
    Expr **exprs;
    SampleMode mode;
    Input bind[BINDS_MAX];
    float *bind_data[BINDS_MAX];
    size_t bind_capacity[BINDS_MAX];
    Arena *arena;
    Program *p;
    void *block;
    size_t batch;
    size_t drawn; /* each sample's class is one of so many; 0: classes are given, or not read */
    Frame frame;  /* input */
    Frame result;
} Sampler;

/* ---- expressions ---- */

static int parse_output(Sampler *s, int i, Error *err) {
    const char *text = s->o->outputs[i], *p = text;
    while (isalnum((unsigned char)*p) || *p == '_') p++;
    if (p > text && !isdigit((unsigned char)*text) && *p == '=' && p[1] != '=') {
        s->names[i] = arena_strndup(s->m->arena, text, (size_t)(p - text));
        text = p + 1;
    }
    return page_parse_expr(s->m->arena, "EXPR", text, &s->exprs[i], err);
}

/* The page's own `sample` when no expression is given. */
static int parse_outputs(Sampler *s, Error *err) {
    int n = s->o->output_count;
    s->names = arena_new_array(s->m->arena, const char *, (size_t)n + 1);
    s->exprs = arena_new_array(s->m->arena, Expr *, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        if (parse_output(s, i, err)) return -1;
    for (int i = 0; !n && i < s->m->page.count; i++)
        if (s->m->page.statements[i].kind == ST_SAMPLE) s->exprs[0] = s->m->page.statements[i].expr;
    if (!s->exprs[0])
        return fail(err, "%s has no sample statement: give an expression", s->m->page_name);
    return 0;
}

/* "PATH:3,5,7" */
static int parse_drop(Sampler *s, const char *text, Drop *d, Error *err) {
    const char *colon = strchr(text, ':');
    if (!colon || !colon[1]) return fail(err, "--drop %s: expected PATH:MAP,MAP,...", text);
    d->path = arena_strndup(s->m->arena, text, (size_t)(colon - text));
    float *mask = arena_new_array(s->m->arena, float, MAPS_MAX);
    for (size_t i = 0; i < MAPS_MAX; i++) mask[i] = 1;
    for (const char *p = colon + 1; *p; p += *p == ',') {
        uint64_t k;
        if (!parse_digits(&p, &k) || k >= MAPS_MAX || (*p && *p != ','))
            return fail(err, "--drop %s: expected numbers of feature maps", text);
        mask[k] = 0;
        if (k > d->highest) d->highest = k;
    }
    d->mask = (Input){.name = "drop", .rank = 1, .data = mask};
    return 0;
}

static int parse_drops(Sampler *s, Error *err) {
    int n = s->o->drop_count;
    Drop *d = arena_new_array(s->m->arena, Drop, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        if (parse_drop(s, s->o->drop[i], &d[i], err)) return -1;
    s->mode.drops = d;
    s->mode.drop_count = n;
    return 0;
}

/* ---- compiling ---- */

/* The first of the page's data that are classes; as many as all data when none is. */
static int label_data(const Program *p) {
    int i = 0;
    while (i < program_data_count(p) && !program_data(p, i)->classes) i++;
    return i;
}

/* How many classes there are to draw from, where they are all of the data that is read. */
static size_t classes_alone(const Program *p) {
    int at = label_data(p);
    for (int i = 0; i < program_data_count(p); i++)
        if (program_reads(p, i) != (i == at)) return 0;
    return at < program_data_count(p) ? program_data(p, at)->classes : 0;
}

static int compile(Sampler *s, size_t batch, Error *err) {
    arena_free(s->arena);
    s->arena = arena_new(NULL);
    s->batch = batch;
    int n = s->o->output_count ? s->o->output_count : 1;
    s->p = program_sample(s->arena, s->m, n, s->names, s->exprs, batch, &s->mode, err);
    if (!s->p) return -1;
    s->drawn = s->o->label ? 0 : classes_alone(s->p);
    for (int i = 0; i < s->mode.drop_count; i++)
        if (!s->mode.drops[i].used)
            return fail(err, "--drop: no stage %s was evaluated", s->mode.drops[i].path);
    return program_bind_own(s->p, &s->block, err);
}

/* ---- input ---- */

/* Whether a statement of the page has this name, and what is then to be done with a tensor of it.
 */
typedef enum { NAME_FREE, NAME_REPLACED, NAME_TAKEN } NameUse;

static NameUse use_of(const Page *p, const char *name) {
    for (int k = 0; k < p->count; k++) {
        const Statement *st = &p->statements[k];
        for (int i = 0; st->kind == ST_LET && i < st->let.count; i++)
            for (int n = 0; n < st->let.list[i].name_count; n++)
                if (!strcmp(st->let.list[i].names[n], name)) return NAME_REPLACED;
        bool names = st->kind != ST_LET && st->kind != ST_PLAYER && st->kind != ST_INIT &&
                     st->kind != ST_SAMPLE && st->kind != ST_STOP && st->kind != ST_FROZEN;
        if (!names || strcmp(st->name, name)) continue;
        return st->kind == ST_NOISE || st->kind == ST_PARAM ? NAME_REPLACED : NAME_TAKEN;
    }
    return NAME_FREE;
}

/* Whether an expression that was asked for has this name in it. */
static bool wanted(const Sampler *s, const char *name) {
    for (int i = 0; i < s->o->output_count; i++)
        if (expr_mentions(s->exprs[i], name)) return true;
    return false;
}

/* The samples of a frame, by the page's data that it has, one where all of it is whole; 0: it has
 * none.
 */
static size_t samples_of(const Sampler *s) {
    size_t whole = 0;
    for (int k = 0; k < s->m->page.count; k++) {
        const Statement *st = &s->m->page.statements[k];
        const Tensor *t = st->kind == ST_DATA ? frame_find(&s->frame, st->params[0]) : NULL;
        if (t && st->whole)
            whole = 1;
        else if (t && t->rank)
            return t->shape[0];
    }
    return whole;
}

/* Whether a tensor of the stream has no samples: data that are whole, or what stands for weights.
 */
static bool is_whole(const Sampler *s, const char *tensor) {
    for (int k = 0; k < s->m->page.count; k++) {
        const Statement *st = &s->m->page.statements[k];
        bool weights = st->kind == ST_PARAM || st->kind == ST_STATE;
        if (st->kind == ST_DATA && st->whole && !strcmp(st->params[0], tensor)) return true;
        if (weights && !strcmp(st->name, tensor)) return true;
    }
    return false;
}

/* Leaves no more than so many samples of the frame. */
static void cut_to(Sampler *s, size_t most) {
    size_t n = samples_of(s);
    for (size_t i = 0; !n && i < s->frame.tensor_count; i++) /* what replaces noise, or a let */
        if (s->frame.tensors[i].rank && !is_whole(s, s->frame.tensors[i].name))
            n = s->frame.tensors[i].shape[0];
    for (size_t i = 0; i < s->frame.tensor_count && n > most; i++) {
        Tensor *t = &s->frame.tensors[i];
        if (!t->rank || t->shape[0] != n || is_whole(s, t->name)) continue;
        t->count = t->count / n * most;
        t->shape[0] = most;
    }
}

/* Tensors of the stream that have the name of a noise, a let or a param stand for it; those of no
 * name of the page are names of the expressions. */
static int bind_stream(Sampler *s, size_t *batch, Error *err) {
    int n = 0;
    *batch = samples_of(s);
    for (size_t i = 0; i < s->frame.tensor_count; i++) {
        const Tensor *t = &s->frame.tensors[i];
        NameUse use = use_of(&s->m->page, t->name);
        bool known = use == NAME_REPLACED || (use == NAME_FREE && wanted(s, t->name));
        if (!known) continue;
        if (n == BINDS_MAX || t->rank < 1 || !t->count)
            return fail(err, "tensor %s cannot replace %s of the page", t->name, t->name);
        if (t->count > s->bind_capacity[n]) {
            free(s->bind_data[n]);
            s->bind_data[n] = data_alloc(t->count * sizeof(float), err);
            s->bind_capacity[n] = s->bind_data[n] ? t->count : 0;
            if (!s->bind_data[n]) return -1;
        }
        tensor_to_float(t, 0, t->count, s->bind_data[n]);
        for (size_t k = 0; use == NAME_REPLACED && t->dtype == DT_U8 && k < t->count; k++)
            s->bind_data[n][k] = s->bind_data[n][k] * (2.0f / 255) - 1; /* as data */
        Input *in = &s->bind[n];
        bool same = n < s->mode.bind_count && in->rank == t->rank && !strcmp(in->name, t->name) &&
                    !memcmp(in->shape, t->shape, sizeof(size_t) * (size_t)t->rank);
        if (!same) {
            *in = (Input){
                .name = arena_strdup(s->m->arena, t->name), .rank = t->rank, .count = t->count};
            memcpy(in->shape, t->shape, sizeof(size_t) * (size_t)t->rank);
            s->batch = 0; /* compile anew */
        }
        in->data = s->bind_data[n++];
        *batch = t->shape[0];
    }
    if (n != s->mode.bind_count) s->batch = 0;
    s->mode.bind = s->bind;
    s->mode.bind_count = n;
    return 0;
}

/* Class of sample i, given or drawn. */
static double label_of(const Sampler *s, size_t i) {
    if (s->drawn) {
        Random r = random_at(s->o->seed, USE_LABELS, i);
        return random_below(&r, (uint32_t)s->drawn);
    }
    size_t k = s->o->grid_columns ? i / s->o->grid_columns : i;
    return s->o->label[k % s->o->label_count];
}

static int feed_labels(Sampler *s, size_t first, size_t n, Error *err) {
    int at = label_data(s->p);
    const char *asks = s->o->grid_columns ? "--grid" : "--label";
    if (at == program_data_count(s->p))
        return fail(err, "the page has no label[K] data for %s", asks);
    const DataInput *d = program_data(s->p, at);
    if (!program_reads(s->p, at))
        return d->classes < 2
                   ? fail(err, "%s: the page has no classes as its options are", asks)
                   : fail(err, "%s: what is sampled does not depend on %s, the page's classes",
                          asks, d->name);
    for (size_t k = 0; !first && k < s->o->label_count; k++) /* once */
        if (s->o->label[k] >= (double)d->classes)
            return fail(err, "%s: class %g, the page has %zu", asks, s->o->label[k], d->classes);
    float *to = program_room(s->p, at);
    memset(to, 0, d->input.count * sizeof *to);
    for (size_t i = 0; i < n; i++) {
        to[i * d->classes + (size_t)label_of(s, first + i)] = 1;
    }
    return 0;
}

/* ---- output ---- */

/* The page's data whose samples have this shape, so that images come out as images. */
static const DataInput *like_data(const Sampler *s, int output) {
    const ProgramOutput *v = program_output(s->p, output);
    for (int i = 0; i < program_data_count(s->p); i++) {
        const DataInput *d = program_data(s->p, i);
        bool same = v->batched && v->node->rank == d->input.rank && v->node->rank > 2 &&
                    !memcmp(v->node->shape + 1, d->input.shape + 1,
                            sizeof(size_t) * (size_t)(d->input.rank - 1));
        if (same && (!v->name || !strcmp(v->name, d->tensor))) return d;
    }
    return NULL;
}

static void quantise(const DataInput *d, const float *x, size_t n, unsigned char *to) {
    double scale = 255 / (d->high - d->low);
    for (size_t i = 0; i < n; i++) {
        double v = floor((x[i] - d->low) * scale + 0.5);
        to[i] = v >= 255 ? 255 : v > 0 ? (unsigned char)v : 0;
    }
}

/* image, value, or from the second of its kind on image2, value3, .. with the output's number */
static const char *output_name(const Sampler *s, int i, const DataInput *d, char *buf,
                               size_t size) {
    if (s->names[i]) return s->names[i];
    const char *name = d ? d->tensor : "value";
    bool taken = false;
    for (int k = 0; k < i && !taken; k++) {
        const DataInput *e = like_data(s, k);
        taken = !strcmp(name, s->names[k] ? s->names[k] : e ? e->tensor : "value");
    }
    if (!taken) return name;
    snprintf(buf, size, "%s%d", name, i + 1);
    return buf;
}

/* One frame of results; classes are passed on, so that a classifier can be held against them: those
 * of the stream, or those of the samples. */
static int emit(Sampler *s, size_t first, size_t n, const Tensor *label, bool made_label,
                Error *err) {
    char buf[1100];
    Program *p = s->p;
    frame_clear(&s->result);
    for (int i = 0; i < program_output_count(p); i++) {
        const DataInput *d = like_data(s, i);
        const Node *node = program_output(p, i)->node;
        DType t = d && !s->o->as_float ? DT_U8 : DT_F32;
        const char *name = output_name(s, i, d, buf, sizeof buf);
        if (!strcmp(name, "label")) label = NULL, made_label = false;
        if (frame_add(&s->result, name, t, node->rank, node->shape, err) < 0) return -1;
    }
    size_t labels = label ? label->count : n;
    if (label || made_label)
        if (frame_add(&s->result, "label", DT_I64, 1, &labels, err) < 0) return -1;
    if (frame_allocate(&s->result, err)) return -1;
    for (int i = 0; i < program_output_count(p); i++) {
        const DataInput *d = like_data(s, i);
        Tensor *t = frame_find(&s->result, output_name(s, i, d, buf, sizeof buf));
        const float *x = program_value(p, i);
        if (t->dtype == DT_U8)
            quantise(d, x, t->count, t->data);
        else
            memcpy(t->data, x, t->count * sizeof *x);
    }
    if (label || made_label) {
        int64_t *to = frame_find(&s->result, "label")->data;
        for (size_t i = 0; i < labels; i++)
            to[i] = (int64_t)(label ? tensor_get(label, i) : label_of(s, first + i));
    }
    return frame_write(&s->result, s->out, s->out_name, err);
}

/* ---- runs ---- */

static void run_program(Sampler *s, size_t first) {
    RunContext context = {.seed = s->o->seed, .sample = first};
    program_run(s->p, &(ProgramRun){.context = context, .step = s->m->step});
}

/* Minibatches from the stream. */
static int run_stream(Sampler *s, size_t *done, Error *err) {
    int r = 0;
    size_t most = s->o->count ? s->o->count : SIZE_MAX;
    while (*done < most && (r = reader_next(s->in, &s->frame, err)) > 0) {
        size_t n;
        cut_to(s, most - *done);
        if (bind_stream(s, &n, err)) return -1;
        if (!n) return fail(err, "%s: no tensor that the page knows", s->in_name);
        if (n != s->batch && compile(s, n, err)) return -1;
        const Tensor *label = s->o->label ? NULL : frame_find(&s->frame, "label");
        bool made = s->o->label || (s->drawn && !label);
        if (made && feed_labels(s, *done, n, err)) return -1;
        for (int i = 0; i < program_data_count(s->p); i++) {
            const DataInput *d = program_data(s->p, i);
            if (!program_reads(s->p, i) || (made && d->classes)) continue;
            if (feed_check(d, &s->frame, err)) return fail_in(err, "%s", s->in_name);
            feed_fill(d, &s->frame, 0, 1, program_room(s->p, i));
        }
        run_program(s, *done);
        if (label && (label->rank != 1 || label->count != n)) label = NULL;
        if (emit(s, *done, n, label, made, err)) return -1;
        *done += n;
    }
    return r < 0 ? -1 : 0;
}

/* Minibatches of noise alone. A sample's noise depends on its number only, so the split into
 * minibatches does not show; in a grid, on its column. */
static int run_noise(Sampler *s, Error *err) {
    size_t columns = s->o->grid_columns, count = s->o->count ? s->o->count : SAMPLES_UNASKED;
    for (size_t first = 0; first < count;) {
        size_t n = count - first;
        if (columns)
            n = columns;
        else if (n > s->o->batch)
            n = s->o->batch;
        if (n != s->batch && compile(s, n, err)) return -1;
        bool made = s->o->label || s->drawn;
        for (int i = 0; i < program_data_count(s->p); i++) {
            const DataInput *d = program_data(s->p, i);
            if (program_reads(s->p, i) && !(made && d->classes))
                return fail(
                    err,
                    "the expression reads %s: give a stream with --input, - for standard input",
                    d->name);
        }
        if (made && feed_labels(s, first, n, err)) return -1;
        run_program(s, columns ? 0 : first);
        if (emit(s, first, n, NULL, made, err)) return -1;
        first += n;
    }
    return 0;
}

int sample(Model *m, const SampleOptions *o, Reader *in, const char *in_name, FILE *out,
           const char *out_name, Error *err) {
    Sampler s = {.m = m, .o = o, .in = in, .in_name = in_name, .out = out, .out_name = out_name};
    s.mode.training = o->batch_statistics;
    s.mode.guided = o->guided;
    size_t done = 0;
    int r = parse_outputs(&s, err);
    if (!r) r = parse_drops(&s, err);
    if (!r && in) r = run_stream(&s, &done, err);
    if (!r && !done && o->asked_input) r = fail(err, "%s: no frames", in_name);
    if (!r && !done) r = run_noise(&s, err);
    for (int i = 0; i < BINDS_MAX; i++) free(s.bind_data[i]);
    frame_free(&s.frame);
    frame_free(&s.result);
    plan_block_free(s.block);
    arena_free(s.arena);
    return r;
}
