#include "page/store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

Store *store_new(Arena *arena, uint64_t seed) {
    Store *s = arena_alloc(arena, sizeof *s);
    s->arena = arena;
    s->seed = seed;
    return s;
}

void store_free(Store *s) {
    if (!s) return;
    for (size_t i = 0; i < s->count; i++) free(s->entries[i]->state.data);
    frame_free(&s->rest);
}

Entry *store_find(const Store *s, const char *name) {
    for (size_t i = 0; i < s->count; i++)
        if (!strcmp(s->entries[i]->state.name, name)) return s->entries[i];
    return NULL;
}

void entry_file_shape(const Entry *e, size_t *shape) {
    int rank = e->state.rank;
    memcpy(shape, e->state.shape, (size_t)rank * sizeof *shape);
    if (e->layout == LAYOUT_PLAIN) return;
    shape[0] = e->state.shape[rank - 1];
    shape[1] = e->state.shape[rank - 2];
    for (int i = 2; i < rank; i++) shape[i] = e->state.shape[i - 2];
}

/* Copies between [k, in, out] and [out, in, k]. */
static void convert(const Entry *e, float *memory, float *file, bool to_file) {
    if (e->layout == LAYOUT_PLAIN) {
        memcpy(to_file ? file : memory, to_file ? memory : file, e->state.count * sizeof *file);
        return;
    }
    int rank = e->state.rank;
    size_t in = e->state.shape[rank - 2], out = e->state.shape[rank - 1];
    size_t k = e->state.count ? e->state.count / (in * out) : 0;
    enum { BLOCK = 16 }; /* a cache line of output channels at a time */
#pragma omp parallel for schedule(static) if (e->state.count > 65536)
    for (size_t i = 0; i < in; i++)
        for (size_t o0 = 0; o0 < out; o0 += BLOCK)
            for (size_t t = 0; t < k; t++)
                for (size_t o = o0; o < out && o < o0 + BLOCK; o++) {
                    float *f = &file[(o * in + i) * k + t], *m = &memory[(t * in + i) * out + o];
                    if (to_file) *f = *m;
                    else *m = *f;
                }
}

static uint32_t name_hash(const char *name) {
    uint32_t h = 2166136261u;
    for (; *name; name++) h = (h ^ (unsigned char)*name) * 16777619u;
    return h;
}

/* Initial values are drawn in the file's order, so that they do not depend on the layout here. */
static int draw(const Store *s, Entry *e, Error *err) {
    size_t n = e->state.count;
    float *tmp = data_alloc(n * sizeof *tmp, err);
    if (!tmp) return -1;
    RngKey key = {s->seed, name_hash(e->state.name), 0};
    Init in = e->init;
    if (in.kind == INIT_NORMAL) rng_normal(key, 0, n, tmp);
    if (in.kind == INIT_UNIFORM) rng_uniform(key, 0, n, tmp);
    for (size_t i = 0; i < n; i++)
        tmp[i] = in.kind == INIT_CONSTANT ? (float)in.a
                 : in.kind == INIT_NORMAL ? (float)(in.a + in.b * tmp[i])
                                          : (float)(in.a + (in.b - in.a) * tmp[i]);
    convert(e, e->state.data, tmp, false);
    free(tmp);
    return 0;
}

static int take(Entry *e, const Tensor *t, Error *err) {
    size_t shape[RANK_MAX];
    char have[200], want[200];
    entry_file_shape(e, shape);
    if (t->rank != e->state.rank || memcmp(t->shape, shape, (size_t)t->rank * sizeof *shape))
        return fail(err, "tensor %s has shape %s, the page wants %s", t->name,
                    shape_text(t->rank, t->shape, have, sizeof have),
                    shape_text(e->state.rank, shape, want, sizeof want));
    float *tmp = data_alloc(t->count * sizeof *tmp, err);
    if (!tmp) return -1;
    tensor_to_float(t, 0, t->count, tmp);
    convert(e, e->state.data, tmp, false);
    free(tmp);
    e->fresh = false;
    return 0;
}

