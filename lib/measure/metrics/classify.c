/* svm, logistic: linear classifiers on features, with C chosen on validation rows and few-label
 * draws balanced over the classes. */
#include "maths/classes.h"
#include "maths/linear.h"
#include "measure/doubts.h"
#include "measure/metric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { C_MAX = 64, SIZES_MAX = 64 };

typedef struct {
    const char *validation, *tensor, *label, *c, *per_class, *output;
    uint64_t draws, seed, iterations;
    double tolerance, scaling, grid[C_MAX], sizes[SIZES_MAX];
    int count, size_count; /* of grid; of sizes, rows of each class, whole numbers */
    bool positions, balanced;
    ValueRange range;
} Options;

/* What a run holds: the three sets (valid is empty without --validation), with their labels as
 * indices into the classes of TRAIN; a label TRAIN lacks is classes.n and never right. */
typedef struct {
    const Options *o;
    Loss loss;
    size_t per_class; /* rows drawn of each class; 0: all rows */
    Matrix train, valid, test;
    size_t *train_class, *valid_class, *test_class;
    ClassCounts classes;
    double *valid_share, *test_share; /* [draws, count] accuracies */
    double worst;
    Linear *kept; /* [count] weights when there is one draw and --output */
} Task;

static size_t draws(const Options *o) { return o->per_class && o->draws ? (size_t)o->draws : 1; }

static size_t *class_indices(const Matrix *m, const ClassCounts *c, Error *err) {
    size_t *out = data_alloc(m->n * sizeof *out, err);
    for (size_t i = 0; i < m->n && out; i++) {
        ptrdiff_t k = classes_find(c, m->label[i]);
        out[i] = k < 0 ? c->n : (size_t)k;
    }
    return out;
}

static int load(Task *t, const Operand *inputs, Error *err) {
    const Options *o = t->o;
    RowsSpec spec = {.of = &inputs[0],
                     .tensor = o->tensor,
                     .label = o->label,
                     .label_needed = true,
                     .range = o->range,
                     .positions = o->positions};
    if (matrix_load(&spec, AS_FLOAT, 0, &t->train, err) < 0) return -1;
    spec.of = &inputs[1];
    if (matrix_load(&spec, AS_FLOAT, 0, &t->test, err) < 0 ||
        operands_match(&inputs[0], t->train.d, &inputs[1], t->test.d, err) < 0 ||
        doubts_names(&inputs[0], &inputs[1], err) < 0 ||
        provenance_same(inputs[0].path, &t->train.from, inputs[1].path, &t->test.from, err) < 0)
        return -1;
    Operand held_out = {.path = o->validation, .extractor = inputs[0].extractor};
    spec.of = &held_out;
    if (o->validation &&
        (matrix_load(&spec, AS_FLOAT, 0, &t->valid, err) < 0 ||
         operands_match(&inputs[0], t->train.d, &held_out, t->valid.d, err) < 0 ||
         provenance_same(inputs[0].path, &t->train.from, o->validation, &t->valid.from, err) < 0))
        return -1;
    if (classes_add(&t->classes, t->train.label, t->train.n, err) < 0) return -1;
    if (t->classes.n < 2) return fail(err, "%s: one class only", inputs[0].path);
    t->train_class = class_indices(&t->train, &t->classes, err);
    t->valid_class = class_indices(&t->valid, &t->classes, err);
    t->test_class = class_indices(&t->test, &t->classes, err);
    return t->train_class && t->valid_class && t->test_class ? 0 : -1;
}

/* One draw's training rows: all, or per_class of each class, in the order of the stream. */
typedef struct {
    size_t n;
    const float *x;
    const size_t *class;
    float *x_own;
    size_t *class_own;
} Draw;

static void draw_free(Draw *d) {
    free(d->x_own);
    free(d->class_own);
}

static int draw_rows(const Task *t, size_t draw, Draw *out, Error *err) {
    const Matrix *m = &t->train;
    *out = (Draw){.n = m->n, .x = m->xf, .class = t->train_class};
    if (!t->per_class) return 0;
    size_t n;
    if (!size_mul(t->per_class, t->classes.n, &n) || n > m->n)
        return fail(err, "--per-class %zu: only %zu training rows", t->per_class, m->n);
    size_t *chosen = data_alloc(n * sizeof *chosen, err);
    out->x_own = data_alloc(n * m->d * sizeof *out->x_own, err);
    out->class_own = data_alloc(n * sizeof *out->class_own, err);
    int bad = chosen && out->x_own && out->class_own
                  ? classes_choose(&t->classes, t->train_class, m->n, t->per_class, t->o->seed,
                                   draw, chosen, err)
                  : -1;
    for (size_t i = 0; i < n && !bad; i++) {
        memcpy(out->x_own + i * m->d, m->xf + chosen[i] * m->d, m->d * sizeof *out->x_own);
        out->class_own[i] = t->train_class[chosen[i]];
    }
    free(chosen);
    out->n = n;
    out->x = out->x_own;
    out->class = out->class_own;
    if (bad) draw_free(out);
    return bad;
}

