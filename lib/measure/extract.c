#include "measure/extract.h"

#include <inttypes.h>
#include <omp.h>
#include <sha256.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "game/frozen.h"
#include "game/program.h"
#include "measure/protocol.h"

/* Samples evaluated at once: as many as fit into so many numbers of input. */
enum { TILE_NUMBERS = 1 << 22, TILE_LEAST = 4, TILE_MOST = 128 };

struct Extractor {
    Model m;
    Arena *arena; /* of the program */
    Program *p;
    void *block;
    const DataInput *data; /* what the network reads: of the page's data the one of this number */
    int data_number;
    size_t tile;
    size_t pictures;    /* in a sample of the network: frames of a video, else 1 */
    size_t length;      /* the same of the stream at hand */
    PictureShape shape; /* the network's */
    const Protocol *protocol;
    Scaler scaler;
    float *scratch; /* of each thread */
    size_t scratch_floats;
    Provenance from;
};

/* ---- opening ---- */

/* SHA256File takes no const path. */
static int hash_file(const char *path, char out[65], Error *err) {
    if (SHA256File(path, out)) return 0;
    return fail(err, "%s: cannot be read for its SHA-256", path);
}

static int compile(Extractor *e, const char *label, const char *output, size_t batch, Error *err) {
    const char *names[] = {"feature"};
    Expr *expr;
    SampleMode mode = {0};
    arena_free(e->arena);
    e->arena = arena_new(NULL);
    if (page_parse_expr(e->m.arena, label, output, &expr, err)) return -1;
    e->p = program_sample(e->arena, &e->m, 1, names, &expr, batch, &mode, err);
    return e->p ? 0 : -1;
}

/* The one data of the page that the expression reads. */
static int find_data(Extractor *e, const char *output, Error *err) {
    int count = 0;
    for (int i = 0; i < program_data_count(e->p); i++)
        if (program_reads(e->p, i)) e->data_number = i, count++;
    e->data = program_data(e->p, e->data_number);
    if (count != 1)
        return fail(err, "%s reads %d data of the page, a feature must read one", output, count);
    if (!program_output(e->p, 0)->batched)
        return fail(err, "%s is not one result a sample", output);
    const Input *in = &e->data->input;
    if (in->rank == 4 || in->rank == 5) {
        const size_t *s = in->shape + in->rank - 3;
        e->shape = (PictureShape){s[0], s[1], s[2]};
        e->pictures = in->rank == 5 ? in->shape[1] : 1;
        return 0;
    }
    if (e->protocol->resample != RESAMPLE_NONE)
        return fail(err, "protocol %s is for images, %s of the page are none", e->protocol->name,
                    e->data->name);
    e->shape = (PictureShape){1, 1, in->count / in->shape[0]};
    e->pictures = 1;
    return 0;
}

static int load(Extractor *e, const NetOptions *o, Error *err) {
    const char *name = o->protocol ? o->protocol : "page";
    e->protocol = protocol_find(name);
    if (!e->protocol) return fail(err, "no protocol '%s'", name);
    snprintf(e->from.protocol, sizeof e->from.protocol, "%s", name);
    return model_load(&e->m, o->net, err) || hash_file(o->net, e->from.weights, err) ? -1 : 0;
}

static int prepare(Extractor *e, const NetOptions *o, const char *output, Error *err) {
    const char *label = o->feature ? "--feature" : "--feature by default";
    snprintf(e->from.feature, sizeof e->from.feature, "%s", output);
    frozen_start(&e->m);
    snprintf(e->from.net, sizeof e->from.net, "%s", e->m.page_name);
    if (compile(e, label, output, 1, err) || find_data(e, output, err)) return -1;
    size_t tile = TILE_NUMBERS / (e->data->input.count ? e->data->input.count : 1);
    e->tile = tile < TILE_LEAST ? TILE_LEAST : tile > TILE_MOST ? TILE_MOST : tile;
    if (compile(e, label, output, e->tile, err) || find_data(e, output, err)) return -1;
    return program_bind_own(e->p, &e->block, err);
}

int extractor_open(const NetOptions *o, const char *usual, Extractor **out, Error *err) {
    *out = NULL;
    if (!o->net) {
        if (!o->protocol && !o->feature) return 0;
        return fail(err, "a protocol or a feature is of a network: give --net CHECKPOINT");
    }
    Extractor *e = calloc(1, sizeof *e);
    if (!e) return fail(err, "out of memory");
    const char *output = o->feature ? o->feature : usual;
    int bad = load(e, o, err);
    if (!bad && prepare(e, o, output, err)) bad = fail_in(err, "%s", o->net);
    if (bad) {
        extractor_close(e);
        return -1;
    }
    *out = e;
    return 0;
}

void extractor_close(Extractor *e) {
    if (!e) return;
    free(e->scratch);
    scaler_free(&e->scaler);
    plan_block_free(e->block);
    arena_free(e->arena);
    if (e->m.arena) model_free(&e->m);
    free(e);
}

const Provenance *extractor_provenance(const Extractor *e) { return &e->from; }

const char *extractor_tensor(const Extractor *e) { return e->data->tensor; }

void extractor_range(const Extractor *e, double *low, double *high) {
    *low = e->data->low, *high = e->data->high;
}

bool extractor_wants(const Extractor *e, const Frame *in) {
    return frame_find(in, e->data->tensor) != NULL;
}

/* ---- running ---- */

