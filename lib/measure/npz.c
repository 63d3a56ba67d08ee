#include "measure/npz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "media/npy.h"

enum { MEMBER_LIMIT = 1 << 30, PREFIX = 10 };

bool npz_is(const char *path) {
    unsigned char b[4] = {0};
    FILE *f = strcmp(path, "-") ? fopen(path, "rb") : NULL;
    if (!f) return false;
    bool is = fread(b, 1, 4, f) == 4 && !memcmp(b, "PK\3\4", 4);
    fclose(f);
    return is;
}

/* The bytes of a member of the archive. */
static int read_member(zip_t *z, const char *member, char **bytes, size_t *n, Error *err) {
    zip_stat_t st;
    if (zip_stat(z, member, 0, &st)) return fail(err, "no array %s", member);
    if (!(st.valid & ZIP_STAT_SIZE) || st.size > MEMBER_LIMIT)
        return fail(err, "%s is too large", member);
    *n = (size_t)st.size;
    *bytes = malloc(*n + 1);
    zip_file_t *f = *bytes ? zip_fopen(z, member, 0) : NULL;
    char more; /* reading beyond the end compares the checksum */
    bool whole = f && zip_fread(f, *bytes, *n) == (zip_int64_t)*n && zip_fread(f, &more, 1) == 0;
    if (f && zip_fclose(f)) whole = false;
    if (whole) return 0;
    free(*bytes);
    return fail(err, "%s cannot be read: the archive is damaged", member);
}

/* Version 1 to 3: the header's length is of 2 or 4 bytes. `at` becomes where the data begin. */
static int find_data(const char *b, size_t n, Npy *out, size_t *at, Error *err) {
    if (n < PREFIX + 2 || memcmp(b, "\x93NUMPY", 6)) return fail(err, "it is not a NumPy array");
    const unsigned char *u = (const unsigned char *)b;
    size_t length = u[8] + 256u * u[9];
    *at = PREFIX;
    if (u[6] > 1) length += (u[10] + ((size_t)u[11] << 8)) << 16, *at += 2;
    if (length > n - *at) return fail(err, "its header is cut short");
    if (npy_parse(b + *at, length, out, err)) return -1;
    *at += length;
    return 0;
}

static int take_array(const char *b, size_t n, int rank, size_t *d, double **out, Error *err) {
    Npy a = {0};
    size_t at = 0, count, bytes;
    if (find_data(b, n, &a, &at, err)) return -1;
    if ((a.dtype != DT_F32 && a.dtype != DT_F64) || a.big_endian)
        return fail(err, "its numbers are %s%s, expected little-endian F32 or F64",
                    a.big_endian ? "big-endian " : "", dtype_name(a.dtype));
    bool fits = a.rank == rank;
    for (int i = 0; fits && i < rank; i++) fits = a.shape[i] == (*d ? *d : a.shape[0]);
    char shape[200], want[200];
    if (!fits || !a.shape[0])
        return fail(err, "its shape is %s, expected %s",
                    shape_text(a.rank, a.shape, shape, sizeof shape),
                    *d          ? shape_text(rank, (const size_t[]){*d, *d}, want, sizeof want)
                    : rank == 1 ? "[d]"
                                : "[d,d]");
    if (!size_product(a.shape, rank, &count) || !size_mul(count, dtype_size(a.dtype), &bytes) ||
        bytes != n - at)
        return fail(err, "%zu bytes of data do not fit its shape", n - at);
    *out = data_alloc(count * sizeof **out, err);
    if (!*out) return -1;
    for (size_t i = 0; i < count; i++) {
        float f;
        if (a.dtype == DT_F64)
            memcpy(&(*out)[i], b + at + i * sizeof(double), sizeof(double));
        else
            memcpy(&f, b + at + i * sizeof f, sizeof f), (*out)[i] = (double)f;
        if (isfinite((*out)[i])) continue;
        double found = (*out)[i];
        free(*out), *out = NULL;
        return fail(err, "element %zu is %g, expected finite numbers", i, found);
    }
    *d = a.shape[0];
    return 0;
}

int npz_array(const char *path, const char *name, int rank, size_t *d, double **out, Error *err) {
    char member[64], *bytes = NULL;
    size_t n = 0;
    int code = 0;
    zip_t *z = zip_open(path, ZIP_RDONLY, &code);
    if (!z) {
        zip_error_t why;
        zip_error_init_with_code(&why, code);
        fail(err, "%s: cannot be read as .npz: %s", path, zip_error_strerror(&why));
        zip_error_fini(&why);
        return -1;
    }
    snprintf(member, sizeof member, "%s.npy", name);
    int bad = read_member(z, member, &bytes, &n, err);
    zip_discard(z);
    if (bad) return fail_in(err, "%s", path);
    bad = take_array(bytes, n, rank, d, out, err);
    free(bytes);
    return bad ? fail_in(err, "%s: array %s", path, name) : 0;
}
