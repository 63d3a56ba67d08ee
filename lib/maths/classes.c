#include "maths/classes.h"

#include "base/random.h"

#include <stdlib.h>
#include <string.h>

/* Index of the first class not below label. */
static size_t lower(const ClassCounts *c, int64_t label) {
    size_t a = 0, b = c->n;
    while (a < b) {
        size_t m = a + (b - a) / 2;
        if (c->id[m] < label)
            a = m + 1;
        else
            b = m;
    }
    return a;
}

ptrdiff_t classes_find(const ClassCounts *c, int64_t label) {
    size_t i = lower(c, label);
    return i < c->n && c->id[i] == label ? (ptrdiff_t)i : -1;
}

static int insert(ClassCounts *c, size_t at, int64_t label, Error *err) {
    size_t room = c->room;
    if (array_room(&c->id, &room, c->n + 1, sizeof *c->id, "classes", err) ||
        array_room(&c->count, &c->room, c->n + 1, sizeof *c->count, "classes", err))
        return -1;
    memmove(c->id + at + 1, c->id + at, (c->n - at) * sizeof *c->id);
    memmove(c->count + at + 1, c->count + at, (c->n - at) * sizeof *c->count);
    c->id[at] = label;
    c->count[at] = 0;
    c->n++;
    return 0;
}

int classes_count(ClassCounts *c, int64_t label, size_t times, Error *err) {
    size_t at = c->last;
    if (at >= c->n || c->id[at] != label) at = lower(c, label);
    if ((at == c->n || c->id[at] != label) && insert(c, at, label, err) < 0) return -1;
    c->count[at] += times;
    c->last = at;
    return 0;
}

int classes_add(ClassCounts *c, const int64_t *label, size_t n, Error *err) {
    for (size_t i = 0; i < n; i++)
        if (classes_count(c, label[i], 1, err) < 0) return -1;
    return 0;
}

static int compare_size(const void *a, const void *b) {
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

int classes_choose(const ClassCounts *c, const size_t *class, size_t n, size_t per, uint64_t seed,
                   uint64_t draw, size_t *chosen, Error *err) {
    size_t taken = 0;
    size_t *of_class = data_alloc(n * sizeof *of_class, err);
    int bad = of_class ? 0 : -1;
    for (size_t k = 0; k < c->n && !bad; k++) {
        size_t found = 0;
        for (size_t i = 0; i < n; i++)
            if (class[i] == k) of_class[found++] = i;
        if (found < per)
            bad = fail(err, "class %lld has %zu training rows, --per-class asks for %zu",
                       (long long)c->id[k], found, per);
        if (bad) break;
        draw_choose(seed, draw * c->n + k, of_class, found, per);
        memcpy(chosen + taken, of_class, per * sizeof *chosen);
        taken += per;
    }
    free(of_class);
    if (!bad) qsort(chosen, taken, sizeof *chosen, compare_size);
    return bad;
}

void classes_free(ClassCounts *c) {
    free(c->id);
    free(c->count);
    *c = (ClassCounts){0};
}
