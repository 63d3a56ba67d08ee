#include "media/views/info.h"

#include "base/kind.h"
#include "media/regroup.h"
#include "media/sources/paths.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LABELS_MAX = 1000, LABELS_SHOWN = 20, META_SHOWN = 72 };

typedef struct {
    double low, high, sum;
    uint64_t count, strange; /* finite values, and the others */
} Stats;

/* A tensor as it appears across frames that differ in its first extent alone. */
typedef struct {
    char *name;
    DType dtype;
    int rank;
    size_t shape[TENSOR_RANK_MAX];
    bool varies; /* in the first extent */
    uint64_t frames, samples;
    Stats stats;
} Line;

typedef struct {
    int64_t value;
    uint64_t count;
} Label;

typedef struct {
    Arena *arena;
    Line *lines;
    size_t count, capacity;
    Label labels[LABELS_MAX];
    size_t label_count;
    bool labels_overflow;
    uint64_t frames, samples, bytes, unchecked;
    bool samples_only; /* every frame's tensors share their first extent */
    Frame first;       /* metadata of the first frame */
} Info;

/* A finite value, so many times. */
static void add_value(Stats *s, double v, uint64_t times) {
    if (!s->count || v < s->low) s->low = v;
    if (!s->count || v > s->high) s->high = v;
    s->sum += (double)times * v;
    s->count += times;
}

static void add_stats(Stats *s, const Tensor *t) {
    uint64_t seen[256] = {0};
    const unsigned char *bytes = t->data;
    if (t->dtype == DT_U8) { /* the common, large case */
        for (size_t i = 0; i < t->count; i++) seen[bytes[i]]++;
        for (int v = 0; v < 256; v++)
            if (seen[v]) add_value(s, v, seen[v]);
        return;
    }
    for (size_t i = 0; i < t->count; i++) {
        double v = tensor_get(t, i);
        if (isfinite(v))
            add_value(s, v, 1);
        else
            s->strange++;
    }
}

static Line *line_of(Info *x, const Tensor *t, Error *err) {
    for (Line *l = x->lines; l < x->lines + x->count; l++)
        if (!strcmp(l->name, t->name) && same_but_first(t, l->dtype, l->rank, l->shape)) return l;
    if (array_room(&x->lines, &x->capacity, x->count + 1, sizeof *x->lines, "tensors", err))
        return NULL;
    Line *l = &x->lines[x->count++];
    *l = (Line){.name = arena_strdup(x->arena, t->name), .dtype = t->dtype, .rank = t->rank};
    memcpy(l->shape, t->shape, sizeof l->shape);
    return l;
}

static void count_label(Info *x, int64_t value) {
    size_t low = 0, high = x->label_count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (x->labels[mid].value < value)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < x->label_count && x->labels[low].value == value) {
        x->labels[low].count++;
    } else if (x->label_count == LABELS_MAX) {
        x->labels_overflow = true;
    } else {
        memmove(x->labels + low + 1, x->labels + low, (x->label_count - low) * sizeof *x->labels);
        x->labels[low] = (Label){value, 1};
        x->label_count++;
    }
}

static int add_frame(Info *x, const Frame *f, bool stats, Error *err) {
    x->frames++;
    x->bytes += f->bytes;
    x->unchecked += !frame_meta(f, "gan.crc32");
    if (x->frames == 1) frame_copy_meta(&x->first, f);
    for (size_t i = 0; i < f->tensor_count; i++) {
        const Tensor *t = &f->tensors[i];
        Line *l = line_of(x, t, err);
        if (!l) return -1;
        size_t n = t->rank ? t->shape[0] : 1;
        if (!t->rank || n != f->tensors[0].shape[0]) x->samples_only = false;
        if (t->rank && n != l->shape[0]) l->varies = true;
        l->frames++;
        l->samples += n;
        if (stats) add_stats(&l->stats, t);
        if (!strcmp(t->name, "label") && t->dtype == DT_I64 && t->rank == 1)
            for (size_t k = 0; k < t->count; k++) count_label(x, (int64_t)tensor_get(t, k));
    }
    if (f->tensor_count && f->tensors[0].rank) x->samples += f->tensors[0].shape[0];
    if (frame_meta(f, "gan.page")) x->samples_only = false;
    return 0;
}

static void put_size(Str *out, uint64_t bytes) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double v = (double)bytes;
    int u = 0;
    for (; v >= 1024 && u < 4; u++) v /= 1024;
    str_printf(out, u ? "%.1f %s" : "%.0f %s", v, units[u]);
}

static void line_shape(const Info *x, const Line *l, char *buf, size_t size) {
    shape_text(l->rank, l->shape, buf, size);
    if (!l->rank || !(x->samples_only || l->varies)) return;
    /* "[N,32,32,3]": the first extent makes way for its name */
    size_t head = l->rank > 1 ? 2 : 1;
    shape_text(l->rank - 1, l->shape + 1, buf + head, size - head);
    memcpy(buf, l->rank > 1 ? "[N," : "[N", head + 1);
}

static void end_line(Str *out) {
    while (out->length && out->text[out->length - 1] == ' ') out->length--;
    str_printf(out, "\n");
}

