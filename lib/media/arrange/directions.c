#include "media/arrange/directions.h"
#include "maths/dense.h"
#include "media/regroup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- a set of directions ---- */

typedef struct {
    Frame frame;
    size_t m, d;
    double *row; /* [m,d], of length 1 */
    const char *names;
} Directions;

static void directions_free(Directions *s) {
    frame_free(&s->frame);
    free(s->row);
}

static int directions_load(const char *path, Directions *s, Error *err) {
    if (frame_load(path, &s->frame, err)) return -1;
    const Tensor *t = frame_find(&s->frame, "direction");
    if (!t || t->rank != 2 || !t->count || !dtype_is_real(t->dtype))
        return fail(err, "%s: expected a tensor direction [M,d] of floats", path);
    s->m = t->shape[0], s->d = t->shape[1];
    s->names = frame_meta(&s->frame, "gan.scores");
    if (!(s->row = data_alloc(t->count * sizeof *s->row, err))) return -1;
    for (size_t i = 0; i < t->count; i++) s->row[i] = tensor_get(t, i);
    for (size_t k = 0; k < s->m; k++) {
        double length = scale_to_one(s->row + k * s->d, s->d);
        if (!(length > 0) || !isfinite(length))
            return fail(err, "%s: direction %zu has no length", path, k);
    }
    return 0;
}

/* Item k of a list, and its length; NULL when there are fewer. */
static const char *item(const char *list, size_t k, size_t *length) {
    for (; k && list; k--)
        if ((list = strchr(list, ','))) list++;
    if (list) *length = strcspn(list, ",");
    return list;
}

/* The row that a text of this length names. */
static int find_row(const Directions *s, const char *path, const char *text, size_t length,
                    size_t *row, Error *err) {
    size_t n;
    const char *at;
    for (size_t k = 0; k < s->m && (at = item(s->names, k, &n)); k++)
        if (n == length && !strncmp(at, text, n)) {
            *row = k;
            return 0;
        }
    char word[32];
    uint64_t number;
    snprintf(word, sizeof word, "%.*s", (int)length, text);
    if (length < sizeof word && parse_u64(word, &number) && number < s->m) {
        *row = (size_t)number;
        return 0;
    }
    return fail(err, "%s: no direction %.*s; there are %s%s0 to %zu", path, (int)length, text,
                s->names ? s->names : "", s->names ? ", or " : "", s->m - 1);
}

/* ---- projection ---- */

static double dot(const double *a, const double *b, size_t d) {
    double s = 0;
    for (size_t j = 0; j < d; j++) s += a[j] * b[j];
    return s;
}

/* x less its projection on orthonormal rows, twice for the digits. */
static void remove_span(double *x, const double *basis, size_t rank, size_t d) {
    for (int again = 0; again < 2; again++)
        for (size_t k = 0; k < rank; k++) {
            double s = dot(x, basis + k * d, d);
            for (size_t j = 0; j < d; j++) x[j] -= s * basis[k * d + j];
        }
}

/* Below this part of its length nothing is left of a direction: floats have seven digits. */
static const double NOTHING = 1e-5;

static int project(const Directions *s, const char *path, const ProjectWant *w, double *x,
                   ProjectReport *r, Error *err) {
    size_t of, on, n, d = s->d;
    double *basis = data_alloc(s->m * d * sizeof *basis, err);
    const char *at;
    int bad = basis ? find_row(s, path, w->of, strlen(w->of), &of, err) : -1;
    if (!bad) memcpy(x, s->row + of * d, d * sizeof *x);
    for (size_t k = 0; !bad && (at = item(w->on, k, &n)); k++) {
        bad = find_row(s, path, at, n, &on, err);
        if (!bad && on == of) bad = fail(err, "%s: direction %s is its own condition", path, w->of);
        if (bad) break;
        r->conditions++;
        if (r->rank == s->m) continue;
        double *next = basis + r->rank * d;
        memcpy(next, s->row + on * d, d * sizeof *next);
        remove_span(next, basis, r->rank, d);
        if (scale_to_one(next, d) > NOTHING) r->rank++;
    }
    if (!bad) {
        remove_span(x, basis, r->rank, d);
        r->kept = scale_to_one(x, d);
        if (!(r->kept > NOTHING))
            bad = fail(err, "%s: nothing is left of direction %s: it is made of %s", path, w->of,
                       w->on);
    }
    free(basis);
    return bad;
}

