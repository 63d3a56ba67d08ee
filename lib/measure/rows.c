#include "measure/rows.h"

#include "measure/extract.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct Rows {
    RowsSpec spec;
    Reader *reader;
    Frame frame;
    Frame seen; /* through a network: what the stream held, of which frame has the features */
    Provenance from;
    const Tensor *x, *label; /* of the frame at hand */
    size_t at, count;        /* row reached and rows of that frame; rows done before it */
    size_t width, done;
    DType dtype; /* of the first frame's tensor, as all others must be */
    int rank;
    size_t shape[TENSOR_RANK_MAX];
    char tensor[96];
    bool labelled, ended;
    bool ready; /* the first frame was read by whoever opened the stream */
};

/* The names of a frame's tensors, for messages. */
static void list_names(const Frame *f, char *buf, size_t size) {
    size_t n = 0;
    buf[0] = 0;
    for (size_t i = 0; i < f->tensor_count && n < size; i++)
        n += (size_t)snprintf(buf + n, size - n, "%s%s", i ? ", " : "", f->tensors[i].name);
}

/* Copies the name at *list into name and moves on; false at the end. */
static bool next_name(const char **list, char *name, size_t size) {
    if (!**list) return false;
    size_t n = strcspn(*list, ",");
    snprintf(name, size, "%.*s", (int)n, *list);
    *list += n + ((*list)[n] == ',');
    return true;
}

static bool is_label(const Rows *r, const char *name) {
    return !strcmp(name, r->spec.label ? r->spec.label : "label");
}

/* Decides which tensor is read, from the first frame. */
static int choose_tensor(Rows *r, Error *err) {
    const char *list = r->spec.tensor;
    while (next_name(&list, r->tensor, sizeof r->tensor))
        if (frame_find(&r->frame, r->tensor)) return 0;
    const Tensor *only = NULL;
    size_t others = 0;
    for (size_t i = 0; i < r->frame.tensor_count; i++) {
        if (is_label(r, r->frame.tensors[i].name)) continue;
        only = &r->frame.tensors[i];
        others++;
    }
    if (others == 1 && strchr(r->spec.tensor, ',')) {
        snprintf(r->tensor, sizeof r->tensor, "%s", only->name);
        return 0;
    }
    char names[300];
    list_names(&r->frame, names, sizeof names);
    return fail(err, "%s: no tensor '%s' in the first frame (it holds: %s)", r->spec.path,
                r->spec.tensor, *names ? names : "nothing");
}

/* Rows of a tensor and the numbers in each. */
static int row_shape(const Rows *r, const Tensor *t, size_t *rows, size_t *width) {
    int axes = r->spec.positions && t->rank > 1 ? t->rank - 1 : 1;
    if (t->rank < 1 || !size_product(t->shape, axes, rows)) return -1;
    return size_product(t->shape + axes, t->rank - axes, width) ? 0 : -1;
}

static void note_kind(Rows *r, const Tensor *t) {
    r->dtype = t->dtype, r->rank = t->rank;
    memcpy(r->shape, t->shape, (size_t)t->rank * sizeof *t->shape);
}

/* Rows are of one type and shape; maps of positions may differ in size. */
static bool same_kind(const Rows *r, const Tensor *t) {
    bool same = t->dtype == r->dtype && t->rank == r->rank;
    for (int i = r->spec.positions ? r->rank - 1 : 1; same && i < r->rank; i++)
        same = t->shape[i] == r->shape[i];
    return same;
}

/* Labels are [N] or [N,C]; of positions, as many as there are. */
static bool labels_fit(const Rows *r, const Tensor *t) {
    if (r->spec.positions) return t->count == r->count;
    return t->rank >= 1 && t->rank <= 2 && t->shape[0] == r->count && (t->rank == 1 || t->shape[1]);
}

