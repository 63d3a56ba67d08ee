#include "page/store.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "maths/lapack.h"

Store *store_new(Arena *arena, uint64_t seed) {
    Store *s = arena_alloc(arena, sizeof *s);
    s->arena = arena;
    s->seed = seed;
    return s;
}

void store_free(Store *s) {
    if (!s) return;
    if (s->outside.close) s->outside.close(s->outside.context);
    for (size_t i = 0; i < s->count; i++) free(s->entries[i]->state.data);
    for (size_t i = 0; i < s->view_count; i++) free(s->views[i]->state.data);
    frame_free(&s->rest);
}

/* ---- names ---- */

static uint32_t name_hash(const char *name) {
    uint32_t h = 2166136261u;
    for (; *name; name++) h = (h ^ (unsigned char)*name) * 16777619u;
    return h;
}

/* The slot of a name, or the empty one where it would be. */
static size_t slot_of(const Store *s, const char *name) {
    size_t i = name_hash(name) % s->slot_count;
    while (s->slots[i] && strcmp(s->entries[s->slots[i] - 1]->state.name, name))
        i = (i + 1) % s->slot_count;
    return i;
}

Entry *store_find(const Store *s, const char *name) {
    uint32_t found = s->slot_count ? s->slots[slot_of(s, name)] : 0;
    return found ? s->entries[found - 1] : NULL;
}

static void hash_names(Store *s, size_t slots) {
    if (slots > s->slot_count)
        s->slots = arena_new_array(s->arena, uint32_t, slots);
    else
        memset(s->slots, 0, slots * sizeof *s->slots);
    s->slot_count = slots;
    for (size_t i = 0; i < s->count; i++)
        s->slots[slot_of(s, s->entries[i]->state.name)] = (uint32_t)i + 1;
}

bool store_own_layout(const char *name) {
    static const char moment[] = "optimizer.";
    if (!strncmp(name, moment, strlen(moment))) /* optimizer.PLAYER.WHAT.NAME */
        for (int dots = 0; *name && dots < 3; name++) dots += *name == '.';
    return !strchr(name, '.');
}

/* ---- layouts ---- */

void entry_file_shape(const Entry *e, size_t *shape) {
    int rank = e->state.rank;
    memcpy(shape, e->state.shape, (size_t)rank * sizeof *shape);
    if (e->layout == LAYOUT_PLAIN) return;
    shape[0] = e->state.shape[rank - 1];
    shape[1] = e->state.shape[rank - 2];
    for (int i = 2; i < rank; i++) shape[i] = e->state.shape[i - 2];
}

enum { TILE = 16 }; /* floats of a cache line */

/* [k, in, out] in memory to [out, in, k] in the file */
static void to_file(const Entry *e, float *file) {
    const float *memory = e->state.data;
    int rank = e->state.rank;
    size_t in = e->state.shape[rank - 2], out = e->state.shape[rank - 1];
    size_t k = e->state.count ? e->state.count / (in * out) : 0;
#pragma omp parallel for schedule(static) if (e->state.count > 65536)
    for (size_t i = 0; i < in; i++)
        for (size_t o0 = 0; o0 < out; o0 += TILE)
            for (size_t t = 0; t < k; t++)
                for (size_t o = o0; o < out && o < o0 + TILE; o++)
                    file[(o * in + i) * k + t] = memory[(t * in + i) * out + o];
}

/* Output channels that are brought into memory together. */
static size_t file_unit(const Entry *e) {
    size_t out = e->layout == LAYOUT_PLAIN ? 0 : e->state.shape[e->state.rank - 1];
    if (!out || !e->state.count) return 1;
    return e->state.count / out * (out < TILE ? out : TILE);
}

/* Up to TILE rows [in, k] of a file's weight, from output channel o on: a tile of them at a time,
 * so that a cache line of memory is written at once. */
static void rows_from_file(Entry *e, const Tensor *piece, size_t at, size_t o, size_t rows) {
    float tile[TILE][4 * TILE];
    int rank = e->state.rank;
    size_t in = e->state.shape[rank - 2], out = e->state.shape[rank - 1];
    size_t row = e->state.count / out, k = row / in, i = 0, t = 0;
    for (size_t q0 = 0, n; q0 < row; q0 += n) {
        n = row - q0 < 4 * TILE ? row - q0 : 4 * TILE;
        for (size_t r = 0; r < rows; r++) tensor_to_float(piece, at + r * row + q0, n, tile[r]);
        for (size_t q = 0; q < n; q++) {
            float *to = &e->state.data[(t * in + i) * out + o];
            for (size_t r = 0; r < rows; r++) to[r] = tile[r][q];
            if (++t == k) t = 0, i++;
        }
    }
}