int project_write(const char *path, const ProjectWant *want, FILE *out, const char *name,
                  ProjectReport *report, Error *err) {
    Directions s = {0};
    Frame f = {0};
    *report = (ProjectReport){0};
    int bad = directions_load(path, &s, err);
    double *x = bad ? NULL : data_alloc(s.d * sizeof *x, err);
    if (!x) bad = -1;
    if (!bad) bad = project(&s, path, want, x, report, err);
    size_t shape[2] = {1, s.d};
    if (!bad && (frame_add(&f, "direction", DT_F32, 2, shape, err) < 0 || frame_allocate(&f, err)))
        bad = -1;
    if (!bad) {
        float *to = f.tensors[0].data;
        for (size_t j = 0; j < s.d; j++) to[j] = (float)x[j];
        frame_set_metaf(&f, "gan.scores", "%s|%s", want->of, want->on);
        for (char *c = f.meta[0].value; c && *c; c++)
            if (*c == ',') *c = '+';
        bad = frame_write(&f, out, name, err);
    }
    free(x);
    frame_free(&f);
    directions_free(&s);
    return bad;
}

/* ---- walks ---- */

typedef struct {
    const WalkWant *want;
    Directions directions;
    const double *n; /* [d] */
    Frame frame;
    Regroup out;
} Walk;

static int declare(Walk *w, const Frame *from, const Tensor *latents, Error *err) {
    size_t samples = latents->shape[0], all;
    if (!size_mul(samples, w->want->steps, &all)) return fail(err, "too many steps");
    frame_clear(&w->frame);
    for (size_t i = 0; i < from->tensor_count; i++) {
        const Tensor *t = &from->tensors[i];
        size_t shape[TENSOR_RANK_MAX];
        if (!strcmp(t->name, "distance")) return fail(err, "there is a tensor distance already");
        memcpy(shape, t->shape, sizeof shape);
        if (!t->rank || shape[0] != samples)
            return fail(err, "%s is not of %zu samples", t->name, samples);
        shape[0] = all;
        if (frame_add(&w->frame, t->name, t == latents ? DT_F32 : t->dtype, t->rank, shape, err) <
            0)
            return -1;
    }
    if (frame_add(&w->frame, "distance", DT_F32, 1, &all, err) < 0) return -1;
    for (size_t i = 0; i < from->meta_count; i++)
        if (strncmp(from->meta[i].key, "gan.crc32", 9) != 0)
            frame_set_meta(&w->frame, from->meta[i].key, from->meta[i].value);
    return frame_allocate(&w->frame, err);
}

static double step_at(const WalkWant *w, size_t step) {
    double part = w->steps > 1 ? (double)step / (double)(w->steps - 1) : 0;
    return w->from + part * (w->to - w->from);
}

/* One code [d], moved to the step. */
static void move(const Walk *w, const double *x, size_t step, bool moves, float *to) {
    const WalkWant *o = w->want;
    size_t d = w->directions.d;
    double t = step_at(o, step),
           by = !moves        ? 0
                : o->relative ? t
                              : t - dot(x, w->n, d),
           square = 0;
    for (size_t j = 0; j < d; j++) square += (x[j] + by * w->n[j]) * (x[j] + by * w->n[j]);
    double scale = o->normalise && square > 0 ? sqrt((double)d / square) : 1;
    for (size_t j = 0; j < d; j++) to[j] = (float)(scale * (x[j] + by * w->n[j]));
}