static Entry *append(Store *s, const char *name, Error *err) {
    if (s->count == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 64;
        Entry **more = arena_new_array(s->arena, Entry *, capacity);
        if (s->count) memcpy(more, s->entries, s->count * sizeof *more);
        s->entries = more;
        s->capacity = capacity;
    }
    (void)err;
    Entry *e = arena_alloc(s->arena, sizeof *e);
    e->state.name = arena_strdup(s->arena, name);
    e->fresh = true;
    return e;
}

Entry *store_get(Store *s, const char *name, EntryKind kind, Layout layout, int rank,
                 const size_t *shape, Init init, Error *err) {
    Entry *e = store_find(s, name);
    if (e) {
        char have[200], want[200];
        if (e->state.rank == rank &&
            (!rank || !memcmp(e->state.shape, shape, (size_t)rank * sizeof *shape)))
            return e;
        fail(err, "parameter %s has shape %s, here %s is wanted", name,
             shape_text(e->state.rank, e->state.shape, have, sizeof have),
             shape_text(rank, shape, want, sizeof want));
        return NULL;
    }
    e = append(s, name, err);
    e->kind = kind;
    e->layout = layout;
    e->init = init;
    e->state.rank = rank;
    if (rank) memcpy(e->state.shape, shape, (size_t)rank * sizeof *shape);
    size_t bytes;
    if (!size_product(shape, rank, &e->state.count) ||
        !size_mul(e->state.count, sizeof(float), &bytes)) {
        fail(err, "parameter %s is too large", name);
        return NULL;
    }
    const Tensor *t = s->source ? frame_find(s->source, name) : NULL;
    if (!t && s->fixed) {
        fail(err, "the checkpoint has no tensor %s", name);
        return NULL;
    }
    e->state.data = data_alloc(bytes, err);
    if (!e->state.data) return NULL;
    s->entries[s->count++] = e;
    if (t ? take(e, t, err) : draw(s, e, err)) return NULL;
    return e;
}

int store_take(Store *s, const Frame *f, bool lenient, size_t *taken, Error *err) {
    *taken = 0;
    for (size_t i = 0; i < s->count; i++) {
        const Tensor *t = frame_find(f, s->entries[i]->state.name);
        if (!t) continue;
        if (take(s->entries[i], t, err) == 0) ++*taken;
        else if (!lenient) return -1;
    }
    return 0;
}

void store_follow(Store *s) {
    for (size_t i = 0; i < s->count; i++) {
        Entry *e = s->entries[i];
        if (e->average_of && e->fresh)
            memcpy(e->state.data, e->average_of->state.data, e->state.count * sizeof(float));
    }
}

int store_settle(Store *s, Error *err) {
    if (!s->source) return 0;
    frame_clear(&s->rest);
    for (size_t i = 0; i < s->source->tensor_count; i++) {
        const Tensor *t = &s->source->tensors[i];
        if (store_find(s, t->name)) continue;
        if (frame_add(&s->rest, t->name, t->dtype, t->rank, t->shape, err) < 0) return -1;
    }
    if (frame_allocate(&s->rest, err)) return -1;
    for (size_t i = 0; i < s->rest.tensor_count; i++) {
        Tensor *to = &s->rest.tensors[i];
        memcpy(to->data, frame_find(s->source, to->name)->data, to->count * dtype_size(to->dtype));
    }
    s->source = NULL;
    return 0;
}

int store_declare(const Store *s, Frame *f, Error *err) {
    for (size_t i = 0; i < s->count; i++) {
        size_t shape[RANK_MAX];
        const Entry *e = s->entries[i];
        entry_file_shape(e, shape);
        if (frame_add(f, e->state.name, DT_F32, e->state.rank, shape, err) < 0) return -1;
    }
    for (size_t i = 0; i < s->rest.tensor_count; i++) {
        const Tensor *t = &s->rest.tensors[i];
        if (frame_add(f, t->name, t->dtype, t->rank, t->shape, err) < 0) return -1;
    }
    return 0;
}

void store_write(const Store *s, Frame *f) {
    for (size_t i = 0; i < s->count; i++) {
        Tensor *t = frame_find(f, s->entries[i]->state.name);
        convert(s->entries[i], s->entries[i]->state.data, t->data, true);
    }
    for (size_t i = 0; i < s->rest.tensor_count; i++) {
        const Tensor *from = &s->rest.tensors[i];
        memcpy(frame_find(f, from->name)->data, from->data, from->count * dtype_size(from->dtype));
    }
}
