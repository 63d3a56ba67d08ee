#include "media/arrange/stack.h"

#include "base/random.h"
#include "media/index.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const StackWant *want;
    Index index;
    uint64_t classes;
    uint32_t *picks; /* [per frame, depth] */
    Frame parts, frame;
} Stack;

/* What is counted up instead of being put side by side. */
static bool is_label(const Column *c) {
    return !strcmp(c->name, "label") && c->dtype == DT_I64 && c->rank == 1;
}

/* The labels of s->parts are classes: 0 or above and, when their number is known, below it. */
static int check_labels(const Stack *s, const uint32_t *picks, size_t n, uint64_t *most,
                        Error *err) {
    const int64_t *label = frame_find(&s->parts, "label")->data;
    for (size_t i = 0; i < n; i++) {
        if (label[i] < 0 || (s->classes && (uint64_t)label[i] >= s->classes))
            return fail(err,
                        "%s: sample %" PRIu32 " has the label %" PRId64 ", expected %s%" PRIu64,
                        s->index.name, picks[i], label[i], s->classes ? "0 to " : "at least ",
                        s->classes ? s->classes - 1 : 0);
        if ((uint64_t)label[i] > *most) *most = (uint64_t)label[i];
    }
    return 0;
}

/* The number of classes, from the labels of the whole stream; and all labels stay within I64. */
static int count_classes(Stack *s, size_t per_frame, Error *err) {
    uint64_t most = 0, room = INT64_MAX, samples = index_samples(&s->index);
    for (uint64_t at = 0; !s->want->classes && at < samples;) {
        size_t n = samples - at < per_frame ? (size_t)(samples - at) : per_frame;
        for (size_t i = 0; i < n; i++) s->picks[i] = (uint32_t)(at + i);
        if (index_frame(&s->index, s->picks, n, &s->parts, err) ||
            check_labels(s, s->picks, n, &most, err))
            return -1;
        at += n;
    }
    s->classes = s->want->classes ? s->want->classes : most + 1;
    for (uint64_t i = 0; i < s->want->depth; i++)
        if (!(room /= s->classes))
            return fail(err, "%" PRIu64 " classes to the power of %" PRIu64 " are too many",
                        s->classes, s->want->depth);
    return 0;
}

static int declare(Stack *s, size_t n, Error *err) {
    const Layout *l = &s->index.layout;
    frame_clear(&s->frame);
    for (size_t i = 0; i < l->count; i++) {
        const Column *c = &l->columns[i];
        size_t shape[TENSOR_RANK_MAX] = {n, 1};
        int rank = c->rank;
        if (rank > 1) memcpy(shape + 1, c->shape + 1, (size_t)(rank - 1) * sizeof *shape);
        if (!is_label(c)) {
            if (rank == 1) rank = 2;
            if (!size_mul(shape[rank - 1], (size_t)s->want->depth, &shape[rank - 1]))
                return fail(err, "tensor %s is too large", c->name);
        }
        if (frame_add(&s->frame, c->name, c->dtype, rank, shape, err) < 0) return -1;
    }
    for (size_t i = 0; i < l->facts.meta_count; i++) {
        const Meta *m = &l->facts.meta[i];
        if (strcmp(m->key, "gan.classes")) /* names of other classes than these now */
            frame_set_meta(&s->frame, m->key, m->value);
    }
    return frame_allocate(&s->frame, err);
}

/* The last axes of depth parts side by side. */
static void join(const Column *c, size_t depth, const unsigned char *part, unsigned char *to) {
    size_t unit = dtype_size(c->dtype) * (c->rank > 1 ? c->shape[c->rank - 1] : 1);
    size_t places = unit ? c->bytes / unit : 0;
    for (size_t p = 0; p < places; p++)
        for (size_t j = 0; j < depth; j++, to += unit)
            memcpy(to, part + j * c->bytes + p * unit, unit);
}

static void fill(const Stack *s, size_t n) {
    size_t depth = (size_t)s->want->depth;
    for (size_t i = 0; i < s->index.layout.count; i++) {
        const Column *c = &s->index.layout.columns[i];
        const void *part = frame_find(&s->parts, c->name)->data;
        void *to = frame_find(&s->frame, c->name)->data;
        for (size_t k = 0; k < n; k++) {
            if (is_label(c)) {
                int64_t number = 0;
                for (size_t j = 0; j < depth; j++)
                    number = number * (int64_t)s->classes + ((const int64_t *)part)[k * depth + j];
                ((int64_t *)to)[k] = number;
            } else {
                join(c, depth, (const unsigned char *)part + k * depth * c->bytes,
                     (unsigned char *)to + k * depth * c->bytes);
            }
        }
    }
}

static int write_frame(Stack *s, uint64_t first, size_t n, FILE *out, const char *name,
                       Error *err) {
    size_t depth = (size_t)s->want->depth;
    uint64_t most = 0;
    for (size_t i = 0; i < n; i++) {
        Random r = random_at(s->want->seed, USE_STACK, first + i);
        for (size_t j = 0; j < depth; j++)
            s->picks[i * depth + j] = random_below(&r, (uint32_t)index_samples(&s->index));
    }
    if (index_frame(&s->index, s->picks, n * depth, &s->parts, err)) return -1;
    if (s->classes && check_labels(s, s->picks, n * depth, &most, err)) return -1;
    if (declare(s, n, err)) return -1;
    fill(s, n);
    return frame_write(&s->frame, out, name, err);
}

static int write_all(Stack *s, FILE *out, const char *name, Error *err) {
    const StackWant *w = s->want;
    const Layout *l = &s->index.layout;
    const Column *label = layout_column(l, "label");
    uint64_t count = w->count ? w->count : index_samples(&s->index);
    size_t bytes, picks;
    if (!size_mul(l->sample_bytes, (size_t)w->depth, &bytes))
        return fail(err, "%s: samples of %zu bytes are too large", s->index.name, l->sample_bytes);
    size_t most = frame_samples(bytes, w->per_frame, count);
    if (!size_mul(most, (size_t)w->depth * sizeof *s->picks, &picks))
        return fail(err, "a depth of %" PRIu64 " is too large", w->depth);
    s->picks = data_alloc(picks, err);
    if (!s->picks || (label && is_label(label) && count_classes(s, most, err))) return -1;
    for (uint64_t at = 0; at < count;) {
        size_t n = count - at < most ? (size_t)(count - at) : most;
        if (write_frame(s, at, n, out, name, err)) return -1;
        at += n;
    }
    return 0;
}

int stack_write(const char *path, const StackWant *want, FILE *out, const char *name, Error *err) {
    Stack s = {.want = want};
    int bad = index_open(&s.index, path, false, err) || write_all(&s, out, name, err);
    index_free(&s.index);
    free(s.picks);
    frame_free(&s.parts);
    frame_free(&s.frame);
    return bad ? -1 : 0;
}
