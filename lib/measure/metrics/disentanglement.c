/* disentanglement: how well the numbers of codes keep known factors of variation apart, by the
 * score of Higgins et al. (2017, appendix A.4): a linear classifier is to tell which factor pairs
 * of samples share from the mean absolute differences of their codes; and by that of Kim and Mnih
 * (2018), which is to tell it from the one number of the code that varies least. */
#include "base/random.h"
#include "maths/linear.h"
#include "measure/metric.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    const char *tensor, *factors;
    uint64_t pairs, train, test, seed;
    double c;
} Options;

/* Rows sorted by one factor: row i stands in group first[i] .. first[i] + size[i] - 1 of order. */
typedef struct {
    size_t *order, *first, *size;
    size_t *some, n_some; /* rows that share their value with another */
    size_t at;            /* column of the factors */
} Sorted;

typedef struct {
    const Options *o;
    Matrix code, factor;
    Sorted *sorted; /* [k] of the factors that vary */
    size_t k;
    float *vote;   /* [train + test, d] mean differences */
    size_t *class; /* the factor that the pairs of a vote share */
    size_t *found; /* of the votes that test */
    size_t *right, *all;
    double train_share;
    double *deviation; /* [d] of the numbers of codes; 0 of those that hardly vary */
    double majority;
} Task;

typedef struct {
    double value;
    size_t row;
} Keyed;

static int compare_keyed(const void *a, const void *b) {
    const Keyed *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static void sorted_free(Sorted *s) {
    free(s->order);
    free(s->first);
    free(s->size);
    free(s->some);
}

static int sort_rows(Sorted *s, const Matrix *m, size_t column, Keyed *key, Error *err) {
    size_t bytes = m->n * sizeof *s->order;
    *s = (Sorted){data_alloc(bytes, err),
                  data_alloc(bytes, err),
                  data_alloc(bytes, err),
                  data_alloc(bytes, err),
                  0,
                  column};
    if (!s->order || !s->first || !s->size || !s->some) return -1;
    for (size_t i = 0; i < m->n; i++) key[i] = (Keyed){m->x[i * m->d + column], i};
    qsort(key, m->n, sizeof *key, compare_keyed);
    for (size_t from = 0, to; from < m->n; from = to) {
        for (to = from; to < m->n && key[to].value == key[from].value; to++) {
        }
        for (size_t i = from; i < to; i++) {
            size_t row = key[i].row;
            s->order[i] = row;
            s->first[row] = from;
            s->size[row] = to - from;
            if (to - from > 1) s->some[s->n_some++] = row;
        }
    }
    return 0;
}

/* The factors that vary; each must have two rows of one value. */
static int sort_factors(Task *t, const char *path, Error *err) {
    const Matrix *m = &t->factor;
    Keyed *key = data_alloc(m->n * sizeof *key, err);
    t->sorted = calloc(m->d, sizeof *t->sorted);
    int bad = !key ? -1 : t->sorted ? 0 : fail(err, "out of memory");
    for (size_t j = 0; j < m->d && !bad; j++) {
        Sorted *s = &t->sorted[t->k];
        bad = sort_rows(s, m, j, key, err);
        if (bad || s->size[0] < m->n) {
            t->k++;
            if (!bad && !s->n_some)
                bad = fail(err, "%s: no two rows have the same value of factor %zu", path, j);
        } else
            sorted_free(s);
    }
    free(key);
    if (!bad && t->k < 2) bad = fail(err, "%s: fewer than two factors vary", path);
    return bad;
}

/* Uses of the seed. */
enum { DRAW_FACTOR, DRAW_ROW, DRAW_OTHER, DRAW_GROUP, DRAW_MEMBER };

/* Vote v: pairs of rows with the same value of one factor. */
static void cast_vote(const Task *t, size_t v, double *sum) {
    const Options *o = t->o;
    size_t d = t->code.d, pairs = (size_t)o->pairs;
    t->class[v] = draw_below(o->seed, DRAW_FACTOR, v, t->k);
    const Sorted *s = &t->sorted[t->class[v]];
    for (size_t j = 0; j < d; j++) sum[j] = 0;
    for (size_t p = 0; p < pairs; p++) {
        size_t row = s->some[draw_below(o->seed, DRAW_ROW, v * pairs + p, s->n_some)];
        size_t other = draw_below(o->seed, DRAW_OTHER, v * pairs + p, s->size[row] - 1);
        const size_t *group = s->order + s->first[row];
        /* the last one stands in for the row itself */
        other = group[other] == row ? group[s->size[row] - 1] : group[other];
        const double *a = t->code.x + row * d, *b = t->code.x + other * d;
        for (size_t j = 0; j < d; j++) sum[j] += fabs(a[j] - b[j]);
    }
    for (size_t j = 0; j < d; j++) t->vote[v * d + j] = (float)(sum[j] / (double)pairs);
}

static int cast_votes(Task *t, Error *err) {
    size_t n = (size_t)(t->o->train + t->o->test), d = t->code.d, cells;
    if (!size_mul(n, d, &cells) || !size_mul(cells, sizeof *t->vote, &cells))
        return fail(err, "%zu votes are too many", n);
    double *sum = data_alloc(d * sizeof *sum, err);
    t->vote = data_alloc(cells, err);
    t->class = data_alloc(n * sizeof *t->class, err);
    t->found = data_alloc((n + 2 * t->k) * sizeof *t->found, err);
    int bad = sum && t->vote && t->class && t->found ? 0 : -1;
    for (size_t v = 0; v < n && !bad; v++) cast_vote(t, v, sum);
    free(sum);
    if (bad) return -1;
    t->right = t->found + n;
    t->all = t->right + t->k;
    for (size_t j = 0; j < t->k; j++) t->right[j] = t->all[j] = 0;
    return 0;
}

static int classify_votes(Task *t, Error *err) {
    const Options *o = t->o;
    size_t n = (size_t)(o->train + o->test), first = (size_t)o->train, right = 0;
    LinearParams p = {.loss = LOSS_LOGISTIC, .c = o->c, .tolerance = 1e-6, .iterations = 1000};
    Linear l;
    int bad = linear_new(&l, t->k, t->code.d, err);
    if (!bad) bad = linear_train(&l, t->vote, t->class, first, &p, err);
    if (!bad) bad = linear_predict(&l, t->vote, n, t->found, err);
    linear_free(&l);
    for (size_t v = 0; v < first && !bad; v++) right += t->found[v] == t->class[v];
    for (size_t v = first; v < n && !bad; v++) {
        t->right[t->class[v]] += t->found[v] == t->class[v];
        t->all[t->class[v]]++;
    }
    t->train_share = (double)right / (double)first;
    return bad;
}

/* A number of the code that varies less than this part of what the largest does holds nothing. */
#define UNUSED 0.05

static int find_deviations(Task *t, Error *err) {
    size_t n = t->code.n, d = t->code.d;
    double most = 0;
    t->deviation = data_alloc(d * sizeof *t->deviation, err);
    if (!t->deviation) return -1;
    for (size_t j = 0; j < d; j++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++) sum += t->code.x[i * d + j];
        for (size_t i = 0; i < n; i++) squares += pow(t->code.x[i * d + j] - sum / (double)n, 2);
        t->deviation[j] = sqrt(squares / (double)n);
        most = fmax(most, t->deviation[j]);
    }
    for (size_t j = 0; j < d; j++)
        if (t->deviation[j] < UNUSED * most) t->deviation[j] = 0;
    return 0;
}