static int check_label(Rows *r, Error *err) {
    char shape[200];
    r->label = r->spec.label ? frame_find(&r->frame, r->spec.label) : NULL;
    uint64_t frame = reader_frames(r->reader);
    if (!r->label && r->labelled)
        return fail(err, "%s: frame %" PRIu64 " has no label tensor '%s'", r->spec.path, frame,
                    r->spec.label);
    if (!r->label) return 0;
    const Tensor *t = r->label;
    if (labels_fit(r, t)) return 0;
    return fail(err, "%s: frame %" PRIu64 ": labels '%s' are %s, expected [%zu]: one a row",
                r->spec.path, frame, t->name, shape_text(t->rank, t->shape, shape, sizeof shape),
                r->count);
}

/* The frame just read, through the network: 1, or -1. A stream that holds features of that very
 * network already is taken as it is. */
static int look_through(Rows *r, Error *err) {
    Extractor *e = r->spec.extractor;
    Frame swap = r->seen;
    char source[300];
    provenance_read(&r->frame, &r->from);
    if (!e) return 1;
    if (!extractor_wants(e, &r->frame) && frame_find(&r->frame, "feature")) {
        const char *net = r->spec.path;
        return provenance_same(net, &r->from, "--net", extractor_provenance(e), err) ? -1 : 1;
    }
    r->seen = r->frame, r->frame = swap;
    r->spec.tensor = "feature";
    r->from = *extractor_provenance(e);
    snprintf(source, sizeof source, "%.200s: frame %" PRIu64, r->spec.path,
             reader_frames(r->reader));
    return extractor_run(e, &r->seen, source, &r->frame, err) ? -1 : 1;
}

/* 1: a frame is at hand; 0: the stream ended; -1: error. */
static int next_frame(Rows *r, Error *err) {
    bool first = r->ready;
    int got = r->ended ? 0 : first ? 1 : reader_next(r->reader, &r->frame, err);
    r->ready = false;
    if (got > 0) got = look_through(r, err);
    if (got <= 0) {
        r->ended = true;
        return got;
    }
    r->done += r->count;
    r->at = r->count = 0;
    uint64_t frame = reader_frames(r->reader);
    if (frame == 1 && choose_tensor(r, err) < 0) return -1;
    r->x = frame_find(&r->frame, r->tensor);
    if (!r->x)
        return fail(err, "%s: frame %" PRIu64 " has no tensor '%s'", r->spec.path, frame,
                    r->tensor);
    size_t width, rows;
    if (row_shape(r, r->x, &rows, &width) < 0)
        return fail(err, "%s: frame %" PRIu64 ": tensor '%s' is a single number, not rows",
                    r->spec.path, frame, r->tensor);
    r->count = rows;
    if (frame == 1) {
        note_kind(r, r->x);
        r->width = width;
        r->labelled = r->spec.label && frame_find(&r->frame, r->spec.label);
    }
    if (!same_kind(r, r->x)) {
        char now[200], first[200];
        return fail(err, "%s: frame %" PRIu64 ": '%s' is %s %s, before it was %s %s", r->spec.path,
                    frame, r->tensor, dtype_name(r->x->dtype),
                    shape_text(r->x->rank, r->x->shape, now, sizeof now), dtype_name(r->dtype),
                    shape_text(r->rank, r->shape, first, sizeof first));
    }
    return check_label(r, err) < 0 ? -1 : 1;
}

Rows *rows_take(const RowsSpec *spec, Reader *reader, Frame *first, Error *err) {
    Rows *r = calloc(1, sizeof *r);
    if (!r) {
        fail(err, "out of memory");
        reader_close(reader);
        frame_free(first);
        return NULL;
    }
    r->spec = *spec, r->reader = reader, r->frame = *first, r->ready = true;
    *first = (Frame){0};
    int got = next_frame(r, err);
    if (got > 0 && !r->width) got = fail(err, "%s: rows of '%s' are empty", spec->path, r->tensor);
    if (got > 0 && r->width > INT_MAX)
        got = fail(err, "%s: rows of %zu numbers are too wide", spec->path, r->width);
    if (got > 0 && spec->label && spec->label_needed && !r->labelled)
        got = fail(err, "%s: no label tensor '%s' in the first frame", spec->path, spec->label);
    if (got > 0) return r;
    rows_close(r);
    return NULL;
}