/* Videos may be longer than the network's when the protocol says which frames to take. */
static int check_length(Extractor *e, const Tensor *t, Error *err) {
    size_t stride = e->protocol->stride, want = e->pictures;
    e->length = t->rank == 5 ? t->shape[1] : 1;
    if (stride) want = (want - 1) * stride + 1;
    if (stride ? e->length >= want : e->length == want) return 0;
    return fail(err, "videos have %zu frames, protocol %s wants %zu%s", e->length,
                e->protocol->name, want, stride ? " at least" : "");
}

/* Sets how the tensor's pictures are scaled, and makes sure that they can be. */
static int check_tensor(Extractor *e, const Tensor *t, Error *err) {
    char shape[200];
    const Input *in = &e->data->input;
    bool page = e->protocol->resample == RESAMPLE_NONE, pictures = in->rank > 3;
    if (t->dtype != DT_U8 && !page)
        return fail(err, "tensor %s is %s: protocol %s is defined for bytes (U8)", t->name,
                    dtype_name(t->dtype), e->protocol->name);
    bool fits = t->rank == in->rank;
    for (int i = 1; fits && !pictures && i < t->rank; i++) fits = t->shape[i] == in->shape[i];
    if (!fits)
        return fail(err, "tensor %s is %s, the network wants [N%s]", t->name,
                    shape_text(t->rank, t->shape, shape, sizeof shape),
                    in->rank == 5   ? ",T,H,W,C"
                    : in->rank == 4 ? ",H,W,C"
                                    : ",...");
    if (check_length(e, t, err)) return -1;
    const size_t *s = t->shape + t->rank - 3;
    PictureShape have = pictures ? (PictureShape){s[0], s[1], s[2]} : e->shape;
    const DataInput *d = e->data;
    if (scaler_prepare(&e->scaler, e->protocol, have, e->shape, d->low, d->high, err)) return -1;
    size_t need = scaler_scratch(&e->scaler), threads = (size_t)omp_get_max_threads(), all, bytes;
    if (need <= e->scratch_floats) return 0;
    if (!size_mul(need, threads, &all) || !size_mul(all, sizeof(float), &bytes))
        return fail(err, "tensor %s: pictures are too large", t->name);
    free(e->scratch);
    e->scratch = data_alloc(bytes, err);
    e->scratch_floats = e->scratch ? need : 0;
    return e->scratch ? 0 : -1;
}

/* Samples first to first+n-1 into the network's input, the rest of which is 0. */
static void fill(Extractor *e, const Tensor *t, size_t first, size_t n) {
    const PictureShape *in = &e->scaler.in;
    size_t from_size = in->height * in->width * in->channels, count = n * e->pictures;
    size_t to_size = e->shape.height * e->shape.width * e->shape.channels;
    float *to = program_room(e->p, e->data_number);
    if (n < e->tile) memset(to, 0, e->data->input.count * sizeof *to);
    if (t->dtype != DT_U8) { /* as the page has them: of its own length */
        tensor_to_float(t, first * e->pictures * from_size, count * from_size, to);
        return;
    }
    const unsigned char *from = (const unsigned char *)t->data + first * e->length * from_size;
    size_t stride = e->protocol->stride ? e->protocol->stride : 1;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++) {
        size_t picture = i / e->pictures * e->length + i % e->pictures * stride;
        scaler_run(&e->scaler, from + picture * from_size, to + i * to_size,
                   e->scratch + (size_t)omp_get_thread_num() * e->scratch_floats);
    }
}

/* What goes along: tensors with as many samples as the network's. */
static bool goes_along(const Extractor *e, const Tensor *t, size_t n) {
    return strcmp(t->name, e->data->tensor) != 0 && strcmp(t->name, "feature") != 0 &&
           t->rank > 0 && t->shape[0] == n;
}

static int declare(const Extractor *e, const Frame *in, size_t n, Frame *out, Error *err) {
    const Node *node = program_output(e->p, 0)->node;
    size_t shape[TENSOR_RANK_MAX];
    if (node->rank > TENSOR_RANK_MAX) return fail(err, "the output has too many axes");
    memcpy(shape, node->shape, (size_t)node->rank * sizeof *shape);
    shape[0] = n;
    frame_clear(out);
    provenance_write(&e->from, out);
    if (frame_add(out, "feature", DT_F32, node->rank, shape, err) < 0) return -1;
    for (size_t i = 0; i < in->tensor_count; i++) {
        const Tensor *t = &in->tensors[i];
        if (goes_along(e, t, n) && frame_add(out, t->name, t->dtype, t->rank, t->shape, err) < 0)
            return -1;
    }
    return frame_allocate(out, err);
}

int extractor_run(Extractor *e, const Frame *in, const char *source, Frame *out, Error *err) {
    const Tensor *t = frame_find(in, e->data->tensor);
    size_t n = t && t->rank ? t->shape[0] : 0;
    if (!t) return fail(err, "%s: no tensor %s, which the network reads", source, e->data->tensor);
    if (check_tensor(e, t, err) || declare(e, in, n, out, err)) return fail_in(err, "%s", source);
    Tensor *result = frame_find(out, "feature");
    size_t width = n ? result->count / n : 0;
    for (size_t first = 0; first < n; first += e->tile) {
        size_t some = n - first < e->tile ? n - first : e->tile;
        fill(e, t, first, some);
        program_run(e->p, &(ProgramRun){.context.sample = first, .step = e->m.step});
        memcpy((float *)result->data + first * width, program_value(e->p, 0),
               some * width * sizeof(float));
    }
    for (size_t i = 0; i < in->tensor_count; i++) {
        const Tensor *other = &in->tensors[i];
        if (goes_along(e, other, n))
            memcpy(frame_find(out, other->name)->data, other->data,
                   other->count * dtype_size(other->dtype));
    }
    return 0;
}
