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
    bool whole = f && zip_fread(f, *bytes, *n) == (zip_int64_t)*n;
    if (f && zip_fclose(f)) whole = false; /* its checksum */
    if (whole) return 0;
    free(*bytes);
    return fail(err, "%s cannot be read", member);
}

/* Version 1 to 3: the header's length is of 2 or 4 bytes. Returns where the data begin, or 0. */
static size_t find_data(const char *b, size_t n, Npy *out, Error *err) {
    size_t length, at;
    if (n < PREFIX + 2 || memcmp(b, "\x93NUMPY", 6)) return 0;
    const unsigned char *u = (const unsigned char *)b;
    length = u[8] + 256u * u[9], at = PREFIX;
    if (u[6] > 1) length += (u[10] + 256u * u[11]) << 16, at += 2;
    if (length > n - at || npy_parse(b + at, length, out, err)) return 0;
    return at + length;
}

static int take_array(const char *b, size_t n, int rank, size_t *d, double **out, Error *err) {
    Npy a = {0};
    size_t at = find_data(b, n, &a, &(Error){""}), count, bytes;
    if (!at) return fail(err, "it is not a NumPy array");
    if ((a.dtype != DT_F32 && a.dtype != DT_F64) || a.big_endian)
        return fail(err, "expected little-endian float32 or float64");
    bool fits = a.rank == rank;
    for (int i = 0; fits && i < rank; i++) fits = a.shape[i] == (*d ? *d : a.shape[0]);
    char shape[200];
    if (!fits || !a.shape[0])
        return fail(err, "its shape is %s, expected %s of one extent",
                    shape_text(a.rank, a.shape, shape, sizeof shape), rank == 1 ? "[d]" : "[d,d]");
    if (!size_product(a.shape, rank, &count) || !size_mul(count, dtype_size(a.dtype), &bytes) ||
        bytes != n - at)
        return fail(err, "%zu bytes of data do not fit its shape", n - at);
    *out = data_alloc(count * sizeof **out, err);
    if (!*out) return -1;
    for (size_t i = 0; i < count; i++) {
        float f;
        if (a.dtype == DT_F64) memcpy(&(*out)[i], b + at + i * sizeof(double), sizeof(double));
        else memcpy(&f, b + at + i * sizeof f, sizeof f), (*out)[i] = (double)f;
        if (isfinite((*out)[i])) continue;
        free(*out);
        return fail(err, "element %zu is not finite", i);
    }
    *d = a.shape[0];
    return 0;
}

int npz_array(const char *path, const char *name, int rank, size_t *d, double **out, Error *err) {
    char member[64], *bytes = NULL;
    size_t n = 0;
    int code = 0;
    zip_t *z = zip_open(path, ZIP_RDONLY, &code);
    if (!z) return fail(err, "%s: not a zip archive that can be read (code %d)", path, code);
    snprintf(member, sizeof member, "%s.npy", name);
    int bad = read_member(z, member, &bytes, &n, err);
    zip_discard(z);
    if (bad) return fail_in(err, "%s", path);
    bad = take_array(bytes, n, rank, d, out, err);
    free(bytes);
    return bad ? fail_in(err, "%s: array %s", path, name) : 0;
}