/* Of samples that share the factor of vote v, the number of the code that varies least, measured by
 * its deviation among all. */
static size_t steadiest(const Task *t, size_t v, double *sum, double *squares) {
    const Options *o = t->o;
    const Sorted *s = &t->sorted[t->class[v]];
    size_t d = t->code.d, pairs = (size_t)o->pairs, best = 0;
    size_t row = s->some[draw_below(o->seed, DRAW_GROUP, v, s->n_some)];
    double least = INFINITY;
    for (size_t j = 0; j < d; j++) sum[j] = squares[j] = 0;
    for (size_t p = 0; p < pairs; p++) {
        size_t member = draw_below(o->seed, DRAW_MEMBER, v * pairs + p, s->size[row]);
        const double *a = t->code.x + s->order[s->first[row] + member] * d;
        const double *from = t->code.x + row * d; /* what is subtracted keeps the squares small */
        for (size_t j = 0; j < d; j++) {
            sum[j] += a[j] - from[j];
            squares[j] += pow(a[j] - from[j], 2);
        }
    }
    for (size_t j = 0; j < d; j++) {
        if (t->deviation[j] == 0) continue;
        double spread = (squares[j] - sum[j] * sum[j] / (double)pairs) / pow(t->deviation[j], 2);
        if (spread < least) least = spread, best = j;
    }
    return best;
}

