#include "measure/result.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *format;
    char text[500];
} Warned;

struct Results {
    FILE *out;
    bool json, headed, failed;
    json_t *line; /* keys in the order they were set */
    Warned *warnings;
    size_t warning_count;
};

Results *results_new(FILE *out, bool json) {
    Results *r = calloc(1, sizeof *r);
    if (!r) abort();
    r->out = out;
    r->json = json;
    return r;
}

int results_free(Results *r, const char *name, Error *err) {
    bool failed = r->failed || ferror(r->out);
    json_decref(r->line);
    free(r->warnings);
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

static void begin(Results *r, const char *metric, json_t *value) {
    json_decref(r->line);
    r->line = json_object();
    set(r, "metric", json_string(metric));
    set(r, "value", value);
}

void result_begin(Results *r, const char *metric, double value) {
    begin(r, metric, real_json(value));
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

static void write_text(const char *s, FILE *out) {
    for (; *s; s++) {
        const char *from = "\t\n\r\\", *to = "tnr\\", *at = strchr(from, *s);
        if (at)
            fprintf(out, "\\%c", to[at - from]);
        else
            fputc(*s, out);
    }
}

static void write_value(const json_t *v, FILE *out) {
    char buf[40];
    if (json_is_string(v))
        write_text(json_string_value(v), out);
    else if (json_is_integer(v))
        fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    else
        fputs(real_text(json_real_value(v), buf, sizeof buf), out);
}

static void write_tsv(Results *r) {
    const char *key;
    json_t *value;
    int column = 0;
    if (!r->headed) fputs("metric\tvalue\tparameters\n", r->out);
    r->headed = true;
    json_object_foreach(r->line, key, value) {
        if (column) fputc('\t', r->out);
        if (column >= 2) fprintf(r->out, "%s=", key);
        write_value(value, r->out);
        column++;
    }
    fputc('\n', r->out);
}

void result_end(Results *r) {
    result_text(r, "version", GAN_VERSION);
    if (!r->json)
        write_tsv(r);
    else if (json_dumpf(r->line, r->out, JSON_COMPACT) || fputc('\n', r->out) == EOF)
        r->failed = true;
}

void result_warn(Results *r, const char *format, ...) {
    for (size_t i = 0; i < r->warning_count; i++)
        if (r->warnings[i].format == format) return;
    Warned *more = realloc(r->warnings, (r->warning_count + 1) * sizeof *more), *w;
    if (!more) {
        r->failed = true;
        return;
    }
    r->warnings = more;
    w = &more[r->warning_count++];
    w->format = format;
    va_list ap;
    va_start(ap, format);
    vsnprintf(w->text, sizeof w->text, format, ap);
    va_end(ap);
}

const char *result_warning(const Results *r, size_t i) {
    return i < r->warning_count ? r->warnings[i].text : NULL;
}
