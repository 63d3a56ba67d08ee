#include "maths/assign.h"

#include <math.h>
#include <stdlib.h>

/* The assignment so far: of[j] is the row that column j belongs to, n if none. Index n of the
 * arrays of columns stands for the place from which the search starts. */
typedef struct {
    size_t n;
    AssignCost *cost;
    const void *context;
    double *row_price, *price, *reach; /* of rows; of columns; shortest path to columns */
    size_t *of, *from;
    bool *done;
} AssignSearch;

/* One step of the search: settles the column that is nearest, and returns it. */
static size_t settle(AssignSearch *s, size_t at) {
    size_t n = s->n, i = s->of[at], next = n;
    double least = INFINITY;
    s->done[at] = true;
    for (size_t j = 0; j < n; j++) {
        if (s->done[j]) continue;
        double cost = s->cost(s->context, i, j) - s->row_price[i] - s->price[j];
        if (cost < s->reach[j]) s->reach[j] = cost, s->from[j] = at;
        if (s->reach[j] < least) least = s->reach[j], next = j;
    }
    for (size_t j = 0; j <= n; j++) {
        if (s->done[j])
            s->row_price[s->of[j]] += least, s->price[j] -= least;
        else
            s->reach[j] -= least;
    }
    return next;
}

static void assign_row(AssignSearch *s, size_t i) {
    size_t n = s->n, at = n;
    s->of[n] = i;
    for (size_t j = 0; j <= n; j++) s->reach[j] = INFINITY, s->done[j] = false;
    do at = settle(s, at);
    while (s->of[at] != n);
    for (; at != n; at = s->from[at]) s->of[at] = s->of[s->from[at]];
}

int assign_least(size_t n, AssignCost *cost, const void *context, size_t *row_of, Error *err) {
    size_t room = n + 1;
    AssignSearch s = {.n = n, .cost = cost, .context = context, .of = row_of};
    s.row_price = calloc(3 * room, sizeof *s.row_price);
    s.from = calloc(room, sizeof *s.from);
    s.done = calloc(room, sizeof *s.done);
    bool ok = s.row_price && s.from && s.done;
    if (ok) s.price = s.row_price + room, s.reach = s.price + room;
    for (size_t j = 0; ok && j < n; j++) row_of[j] = n;
    for (size_t i = 0; ok && i < n; i++) assign_row(&s, i);
    free(s.row_price);
    free(s.from);
    free(s.done);
    return ok ? 0 : fail(err, "out of memory");
}