/* The factor that a number of the code stands for is the one of most of the votes that train. */
static int classify_steadiest(Task *t, Error *err) {
    const Options *o = t->o;
    size_t d = t->code.d, k = t->k, right = 0, cells;
    if (!size_mul(d, k, &cells)) return fail(err, "%zu numbers of codes are too many", d);
    double *sum = data_alloc(2 * d * sizeof *sum, err);
    size_t *count = sum ? data_alloc((cells + d) * sizeof *count, err) : NULL;
    int bad = count ? find_deviations(t, err) : -1;
    if (!bad) {
        size_t *factor = count + cells;
        for (size_t i = 0; i < cells; i++) count[i] = 0;
        for (size_t v = 0; v < o->train; v++)
            count[steadiest(t, v, sum, sum + d) * k + t->class[v]]++;
        for (size_t j = 0; j < d; j++) {
            factor[j] = 0;
            for (size_t i = 1; i < k; i++)
                if (count[j * k + i] > count[j * k + factor[j]]) factor[j] = i;
        }
        for (size_t v = o->train; v < o->train + o->test; v++)
            right += factor[steadiest(t, v, sum, sum + d)] == t->class[v];
        t->majority = (double)right / (double)o->test;
    }
    free(sum);
    free(count);
    return bad;
}

static void describe(const Task *t, Results *out) {
    const Options *o = t->o;
    provenance_report(&t->code.from, out);
    result_int(out, "pairs", (int64_t)o->pairs);
    result_int(out, "train", (int64_t)o->train);
    result_int(out, "test", (int64_t)o->test);
    result_int(out, "n", (int64_t)t->code.n);
    result_int(out, "dim", (int64_t)t->code.d);
    result_int(out, "factors", (int64_t)t->k);
    result_real(out, "c", o->c);
    result_int(out, "seed", (int64_t)o->seed);
    result_end(out);
}

static void report(const Task *t, Results *out) {
    size_t right = 0;
    for (size_t j = 0; j < t->k; j++) right += t->right[j];
    result_begin(out, "disentanglement", (double)right / (double)t->o->test);
    result_real(out, "train_accuracy", t->train_share);
    result_real(out, "chance", 1 / (double)t->k);
    describe(t, out);
    for (size_t j = 0; j < t->k; j++) {
        if (!t->all[j]) continue;
        result_begin(out, "disentanglement.factor", (double)t->right[j] / (double)t->all[j]);
        result_int(out, "factor", (int64_t)t->sorted[j].at);
        describe(t, out);
    }
    result_begin(out, "disentanglement.majority", t->majority);
    describe(t, out);
}

static int load(Task *t, const Operand *inputs, Error *err) {
    RowsSpec code = {.of = &inputs[0], .tensor = t->o->tensor};
    RowsSpec factor = {.of = &inputs[1], .tensor = t->o->factors};
    if (matrix_load(&code, AS_DOUBLE, 0, &t->code, err) < 0 ||
        matrix_load(&factor, AS_DOUBLE, 0, &t->factor, err) < 0)
        return -1;
    if (t->code.n != t->factor.n)
        return fail(err, "%s has %zu rows, %s has %zu", inputs[0].path, t->code.n, inputs[1].path,
                    t->factor.n);
    return 0;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    Task t = {.o = options};
    int bad = load(&t, inputs, err);
    if (!bad) bad = sort_factors(&t, inputs[1].path, err);
    if (!bad) bad = cast_votes(&t, err);
    if (!bad) bad = classify_votes(&t, err);
    if (!bad) bad = classify_steadiest(&t, err);
    if (!bad) report(&t, out);
    for (size_t j = 0; j < t.k; j++) sorted_free(&t.sorted[j]);
    free(t.sorted);
    free(t.vote);
    free(t.class);
    free(t.found);
    free(t.deviation);
    matrix_free(&t.code);
    matrix_free(&t.factor);
    return bad;
}

static const Options defaults = {
    .tensor = "feature", .factors = "factor", .pairs = 64, .train = 10000, .test = 5000, .c = 1};

static const MetricOption options[] = {
    OPTION(pairs, "pairs", 'p', OPT_U64(1, 1 << 20), "L",
           "pairs whose differences are averaged (64)"),
    OPTION(train, "train", 0, OPT_U64(1, 1 << 24), "N",
           "votes that the classifier learns from (10000)"),
    OPTION(test, "test", 0, OPT_U64(1, 1 << 24), "N", "votes that it is tried on (5000)"),
    OPTION(c, "c", 'c', OPT_REAL(1e-12, 1e12), "C", "weight of the loss (1)"),
    OPTION(seed, "seed", 0, OPT_U64(0, UINT64_MAX), "N", HELP_SEED " (0)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", "the tensor of codes (feature)"),
    OPTION(factors, "factors", 'f', OPT_TEXT, "NAME", "the tensor of factors (factor)"),
    {0},
};

const Metric metric_disentanglement = {
    .name = "disentanglement",
    .operands = "CODES FACTORS",
    .summary = "How well a linear classifier tells which factor pairs of codes share.",
    .inputs = 2,
    METRIC_OPTIONS,
    .run = run,
};
