/* tags: words for generated word vectors. Each sample votes for the words nearest to it by cosine;
 * the words with most votes over a group's samples (those of one image) are its tags (Mirza and
 * Osindero 2014, section 4.2). */
#include "maths/dense.h"
#include "measure/metric.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = 64, CHUNK = 2048 };

typedef struct {
    const char *tensor, *group, *truth, *truth_tensor;
    uint64_t top, vote;
} Options;

/* A vote, and after counting a tag. */
typedef struct {
    int64_t group;
    size_t word, count;
} Tag;

/* Divides each row by its norm. */
static int normalise(Matrix *m, const char *path, Error *err) {
    for (size_t i = 0; i < m->n; i++) {
        double *x = m->x + i * m->d, norm;
        squared_norms(x, 1, m->d, &norm);
        if (norm == 0) return fail(err, "%s: row %zu is zero and has no direction", path, i);
        norm = sqrt(norm);
        for (size_t j = 0; j < m->d; j++) x[j] /= norm;
    }
    return 0;
}

/* The names of the words, one after another, from metadata `gan.words`; NULL when absent. */
static int word_names(char *text, size_t n, const char *path, char ***names, Error *err) {
    *names = NULL;
    if (!text) return 0;
    char **out = calloc(n, sizeof *out);
    if (!out) return fail(err, "out of memory");
    size_t found = 0;
    for (char *at = text, *next; at; at = next) {
        next = strchr(at, '\n');
        if (next) *next++ = 0;
        if (!next && !*at) break; /* a newline at the end */
        if (found < n) out[found] = at;
        found++;
    }
    *names = out;
    if (found == n) return 0;
    return fail(err, "%s: metadata gan.words names %zu words, there are %zu", path, found, n);
}

/* Loads the vocabulary; *text and *names are to be freed. */
static int load_words(const Options *o, const Operand *in, Matrix *m, char **text, char ***names,
                      Error *err) {
    const char *path = in->path;
    RowsSpec spec = {.of = in, .tensor = o->tensor};
    Rows *r = rows_open(&spec, err);
    if (!r) return -1;
    const char *words = rows_meta(r, "gan.words");
    *text = words ? strdup(words) : NULL;
    int bad = matrix_take(r, AS_DOUBLE, 0, m, err);
    rows_close(r);
    if (!bad) bad = normalise(m, path, err);
    return bad ? -1 : word_names(*text, m->n, path, names, err);
}

/* Offers all words to the samples [from, from+n); keys are negative cosines. */
static void search_tile(const Matrix *samples, const Matrix *words, size_t from, size_t n,
                        double *cosine, Best *best) {
    for (size_t j = 0; j < words->n; j += CHUNK) {
        size_t m = words->n - j < CHUNK ? words->n - j : CHUNK;
        products(samples->x + from * samples->d, n, words->x + j * words->d, m, words->d, cosine);
        for (size_t i = 0; i < n; i++)
            for (size_t w = 0; w < m; w++) best_offer(&best[from + i], -cosine[i * m + w], j + w);
    }
}

/* The `top` nearest words of every sample: item [n,top]. */
static int search(const Matrix *samples, const Matrix *words, size_t top, size_t *item,
                  Error *err) {
    double *cosine = data_alloc((size_t)omp_get_max_threads() * TILE * CHUNK * sizeof *cosine, err);
    double *key = data_alloc(samples->n * top * sizeof *key, err);
    Best *best = data_alloc(samples->n * sizeof *best, err);
    int bad = cosine && key && best ? 0 : -1;
    for (size_t i = 0; i < samples->n && !bad; i++)
        best[i] = (Best){key + i * top, item + i * top, top, 0};
    if (!bad) {
#pragma omp parallel for schedule(dynamic)
        for (size_t i = 0; i < samples->n; i += TILE)
            search_tile(samples, words, i, samples->n - i < TILE ? samples->n - i : TILE,
                        cosine + (size_t)omp_get_thread_num() * TILE * CHUNK, best);
    }
    free(cosine);
    free(key);
    free(best);
    return bad;
}

static int by_word(const void *a, const void *b) {
    const Tag *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return (x->word > y->word) - (x->word < y->word);
}

static int by_count(const void *a, const void *b) {
    const Tag *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return (x->word > y->word) - (x->word < y->word);
}

/* Turns votes into tags in place: groups ascending, within one by votes, then by word. Returns how
 * many there are. */
static size_t count_votes(Tag *tag, size_t n) {
    size_t out = 0;
    qsort(tag, n, sizeof *tag, by_word);
    for (size_t i = 0; i < n; i++) {
        if (out && !by_word(&tag[out - 1], &tag[i]))
            tag[out - 1].count++;
        else
            tag[out++] = (Tag){tag[i].group, tag[i].word, 1};
    }
    qsort(tag, out, sizeof *tag, by_count);
    return out;
}

typedef struct {
    const Options *o;
    Matrix samples, words, truth; /* truth is empty without --truth */
    char *text, **names;
    size_t *item;
    Tag *tag;
    size_t tags, groups, hits;
} Task;

/* Each group needs a row of the truth. */
static int check_groups(const Task *t, Error *err) {
    for (size_t i = 0; i < t->tags && t->truth.n; i++)
        if (t->tag[i].group < 0 || (uint64_t)t->tag[i].group >= t->truth.n)
            return fail(err, "%s: no row for group %lld, there are %zu", t->o->truth,
                        (long long)t->tag[i].group, t->truth.n);
    return 0;
}