/* A TensorTake: part of an entry's tensor, in whole units. */
static void from_file(void *entry, const Tensor *piece, size_t first) {
    Entry *e = entry;
    if (e->layout == LAYOUT_PLAIN || !piece->count) {
        tensor_to_float(piece, 0, piece->count, e->state.data + first);
        return;
    }
    size_t row = e->state.count / e->state.shape[e->state.rank - 1];
    size_t rows = piece->count / row, o = first / row;
    for (size_t r = 0; r < rows; r += TILE)
        rows_from_file(e, piece, r * row, o + r, rows - r < TILE ? rows - r : TILE);
}

/* ---- initial values ---- */

/* Below this limit drawing again would take long: one number in a hundred is within it. */
static const double TRUNCATED_LEAST = 0.01;

/* Normal numbers, drawn again while they are beyond the limit. */
static void draw_truncated(RngKey key, double limit, size_t n, float *out) {
    rng_normal(key, 0, n, out);
    for (size_t i = 0; i < n; i++)
        for (RngKey again = key; fabs(out[i]) > limit;) {
            again.draw++;
            rng_normal(again, i, 1, &out[i]);
        }
}

/* The orthogonal factor of a matrix [rows, columns] of normal numbers: its columns orthonormal, or
 * its rows when those are fewer. The signs see to a triangular factor of positive diagonal: then
 * all such matrices are equally likely (Stewart 1980; Saxe et al. 2014). */
static int draw_orthogonal(RngKey key, size_t rows, size_t columns, float *out, Error *err) {
    bool tall = rows >= columns;
    size_t length = tall ? rows : columns, count = tall ? columns : rows;
    size_t bytes;
    if (length > INT32_MAX || !size_mul(length * count, sizeof(double), &bytes))
        return fail(err, "a matrix of %zu x %zu is too large", rows, columns);
    lapack_int m = (lapack_int)length, k = (lapack_int)count;
    double *q = data_alloc(bytes, err);
    double *tau = data_alloc(count * sizeof *tau, err);
    double *sign = data_alloc(count * sizeof *sign, err);
    int bad = q && tau && sign ? 0 : -1;
    if (!bad) {
        rng_normal(key, 0, length * count, out);
        for (size_t i = 0; i < length * count; i++) q[i] = out[i]; /* vector by vector */
        lapack_int info = LAPACKE_dgeqrf(LAPACK_COL_MAJOR, m, k, q, m, tau);
        for (size_t j = 0; !info && j < count; j++) sign[j] = q[j * length + j] < 0 ? -1 : 1;
        if (!info) info = LAPACKE_dorgqr(LAPACK_COL_MAJOR, m, k, k, q, m, tau);
        bad = lapack_check(info, err, "the orthogonal matrix cannot be made");
    }
    for (size_t j = 0; !bad && j < count; j++)
        for (size_t i = 0; i < length; i++)
            out[tall ? i * count + j : j * length + i] = (float)(sign[j] * q[j * length + i]);
    free(q);
    free(tau);
    free(sign);
    return bad;
}

/* What a distribution cannot be for this tensor. */
static int check_init(const Entry *e, Error *err) {
    if (e->init.kind == INIT_TRUNCATED && !(e->init.a >= TRUNCATED_LEAST))
        return fail(err, "parameter %s: truncated to %g deviations, expected %g at least",
                    e->state.name, e->init.a, TRUNCATED_LEAST);
    if (e->init.kind == INIT_ORTHOGONAL && e->state.rank < 2)
        return fail(err, "parameter %s: orthogonal needs two axes at least", e->state.name);
    size_t shape[RANK_MAX] = {1};
    entry_file_shape(e, shape);
    if (e->init.repeat && shape[0] % e->init.repeat)
        return fail(err, "parameter %s: %zu rows cannot be alike in groups of %zu", e->state.name,
                    shape[0], e->init.repeat);
    return 0;
}