Rows *rows_open(const RowsSpec *spec, Error *err) {
    Frame first = {0};
    Reader *reader = reader_open(spec->path, err);
    int got = reader ? reader_next(reader, &first, err) : -1;
    if (got > 0) return rows_take(spec, reader, &first, err);
    if (got == 0) fail(err, "%s: empty stream", spec->path);
    if (reader) reader_close(reader);
    frame_free(&first);
    return NULL;
}

void rows_close(Rows *r) {
    if (!r) return;
    if (r->reader) reader_close(r->reader);
    frame_free(&r->frame);
    frame_free(&r->seen);
    free(r);
}

size_t rows_width(const Rows *r) { return r->width; }
const char *rows_tensor(const Rows *r) { return r->tensor; }
const Provenance *rows_provenance(const Rows *r) { return &r->from; }
bool rows_labelled(const Rows *r) { return r->labelled; }
const Tensor *rows_first(const Rows *r) { return r->x; }
const char *rows_meta(const Rows *r, const char *key) { return frame_meta(&r->frame, key); }

static bool is_float(DType t) { return t == DT_F16 || t == DT_BF16 || t == DT_F32 || t == DT_F64; }

/* count elements from `first` as doubles, scaled as rows.h says. */
static void convert(const Rows *r, size_t first, size_t count, double *out) {
    const Tensor *t = r->x;
    if (t->dtype == DT_U8) {
        const unsigned char *p = (const unsigned char *)t->data + first;
        for (size_t i = 0; i < count; i++) out[i] = p[i] / 255.0;
        return;
    }
    for (size_t i = 0; i < count; i++) out[i] = tensor_get(t, first + i);
    if (!is_float(t->dtype) || r->spec.low == r->spec.high) return;
    double low = r->spec.low, span = r->spec.high - r->spec.low;
    for (size_t i = 0; i < count; i++) out[i] = (out[i] - low) / span;
}

static int check_values(const Rows *r, size_t row, const double *x, Error *err) {
    size_t j = 0;
    while (j < r->width && fabs(x[j]) <= ROWS_LARGEST) j++;
    if (j == r->width) return 0;
    return fail(err, "%s: row %zu of '%s' holds %g (element %zu), expected finite numbers%s",
                r->spec.path, r->done + row, r->tensor, x[j], j,
                isfinite(x[j]) ? " up to 1e38" : "");
}

static int read_label(const Rows *r, size_t row, int64_t *label, Error *err) {
    const Tensor *t = r->label;
    size_t classes = t->rank == 2 && !r->spec.positions ? t->shape[1] : 1, best = 0;
    double value = tensor_get(t, row * classes);
    bool nan = isnan(value);
    for (size_t c = 1; c < classes; c++) {
        double v = tensor_get(t, row * classes + c);
        nan |= isnan(v);
        if (v > value) value = v, best = c;
    }
    if (nan || (classes == 1 && (value != floor(value) || fabs(value) > 9e15)))
        return fail(err, "%s: row %zu: label '%s' is %g, expected a whole number up to 9e15",
                    r->spec.path, r->done + row, t->name, nan ? NAN : value);
    *label = classes == 1 ? (int64_t)value : (int64_t)best;
    return 0;
}

/* One row into x or xf, using buf [width] for the second. */
static int read_row(const Rows *r, size_t row, double *x, float *xf, double *buf, Error *err) {
    double *to = x ? x : buf;
    convert(r, row * r->width, r->width, to);
    if (check_values(r, row, to, err) < 0) return -1;
    for (size_t j = 0; xf && j < r->width; j++) xf[j] = (float)to[j];
    return 0;
}