static int share_right(const Linear *l, const Matrix *m, const size_t *class, double *share,
                       Error *err) {
    size_t *found = data_alloc(m->n * sizeof *found, err), right = 0;
    int bad = found ? linear_predict(l, m->xf, m->n, found, err) : -1;
    for (size_t i = 0; i < m->n && !bad; i++) right += found[i] == class[i];
    *share = m->n ? (double)right / (double)m->n : 0;
    free(found);
    return bad;
}

/* n / (K n_c) for each class c: what makes all classes weigh as much; in a block to be freed. */
static double *balance(const Task *t, const Draw *rows, Error *err) {
    double *share = calloc(t->classes.n, sizeof *share), k = (double)t->classes.n;
    if (!share) fail(err, "out of memory");
    for (size_t i = 0; share && i < rows->n; i++) share[rows->class[i]]++;
    for (size_t c = 0; share && c < t->classes.n; c++) share[c] = (double)rows->n / (k * share[c]);
    return share;
}

/* Trains one draw for every C, each from the solution for the C before. */
static int run_draw(Task *t, size_t draw, const Draw *rows, Error *err) {
    const Options *o = t->o;
    Linear l;
    int bad = linear_new(&l, t->classes.n, t->train.d, err);
    double *shares = o->balanced && !bad ? balance(t, rows, err) : NULL;
    if (o->balanced && !shares) bad = -1;
    for (int i = 0; i < o->count && !bad; i++) {
        LinearParams p = {.loss = t->loss,
                          .c = o->grid[i],
                          .tolerance = o->tolerance,
                          .iterations = (int)o->iterations,
                          .constant = o->scaling,
                          .shares = shares};
        size_t at = draw * (size_t)o->count + (size_t)i;
        bad = linear_train(&l, rows->x, rows->class, rows->n, &p, err);
        t->worst = fmax(t->worst, l.worst);
        if (!bad && t->valid.n)
            bad = share_right(&l, &t->valid, t->valid_class, &t->valid_share[at], err);
        if (!bad) bad = share_right(&l, &t->test, t->test_class, &t->test_share[at], err);
        if (bad || !t->kept) continue;
        bad = linear_new(&t->kept[i], t->classes.n, l.d, err);
        if (bad) break;
        memcpy(t->kept[i].weight, l.weight, l.rows * (l.d + 1) * sizeof *l.weight);
        t->kept[i].constant = l.constant;
    }
    free(shares);
    linear_free(&l);
    return bad;
}

static int run_draws(Task *t, Error *err) {
    size_t n = draws(t->o), cells = n * (size_t)t->o->count;
    free(t->valid_share);
    free(t->test_share);
    t->worst = 0;
    t->valid_share = calloc(cells, sizeof *t->valid_share);
    t->test_share = calloc(cells, sizeof *t->test_share);
    if (t->o->output) t->kept = calloc((size_t)t->o->count, sizeof *t->kept);
    if (!t->valid_share || !t->test_share || (t->o->output && !t->kept))
        return fail(err, "out of memory");
    for (size_t draw = 0; draw < n; draw++) {
        Draw rows;
        if (draw_rows(t, draw, &rows, err) < 0) return -1;
        int bad = run_draw(t, draw, &rows, err);
        draw_free(&rows);
        if (bad) return -1;
    }
    return 0;
}

/* Mean over draws of one C's accuracies, and their deviation with divisor draws - 1. */
static double mean_share(const Task *t, const double *share, int c, double *deviation) {
    size_t n = draws(t->o), count = (size_t)t->o->count;
    double mean = 0, square = 0;
    for (size_t i = 0; i < n; i++) mean += share[i * count + (size_t)c] / (double)n;
    for (size_t i = 0; i < n; i++) square += pow(share[i * count + (size_t)c] - mean, 2);
    if (deviation) *deviation = n > 1 ? sqrt(square / (double)(n - 1)) : 0;
    return mean;
}