/* Each group of rows becomes its first. */
static void repeat_rows(const Entry *e, float *to) {
    size_t shape[RANK_MAX] = {1};
    entry_file_shape(e, shape);
    size_t row = shape[0] ? e->state.count / shape[0] : 0;
    for (size_t r = 0; r < shape[0]; r++)
        if (r % e->init.repeat)
            memcpy(to + r * row, to + (r - r % e->init.repeat) * row, row * sizeof *to);
}

static int draw_numbers(const Store *s, const Entry *e, float *to, Error *err) {
    size_t n = e->state.count, shape[RANK_MAX];
    RngKey key = {s->seed, name_hash(e->state.name), 0};
    Init in = e->init;
    double shift = 0, scale = 0;
    switch (in.kind) {
    case INIT_CONSTANT: shift = in.a; break;
    case INIT_NORMAL: rng_normal(key, 0, n, to), shift = in.a, scale = in.b; break;
    case INIT_UNIFORM: rng_uniform(key, 0, n, to), shift = in.a, scale = in.b - in.a; break;
    case INIT_TRUNCATED:
        draw_truncated(key, in.a, n, to);
        scale = in.b;
        break;
    case INIT_ORTHOGONAL:
        entry_file_shape(e, shape);
        if (n && draw_orthogonal(key, shape[0], n / shape[0], to, err)) return -1;
        scale = in.a;
    }
    for (size_t i = 0; i < n; i++) to[i] = (float)(shift + (scale != 0 ? scale * to[i] : 0));
    if (in.repeat) repeat_rows(e, to);
    return 0;
}

/* Initial values are drawn in the file's order, so that they do not depend on the layout here. */
static int draw(const Store *s, Entry *e, Error *err) {
    if (check_init(e, err)) return -1;
    if (s->undrawn) return 0;
    float *tmp = data_alloc(e->state.count * sizeof *tmp, err);
    if (!tmp) return -1;
    int bad = draw_numbers(s, e, tmp, err);
    if (!bad) from_file(e, &(Tensor){.dtype = DT_F32, .count = e->state.count, .data = tmp}, 0);
    free(tmp);
    return bad;
}

/* ---- declaring ---- */

bool entry_fits(const Entry *e, const Tensor *t) {
    size_t shape[RANK_MAX] = {0};
    entry_file_shape(e, shape);
    return t->rank == e->state.rank && !memcmp(t->shape, shape, (size_t)t->rank * sizeof *shape);
}

static int check_shape(const Entry *e, const Tensor *t, Error *err) {
    size_t shape[RANK_MAX];
    char have[200], want[200];
    if (entry_fits(e, t)) return 0;
    entry_file_shape(e, shape);
    return fail(err, "tensor %s has shape %s, the page wants %s", t->name,
                shape_text(t->rank, t->shape, have, sizeof have),
                shape_text(e->state.rank, shape, want, sizeof want));
}

/* Whether an entry is what is asked for here. */
static int check_same(const Entry *e, const Entry *here, Error *err) {
    static const char *const kinds[] = {"a parameter", "a running statistic", "a state", "a moment",
                                        "an average"};
    static const char *const layouts[] = {"out, in", ".., in, out"};
    const char *name = e->state.name;
    char have[200], want[200];
    if (e->kind != here->kind)
        return fail(err, "%s is %s here, but %s at %s", name, kinds[here->kind], kinds[e->kind],
                    e->place);
    if (e->state.rank != here->state.rank ||
        memcmp(e->state.shape, here->state.shape, sizeof e->state.shape))
        return fail(err, "parameter %s has shape %s at %s, here %s is wanted", name,
                    shape_text(e->state.rank, e->state.shape, have, sizeof have), e->place,
                    shape_text(here->state.rank, here->state.shape, want, sizeof want));
    if (e->layout == here->layout) return 0;
    return fail(err, "%s is a weight [%s] here, but [%s] at %s", name, layouts[here->layout],
                layouts[e->layout], e->place);
}

static Entry **grown(Store *s, Entry **list, size_t count, size_t *capacity) {
    if (count < *capacity) return list;
    *capacity = *capacity ? 2 * *capacity : 64;
    Entry **more = arena_new_array(s->arena, Entry *, *capacity);
    if (count) memcpy(more, list, count * sizeof *more);
    return more;
}

