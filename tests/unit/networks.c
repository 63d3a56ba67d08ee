/* The feature networks of scripts/ against PyTorch: golden values of tests/golden, which
 * tests/golden/networks.py made in double precision, with weights that are made up here in the same
 * way, written to files with PyTorch's names and taken over from there. */
#include <unistd.h>
#include <zlib.h>

#include "game/program.h"
#include "game/weights.h"
#include "tap.h"
#include "tensor/cpu.h"

/* ---- made-up numbers, as in tests/golden/networks.py ---- */

static double uniform(uint32_t crc, size_t i) {
    uint32_t h = (uint32_t)i * 2654435761u ^ crc;
    h = (h ^ h >> 16) * 2246822519u;
    h = (h ^ h >> 13) * 3266489917u;
    return (double)((h ^ h >> 16) >> 8) / 16777216;
}

static uint32_t crc_of(const char *name) {
    return (uint32_t)crc32(0, (const unsigned char *)name, (unsigned)strlen(name));
}

static bool ends(const char *name, const char *end) {
    size_t n = strlen(name), k = strlen(end);
    return n >= k && !strcmp(name + n - k, end);
}

static void make_weight(Tensor *t, const char *name) {
    float *to = t->data;
    uint32_t crc = crc_of(name);
    double bound = t->rank ? sqrt(6.0 * (double)t->shape[0] / (double)t->count) : 0;
    for (size_t i = 0; i < t->count; i++) {
        double u = uniform(crc, i);
        if (ends(name, "running_var"))
            u = 0.5 + u;
        else if (t->rank > 1 && !strncmp(name, "lin", 3))
            u = 1 * u;
        else if (t->rank > 1)
            u = bound * (2 * u - 1);
        else
            u = ends(name, "weight") ? 0.5 + u : 0.4 * u - 0.2;
        to[i] = (float)u;
    }
}

static void make_input(const char *name, double low, double high, size_t n, float *to) {
    uint32_t crc = crc_of(name);
    for (size_t i = 0; i < n; i++) to[i] = (float)(low + (high - low) * uniform(crc, i));
}

/* ---- a golden file ---- */

/* Lines of a piece of metadata, "name=value" or "name" each. */
typedef struct {
    const char *names[32], *values[32];
    int count;
} Lines;

static Lines lines_of(Arena *a, const Frame *f, const char *key) {
    Lines l = {0};
    const char *text = frame_meta(f, key);
    for (; text && *text && l.count < 32; l.count++) {
        size_t n = strcspn(text, "\n"), e = strcspn(text, "=");
        l.names[l.count] = arena_strndup(a, text, e < n ? e : n);
        l.values[l.count] = e < n ? arena_strndup(a, text + e + 1, n - e - 1) : "";
        text += n + (text[n] != 0);
    }
    return l;
}

/* "2 299 299 3 -1 1": extents and a range */
static int input_shape(const Frame *f, const char *name, size_t *shape, double *low, double *high) {
    char key[80];
    double v[16];
    int n = 0;
    snprintf(key, sizeof key, "input %s", name);
    const char *text = frame_meta(f, key);
    for (char *end; text && n < 16; text = end) {
        v[n] = strtod(text, &end);
        if (end == text) break;
        n++;
    }
    for (int i = 0; i < n - 2; i++) shape[i] = (size_t)v[i];
    if (n > 2) *low = v[n - 2], *high = v[n - 1];
    return n - 2;
}

/* ---- a network ---- */

typedef struct {
    Arena *arena;
    Frame golden;
    Lines options;
    Model m;
    char folder[64], file[128];
} Net;

static bool has(const Net *n, const char *key) {
    size_t shape[RANK_MAX];
    double low, high;
    return input_shape(&n->golden, key, shape, &low, &high) > 0;
}

static int write_file(Net *n, Frame *f, Error *err) {
    FILE *out = fopen(n->file, "wb");
    if (!out) return fail(err, "%s: cannot be made", n->file);
    if (frame_write(f, out, n->file, err)) {
        fclose(out);
        return -1;
    }
    return stream_finish(out, n->file, err);
}

/* The file that PyTorch would have for a net, wrapped for several devices, taken over from there.
 */
static int take_net(Net *n, const char *net, Error *err) {
    Frame f = {0};
    char from[256], name[1100];
    size_t skip = strlen(net) + 1;
    for (size_t i = 0; i < n->m.store->count; i++) {
        const Entry *e = n->m.store->entries[i];
        size_t shape[RANK_MAX];
        if (!entry_belongs(e, net)) continue;
        entry_file_shape(e, shape);
        snprintf(name, sizeof name, "module.%s", e->state.name + skip);
        if (frame_add(&f, name, DT_F32, e->state.rank, shape, err) < 0) return -1;
    }
    if (frame_allocate(&f, err)) return -1;
    for (size_t i = 0; i < f.tensor_count; i++)
        make_weight(&f.tensors[i], f.tensors[i].name + strlen("module."));
    int r = write_file(n, &f, err);
    frame_free(&f);
    snprintf(from, sizeof from, "%s=%s", net, n->file);
    Weights w = {0};
    if (!r) r = weights_take(&n->m, from, 0, &w, err);
    if (w.left) diag("%s", w.text.text);
    weights_free(&w);
    return r;
}