static void describe(const Task *t, Results *out) {
    const Options *o = t->o;
    size_t n = t->per_class ? t->per_class * t->classes.n : t->train.n;
    provenance_report(&t->test.from, out);
    result_text(out, "loss", t->loss == LOSS_LOGISTIC ? "logistic" : "squared-hinge");
    char penalty[60], number[40];
    snprintf(penalty, sizeof penalty, "l2 with bias %s",
             real_text(o->scaling, number, sizeof number));
    result_text(out, "penalty", penalty);
    if (o->balanced) result_text(out, "weights", "balanced");
    result_int(out, "n_train", (int64_t)n);
    result_int(out, "n_validation", (int64_t)t->valid.n);
    result_int(out, "n_test", (int64_t)t->test.n);
    result_int(out, "classes", (int64_t)t->classes.n);
    result_int(out, "dim", (int64_t)t->train.d);
    result_text(out, "tensor", t->train.tensor);
    result_range(out, &o->range);
    if (t->per_class) {
        result_int(out, "per_class", (int64_t)t->per_class);
        result_int(out, "draws", (int64_t)draws(o));
        result_int(out, "seed", (int64_t)o->seed);
    }
    result_real(out, "tolerance", o->tolerance);
    if (t->worst > o->tolerance) {
        char note[80];
        snprintf(note, sizeof note, "stopped at a relative gradient of %.2g", t->worst);
        result_text(out, "note", note);
    }
}

/* Returns the index of the C reported. */
static int report(const Task *t, Results *out) {
    const Options *o = t->o;
    int best = 0;
    double deviation;
    for (int i = 1; i < o->count; i++)
        if (mean_share(t, t->valid_share, i, NULL) > mean_share(t, t->valid_share, best, NULL))
            best = i;
    result_begin(out, t->loss == LOSS_LOGISTIC ? "logistic.accuracy" : "svm.accuracy",
                 mean_share(t, t->test_share, best, &deviation));
    if (draws(o) > 1) result_real(out, "std", deviation);
    result_real(out, "c", o->grid[best]);
    result_text(out, "c_list", o->c);
    if (t->valid.n)
        result_real(out, "validation_accuracy", mean_share(t, t->valid_share, best, NULL));
    describe(t, out);
    result_end(out);
    return best;
}

/* weight F32 [rows,d], bias F32 [rows], class I64 [K]: in PyTorch's layout of a linear layer. */
static int save(const Task *t, const Linear *l, double c, Error *err) {
    Frame f = {0};
    size_t k = t->classes.n, d = l->d, shape[2] = {l->rows, d};
    int bad = frame_add(&f, "weight", DT_F32, 2, shape, err) < 0 ||
              frame_add(&f, "bias", DT_F32, 1, shape, err) < 0 ||
              frame_add(&f, "class", DT_I64, 1, &k, err) < 0 || frame_allocate(&f, err) < 0;
    if (!bad) {
        float *weight = frame_find(&f, "weight")->data, *bias = frame_find(&f, "bias")->data;
        for (size_t r = 0; r < l->rows; r++) {
            const double *w = l->weight + r * (d + 1);
            for (size_t j = 0; j < d; j++) weight[r * d + j] = (float)w[j];
            bias[r] = (float)(l->constant * w[d]);
        }
        memcpy(frame_find(&f, "class")->data, t->classes.id, k * sizeof *t->classes.id);
        char number[40];
        frame_set_meta(&f, "gan.classifier", t->loss == LOSS_LOGISTIC ? "logistic" : "svm");
        frame_set_meta(&f, "gan.c", real_text(c, number, sizeof number));
        frame_set_meta(&f, "gan.features", t->train.tensor);
        bad = frame_save(&f, t->o->output, err) < 0;
    }
    frame_free(&f);
    return bad ? -1 : 0;
}

static void task_free(Task *t) {
    matrix_free(&t->train);
    matrix_free(&t->valid);
    matrix_free(&t->test);
    free(t->train_class);
    free(t->valid_class);
    free(t->test_class);
    classes_free(&t->classes);
    free(t->valid_share);
    free(t->test_share);
    for (int i = 0; t->kept && i < t->o->count; i++) linear_free(&t->kept[i]);
    free(t->kept);
}