static ssize_t read_rows(Rows *r, size_t max, double *x, float *xf, double *buf, int64_t *label,
                         Error *err) {
    size_t n = 0;
    while (n < max) {
        if (r->at == r->count) {
            int got = next_frame(r, err);
            if (got < 0) return -1;
            if (!got) break;
            continue;
        }
        if (read_row(r, r->at, x ? x + n * r->width : NULL, xf ? xf + n * r->width : NULL, buf,
                     err) < 0)
            return -1;
        if (label && r->label && read_label(r, r->at, &label[n], err) < 0) return -1;
        r->at++;
        n++;
    }
    return (ssize_t)n;
}

ssize_t rows_read(Rows *r, size_t max, double *x, int64_t *label, Error *err) {
    return read_rows(r, max, x, NULL, NULL, label, err);
}

static ssize_t read_float(Rows *r, size_t max, float *x, int64_t *label, Error *err) {
    double *buf = data_alloc(r->width * sizeof *buf, err);
    if (!buf) return -1;
    ssize_t n = read_rows(r, max, NULL, x, buf, label, err);
    free(buf);
    return n;
}

/* Makes room for `rows` rows. */
static int matrix_reserve(Matrix *m, size_t rows, MatrixType type, bool labels, Error *err) {
    size_t count, bytes, item = type == AS_DOUBLE ? sizeof *m->x : sizeof *m->xf;
    if (!size_mul(rows, m->d, &count) || !size_mul(count, item, &bytes))
        return fail(err, "too many rows: %zu of %zu numbers", rows, m->d);
    void *x = realloc(type == AS_DOUBLE ? (void *)m->x : (void *)m->xf, bytes);
    if (!x) return fail(err, "out of memory: %zu rows of %zu numbers", rows, m->d);
    if (type == AS_DOUBLE)
        m->x = x;
    else
        m->xf = x;
    if (!labels) return 0;
    int64_t *label = realloc(m->label, rows * sizeof *label);
    if (!label) return fail(err, "out of memory: %zu labels", rows);
    m->label = label;
    return 0;
}

static int matrix_fill(Rows *r, MatrixType type, size_t most, Matrix *m, Error *err) {
    enum { FIRST = 1024 };
    size_t room = 0;
    m->d = rows_width(r);
    for (;;) {
        if (m->n == room) {
            room = room ? 2 * room : FIRST;
            if (matrix_reserve(m, room, type, r->labelled, err) < 0) return -1;
        }
        size_t want = most && most < room ? most - m->n : room - m->n;
        int64_t *label = m->label ? m->label + m->n : NULL;
        ssize_t got = type == AS_DOUBLE ? rows_read(r, want, m->x + m->n * m->d, label, err)
                                        : read_float(r, want, m->xf + m->n * m->d, label, err);
        if (got < 0) return -1;
        m->n += (size_t)got;
        if ((size_t)got < want || m->n == most) return 0;
    }
}

int matrix_take(Rows *r, MatrixType type, size_t most, Matrix *m, Error *err) {
    *m = (Matrix){0};
    snprintf(m->tensor, sizeof m->tensor, "%s", rows_tensor(r));
    m->from = r->from;
    int bad = matrix_fill(r, type, most, m, err);
    if (!bad && !m->n) bad = fail(err, "%s: '%s' has no rows", r->spec.path, m->tensor);
    if (bad) matrix_free(m);
    return bad;
}

int matrix_load(const RowsSpec *spec, MatrixType type, size_t most, Matrix *m, Error *err) {
    *m = (Matrix){0};
    Rows *r = rows_open(spec, err);
    int bad = r ? matrix_take(r, type, most, m, err) : -1;
    rows_close(r);
    return bad;
}

void matrix_free(Matrix *m) {
    free(m->x);
    free(m->xf);
    free(m->label);
    *m = (Matrix){0};
}

int same_width(const char *path_a, size_t a, const char *path_b, size_t b, Error *err) {
    if (a == b) return 0;
    return fail(err, "rows differ in width: %zu numbers in %s, %zu in %s", a, path_a, b, path_b);
}