static int walk_latents(Walk *w, const Tensor *t, Error *err) {
    size_t d = w->directions.d, n = t->shape[0], layers = n ? t->count / n / d : 0,
           steps = w->want->steps;
    float *to = frame_find(&w->frame, t->name)->data;
    double *x = data_alloc(d * sizeof *x, err);
    if (!x) return -1;
    for (size_t i = 0; i < n * layers; i++) {
        size_t sample = i / layers, layer = i % layers;
        for (size_t j = 0; j < d; j++) x[j] = tensor_get(t, i * d + j);
        for (size_t s = 0; s < steps; s++)
            move(w, x, s, layer >= w->want->first && layer <= w->want->last,
                 to + ((sample * steps + s) * layers + layer) * d);
    }
    free(x);
    return 0;
}

/* Whether the latents have the layers that are asked for. */
static int check_layers(const WalkWant *o, const Tensor *t, Error *err) {
    size_t layers = 1;
    if (o->last == SIZE_MAX) return 0;
    if (t->rank < 3) return fail(err, "--layers: tensor %s has none", t->name);
    for (int i = 1; i < t->rank - 1; i++) layers *= t->shape[i];
    if (o->last < layers) return 0;
    return fail(err, "--layers: tensor %s has layers 0 to %zu, found %zu", t->name, layers - 1,
                o->last);
}

static int walk_frame(Walk *w, const Frame *from, Error *err) {
    const Tensor *t = frame_find(from, w->want->tensor);
    char have[200];
    if (!t) return fail(err, "no tensor %s", w->want->tensor);
    if (t->rank < 2 || !dtype_is_real(t->dtype) || t->shape[t->rank - 1] != w->directions.d)
        return fail(err, "tensor %s has shape %s, the direction %zu numbers", t->name,
                    shape_text(t->rank, t->shape, have, sizeof have), w->directions.d);
    if (check_layers(w->want, t, err) || declare(w, from, t, err)) return -1;
    size_t n = t->shape[0], steps = w->want->steps;
    float *distance = frame_find(&w->frame, "distance")->data;
    for (size_t i = 0; i < n * steps; i++) distance[i] = (float)step_at(w->want, i % steps);
    for (size_t k = 0; k < from->tensor_count; k++) {
        const Tensor *other = &from->tensors[k];
        size_t bytes = n ? other->count / n * dtype_size(other->dtype) : 0;
        char *to = frame_find(&w->frame, other->name)->data;
        for (size_t i = 0; other != t && i < n * steps; i++)
            memcpy(to + i * bytes, (const char *)other->data + i / steps * bytes, bytes);
    }
    if (walk_latents(w, t, err)) return -1;
    return regroup_add(&w->out, &w->frame, 0, n * steps, err);
}

int walk_write(const char *path, const WalkWant *want, FILE *out, const char *name, Error *err) {
    Walk w = {.want = want};
    Frame f = {0};
    size_t row = 0;
    int more = directions_load(want->directions, &w.directions, err) ? -1 : 1;
    if (more > 0 && !want->along && w.directions.m > 1)
        more = fail(err, "%s: holds %zu directions: which?", want->directions, w.directions.m);
    if (more > 0 && want->along &&
        find_row(&w.directions, want->directions, want->along, strlen(want->along), &row, err))
        more = -1;
    Reader *r = more > 0 ? reader_open(path, err) : NULL;
    if (!r) more = -1;
    if (more > 0) w.n = w.directions.row + row * w.directions.d;
    regroup_start(&w.out, 0, out, name);
    while (more > 0 && (more = reader_next(r, &f, err)) > 0)
        if (f.tensor_count && walk_frame(&w, &f, err)) more = reader_fail_in(r, err);
    more = regroup_end(&w.out, more < 0, err);
    if (r) reader_close(r);
    frame_free(&f);
    frame_free(&w.frame);
    directions_free(&w.directions);
    return more;
}
