#include "measure/doubts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "media/sources/paths.h"

/* Rows below which a figure of a set depends on which rows they are. */
enum { FEW_ROWS = 50 };

typedef struct {
    const Metric *m;
    const Operand *a, *b;
    const Facts *fa, *fb;
} Pair;

static void one_file(const Pair *p, Results *out) {
    if (p->fa->is_file && p->fb->is_file && p->fa->device == p->fb->device &&
        p->fa->file == p->fb->file)
        result_warn(out, "%s and %s are one file", p->a->path, p->b->path);
}

static void other_tensor(const Pair *p, Results *out) {
    if (*p->fa->tensor && *p->fb->tensor && strcmp(p->fa->tensor, p->fb->tensor))
        result_warn(out, "rows are '%s' in %s, and '%s' in %s", p->fa->tensor, p->a->path,
                    p->fb->tensor, p->b->path);
}

/* ---- pictures ---- */

static bool are_pictures(const Facts *f) { return f->rank == 4 || f->rank == 5; }

static bool named_pictures(const Facts *f) {
    return !strcmp(f->tensor, "image") || !strcmp(f->tensor, "video");
}

static void other_size(const Pair *p, Results *out) {
    if (!p->a->extractor || !are_pictures(p->fa) || !are_pictures(p->fb)) return;
    const size_t *a = p->fa->shape + p->fa->rank - 3, *b = p->fb->shape + p->fb->rank - 3;
    if (a[0] == b[0] && a[1] == b[1] && a[2] == b[2]) return;
    result_warn(out,
                "pictures are %zux%zux%zu in %s, and %zux%zux%zu in %s: the figure is of resizing, "
                "too",
                a[0], a[1], a[2], p->a->path, b[0], b[1], b[2], p->b->path);
}

static double size_of(const Facts *f) { return fmax(fabs(f->low), fabs(f->high)); }

/* Bytes are taken as 0 to 1, numbers as they are: do they look like the same scale? */
static bool scales_differ(const Facts *a, const Facts *b) {
    bool bytes = a->type == DT_U8 || b->type == DT_U8;
    if (!a->rows || !b->rows || !a->rank || !b->rank) return false; /* statistics */
    if (!bytes && (!named_pictures(a) || !named_pictures(b))) return false;
    if (a->type == DT_U8 && b->type == DT_U8) return false;
    double large = fmax(size_of(a), size_of(b)), small = fmin(size_of(a), size_of(b));
    bool low = fmin(a->low, b->low) < -0.25 && fmax(a->low, b->low) >= 0;
    return low || large > 8 * fmax(small, 0.125);
}

static bool has_range(const Metric *m) {
    const MetricOption *o = m->options;
    while (o->name && strcmp(o->name, "range")) o++;
    return o->name;
}

static void other_range(const Pair *p, Results *out) {
    const char *kind[] = {p->fa->type == DT_U8 ? ", bytes" : "",
                          p->fb->type == DT_U8 ? ", bytes" : ""};
    if (p->a->extractor || p->m->any_range || !scales_differ(p->fa, p->fb)) return;
    result_warn(out, "numbers are from %.4g to %.4g in %s%s, and from %.4g to %.4g in %s%s%s",
                p->fa->low, p->fa->high, p->a->path, kind[0], p->fb->low, p->fb->high, p->b->path,
                kind[1], has_range(p->m) ? ": --range maps floats to [0,1]" : "");
}

/* ---- classes ---- */

static bool labelled(const Facts *f) { return f->labels.n && !f->unlabelled; }

static double share(const Facts *f, int64_t label) {
    ptrdiff_t i = classes_find(&f->labels, label);
    return i < 0 ? 0 : (double)f->labels.count[i] / (double)f->rows;
}

/* Half the sum of the differences of the classes' shares, and the label whose shares differ most.
 */
static double shares_differ(const Facts *a, const Facts *b, int64_t *most) {
    double sum = 0, largest = -1;
    for (int side = 0; side < 2; side++) {
        const Facts *own = side ? b : a, *other = side ? a : b;
        for (size_t i = 0; i < own->labels.n; i++) {
            int64_t label = own->labels.id[i];
            double gap = fabs(share(own, label) - share(other, label));
            if (side && classes_find(&other->labels, label) >= 0) continue; /* seen */
            sum += gap;
            if (gap > largest) largest = gap, *most = label;
        }
    }
    return sum / 2;
}

/* Of n and m draws from one distribution over k classes the shares differ by less than
 * sqrt(2/pi) sqrt(k (1/n + 1/m)) / 2 on average; twice that, and something that matters. */
static void other_classes(const Pair *p, Results *out) {
    const Facts *a = p->fa, *b = p->fb;
    int64_t label = 0;
    char name[100];
    if (!labelled(a) || !labelled(b)) return;
    size_t kinds = a->labels.n > b->labels.n ? a->labels.n : b->labels.n;
    double chance = 0.4 * sqrt((double)kinds * (1 / (double)a->rows + 1 / (double)b->rows));
    double gap = shares_differ(a, b, &label);
    if (gap < 0.05 + 2 * chance) return;
    result_warn(out,
                "shares of classes, of which there are %zu and %zu, differ by %.0f %%: class %s is "
                "%.3g %% of %s, and %.3g %% of %s; --by compares class with class",
                a->labels.n, b->labels.n, 100 * gap,
                facts_class(a->names ? a : b, label, name, sizeof name), 100 * share(a, label),
                p->a->path, 100 * share(b, label), p->b->path);
}

