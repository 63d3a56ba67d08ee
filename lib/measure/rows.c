#include "measure/rows.h"

#include "base/kind.h"
#include "measure/extract.h"
#include "measure/label.h"
#include "measure/numbers.h"
#include "measure/subset.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct Rows {
    RowsSpec spec;
    const char *path;
    Facts *facts;   /* NULL: not wanted */
    Reader *reader; /* NULL: of a subset, of which so many are read: */
    size_t fetched;
    uint64_t frames;
    Frame frame;
    Frame seen; /* through a network: what the stream held, of which frame has the features */
    Provenance from;
    const Tensor *x, *label; /* of the frame at hand */
    const Tensor *noted;     /* the labels that the facts count, or NULL */
    size_t at, count;        /* row reached and rows of that frame; rows done before it */
    size_t width, done;
    DType dtype; /* of the first frame's tensor, as all others must be */
    int rank;
    size_t shape[TENSOR_RANK_MAX];
    char tensor[96];
    bool labelled, ended, failed;
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
    return fail(err, "%s: no tensor '%s' in the first frame (it holds: %s)", r->path,
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
    uint64_t frame = r->frames;
    if (!r->label && r->labelled)
        return fail(err, "%s: frame %" PRIu64 " has no label tensor '%s'", r->path, frame,
                    r->spec.label);
    if (!r->label) return 0;
    const Tensor *t = r->label;
    if (labels_fit(r, t)) return 0;
    return fail(err, "%s: frame %" PRIu64 ": labels '%s' are %s, expected [%zu]: one a row",
                r->path, frame, t->name, shape_text(t->rank, t->shape, shape, sizeof shape),
                r->count);
}

/* The range of floats that a network is given; bytes have that of their protocol. */
static void note_input(Facts *f, const Tensor *t) {
    if (!f || !t || !is_float(t->dtype)) return;
    for (size_t i = 0; i < t->count; i++) {
        double v = tensor_get(t, i);
        if (!f->is_input || v < f->input_low) f->input_low = v;
        if (!f->is_input || v > f->input_high) f->input_high = v;
        f->is_input = true;
    }
}

/* The frame just read, through the network: 1, or -1. A stream that holds features of that very
 * network already is taken as it is. */
static int look_through(Rows *r, Error *err) {
    Extractor *e = r->spec.of->extractor;
    Frame swap = r->seen;
    char source[300];
    provenance_read(&r->frame, &r->from);
    if (!e) return 1;
    if (!extractor_wants(e, &r->frame) && frame_find(&r->frame, "feature"))
        return provenance_same(r->path, &r->from, "--net", extractor_provenance(e), err) ? -1 : 1;
    note_input(r->facts, frame_find(&r->frame, extractor_tensor(e)));
    r->seen = r->frame, r->frame = swap;
    r->spec.tensor = "feature";
    r->from = *extractor_provenance(e);
    snprintf(source, sizeof source, "%.200s: frame %" PRIu64, r->path, r->frames);
    return extractor_run(e, &r->seen, source, &r->frame, err) ? -1 : 1;
}

/* The next frame of the stream, as it is: 1, 0 at the end, or -1. */
static int fetch_frame(Rows *r, Error *err) {
    if (r->ended) return 0;
    bool ready = r->ready;
    r->ready = false;
    if (ready) return 1;
    if (r->reader) return reader_next(r->reader, &r->frame, err);
    if (r->fetched == subset_rows(r->spec.of->only)) return 0;
    ptrdiff_t n = subset_frame(r->spec.of->only, r->fetched, &r->frame, err);
    if (n > 0) r->fetched += (size_t)n;
    return n < 0 ? -1 : 1;
}

/* What the first frame tells of the stream. */
static void note_stream(Rows *r) {
    Facts *f = r->facts;
    const Frame *source = &r->frame;
    const Tensor *t = r->x;
    if (!f) return;
    if (r->seen.tensor_count) {
        source = &r->seen;
        t = frame_find(source, extractor_tensor(r->spec.of->extractor));
    }
    f->type = t->dtype, f->rank = t->rank;
    memcpy(f->shape, t->shape, sizeof f->shape);
    snprintf(f->tensor, sizeof f->tensor, "%s", r->tensor);
    const char *names = frame_meta(source, "gan.classes");
    if (names) f->names = strdup(names);
}

/* The labels that the facts count: those that are read, or those of the usual name. */
static void note_labels(Rows *r) {
    const Tensor *t = r->spec.label ? r->label : frame_find(&r->frame, "label");
    r->noted = t && !r->spec.positions && labels_fit(r, t) ? t : NULL;
    if (!r->noted && r->count) r->facts->unlabelled = true;
}

/* Takes the tensor of rows from the frame at hand. */
static int take_tensor(Rows *r, Error *err) {
    bool first = r->frames == 1;
    if (first && choose_tensor(r, err) < 0) return -1;
    r->x = frame_find(&r->frame, r->tensor);
    if (!r->x)
        return fail(err, "%s: frame %" PRIu64 " has no tensor '%s'", r->path, r->frames, r->tensor);
    size_t width, rows;
    if (row_shape(r, r->x, &rows, &width) < 0)
        return fail(err, "%s: frame %" PRIu64 ": tensor '%s' is a single number, not rows", r->path,
                    r->frames, r->tensor);
    r->count = rows;
    if (first) {
        note_kind(r, r->x);
        note_stream(r);
        r->width = width;
        r->labelled = r->spec.label && frame_find(&r->frame, r->spec.label);
    }
    if (!same_kind(r, r->x)) {
        char now[200], before[200];
        return fail(err, "%s: frame %" PRIu64 ": '%s' is %s %s, before it was %s %s", r->path,
                    r->frames, r->tensor, dtype_name(r->x->dtype),
                    shape_text(r->x->rank, r->x->shape, now, sizeof now), dtype_name(r->dtype),
                    shape_text(r->rank, r->shape, before, sizeof before));
    }
    if (check_label(r, err) < 0) return -1;
    if (r->facts) note_labels(r);
    return 0;
}

