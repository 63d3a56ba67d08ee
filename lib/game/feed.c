/* From a frame's tensors to a page's data. */
#include <math.h>
#include <string.h>

#include "game/feed.h"

static int check_shape(const DataInput *d, const Tensor *t, Error *err) {
    char have[200], want[200];
    size_t shape[RANK_MAX];
    int rank = d->classes && t->rank == 1 ? 1 : d->input.rank;
    memcpy(shape, d->input.shape, sizeof shape);
    shape[0] *= d->parts;
    bool fits = t->rank == rank;
    for (int i = 0; fits && i < rank; i++) fits = t->shape[i] == shape[i];
    if (fits) return 0;
    return fail(err, "tensor %s has shape %s, the page wants %s", t->name,
                shape_text(t->rank, t->shape, have, sizeof have),
                shape_text(rank, shape, want, sizeof want));
}

/* Whole numbers from 0 to count-1, of which a sample has so many. */
static int check_labels(const Tensor *t, size_t each, size_t count, const char *what, Error *err) {
    for (size_t i = 0; i < t->count; i++) {
        double c = tensor_get(t, i);
        if (!(c >= 0 && c < (double)count && c == floor(c)))
            return fail(err, "%s: sample %zu %s %g, expected a %s from 0 to %zu", t->name, i / each,
                        each > 1 ? "holds" : "is", c, what, count - 1);
    }
    return 0;
}

int feed_check(const DataInput *d, const Frame *f, Error *err) {
    const Tensor *t = frame_find(f, d->tensor);
    if (!t)
        return fail(err, "no tensor %s in the stream, which the page wants as %s", d->tensor,
                    d->name);
    if (check_shape(d, t, err)) return -1;
    if (d->labels)
        return check_labels(t, t->count / (t->rank && t->shape[0] ? t->shape[0] : 1), d->labels,
                            "label", err);
    return d->classes && t->rank == 1 ? check_labels(t, 1, d->classes, "class", err) : 0;
}

/* The first element that is not finite, or the number of elements. */
static size_t find_not_finite(const Tensor *t) {
    const float *v = t->data;
    size_t i = 0;
    if (t->dtype == DT_F32)
        while (i < t->count && isfinite(v[i])) i++;
    else if (t->dtype == DT_F64 || t->dtype == DT_F16 || t->dtype == DT_BF16)
        while (i < t->count && isfinite(tensor_get(t, i))) i++;
    else
        i = t->count;
    return i;
}

int feed_finite(const DataInput *d, const Frame *f, Error *err) {
    const Tensor *t = frame_find(f, d->tensor);
    size_t i = t ? find_not_finite(t) : 0;
    if (!t || i == t->count) return 0;
    size_t width = t->rank && t->shape[0] ? t->count / t->shape[0] : t->count;
    double v = tensor_get(t, i);
    return fail(err, "tensor %s: sample %zu holds %s", t->name, i / width,
                isnan(v) ? "nan"
                : v < 0  ? "-inf"
                         : "inf");
}

static void fill_one_hot(const DataInput *d, const Tensor *t, size_t first, size_t count,
                         float *to) {
    memset(to, 0, count * d->classes * sizeof *to);
    for (size_t i = 0; i < count; i++) to[i * d->classes + (size_t)tensor_get(t, first + i)] = 1;
}

void feed_fill(const DataInput *d, const Frame *f, size_t first, size_t count, float *to) {
    const Tensor *t = frame_find(f, d->tensor);
    size_t part = t->count / d->parts, n = count * part;
    if (d->classes && t->rank == 1) {
        fill_one_hot(d, t, first * part, n, to);
        return;
    }
    tensor_to_float(t, first * part, n, to);
    if (t->dtype != DT_U8) return;
    float scale = (float)((d->high - d->low) / 255), low = (float)d->low;
    for (size_t i = 0; i < n; i++) to[i] = to[i] * scale + low;
}

int feed_batch(const DataInput *data, const bool *reads, int count, const Frame *f, size_t *n,
               Error *err) {
    bool whole = false;
    for (int i = 0; i < count; i++) {
        const Tensor *t = frame_find(f, data[i].tensor);
        if (!t || !reads[i]) continue;
        whole |= data[i].whole;
        if (data[i].whole) continue;
        if (t->rank == 0 || t->shape[0] == 0)
            return fail(err, "tensor %s holds no samples", t->name);
        *n = t->shape[0];
        return 0;
    }
    if (whole) return 0;
    Str names = {0};
    for (int i = 0; i < count; i++)
        if (reads[i]) str_printf(&names, "%s%s", names.length ? ", " : "", data[i].tensor);
    fail(err, "the stream has none of the tensors the page wants: %s",
         names.text ? names.text : "");
    str_free(&names);
    return -1;
}