static void put_lines(const Info *x, bool stats, Str *out) {
    int name = 6, shape = 5;
    char text[200];
    for (size_t i = 0; i < x->count; i++) {
        int n = (int)strlen(x->lines[i].name);
        line_shape(x, &x->lines[i], text, sizeof text);
        if (n > name) name = n;
        if ((int)strlen(text) > shape) shape = (int)strlen(text);
    }
    str_printf(out, "  %-*s  %-5s  %-*s", name, "tensor", "type", shape, "shape");
    if (x->frames > 1) str_printf(out, "  %8s", "frames");
    if (stats) str_printf(out, "  %12s  %12s  %12s", "min", "max", "mean");
    end_line(out);
    for (size_t i = 0; i < x->count; i++) {
        const Line *l = &x->lines[i];
        line_shape(x, l, text, sizeof text);
        str_printf(out, "  %-*s  %-5s  %-*s", name, l->name, dtype_name(l->dtype), shape, text);
        if (x->frames > 1) str_printf(out, "  %8" PRIu64, l->frames);
        const Stats *s = &l->stats;
        if (stats && s->count)
            str_printf(out, "  %12.6g  %12.6g  %12.6g", s->low, s->high, s->sum / (double)s->count);
        if (stats && s->strange) str_printf(out, "  %" PRIu64 " not finite", s->strange);
        end_line(out);
    }
}

static void put_labels(const Info *x, Str *out) {
    Arena *arena = arena_new(NULL);
    Classes names = classes_known(frame_meta(&x->first, "gan.classes"), arena);
    str_printf(out, "  labels: %s%zu distinct:", x->labels_overflow ? "more than " : "",
               x->label_count);
    for (size_t i = 0; i < x->label_count && i < LABELS_SHOWN; i++) {
        const Label *l = &x->labels[i];
        str_printf(out, "%s %" PRId64, i ? "," : "", l->value);
        const char *name = class_name(&names, l->value);
        if (name) {
            str_printf(out, " (");
            str_escape(out, name);
            str_printf(out, ")");
        }
        str_printf(out, " %" PRIu64 "x", l->count);
    }
    str_printf(out, x->label_count > LABELS_SHOWN ? ", ...\n" : "\n");
    arena_free(arena);
}

static void put_meta(const Info *x, Str *out) {
    for (size_t i = 0; i < x->first.meta_count; i++) {
        const char *key = x->first.meta[i].key, *value = x->first.meta[i].value;
        size_t n = strlen(value);
        if (!strncmp(key, "gan.crc32", 9) && x->frames > 1) continue; /* the first frame's alone */
        bool plain = n <= META_SHOWN;
        for (size_t k = 0; plain && k < n; k++) plain = (unsigned char)value[k] >= 0x20;
        str_printf(out, "  meta %s", key);
        if (plain) {
            str_printf(out, " = ");
            str_escape(out, value);
            str_printf(out, "\n");
        } else {
            str_printf(out, " (%zu bytes)\n", n);
        }
    }
}

static void put_all(const Info *x, const char *path, bool stats, Str *out) {
    str_escape(out, path);
    str_printf(out, ": %" PRIu64 " frame%s, ", x->frames, x->frames == 1 ? "" : "s");
    if (x->samples_only && x->count)
        str_printf(out, "%" PRIu64 " sample%s, ", x->samples, x->samples == 1 ? "" : "s");
    else
        str_printf(out, "%zu tensor%s, ", x->count, x->count == 1 ? "" : "s");
    put_size(out, x->bytes);
    if (!x->unchecked)
        str_printf(out, ", checksums ok\n");
    else if (x->unchecked == x->frames)
        str_printf(out, ", no checksums\n");
    else
        str_printf(out, ", checksums ok, %" PRIu64 " frames have none\n", x->unchecked);
    if (x->count) put_lines(x, stats, out);
    if (x->label_count) put_labels(x, out);
    put_meta(x, out);
}

int info_text(const char *path, bool stats, Str *out, Error *err) {
    Info *x = calloc(1, sizeof *x);
    if (!x) return fail(err, "out of memory");
    Frame f = {0};
    Reader *r = reader_open(path, err);
    int more = 1;
    x->arena = arena_new(NULL);
    x->samples_only = true;
    while (more > 0 && (more = reader_next(r, &f, err)) > 0)
        if (add_frame(x, &f, stats, err)) more = -1;
    if (!more && !x->frames) more = kind_refuse("", 0, KIND_NO_TEXT, path, "a tensor stream", err);
    if (!more) put_all(x, input_name(path), stats, out);
    reader_close(r);
    frame_free(&f);
    frame_free(&x->first);
    arena_free(x->arena);
    free(x->lines);
    free(x);
    return more;
}

int info_meta(const char *path, const char *key, Str *out, Error *err) {
    Frame f = {0};
    Reader *r = reader_open(path, err);
    int more = 1;
    const char *value = NULL;
    while (!value && (more = reader_next_header(r, &f, NULL, err)) > 0) value = frame_meta(&f, key);
    if (value) str_append(out, value, strlen(value));
    if (!more) more = fail(err, "%s: no metadata %s", path, key);
    reader_close(r);
    frame_free(&f);
    return more < 0 ? -1 : 0;
}