/* 1: a frame is at hand; 0: the stream ended; -1: error. */
static int next_frame(Rows *r, Error *err) {
    int got = fetch_frame(r, err);
    r->frames += got > 0;
    if (got > 0) got = look_through(r, err);
    if (got > 0) {
        r->done += r->count;
        r->at = r->count = 0;
        if (take_tensor(r, err) < 0) got = -1;
    }
    if (got <= 0) r->ended = true;
    if (got < 0) r->failed = true;
    return got;
}

/* Rows of which the first frame may be at hand already. */
static Rows *start(const RowsSpec *spec, Reader *reader, Frame *first, Error *err) {
    Rows *r = calloc(1, sizeof *r);
    if (!r) {
        fail(err, "out of memory");
        reader_close(reader);
        frame_free(first);
        return NULL;
    }
    r->spec = *spec, r->path = spec->of->path, r->facts = spec->of->facts;
    r->reader = reader, r->frame = *first, r->ready = reader != NULL;
    *first = (Frame){0};
    if (r->facts) facts_start(r->facts, r->path);
    int got = next_frame(r, err);
    if (!got) fail(err, "%s: no rows", r->path);
    if (got > 0 && !r->width) got = fail(err, "%s: rows of '%s' are empty", r->path, r->tensor);
    if (got > 0 && r->width > INT_MAX)
        got = fail(err, "%s: rows of %zu numbers are too wide", r->path, r->width);
    if (got > 0 && spec->label && spec->label_needed && !r->labelled)
        got = fail(err, "%s: no label tensor '%s' in the first frame", r->path, spec->label);
    if (got > 0) return r;
    r->failed = true;
    rows_close(r);
    return NULL;
}

Rows *rows_take(const RowsSpec *spec, Reader *reader, Frame *first, Error *err) {
    return start(spec, reader, first, err);
}

Rows *rows_open(const RowsSpec *spec, Error *err) {
    Frame first = {0};
    if (spec->of->only) return start(spec, NULL, &first, err);
    Reader *reader = reader_open(spec->of->path, err);
    int got = reader ? reader_next(reader, &first, err) : -1;
    if (got > 0) return start(spec, reader, &first, err);
    if (got == 0) kind_refuse("", 0, KIND_NO_TEXT, spec->of->path, "a tensor stream", err);
    if (reader) reader_close(reader);
    frame_free(&first);
    return NULL;
}

/* Whether rows were left. What a file has behind those that were read is looked at, and an error
 * there is none of the metric's; a pipe is not waited for. */
static bool rows_left(Rows *r) {
    Error ignored;
    if (r->failed || r->ended) return false;
    return r->at < r->count || (r->facts->is_file && fetch_frame(r, &ignored) > 0);
}

void rows_close(Rows *r) {
    if (!r) return;
    if (r->facts) r->facts->cut = rows_left(r);
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

/* The number of a row of the frame at hand, as messages count it. */
static uint64_t row_number(const Rows *r, size_t row) {
    return r->reader ? r->done + row : subset_row(r->spec.of->only, r->done + row);
}

static int check_values(const Rows *r, size_t row, const double *x, Error *err) {
    size_t j = 0;
    while (j < r->width && fabs(x[j]) <= NUMBER_LARGEST) j++;
    if (j == r->width) return 0;
    return fail(
        err, "%s: row %" PRIu64 " of '%s' holds %g (element %zu), expected finite numbers%s",
        r->path, row_number(r, row), r->tensor, x[j], j, isfinite(x[j]) ? " up to 1e38" : "");
}

static int read_label(const Rows *r, const Tensor *t, size_t row, int64_t *label, Error *err) {
    if (!label_of(t, r->spec.positions ? 1 : label_width(t), row, label, err)) return 0;
    return fail_in(err, "%s: row %" PRIu64, r->path, row_number(r, row));
}

/* x: the row as it was taken. */
static void note_row(Rows *r, size_t row, const double *x) {
    Facts *f = r->facts;
    int64_t label;
    Error ignored;
    if (!f->rows++) f->low = f->high = x[0];
    for (size_t j = 0; j < r->width; j++) {
        if (x[j] < f->low) f->low = x[j];
        if (x[j] > f->high) f->high = x[j];
    }
    if (!r->noted || f->unlabelled) return;
    if (read_label(r, r->noted, row, &label, &ignored) < 0)
        f->unlabelled = true;
    else
        facts_label(f, label);
}

/* One row into x or xf, using buf [width] for the second. */
static int read_row(Rows *r, size_t row, double *x, float *xf, double *buf, Error *err) {
    double *to = x ? x : buf;
    numbers_take(r->x, row * r->width, r->width, r->spec.range.low, r->spec.range.high, to);
    if (check_values(r, row, to, err) < 0) return -1;
    if (r->facts) note_row(r, row, to);
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
            return r->failed = true, -1;
        if (label && r->label && read_label(r, r->label, r->at, &label[n], err) < 0) return -1;
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
    if (!bad && !m->n) bad = fail(err, "%s: '%s' has no rows", r->path, m->tensor);
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