static void fill_states(Net *n) {
    for (size_t i = 0; i < n->m.store->count; i++) {
        State *s = &n->m.store->entries[i]->state;
        size_t shape[RANK_MAX];
        double low, high;
        if (has(n, s->name) && input_shape(&n->golden, s->name, shape, &low, &high) > 0)
            make_input(s->name, low, high, s->count, s->data);
    }
}

static int start(Net *n, const char *name, Error *err) {
    char path[128], page[128];
    n->arena = arena_new(NULL);
    snprintf(path, sizeof path, "tests/golden/%s.st", name);
    if (frame_load(path, &n->golden, err)) return -1;
    n->options = lines_of(n->arena, &n->golden, "options");
    Settings settings = {n->options.names, n->options.values, n->options.count, {0}, false};
    snprintf(page, sizeof page, "scripts/networks/%s", frame_meta(&n->golden, "page"));
    if (model_from_page(&n->m, page, &settings, 1, err) || model_evaluate(&n->m, err)) return -1;
    Lines nets = lines_of(n->arena, &n->golden, "nets");
    for (int i = 0; i < nets.count; i++)
        if (take_net(n, nets.names[i], err)) return -1;
    fill_states(n);
    return 0;
}

static int feed_inputs(Net *n, Program *p) {
    for (int i = 0; i < program_data_count(p); i++) {
        const DataInput *d = program_data(p, i);
        size_t shape[RANK_MAX];
        double low = 0, high = 0;
        if (input_shape(&n->golden, d->name, shape, &low, &high) != d->input.rank ||
            memcmp(shape, d->input.shape, sizeof *shape * (size_t)d->input.rank))
            return -1;
        make_input(d->name, low, high, d->input.count, program_room(p, i));
    }
    return 0;
}

/* Largest error against the root of the mean square. */
static double error_of(const float *got, const Tensor *want) {
    double error = 0, square = 0;
    for (size_t i = 0; i < want->count; i++) {
        double v = tensor_get(want, i);
        if (!isfinite(got[i])) return INFINITY;
        error = fmax(error, fabs((double)got[i] - v));
        square += v * v / (double)want->count;
    }
    return error / sqrt(square);
}

static void compare(Net *n, const char *name, const Lines *expressions, const Program *p) {
    for (int i = 0; i < expressions->count; i++) {
        const Tensor *want = frame_find(&n->golden, expressions->names[i]);
        const Node *node = program_output(p, i)->node;
        bool shape = want && node->rank == want->rank &&
                     !memcmp(node->shape, want->shape, sizeof *want->shape * (size_t)want->rank);
        double e = shape ? error_of(program_value(p, i), want) : INFINITY;
        ok(e < 2e-5, "%s: %s, error %.1e", name, expressions->values[i], e);
    }
}

static int evaluate(Net *n, const char *name, Error *err) {
    Lines expressions = lines_of(n->arena, &n->golden, "expressions");
    Expr *e[32];
    void *block = NULL;
    const Tensor *first = frame_find(&n->golden, expressions.names[0]);
    if (!first) return fail(err, "the golden file is empty");
    for (int i = 0; i < expressions.count; i++)
        if (page_parse_expr(n->arena, "EXPR", expressions.values[i], &e[i], err)) return -1;
    Program *p = program_sample(n->arena, &n->m, expressions.count, expressions.names, e,
                                first->shape[0], &(SampleMode){0}, err);
    if (!p || program_bind_own(p, &block, err)) return -1;
    if (feed_inputs(n, p)) return fail(err, "the golden file lacks an input, or has another");
    program_run(p, &(ProgramRun){0});
    compare(n, name, &expressions, p);
    free(block);
    return 0;
}

static void check(const char *name) {
    Net n = {.folder = "/tmp/gan-networks-XXXXXX"};
    Error err = {{0}};
    if (!mkdtemp(n.folder)) {
        ok(0, "%s: no folder for weights", name);
        return;
    }
    snprintf(n.file, sizeof n.file, "%s/net.safetensors", n.folder);
    double start_time = now_seconds();
    int r = start(&n, name, &err);
    if (!r) r = evaluate(&n, name, &err);
    ok(!r, "%s is evaluated", name);
    if (r) diag("%s", err.text);
    diag("%s: %.1f s", name, now_seconds() - start_time);
    unlink(n.file);
    rmdir(n.folder);
    if (n.m.arena) model_free(&n.m);
    frame_free(&n.golden);
    arena_free(n.arena);
}

int main(void) {
    static const char *const names[] = {"inception-v3-fid", "inception-v3", "vgg16", "vgg19", "c3d",
                                        "c3d-pad",          "i3d"};
    cpu_start(0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) check(names[i]);
    return done();
}