/* Adds a copy of the entry, once source is seen to have it. */
static Entry *append(Store *s, const Entry *want, Error *err) {
    size_t bytes;
    Entry e = *want;
    if (!size_product(e.state.shape, e.state.rank, &e.state.count) ||
        !size_mul(e.state.count, sizeof(float), &bytes)) {
        fail(err, "parameter %s is too large", e.state.name);
        return NULL;
    }
    const Tensor *t = s->source ? frame_find(s->source, e.state.name) : NULL;
    if (s->outside.net) e.outside = s->outside.net(s->outside.context, e.state.name);
    if (!t && s->fixed && !e.outside) fail(err, "the checkpoint has no tensor %s", e.state.name);
    if (!e.outside && (t ? check_shape(&e, t, err) : s->fixed)) return NULL;
    e.state.name = arena_strdup(s->arena, e.state.name);
    e.place = arena_strdup(s->arena, e.place);
    e.index = (int)s->count;
    s->entries = grown(s, s->entries, s->count, &s->capacity);
    Entry *new = s->entries[s->count++] = arena_alloc(s->arena, sizeof e);
    *new = e;
    if (2 * s->count > s->slot_count)
        hash_names(s, 4 * s->count + 64);
    else
        s->slots[slot_of(s, new->state.name)] = (uint32_t)s->count;
    return new;
}

Entry *store_get(Store *s, const char *name, EntryKind kind, EntryLayout layout, int rank,
                 const size_t *shape, Init init, const char *place, Error *err) {
    Entry here = {.state = {.name = name, .rank = rank},
                  .kind = kind,
                  .layout = layout,
                  .init = init,
                  .place = place,
                  .fresh = true};
    if (rank) memcpy(here.state.shape, shape, (size_t)rank * sizeof *shape);
    Entry *e = store_find(s, name);
    if (!e) return append(s, &here, err);
    return check_same(e, &here, err) ? NULL : e;
}

void store_belongs(Entry *e, Entry *of) {
    if (e->of == of) return;
    e->of = of;
    e->stale = e->kind == ENTRY_AVERAGE;
}

/* What a tensor of a file is in memory, for whoever only looks at it. */
static Entry view_of(const Tensor *t) {
    Entry e = {.state = {.name = t->name, .rank = t->rank, .count = t->count},
               .layout = LAYOUT_PLAIN};
    memcpy(e.state.shape, t->shape, sizeof(size_t) * (size_t)t->rank);
    if (t->rank < 3 || store_own_layout(t->name)) return e;
    e.layout = LAYOUT_CONV;
    for (int i = 2; i < t->rank; i++) e.state.shape[i - 2] = t->shape[i];
    e.state.shape[t->rank - 2] = t->shape[1];
    e.state.shape[t->rank - 1] = t->shape[0];
    return e;
}

Entry *store_view(Store *s, const char *name, Error *err) {
    const Tensor *t = s->source ? frame_find(s->source, name) : NULL;
    if (!t) {
        fail(err, "no parameter %s", name);
        return NULL;
    }
    for (size_t i = 0; i < s->view_count; i++)
        if (!strcmp(s->views[i]->state.name, name)) return s->views[i];
    s->views = grown(s, s->views, s->view_count, &s->view_capacity);
    Entry *e = s->views[s->view_count++] = arena_alloc(s->arena, sizeof *e);
    *e = view_of(t);
    return e;
}

void store_forget(Store *s, size_t count) {
    if (count == s->count) return;
    for (size_t i = count; i < s->count; i++) free(s->entries[i]->state.data);
    s->count = count;
    hash_names(s, s->slot_count);
}

/* ---- filling ---- */

/* From the file of a net whose weights lie elsewhere. */
static int take_outside(Store *s, Entry *e, Error *err) {
    const FrameFile *file;
    const char *path;
    if (s->undrawn) return 0;
    const Tensor *t =
        s->outside.tensor(s->outside.context, e->outside, e->state.name, &file, &path, err);
    if (!t) return -1;
    if (check_shape(e, t, err)) return fail_in(err, "%s", path);
    if (frame_read(file, t, file_unit(e), from_file, e, err)) return -1;
    e->fresh = false;
    return 0;
}

static int take(Store *s, Entry *e, const Tensor *t, Error *err) {
    if (frame_read(s->file, t, file_unit(e), from_file, e, err)) return -1;
    e->fresh = false;
    return 0;
}

