/* transport: the earth mover's distance between two sets of equally many points, exactly: the least
 * mean distance when each point of one goes to its own of the other. An assignment problem, solved
 * by augmenting along shortest paths with dual prices (Jonker and Volgenant 1987), in n^3 steps. */
#include "measure/metric.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS_MAX = 20000 };

typedef struct {
    const char *tensor, *range;
    uint64_t count;
    double low, high;
} Options;

static double distance(const double *a, const double *b, size_t d) {
    double s = 0;
    for (size_t j = 0; j < d; j++) s += (a[j] - b[j]) * (a[j] - b[j]);
    return sqrt(s);
}

/* The assignment so far: of[j] is the row of a that row j of b belongs to, n if none. Index n of
 * the arrays of columns stands for the place from which the search starts. */
typedef struct {
    const Matrix *a, *b;
    double *row_price, *price, *reach; /* of a's rows; of columns; shortest path to columns */
    size_t *of, *from;
    bool *done;
} Assign;

/* One step of the search: settles the column that is nearest, and returns it. */
static size_t settle(Assign *s, size_t at) {
    size_t n = s->a->n, d = s->a->d, i = s->of[at], next = n;
    double least = INFINITY;
    s->done[at] = true;
    for (size_t j = 0; j < n; j++) {
        if (s->done[j]) continue;
        double cost = distance(s->a->x + i * d, s->b->x + j * d, d) - s->row_price[i] - s->price[j];
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

static void assign_row(Assign *s, size_t i) {
    size_t n = s->a->n, at = n;
    s->of[n] = i;
    for (size_t j = 0; j <= n; j++) s->reach[j] = INFINITY, s->done[j] = false;
    do at = settle(s, at);
    while (s->of[at] != n);
    for (; at != n; at = s->from[at]) s->of[at] = s->of[s->from[at]];
}

static int assignment(const Matrix *a, const Matrix *b, double *mean, Error *err) {
    size_t n = a->n;
    Assign s = {a,
                b,
                calloc(n + 1, sizeof(double)),
                calloc(n + 1, sizeof(double)),
                calloc(n + 1, sizeof(double)),
                calloc(n + 1, sizeof(size_t)),
                calloc(n + 1, sizeof(size_t)),
                calloc(n + 1, sizeof(bool))};
    bool ok = s.row_price && s.price && s.reach && s.of && s.from && s.done;
    double sum = 0;
    for (size_t j = 0; ok && j < n; j++) s.of[j] = n;
    for (size_t i = 0; ok && i < n; i++) assign_row(&s, i);
    for (size_t j = 0; ok && j < n; j++)
        sum += distance(a->x + s.of[j] * a->d, b->x + j * b->d, a->d);
    *mean = sum / (double)n;
    free(s.row_price);
    free(s.price);
    free(s.reach);
    free(s.of);
    free(s.from);
    free(s.done);
    return ok ? 0 : fail(err, "out of memory");
}

static int same_number(Matrix *a, Matrix *b, char **inputs, bool cut, Error *err) {
    if (cut && a->n > b->n) a->n = b->n;
    if (cut && b->n > a->n) b->n = a->n;
    if (a->n == b->n) return 0;
    return fail(err, "%s has %zu rows, %s %zu; expected equally many, or --count", inputs[0], a->n,
                inputs[1], b->n);
}

static int check(void *options, Error *err) {
    Options *o = options;
    return parse_range(o->range, &o->low, &o->high, err);
}

static int run(const void *options, char **inputs, Results *out, Error *err) {
    const Options *o = options;
    Matrix a = {0}, b = {0};
    RowsSpec spec = {.path = inputs[0], .tensor = o->tensor, .low = o->low, .high = o->high};
    double mean = 0;
    int bad = matrix_load(&spec, AS_DOUBLE, o->count, &a, err);
    spec.path = inputs[1];
    if (!bad) bad = matrix_load(&spec, AS_DOUBLE, o->count, &b, err);
    if (!bad) bad = same_width(inputs[0], a.d, inputs[1], b.d, err);
    if (!bad) bad = same_number(&a, &b, inputs, o->count, err);
    if (!bad && a.n > ROWS_MAX) bad = fail(err, "%zu rows, at most %d", a.n, ROWS_MAX);
    if (!bad) bad = assignment(&a, &b, &mean, err);
    if (!bad) {
        result_begin(out, "transport", mean);
        result_int(out, "n", (int64_t)a.n);
        result_int(out, "dim", (int64_t)a.d);
        result_text(out, "tensor", a.tensor);
        result_end(out);
    }
    matrix_free(&a);
    matrix_free(&b);
    return bad;
}

static const Options defaults = {.tensor = "point,feature,image"};

static const MetricOption options[] = {
    {"count", 'n', OPT_U64, "N", offsetof(Options, count), "use the first N rows of each", false},
    {"tensor", 't', OPT_TEXT, "NAME", offsetof(Options, tensor), HELP_TENSOR, false},
    {"range", 0, OPT_TEXT, "LO,HI", offsetof(Options, range), HELP_RANGE, false},
    {0},
};

const Metric metric_transport = {
    "transport", "A B",           "Earth mover's distance between two sets of points, exactly.",
    2,           sizeof(Options), &defaults,
    options,     check,           run};
