#include "measure/classes.h"

#include <stdlib.h>
#include <string.h>

/* Index of the first class not below label. */
static size_t lower(const Classes *c, int64_t label) {
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

ptrdiff_t classes_find(const Classes *c, int64_t label) {
    size_t i = lower(c, label);
    return i < c->n && c->id[i] == label ? (ptrdiff_t)i : -1;
}

int classes_add(Classes *c, const int64_t *label, size_t n, Error *err) {
    for (size_t i = 0; i < n; i++) {
        size_t at = lower(c, label[i]);
        if (at < c->n && c->id[at] == label[i]) continue;
        if (!(c->n & (c->n - 1))) { /* grows at powers of two */
            int64_t *id = realloc(c->id, (c->n ? 2 * c->n : 1) * sizeof *id);
            if (!id) return fail(err, "out of memory: %zu classes", c->n);
            c->id = id;
        }
        memmove(c->id + at + 1, c->id + at, (c->n - at) * sizeof *c->id);
        c->id[at] = label[i];
        c->n++;
    }
    return 0;
}

void classes_free(Classes *c) {
    free(c->id);
    *c = (Classes){0};
}