static int fill(Store *s, Entry *e, Error *err) {
    const Tensor *t = s->source ? frame_find(s->source, e->state.name) : NULL;
    e->state.data = data_alloc(e->state.count * sizeof(float), err);
    if (!e->state.data) return -1;
    int bad = 0;
    if (e->outside)
        bad = take_outside(s, e, err);
    else if (t)
        bad = take(s, e, t, err);
    else if (!e->stale && draw(s, e, err))
        bad = fail_in(err, "%s", e->place);
    if (!bad) return 0;
    free(e->state.data);
    e->state.data = NULL;
    return -1;
}

/* Tensors that do not fit together would be granted one by one, and the process then killed. */
static int check_memory(const Store *s, Error *err) {
    size_t most = s->most_bytes ? s->most_bytes : machine_memory(), bytes = 0;
    for (size_t i = 0; i < s->count; i++) {
        const Entry *e = s->entries[i];
        if (!size_add(bytes, e->state.count * sizeof(float), &bytes)) bytes = SIZE_MAX;
        if (bytes > most)
            return fail(err, "%s: parameters, moments and averages up to %s take more than %zu MiB",
                        e->place, e->state.name, most >> 20);
    }
    return 0;
}

int store_fill(Store *s, Error *err) {
    if (check_memory(s, err)) return -1;
    for (size_t i = 0; i < s->view_count; i++)
        if (!s->views[i]->state.data && fill(s, s->views[i], err)) return -1;
    for (size_t i = 0; i < s->count; i++)
        if (!s->entries[i]->state.data && fill(s, s->entries[i], err)) return -1;
    for (size_t i = 0; i < s->count; i++) {
        Entry *e = s->entries[i];
        if (e->stale && e->fresh && !s->undrawn)
            memcpy(e->state.data, e->of->state.data, e->state.count * sizeof(float));
        e->stale = false;
    }
    return 0;
}

int store_take(Store *s, const Frame *f, Error *err) {
    for (size_t i = 0; i < s->count; i++) {
        const Tensor *t = frame_find(f, s->entries[i]->state.name);
        if (t && !s->entries[i]->outside && entry_fits(s->entries[i], t) &&
            take(s, s->entries[i], t, err))
            return -1;
    }
    return 0;
}

void store_renew(Entry *e) {
    for (size_t i = 0; i < e->state.count; i++) e->state.data[i] = (float)e->init.a;
    e->fresh = true;
}

void store_follow(Store *s) {
    if (s->undrawn) return;
    for (size_t i = 0; i < s->count; i++) {
        Entry *e = s->entries[i];
        if (e->kind == ENTRY_AVERAGE && e->of && e->fresh)
            memcpy(e->state.data, e->of->state.data, e->state.count * sizeof(float));
    }
}

/* A TensorTake: the bytes as they are. */
static void copy_piece(void *to, const Tensor *piece, size_t first) {
    size_t size = dtype_size(piece->dtype);
    if (piece->count)
        memcpy((char *)((Tensor *)to)->data + first * size, piece->data, piece->count * size);
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
        if (frame_read(s->file, frame_find(s->source, to->name), 1, copy_piece, to, err)) return -1;
    }
    s->source = NULL;
    s->file = NULL;
    return 0;
}

int store_declare(const Store *s, Frame *f, Error *err) {
    for (size_t i = 0; i < s->count; i++) {
        size_t shape[RANK_MAX];
        const Entry *e = s->entries[i];
        if (e->outside) continue;
        entry_file_shape(e, shape);
        if (frame_add(f, e->state.name, DT_F32, e->state.rank, shape, err) < 0) return -1;
    }
    for (size_t i = 0; i < s->rest.tensor_count; i++) {
        const Tensor *t = &s->rest.tensors[i];
        if (frame_add(f, t->name, t->dtype, t->rank, t->shape, err) < 0) return -1;
    }
    return 0;
}

const void *store_give(void *store, const Tensor *t, void *room) {
    const Store *s = store;
    const Entry *e = store_find(s, t->name);
    if (!e) return frame_find(&s->rest, t->name)->data;
    if (e->layout == LAYOUT_PLAIN) return e->state.data;
    to_file(e, room);
    return room;
}
