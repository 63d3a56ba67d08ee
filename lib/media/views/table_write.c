/* table_write.c: tensors of a stream as lines of numbers. */
#include "media/views/table_write.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/regroup.h"

/* The tensors that are written. */
typedef struct {
    Frame chosen; /* of the frame at hand; owns nothing but the array */
    Layout layout;
} Table;

static int choose(Table *t, const TextList *names, const Frame *f, Error *err) {
    Frame *c = &t->chosen;
    c->tensor_count = names->count ? names->count : f->tensor_count;
    if (array_room(&c->tensors, &c->tensor_capacity, c->tensor_count, sizeof *c->tensors, "tensors",
                   err))
        return -1;
    for (size_t i = 0; i < c->tensor_count; i++) {
        const Tensor *from = names->count ? frame_find(f, names->items[i]) : &f->tensors[i];
        if (!from) return fail(err, "no tensor %s", names->items[i]);
        c->tensors[i] = *from;
    }
    return 0;
}

/* Of a sample. */
static size_t elements(const Tensor *t) {
    size_t n = 1;
    for (int i = 1; i < t->rank; i++) n *= t->shape[i];
    return n;
}

/* As few digits as tell the number from all others of its type, but for the first few. */
static void put_real(Str *line, DType type, double v) {
    bool narrow = type != DT_F64;
    int digits = narrow ? FLT_DIG : DBL_DIG, most = narrow ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG;
    char text[40];
    do {
        snprintf(text, sizeof text, "%.*g", digits, isnan(v) ? NAN : v); /* without a sign */
    } while ((narrow ? strtof(text, NULL) != (float)v : strtod(text, NULL) != v) &&
             digits++ < most);
    str_printf(line, "%s", text);
}

static void put_number(Str *line, const Tensor *t, size_t i) {
    if (t->dtype == DT_I64)
        str_printf(line, "%" PRId64, ((const int64_t *)t->data)[i]);
    else if (t->dtype == DT_U64)
        str_printf(line, "%" PRIu64, ((const uint64_t *)t->data)[i]);
    else if (dtype_is_real(t->dtype))
        put_real(line, t->dtype, tensor_get(t, i));
    else
        str_printf(line, "%.0f", tensor_get(t, i));
}

static int put_line(Str *line, FILE *out, const char *name, Error *err) {
    line->text[line->length - 1] = '\n'; /* the last tab */
    bool good = fwrite(line->text, 1, line->length, out) == line->length;
    line->length = 0;
    return good ? 0 : fail(err, "%s: cannot write", name);
}

static void put_names(const Frame *chosen, Str *line) {
    for (const Tensor *t = chosen->tensors; t < chosen->tensors + chosen->tensor_count; t++) {
        if (t->rank == 1) str_printf(line, "%s\t", t->name);
        for (size_t e = 0; t->rank > 1 && e < elements(t); e++)
            str_printf(line, "%s.%zu\t", t->name, e + 1);
    }
}

static void put_sample(const Frame *chosen, size_t sample, Str *line) {
    for (const Tensor *t = chosen->tensors; t < chosen->tensors + chosen->tensor_count; t++) {
        size_t each = elements(t);
        for (size_t e = 0; e < each; e++) {
            put_number(line, t, sample * each + e);
            str_append(line, "\t", 1);
        }
    }
}

static int put_frame(Table *t, const Frame *f, const TextList *names, bool bare, Str *line,
                     FILE *out, const char *name, Error *err) {
    size_t samples;
    if (choose(t, names, f, err)) return -1;
    if (!t->layout.count) {
        if (layout_take(&t->layout, &t->chosen, err)) return -1;
        if (!bare) put_names(&t->chosen, line);
        if (line->length && put_line(line, out, name, err)) return -1;
    }
    if (layout_match(&t->layout, &t->chosen, &samples, err)) return -1;
    for (size_t i = 0; i < samples; i++) {
        put_sample(&t->chosen, i, line);
        if (line->length && put_line(line, out, name, err)) return -1;
    }
    return 0;
}

int table_write(const char *path, const TextList *names, bool bare, FILE *out, const char *name,
                Error *err) {
    Table t = {0};
    Frame f = {0};
    Str line = {0};
    Reader *r = reader_open(path, err);
    int more = 1;
    while (more > 0 && (more = reader_next(r, &f, err)) > 0)
        if (f.tensor_count && put_frame(&t, &f, names, bare, &line, out, name, err))
            more = reader_fail_in(r, err);
    if (!more && !t.layout.count)
        more = fail(err, "%s: the stream holds no samples", input_name(path));
    reader_close(r);
    frame_free(&f);
    layout_free(&t.layout);
    free(t.chosen.tensors);
    str_free(&line);
    return more;
}
