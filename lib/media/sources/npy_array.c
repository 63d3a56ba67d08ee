/* npy_array.c: NumPy's arrays, opened, rearranged, read sample by sample. */
#include "media/sources/npy_array.h"
#include "media/regroup.h"
#include "media/sources/archive.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

enum { HEADER_MAX = 1 << 20, BLOCK = 1 << 26 };
static const size_t sample_max = (size_t)1 << 30;

/* ---- archives ---- */

bool npz_is(const char *path) { return strcmp(path, "-") && archive_is(path); }

bool npy_is(const char *path) {
    char head[6] = {0};
    Error ignored;
    if (!strcmp(path, "-") || archive_is(path)) return true;
    Source *s = source_open(path, &ignored);
    bool is = s && !source_read(s, head, sizeof head, "the header", &ignored) &&
              !memcmp(head, "\x93NUMPY", 6);
    source_close(s);
    return is;
}

/* The length of a member's name without .npy; 0 when it is no array. */
static size_t array_name(zip_t *z, zip_int64_t i, const char **name) {
    *name = zip_get_name(z, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
    size_t n = *name ? strlen(*name) : 0;
    return n > 4 && !strcmp(*name + n - 4, ".npy") ? n - 4 : 0;
}

static bool is_named(const char *name, size_t n, const char *wanted) {
    return wanted && strlen(wanted) == n && !memcmp(name, wanted, n);
}

/* The members that `wanted` names, or all but `not_this`: how many, the last one, and their list.
 */
static size_t find_members(zip_t *z, const char *wanted, const char *not_this, Str *list,
                           uint64_t *found) {
    size_t count = 0;
    for (zip_int64_t i = 0, all = zip_get_num_entries(z, 0); i < all; i++) {
        const char *name;
        size_t n = array_name(z, i, &name);
        if (!n || (wanted ? !is_named(name, n, wanted) : is_named(name, n, not_this))) continue;
        if (list->length < 400)
            str_printf(list, "%s%.*s", count ? ", " : "", (int)(n < 100 ? n : 100), name);
        *found = (uint64_t)i;
        count++;
    }
    return count;
}

bool npz_has(const char *path, const char *member) {
    Error ignored;
    zip_t *z = npz_is(path) ? archive_open(path, &ignored) : NULL;
    Str list = {0};
    uint64_t found;
    bool has = z && find_members(z, member, NULL, &list, &found);
    if (z) zip_discard(z);
    str_free(&list);
    return has;
}

static Source *open_member(const char *path, const char *wanted, const char *not_this, Error *err) {
    zip_t *z = archive_open(path, err);
    if (!z) return NULL;
    Str list = {0};
    uint64_t at = 0;
    size_t n = find_members(z, wanted, not_this, &list, &at);
    Source *s = NULL;
    if (n == 1) {
        s = source_member(z, at, path, err); /* takes the archive over */
        z = NULL;
    } else if (n) {
        fail(err, "%s: holds the arrays %s: --member says which", path, list.text);
    } else {
        str_free(&list);
        find_members(z, NULL, NULL, &list, &at);
        if (wanted)
            fail(err, "%s: no array %s; it holds %s", path, wanted,
                 list.length ? list.text : "none");
        else
            fail(err, "%s: the archive holds no %sarray", path, list.length ? "other " : "");
        if (!list.length) kind_refuse_file(path, KIND_NO_TEXT, "a NumPy array", err);
    }
    if (z) zip_discard(z);
    str_free(&list);
    return s;
}

/* ---- opening ---- */

static int read_header(Source *s, Npy *out, Error *err) {
    unsigned char head[12] = {0};
    int bad = source_read(s, head, 10, "the header", err);
    if (bad && !memcmp(head, "\x93NUMPY", 6)) return -1;
    if (!bad && !memcmp(head, "PK\3\4", 4))
        return fail(err, "%s: byte 0: an archive (.npz), which is not read from a pipe",
                    source_name(s));
    if (!bad && memcmp(head, "\x93NUMPY", 6))
        bad = fail(err, "%s: byte 0: not a .npy file", source_name(s));
    if (bad) { /* better than that is what there is instead */
        source_refuse(s, KIND_NO_TEXT, "a NumPy array", err);
        return -1;
    }
    if (head[6] < 1 || head[6] > 3 || head[7])
        return fail(err, "%s: byte 6: version %d.%d, expected 1.0, 2.0 or 3.0", source_name(s),
                    head[6], head[7]);
    size_t n = head[8] | (size_t)head[9] << 8;
    if (head[6] > 1) {
        if (source_read(s, head + 10, 2, "the header", err)) return -1;
        n |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
    }
    if (n > HEADER_MAX)
        return fail(err, "%s: byte 8: a header of %zu bytes, at most %d are accepted",
                    source_name(s), n, HEADER_MAX);
    char *text = malloc(n + 1);
    if (!text) return fail(err, "out of memory");
    bad = source_read(s, text, n, "the header", err);
    if (!bad && npy_parse(text, n, out, err)) bad = fail_in(err, "%s", source_name(s));
    free(text);
    return bad;
}

int npy_array_open(NpyArray *a, const char *path, const char *member, const char *not_this,
                   Error *err) {
    *a = (NpyArray){.fd = -1};
    bool archive = npz_is(path);
    if (member && !archive)
        return fail(err, "%s: not an .npz archive, of which %s could be a member", path, member);
    a->source = archive ? open_member(path, member, not_this, err) : source_open(path, err);
    if (!a->source || read_header(a->source, &a->npy, err)) return -1;
    const char *name = source_name(a->source);
    Npy *p = &a->npy;
    size_t total;
    if (p->rank < 1) return fail(err, "%s: a single number, expected an array of samples", name);
    for (int i = 0; i < p->rank; i++)
        if (!p->shape[i]) return fail(err, "%s: axis %d has extent 0, no samples to read", name, i);
    if (!size_product(p->shape + 1, p->rank - 1, &a->each) ||
        !size_mul(a->each, dtype_size(p->dtype), &a->bytes) ||
        !size_mul(a->bytes, p->shape[0], &total) || a->bytes > sample_max)
        return fail(err, "%s: the array is too large", name);
    if (p->rank == 1) p->fortran = false;
    if (source_expect(a->source, total, "the numbers", err)) return -1;
    if (p->fortran && (a->fd = source_file(a->source, total, &a->start, err)) < 0) return -1;
    return p->fortran ? npy_array_arrange(a, p->rank - 1, p->shape + 1, false, err) : 0;
}

void npy_array_close(NpyArray *a) {
    source_close(a->source);
    if (a->fd >= 0) close(a->fd);
    free(a->from);
    free(a->raw);
}

/* ---- rearranging ---- */

/* Where element c of a sample, counted in C order, lies in one that is in Fortran order. */
static size_t fortran_place(const Npy *p, size_t c) {
    size_t place = 0, stride = 1, index[TENSOR_RANK_MAX];
    for (int k = p->rank - 1; k > 0; k--) {
        index[k] = c % p->shape[k];
        c /= p->shape[k];
    }
    for (int k = 1; k < p->rank; k++) {
        place += index[k] * stride;
        stride *= p->shape[k];
    }
    return place;
}

int npy_array_arrange(NpyArray *a, int rank, size_t *shape, bool channels_first, Error *err) {
    char text[200];
    size_t count, channels = rank ? shape[0] : 1;
    const char *name = source_name(a->source);
    if (!size_product(shape, rank, &count) || count != a->each)
        return fail(err, "%s: a sample has %zu elements, which the shape asked for does not hold",
                    name, a->each);
    if (channels_first && rank < 3)
        return fail(err, "%s: samples are %s, which has no channels to move last", name,
                    shape_text(rank, shape, text, sizeof text));
    if (!a->npy.fortran && !channels_first) return 0;
    if (!a->from) a->from = data_alloc(a->each * sizeof *a->from, err);
    a->room = BLOCK / a->bytes ? BLOCK / a->bytes : 1;
    if (a->room > a->npy.shape[0]) a->room = a->npy.shape[0];
    if (!a->raw) a->raw = data_alloc(a->room * a->bytes, err);
    if (!a->from || !a->raw) return -1;
    size_t pixels = a->each / channels;
    for (size_t j = 0; j < a->each; j++) {
        size_t c = channels_first ? j % channels * pixels + j / channels : j;
        a->from[j] = a->npy.fortran ? fortran_place(&a->npy, c) : c;
    }
    for (int k = 0; channels_first && k < rank; k++)
        shape[k] = k + 1 < rank ? shape[k + 1] : channels;
    return 0;
}

/* n elements of `size` bytes, `stride` apart, from `at` on in the order of `from`. */
static void gather(const unsigned char *at, size_t stride, const size_t *from, size_t n,
                   size_t size, unsigned char *to) {
/* copies of a known size become single moves */
#define GATHER(size) \
    for (size_t j = 0; j < n; j++) memcpy(to + j * size, at + from[j] * stride * size, size)
    switch (size) {
    case 1: GATHER(1); break;
    case 2: GATHER(2); break;
    case 4: GATHER(4); break;
    default: GATHER(8); break;
    }
#undef GATHER
}

/* ---- reading ---- */

/* Fortran order: element by element the numbers of as many samples as raw holds. */
static int fill_raw(NpyArray *a, Error *err) {
    const char *name = source_name(a->source);
    size_t size = dtype_size(a->npy.dtype), left = a->npy.shape[0] - (size_t)a->at;
    size_t n = left < a->room ? left : a->room;
    a->first = (size_t)a->at;
    a->filled = n;
    if (n == a->npy.shape[0]) return read_stretch(a->fd, name, a->raw, n * a->bytes, a->start, err);
    for (size_t j = 0; j < a->each; j++)
        if (read_stretch(a->fd, name, (unsigned char *)a->raw + j * n * size, n * size,
                         a->start + ((uint64_t)j * a->npy.shape[0] + a->at) * size, err))
            return -1;
    return 0;
}

static int read_fortran(NpyArray *a, size_t n, unsigned char *to, Error *err) {
    size_t size = dtype_size(a->npy.dtype);
    for (; n; n--, a->at++, to += a->bytes) {
        if ((!a->filled || a->at == a->first + a->filled) && fill_raw(a, err)) return -1;
        gather((unsigned char *)a->raw + (a->at - a->first) * size, a->filled, a->from, a->each,
               size, to);
    }
    return 0;
}

static int read_plain(NpyArray *a, size_t n, unsigned char *to, Error *err) {
    size_t size = dtype_size(a->npy.dtype);
    a->at += n;
    if (!a->from) return source_read(a->source, to, n * a->bytes, "the array", err);
    for (size_t part; n; n -= part, to += part * a->bytes) {
        part = n < a->room ? n : a->room;
        if (source_read(a->source, a->raw, part * a->bytes, "the array", err)) return -1;
        for (size_t i = 0; i < part; i++)
            gather((unsigned char *)a->raw + i * a->bytes, 1, a->from, a->each, size,
                   to + i * a->bytes);
    }
    return 0;
}

static void swap_bytes(unsigned char *p, size_t count, size_t size) {
    for (size_t i = 0; i < count; i++, p += size)
        for (size_t k = 0; k < size / 2; k++) {
            unsigned char b = p[k];
            p[k] = p[size - 1 - k];
            p[size - 1 - k] = b;
        }
}

int npy_array_read(NpyArray *a, size_t n, void *to, Error *err) {
    if (a->npy.fortran ? read_fortran(a, n, to, err) : read_plain(a, n, to, err)) return -1;
    if (a->npy.big_endian) swap_bytes(to, n * a->each, dtype_size(a->npy.dtype));
    return 0;
}

int npy_array_end(NpyArray *a, Error *err) { return source_end(a->source, err); }