static bool is_true(const Task *t, const Tag *tag) {
    if (!t->truth.n) return false;
    const double *row = t->truth.x + (size_t)tag->group * t->truth.d;
    for (size_t j = 0; j < t->truth.d; j++)
        if (row[j] == (double)tag->word) return true;
    return false;
}

static void report_tag(const Task *t, const Tag *tag, size_t rank, bool hit, Results *out) {
    char number[32];
    snprintf(number, sizeof number, "%zu", tag->word);
    result_begin_text(out, "tags.word", t->names ? t->names[tag->word] : number);
    result_int(out, "group", tag->group);
    result_int(out, "rank", (int64_t)rank);
    result_int(out, "votes", (int64_t)tag->count);
    if (t->names) result_int(out, "index", (int64_t)tag->word);
    if (t->truth.n) result_int(out, "hit", hit);
    result_end(out);
}

static void report_tags(Task *t, Results *out) {
    size_t rank = 0;
    for (size_t i = 0; i < t->tags; i++) {
        bool first = !i || t->tag[i].group != t->tag[i - 1].group, hit = is_true(t, &t->tag[i]);
        rank = first ? 1 : rank + 1;
        t->groups += first;
        if (rank > t->o->vote) continue;
        t->hits += hit;
        report_tag(t, &t->tag[i], rank, hit, out);
    }
}

static void report_precision(const Task *t, Results *out) {
    result_begin(out, "tags.precision", (double)t->hits / ((double)t->groups * (double)t->o->vote));
    result_int(out, "at", (int64_t)t->o->vote);
    result_int(out, "top", (int64_t)t->o->top);
    result_int(out, "groups", (int64_t)t->groups);
    result_int(out, "n_samples", (int64_t)t->samples.n);
    result_int(out, "n_words", (int64_t)t->words.n);
    result_int(out, "dim", (int64_t)t->words.d);
    result_end(out);
}

static int load(Task *t, const Operand *inputs, Error *err) {
    const Options *o = t->o;
    RowsSpec spec = {.of = &inputs[0], .tensor = o->tensor, .label = o->group};
    if (load_words(o, &inputs[1], &t->words, &t->text, &t->names, err) < 0 ||
        matrix_load(&spec, AS_DOUBLE, 0, &t->samples, err) < 0 ||
        same_width(inputs[0].path, t->samples.d, inputs[1].path, t->words.d, err) < 0 ||
        normalise(&t->samples, inputs[0].path, err) < 0)
        return -1;
    if (o->top > t->words.n)
        return fail(err, "%s: the vocabulary has %zu words, --top asks for %zu", inputs[1].path,
                    t->words.n, (size_t)o->top);
    Operand truth = {.path = o->truth};
    spec = (RowsSpec){.of = &truth, .tensor = o->truth_tensor};
    return o->truth ? matrix_load(&spec, AS_DOUBLE, 0, &t->truth, err) : 0;
}

static int find_tags(Task *t, Error *err) {
    size_t top = (size_t)t->o->top, n;
    if (!size_mul(t->samples.n, top, &n)) return fail(err, "--top %zu is too large", top);
    t->item = data_alloc(n * sizeof *t->item, err);
    t->tag = data_alloc(n * sizeof *t->tag, err);
    if (!t->item || !t->tag || search(&t->samples, &t->words, top, t->item, err) < 0) return -1;
    for (size_t i = 0; i < n; i++)
        t->tag[i] = (Tag){t->samples.label ? t->samples.label[i / top] : 0, t->item[i], 1};
    t->tags = count_votes(t->tag, n);
    return 0;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    Task t = {.o = options};
    int bad = load(&t, inputs, err);
    if (!bad) bad = find_tags(&t, err);
    if (!bad) bad = check_groups(&t, err);
    if (!bad) report_tags(&t, out);
    if (!bad && t.truth.n) report_precision(&t, out);
    matrix_free(&t.samples);
    matrix_free(&t.words);
    matrix_free(&t.truth);
    free(t.text);
    free(t.names);
    free(t.item);
    free(t.tag);
    return bad;
}

static const Options defaults = {
    .tensor = "word", .group = "group", .truth_tensor = "truth", .top = 20, .vote = 10};

static const MetricOption options[] = {
    OPTION(top, "top", 0, OPT_U64(1, UINT32_MAX), "K", "words each sample votes for (20)"),
    OPTION(vote, "vote", 0, OPT_U64(1, UINT32_MAX), "M", "words printed of each group (10)"),
    OPTION_READ(truth, "truth", 0, OPT_TEXT, "STREAM", "true words of each group, for precision"),
    OPTION(truth_tensor, "truth-tensor", 0, OPT_TEXT, "NAME",
           "their tensor [groups,T] of indices (truth)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR " (word)"),
    OPTION(group, "group", 0, OPT_TEXT, "NAME", "the tensor that numbers samples' groups (group)"),
    {0},
};

const Metric metric_tags = {
    .name = "tags",
    .operands = "SAMPLES VOCABULARY",
    .summary = "The words nearest to generated word vectors, by vote.",
    .inputs = 2,
    METRIC_OPTIONS,
    .run = run,
};