/* Whether both name a label, and differently. */
static bool names_differ(const Facts *a, const Facts *b, Error *err) {
    Error ignored;
    Classes x, y;
    Arena *arena = arena_new(NULL);
    bool differ = false;
    if (a->names && b->names && !classes_parse(&x, a->names, arena, &ignored) &&
        !classes_parse(&y, b->names, arena, &ignored))
        for (size_t i = 0; i < x.count && i < y.count && !differ; i++)
            if ((differ = strcmp(x.names[i], y.names[i]) != 0))
                fail(err, "class %zu is '%s', and '%s'", i, x.names[i], y.names[i]);
    arena_free(arena);
    return differ;
}

static void other_names(const Pair *p, Results *out) {
    Error what;
    if (labelled(p->fa) && labelled(p->fb) && names_differ(p->fa, p->fb, &what))
        result_warn(out, "%s and %s: %s", p->a->path, p->b->path, what.text);
}

void doubts_bare(const char *metric, const Operand *in, Results *out) {
    const Facts *f = in->facts;
    if (!in->extractor && f->rank > 2)
        result_warn(out, "%s without --net: it is of the numbers of '%s' themselves", metric,
                    f->tensor);
}

int doubts_names(const Operand *a, const Operand *b, Error *err) {
    if (!a->facts || !b->facts || !names_differ(a->facts, b->facts, err)) return 0;
    return fail_in(err, "%s and %s", a->path, b->path);
}

static void no_pairs(const Pair *p, Results *out) {
    if (labelled(p->fa) && labelled(p->fb) && p->fa->rows == p->fb->rows &&
        p->fa->sequence != p->fb->sequence)
        result_warn(out, "labels of %s and %s differ row by row: are these pairs?", p->a->path,
                    p->b->path);
}

void doubts_unknown(const Operand *train, const Operand *test, Results *out) {
    const Facts *a = train->facts, *b = test->facts;
    size_t lost = 0;
    int64_t first = 0;
    char name[100];
    if (!a || !b || !labelled(a) || !labelled(b)) return;
    for (size_t i = b->labels.n; i-- > 0;)
        if (classes_find(&a->labels, b->labels.id[i]) < 0)
            lost += b->labels.count[i], first = b->labels.id[i];
    if (lost)
        result_warn(out, "%zu of %zu rows of %s are of classes that %s lacks, and never right: %s",
                    lost, b->rows, test->path, train->path,
                    facts_class(b->names ? b : a, first, name, sizeof name));
}

/* ---- single streams ---- */

static void few_rows(const Pair *p, Results *out) {
    const Operand *few = p->fb->rows < p->fa->rows ? p->b : p->a;
    if (few->facts->rows && few->facts->rows < FEW_ROWS)
        result_warn(out, "%zu rows of %s: the figure depends on which they are", few->facts->rows,
                    few->path);
}

/* The first rows of a stream that is sorted are of its first classes. */
static void head_of_sorted(const Operand *in, Results *out) {
    const Facts *f = in->facts;
    if (f->cut && labelled(f) && f->labels.n > 1 && f->changes < 2 * f->labels.n - 1 &&
        f->rows >= 8 * f->labels.n)
        result_warn(out,
                    "%s is sorted by label, and only its first %zu rows were taken; gan-data head "
                    "--shuffle draws from all",
                    in->path, f->rows);
}

/* What a network is given as it is should be like the data that its page has. */
static void strange_to_network(const Operand *in, Results *out) {
    double low, high;
    const Facts *f = in->facts;
    if (!in->extractor || !f->is_input || f->type == DT_U8 || !are_pictures(f)) return;
    extractor_range(in->extractor, &low, &high);
    double span = high - low;
    if (f->input_low >= low - span / 4 && f->input_high <= high + span / 4 &&
        !(low < 0 && f->input_low >= 0))
        return;
    result_warn(out,
                "numbers of %s are from %.4g to %.4g, the network's page has them from %g to %g",
                in->path, f->input_low, f->input_high, low, high);
}

/* ---- the table ---- */

enum { SETS = 1 << COMPARES_SETS, PAIRS = 1 << COMPARES_PAIRS, TRAINED = 1 << COMPARES_TRAINED };

typedef struct {
    void (*tell)(const Pair *p, Results *out);
    unsigned of; /* kinds of metrics */
} Doubt;
static const Doubt doubts[] = {
    {one_file, SETS | PAIRS | TRAINED},
    {other_tensor, SETS | TRAINED},
    {other_size, SETS | TRAINED},
    {other_range, SETS | TRAINED},
    {other_classes, SETS},
    {other_names, SETS},
    {no_pairs, PAIRS},
    {few_rows, SETS},
};

void doubts_tell(const Metric *m, const Operand *in, Results *out) {
    for (int i = 0; i < m->inputs && in[i].path; i++) {
        head_of_sorted(&in[i], out);
        strange_to_network(&in[i], out);
    }
    if (m->inputs < 2 || !in[1].path) return;
    Pair p = {m, &in[0], &in[1], in[0].facts, in[1].facts};
    for (size_t i = 0; i < sizeof doubts / sizeof *doubts; i++)
        if (doubts[i].of & 1U << m->compares) doubts[i].tell(&p, out);
}
