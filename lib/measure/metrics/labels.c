/* labels: how many classes samples reach, and how evenly, from labels or a classifier's logits.
 *
 * This is how games are judged on stacked MNIST, whose modes are the thousand numbers of three
 * digits (Metz et al. 2017, section 3.3.1; Lin et al. 2018, PacGAN, section 4.2): a mode is
 * captured when at least one sample is classified as it, and the reverse Kullback-Leibler
 * divergence KL(p||q) = sum_k p_k log(p_k / q_k) tells how far the shares p of the modes in the
 * samples are from those of the data, or from equal ones. */
#include "maths/dense.h"
#include "measure/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1024 };
enum { CLASSES_MAX = 1 << 24 };

typedef struct {
    const char *tensor, *against;
    uint64_t groups, classes, least;
} Options;

typedef struct {
    uint64_t n, *count; /* [classes] */
    size_t classes;
    bool open; /* integers: the highest so far decides how many classes there are */
    char tensor[96];
} Tally;

static int widen(Tally *t, size_t classes, Error *err) {
    if (classes <= t->classes) return 0;
    uint64_t *more = realloc(t->count, classes * sizeof *more);
    if (!more) return fail(err, "out of memory for %zu classes", classes);
    memset(more + t->classes, 0, (classes - t->classes) * sizeof *more);
    t->count = more;
    t->classes = classes;
    return 0;
}

/* The number of classes that rows of this width tell apart: size^groups for logits. */
static int start(const Options *o, const char *path, size_t width, Tally *t, Error *err) {
    uint64_t classes = 1;
    t->open = width == 1 && !o->classes;
    if (width > 1 && width % o->groups)
        return fail(err, "%s: %zu logits a row are no %llu groups", path, width,
                    (unsigned long long)o->groups);
    for (uint64_t i = 0; width > 1 && i < o->groups; i++)
        if ((classes *= width / o->groups) > CLASSES_MAX) break;
    if (width == 1 && o->classes) classes = o->classes;
    if (classes > CLASSES_MAX) return fail(err, "more than %d classes", CLASSES_MAX);
    if (width > 1 && o->classes && o->classes != classes)
        return fail(err, "%s: %zu logits a row are of %llu classes, --classes says %llu", path,
                    width, (unsigned long long)classes, (unsigned long long)o->classes);
    return widen(t, (size_t)classes, err);
}

/* The class of a row: a label, or the number whose digits are the places of the largest logits. */
static int class_of(const Options *o, const char *path, const double *x, size_t width, Tally *t,
                    size_t *class, Error *err) {
    *class = 0;
    if (width > 1) {
        size_t each = width / (size_t)o->groups;
        for (size_t g = 0; g < o->groups; g++) *class = *class * each + argmax(x + g * each, each);
        return 0;
    }
    double most = t->open ? (double)CLASSES_MAX : (double)t->classes;
    if (!(x[0] >= 0 && x[0] < most && x[0] == floor(x[0])))
        return fail(err, "%s: row %llu: label %g, expected 0 to %g", path, (unsigned long long)t->n,
                    x[0], most - 1);
    *class = (size_t)x[0];
    if (*class < t->classes) return 0;
    return widen(t, *class + 1 > 2 * t->classes ? *class + 1 : 2 * t->classes, err);
}

static int count_rows(const Options *o, const char *path, Rows *r, Tally *t, Error *err) {
    size_t width = rows_width(r), class;
    double *x = data_alloc(BLOCK * width * sizeof *x, err);
    ssize_t n = x ? 1 : -1;
    while (n > 0) {
        n = rows_read(r, BLOCK, x, NULL, err);
        for (ssize_t i = 0; i < n; i++, t->n++) {
            if (class_of(o, path, x + (size_t)i * width, width, t, &class, err)) {
                n = -1;
                break;
            }
            t->count[class]++;
        }
    }
    free(x);
    return (int)n;
}

static int tally(const Options *o, const Operand *in, Tally *t, Error *err) {
    const char *path = in->path;
    Rows *r = rows_open(&(RowsSpec){.of = in, .tensor = o->tensor}, err);
    if (!r) return -1;
    snprintf(t->tensor, sizeof t->tensor, "%s", rows_tensor(r));
    int bad = start(o, path, rows_width(r), t, err) || count_rows(o, path, r, t, err);
    if (!bad && !t->n) bad = fail(err, "%s: no rows", path);
    rows_close(r);
    if (t->open) /* room was made by doubling */
        while (t->classes > 1 && !t->count[t->classes - 1]) t->classes--;
    return bad ? -1 : 0;
}

static void describe(const Options *o, const Tally *t, const Tally *q, Results *out) {
    result_int(out, "of", (int64_t)t->classes);
    result_int(out, "n", (int64_t)t->n);
    result_text(out, "tensor", t->tensor);
    result_int(out, "groups", (int64_t)o->groups);
    result_text(out, "against", q->n ? o->against : "uniform");
}

static void report(const Options *o, const Tally *t, const Tally *q, Results *out) {
    size_t captured = 0;
    double kl = 0;
    for (size_t i = 0; i < t->classes; i++) {
        double p = (double)t->count[i] / (double)t->n;
        double share = q->n ? (double)q->count[i] / (double)q->n : 1 / (double)t->classes;
        captured += t->count[i] >= o->least;
        if (t->count[i]) kl += share > 0 ? p * log(p / share) : INFINITY;
    }
    result_begin(out, "labels.captured", (double)captured);
    describe(o, t, q, out);
    result_int(out, "least", (int64_t)o->least);
    result_end(out);
    result_begin(out, "labels.kl", kl);
    describe(o, t, q, out);
    result_end(out);
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    Tally t = {0}, q = {0};
    int bad = tally(o, &inputs[0], &t, err);
    if (!bad && o->against) bad = tally(o, &(Operand){.path = o->against}, &q, err);
    if (!bad && q.n && !(t.open && q.open) && t.classes != q.classes)
        bad = fail(err, "%s has %zu classes, %s %zu", inputs[0].path, t.classes, o->against,
                   q.classes);
    if (!bad && q.n) bad = widen(&t, q.classes, err) || widen(&q, t.classes, err);
    if (!bad) report(o, &t, &q, out);
    free(t.count);
    free(q.count);
    return bad ? -1 : 0;
}

static const Options defaults = {.tensor = "logits,label", .groups = 1, .least = 1};

static const MetricOption options[] = {
    OPTION(groups, "groups", 'g', OPT_U64(1, 64), "G",
           "groups of logits, each a digit of the class (1)"),
    OPTION(classes, "classes", 0, OPT_U64(1, CLASSES_MAX), "K",
           "classes of labels (the highest label and one)"),
    OPTION_READ(against, "against", 0, OPT_TEXT, "STREAM",
                "the divergence is from this stream's shares, not from equal ones"),
    OPTION(least, "least", 0, OPT_U64(1, UINT64_MAX), "N", "samples that capture a class (1)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", "logits [N,G*C] or labels [N] (logits,label)"),
    {0},
};

const Metric metric_labels = {
    .name = "labels",
    .operands = "STREAM",
    .summary = "Classes that samples reach, and how evenly.",
    .inputs = 1,
    METRIC_OPTIONS,
    .run = run,
};
