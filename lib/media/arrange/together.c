#include "media/arrange/together.h"

#include "base/random.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    int64_t label;
    uint32_t sample;
} Labelled;

static int by_label(const void *a, const void *b) {
    const Labelled *x = a, *y = b;
    return x->label < y->label ? -1 : x->label > y->label;
}

/* Numbers the labels in ascending order, and counts the groups that each makes. */
static void number_classes(Together *t, const Labelled *of) {
    for (size_t first = 0, end; first < t->samples; first = end) {
        for (end = first; end < t->samples && of[end].label == of[first].label; end++)
            t->class[of[end].sample] = (uint32_t)t->classes;
        size_t groups = (end - first) / t->each;
        t->start[t->classes + 1] = t->start[t->classes] + (uint32_t)(groups * t->each);
        t->groups += groups;
        t->classes++;
    }
}

int together_open(Together *t, const Index *x, size_t each, Error *err) {
    t->each = each;
    t->samples = index_samples(x);
    int64_t *labels = index_labels(x, "label", err);
    Labelled *of = labels ? data_alloc(t->samples * sizeof *of, err) : NULL;
    int bad = !of;
    uint32_t **room[] = {&t->class, &t->start, &t->filled, &t->sorted, &t->turn};
    for (size_t i = 0; !bad && i < sizeof room / sizeof *room; i++)
        bad = !(*room[i] = data_alloc((t->samples + 1) * sizeof **room[i], err));
    if (!bad) {
        for (size_t i = 0; i < t->samples; i++) of[i] = (Labelled){labels[i], (uint32_t)i};
        qsort(of, t->samples, sizeof *of, by_label);
        t->start[0] = 0;
        number_classes(t, of);
        if (!t->groups)
            bad = fail(err, "%s: no label has %zu samples, which are to stand together", x->name,
                       each);
    }
    free(of);
    free(labels);
    return bad ? -1 : 0;
}

void together_free(Together *t) {
    free(t->class);
    free(t->start);
    free(t->filled);
    free(t->sorted);
    free(t->turn);
}

void together_order(Together *t, bool shuffle, uint64_t seed, uint64_t epoch, uint32_t *order) {
    memset(t->filled, 0, t->classes * sizeof *t->filled);
    for (size_t i = 0; i < t->samples; i++) {
        uint32_t k = t->class[order[i]], at = t->start[k] + t->filled[k];
        if (at == t->start[k + 1]) continue;
        t->sorted[at] = order[i];
        t->filled[k]++;
    }
    for (size_t g = 0; g < t->groups; g++) t->turn[g] = (uint32_t)g;
    /* (an epoch from the far end: another order than that of the samples) */
    if (shuffle) random_permutation(seed, ~epoch, t->turn, (uint32_t)t->groups);
    for (size_t g = 0; g < t->groups; g++)
        memcpy(order + g * t->each, t->sorted + t->turn[g] * t->each, t->each * sizeof *order);
}

static bool is_label(const Tensor *t) { return !strcmp(t->name, "label"); }

int together_frame(const Together *t, const Frame *from, Frame *to, Error *err) {
    frame_clear(to);
    for (size_t i = 0; i < from->tensor_count; i++) {
        const Tensor *x = &from->tensors[i];
        size_t shape[TENSOR_RANK_MAX + 1] = {x->shape[0] / t->each, t->each};
        if (x->rank == TENSOR_RANK_MAX)
            return fail(err, "tensor %s has %d axes already", x->name, x->rank);
        memcpy(shape + 2, x->shape + 1, (size_t)(x->rank - 1) * sizeof *shape);
        if (frame_add(to, x->name, x->dtype, is_label(x) ? 1 : x->rank + 1, shape, err) < 0)
            return -1;
    }
    frame_copy_meta(to, from);
    if (frame_allocate(to, err)) return -1;
    for (size_t i = 0; i < from->tensor_count; i++) {
        const Tensor *x = &from->tensors[i], *y = frame_find(to, x->name);
        size_t bytes = dtype_size(x->dtype);
        for (size_t g = 0; is_label(x) && g < y->count; g++)
            memcpy((char *)y->data + g * bytes, (char *)x->data + g * t->each * bytes, bytes);
        if (!is_label(x)) memcpy(y->data, x->data, x->count * bytes);
    }
    return 0;
}
