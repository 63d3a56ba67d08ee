#include "measure/metric.h"

#include "measure/by.h"
#include "measure/doubts.h"
#include "measure/sets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define METRIC(name) extern const Metric metric_##name;
#include "metrics.inc"
#undef METRIC
#define METRIC(name) &metric_##name,
const Metric *const metrics[] = {
#include "metrics.inc"
    NULL};
#undef METRIC

const Metric *metric_find(const char *name) {
    for (const Metric *const *m = metrics; *m; m++)
        if (!strcmp((*m)->name, name)) return *m;
    return NULL;
}

int metric_figures(const Metric *m, const void *options, const Operand *inputs, Results *out,
                   Error *err) {
    return m->measure ? sets_run(m, options, inputs, out, err) : m->run(options, inputs, out, err);
}

int metric_run(const Metric *m, const void *options, const MetricWant *want,
               const char *const *paths, Results *out, Error *err) {
    Operand in[METRIC_INPUTS_MAX] = {{0}};
    Facts facts[METRIC_INPUTS_MAX];
    Extractor *e = NULL;
    if (m->feature && extractor_open(&want->net, m->feature, &e, err)) return -1;
    for (int i = 0; i < m->inputs; i++) {
        facts[i] = (Facts){0};
        in[i] = (Operand){.path = paths[i], .extractor = e, .facts = &facts[i]};
    }
    int bad = want->by ? by_class(m, options, want->by, in, out, err)
                       : metric_figures(m, options, in, out, err);
    if (!bad && !want->by) doubts_tell(m, in, out);
    for (int i = 0; i < m->inputs; i++) facts_free(&facts[i]);
    extractor_close(e);
    return bad;
}

/* The number up to one of the characters of `ends` or the end of the text. */
static bool number_until(const char **text, const char *ends, double *out) {
    char word[64];
    size_t n = strcspn(*text, ends);
    if (n >= sizeof word) return false;
    snprintf(word, sizeof word, "%.*s", (int)n, *text);
    *text += n;
    return parse_double(word, out) && isfinite(*out);
}

int parse_list(const char *text, double *out, int room, Error *err) {
    const char *at = text;
    for (int n = 0; n < room; n++) {
        if (!number_until(&at, ",", &out[n]) || out[n] <= 0)
            return fail(err, "expected numbers above 0 with commas between, found '%s'", text);
        if (!*at++) return n + 1;
    }
    return fail(err, "more than %d numbers: '%s'", room, text);
}

/* The length of the item of a list that begins here. */
static size_t item_length(const char *at) { return strcspn(at, ","); }

const char *list_item(const char *list, size_t k, char *buf, size_t size) {
    const char *at = list;
    for (size_t i = 0; i < k && at; i++)
        if ((at = strchr(at, ','))) at++;
    if (at)
        snprintf(buf, size, "%.*s", (int)item_length(at), at);
    else
        snprintf(buf, size, "%zu", k);
    return buf;
}

int list_check(const char *list, size_t count, Error *err) {
    size_t items = 0;
    for (const char *at = list; at; items++) {
        size_t n = item_length(at);
        if (!n) return fail(err, "--names: '%s' has an empty name", list);
        for (const char *other = list; other < at; other += item_length(other) + 1)
            if (item_length(other) == n && !memcmp(other, at, n))
                return fail(err, "--names: '%.*s' twice", (int)n, at);
        at = at[n] ? at + n + 1 : NULL;
    }
    if (!list || items == count) return 0;
    return fail(err, "--names: expected %zu, one for each score, found %zu", count, items);
}

int parse_log_range(const char *text, double *out, int room, Error *err) {
    const char *at = text;
    double low, high, count;
    if (!number_until(&at, ":", &low) || *at++ != ':' || !number_until(&at, ":", &high) ||
        *at++ != ':' || !number_until(&at, ":", &count) || *at || low <= 0 || high < low ||
        count < 1 || count > room || count != floor(count))
        return fail(err, "expected LO:HI:N with 0 < LO <= HI and N from 1 to %d, found '%s'", room,
                    text);
    int n = (int)count;
    for (int i = 0; i < n; i++) out[i] = n == 1 ? low : low * pow(high / low, (double)i / (n - 1));
    if (n > 1) out[n - 1] = high;
    return n;
}
