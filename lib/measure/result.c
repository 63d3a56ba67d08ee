#include "measure/result.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLASS_ENDING ".class"

typedef struct {
    const char *format;
    char text[500];
    size_t times;
} Warned;

/* A figure of classes, summed up over them. */
typedef struct {
    char name[64];
    double sum;
    size_t n;
} Total;

struct Results {
    FILE *out;
    bool json, failed;
    Str lines;    /* written at the end: all figures, or none */
    json_t *line; /* keys in the order they were set */
    Warned *warnings;
    size_t warning_count;
    bool by_class, left_out; /* lines are of one class; the one at hand is not written */
    int64_t class;
    const char *class_name;
    Total *totals;
    size_t total_count;
};

Results *results_new(FILE *out, bool json) {
    Results *r = calloc(1, sizeof *r);
    if (!r) memory_exhausted();
    r->out = out;
    r->json = json;
    return r;
}

int results_free(Results *r, bool keep, const char *name, Error *err) {
    bool failed = r->failed;
    if (keep && !failed && r->lines.length)
        failed = fwrite(r->lines.text, 1, r->lines.length, r->out) != r->lines.length;
    failed |= ferror(r->out) != 0;
    str_free(&r->lines);
    json_decref(r->line);
    free(r->warnings);
    free(r->totals);
    free(r);
    return failed ? fail(err, "%s: could not write", name) : 0;
}

const char *real_text(double v, char *buf, size_t size) {
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(buf, size, "%.*g", digits, v);
        if (strtod(buf, NULL) == v) break;
    }
    return buf;
}

/* JSON has no infinities: those become texts. */
static json_t *real_json(double v) {
    if (isfinite(v)) return json_real(v);
    return json_string(isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
}

static void set(Results *r, const char *key, json_t *value) {
    if (json_object_set_new(r->line, key, value)) r->failed = true;
}

/* What is left out is not written, and its fields go nowhere. */
static void begin(Results *r, const char *metric, json_t *value) {
    char name[100];
    size_t n = strlen(metric), tail = strlen(CLASS_ENDING);
    r->left_out = r->by_class && n > tail && !strcmp(metric + n - tail, CLASS_ENDING);
    snprintf(name, sizeof name, "%s%s", metric, r->by_class ? CLASS_ENDING : "");
    json_decref(r->line);
    r->line = json_object();
    set(r, "metric", json_string(name));
    set(r, "value", value);
    if (!r->by_class) return;
    result_int(r, "class", r->class);
    if (r->class_name) result_text(r, "name", r->class_name);
}

static void add_total(Results *r, const char *metric, double value) {
    size_t i = 0;
    while (i < r->total_count && strcmp(r->totals[i].name, metric)) i++;
    if (i == r->total_count) {
        Total *more = realloc(r->totals, (i + 1) * sizeof *more);
        if (!more) memory_exhausted();
        r->totals = more;
        r->totals[r->total_count++] = (Total){0};
        snprintf(r->totals[i].name, sizeof r->totals[i].name, "%s", metric);
    }
    r->totals[i].sum += value;
    r->totals[i].n++;
}

void result_begin(Results *r, const char *metric, double value) {
    begin(r, metric, real_json(value));
    if (r->by_class && !r->left_out) add_total(r, metric, value);
}

void result_begin_text(Results *r, const char *metric, const char *value) {
    begin(r, metric, json_string(value));
}

void result_real(Results *r, const char *key, double value) { set(r, key, real_json(value)); }

void result_int(Results *r, const char *key, int64_t value) { set(r, key, json_integer(value)); }

void result_text(Results *r, const char *key, const char *value) {
    json_t *text = json_string(value); /* NULL unless UTF-8 */
    set(r, key, text ? text : json_string("(not UTF-8)"));
}

void result_range(Results *r, const ValueRange *range) {
    if (range->text) result_text(r, "range", range->text);
}

/* One field of one line; a backslash is doubled, so that what stands for a byte is told from it. */
static void write_text(const char *s, Str *out) {
    Str doubled = {0};
    str_append(&doubled, "", 0);
    for (; *s; s++) {
        if (*s == '\\') str_append(&doubled, s, 1);
        str_append(&doubled, s, 1);
    }
    str_escape(out, doubled.text);
    str_free(&doubled);
}

static void write_value(const json_t *v, Str *out) {
    char buf[40];
    if (json_is_string(v))
        write_text(json_string_value(v), out);
    else if (json_is_integer(v))
        str_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    else
        str_printf(out, "%s", real_text(json_real_value(v), buf, sizeof buf));
}

static void write_tsv(Results *r) {
    const char *key;
    json_t *value;
    int column = 0;
    if (!r->lines.length) str_printf(&r->lines, "metric\tvalue\tparameters\n");
    json_object_foreach(r->line, key, value) {
        if (column) str_printf(&r->lines, "\t");
        if (column >= 2) str_printf(&r->lines, "%s=", key);
        write_value(value, &r->lines);
        column++;
    }
    str_printf(&r->lines, "\n");
}

static void write_json(Results *r) {
    char *text = json_dumps(r->line, JSON_COMPACT);
    if (text)
        str_printf(&r->lines, "%s\n", text);
    else
        r->failed = true;
    free(text);
}

void result_end(Results *r) {
    if (r->left_out) return;
    result_text(r, "version", GAN_VERSION);
    if (r->json)
        write_json(r);
    else
        write_tsv(r);
}

void result_class(Results *r, int64_t label, const char *name) {
    r->by_class = true;
    r->class = label;
    r->class_name = name;
}

void result_means(Results *r, const char *missing) {
    r->by_class = r->left_out = false;
    for (size_t i = 0; i < r->total_count; i++) {
        const Total *t = &r->totals[i];
        char name[100];
        snprintf(name, sizeof name, "%s.mean", t->name);
        result_begin(r, name, t->sum / (double)t->n);
        result_int(r, "classes", (int64_t)t->n);
        if (*missing) result_text(r, "missing", missing);
        result_end(r);
    }
    r->total_count = 0;
}

void result_warn(Results *r, const char *format, ...) {
    for (size_t i = 0; i < r->warning_count; i++)
        if (r->warnings[i].format == format) {
            r->warnings[i].times++;
            return;
        }
    Warned *more = realloc(r->warnings, (r->warning_count + 1) * sizeof *more), *w;
    if (!more) memory_exhausted();
    r->warnings = more;
    w = &more[r->warning_count++];
    *w = (Warned){.format = format, .times = 1};
    int n = r->by_class ? snprintf(w->text, sizeof w->text, "class %" PRId64 ": ", r->class) : 0;
    va_list ap;
    va_start(ap, format);
    vsnprintf(w->text + n, sizeof w->text - (size_t)n, format, ap);
    va_end(ap);
}

const char *result_warning(const Results *r, size_t i, size_t *times) {
    if (i >= r->warning_count) return NULL;
    *times = r->warnings[i].times;
    return r->warnings[i].text;
}