static int run_task(const Options *o, Loss loss, const Operand *inputs, Results *out, Error *err) {
    Task t = {.o = o, .loss = loss};
    int bad = load(&t, inputs, err);
    if (!bad) doubts_unknown(&inputs[0], &inputs[1], out);
    for (int i = 0; i < (o->size_count ? o->size_count : 1) && !bad; i++) {
        t.per_class = o->size_count ? (size_t)o->sizes[i] : 0;
        bad = run_draws(&t, err);
        int best = bad ? 0 : report(&t, out);
        if (!bad && t.kept) bad = save(&t, &t.kept[best], o->grid[best], err);
    }
    task_free(&t);
    return bad;
}

static int run_svm(const void *options, const Operand *inputs, Results *out, Error *err) {
    return run_task(options, LOSS_SQUARED_HINGE, inputs, out, err);
}

static int run_logistic(const void *options, const Operand *inputs, Results *out, Error *err) {
    return run_task(options, LOSS_LOGISTIC, inputs, out, err);
}

static int check(void *options, Error *err) {
    Options *o = options;
    o->count = parse_list(o->c, o->grid, C_MAX, err);
    if (o->count < 0) return fail_in(err, "--c");
    if (o->count > 1 && !o->validation)
        return fail(err, "several values of --c need --validation STREAM to choose by");
    if (o->per_class) o->size_count = parse_list(o->per_class, o->sizes, SIZES_MAX, err);
    if (o->size_count < 0) return fail_in(err, "--per-class");
    for (int i = 0; i < o->size_count; i++)
        if (o->sizes[i] != floor(o->sizes[i]) || o->sizes[i] > 0x1p32)
            return fail(err, "--per-class: expected whole numbers from 1 on, found '%s'",
                        o->per_class);
    if (o->draws > 1 && !o->per_class) return fail(err, "--draws needs --per-class");
    if (o->output && (draws(o) > 1 || o->size_count > 1))
        return fail(err, "--output needs a single draw");
    return 0;
}

static const Options defaults = {.tensor = "feature",
                                 .label = "label",
                                 .c = "1",
                                 .draws = 1,
                                 .tolerance = 1e-6,
                                 .scaling = 1,
                                 .iterations = 1000};

static const MetricOption options[] = {
    OPTION(c, "c", 'c', OPT_TEXT, "LIST", "weight of the loss, or several (1)"),
    OPTION_READ(validation, "validation", 0, OPT_TEXT, "STREAM", "held-out rows that choose C"),
    OPTION(per_class, "per-class", 0, OPT_TEXT, "LIST",
           "train on so many rows drawn from each class; several: a line each"),
    OPTION(balanced, "balanced", 0, OPT_FLAG, NULL, "all classes weigh as much as each other"),
    OPTION(scaling, "intercept-scaling", 0, OPT_REAL(1e-6, 1e6), "S",
           "the constant feature, whose weight is the bias (1)"),
    OPTION(draws, "draws", 0, OPT_U64(1, 1000000), "N", "how many such draws (1)"),
    OPTION(seed, "seed", 0, OPT_U64(0, UINT64_MAX), "N", HELP_SEED " (0)"),
    OPTION(tolerance, "tolerance", 0, OPT_REAL(1e-30, 1e30), "T",
           "largest relative gradient at the solution (1e-6)"),
    OPTION(iterations, "iterations", 0, OPT_U64(1, 1000000), "N", "at most N Newton steps (1000)"),
    OPTION_WRITTEN(output, "output", 'o', OPT_TEXT, "FILE", "save the weights here"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR " (feature)"),
    OPTION(label, "label", 'l', OPT_TEXT, "NAME", "the tensor of labels (label)"),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE),
    OPTION(positions, "positions", 0, OPT_FLAG, NULL,
           "rows are the positions of maps [N,H,W,C], with a map of labels"),
    {0},
};

const Metric metric_svm = {
    .name = "svm",
    .operands = "TRAIN TEST",
    .summary = "Accuracy of a linear L2-SVM (squared hinge, one-vs-rest) on features.",
    .inputs = 2,
    METRIC_OPTIONS,
    .check = check,
    .run = run_svm,
    .feature = "feature",
    .compares = COMPARES_TRAINED,
};

const Metric metric_logistic = {
    .name = "logistic",
    .operands = "TRAIN TEST",
    .summary = "Accuracy of L2-regularised logistic regression (one-vs-rest).",
    .inputs = 2,
    METRIC_OPTIONS,
    .check = check,
    .run = run_logistic,
    .feature = "feature",
    .compares = COMPARES_TRAINED,
};
