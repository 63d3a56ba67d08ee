/* Any bytes as statistics kept for gan-eval fid: frames of sums, or an .npz archive. Bytes that
 * begin with 'Z' become the two arrays of an archive whose checksums are right, so that what is
 * behind them is reached too.
 *
 * Whatever is read are finite moments of one width. Rows are fuzz_stream's matter: here there are
 * none. */
#define _GNU_SOURCE
#include "measure/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* ---- in place of measure/rows.c, and the networks behind it ---- */

Rows *rows_take(const RowsSpec *spec, Reader *reader, Frame *first, Error *err) {
    reader_close(reader);
    frame_free(first);
    fail(err, "%s: rows", spec->of->path);
    return NULL;
}
Rows *rows_open(const RowsSpec *spec, Error *err) {
    fail(err, "%s: rows", spec->of->path);
    return NULL;
}
void rows_close(Rows *r) { (void)r; }
size_t rows_width(const Rows *r) { return r ? 1 : 0; }
const char *rows_tensor(const Rows *r) { return r ? "" : NULL; }
const Provenance *rows_provenance(const Rows *r) { return (const Provenance *)r; }
ssize_t rows_read(Rows *r, size_t max, double *x, int64_t *label, Error *err) {
    return r && max && x && label ? 0 : fail(err, "no rows");
}
int same_width(const char *path_a, size_t a, const char *path_b, size_t b, Error *err) {
    return a == b ? 0 : fail(err, "%s: %zu, %s: %zu", path_a, a, path_b, b);
}

/* ---- an archive of two members that are not compressed ---- */

static void put(Str *s, unsigned value, int size) {
    for (int i = 0; i < size; i++) str_append(s, &(char){(char)(value >> 8 * i)}, 1);
}

/* What local headers and the directory say alike. */
static void put_member(Str *s, const uint8_t *bytes, unsigned n, const char *name) {
    put(s, 20, 2), put(s, 0, 2), put(s, 0, 2), put(s, 0, 2), put(s, 33, 2);
    put(s, (unsigned)crc32(0, bytes, n), 4), put(s, n, 4), put(s, n, 4);
    put(s, (unsigned)strlen(name), 2), put(s, 0, 2);
}

static void make_archive(Str *s, const uint8_t *bytes, size_t n) {
    static const char *const name[2] = {"mu.npy", "sigma.npy"};
    size_t cut = n ? bytes[0] : 0, at[2];
    if (n) bytes++, n--;
    if (cut > n) cut = n;
    const uint8_t *part[2] = {bytes, bytes + cut};
    const unsigned size[2] = {(unsigned)cut, (unsigned)(n - cut)};
    for (int i = 0; i < 2; i++) {
        at[i] = s->length;
        put(s, 0x04034b50, 4);
        put_member(s, part[i], size[i], name[i]);
        str_append(s, name[i], strlen(name[i]));
        str_append(s, (const char *)part[i], size[i]);
    }
    size_t directory = s->length;
    for (int i = 0; i < 2; i++) {
        put(s, 0x02014b50, 4), put(s, 20, 2);
        put_member(s, part[i], size[i], name[i]);
        put(s, 0, 2), put(s, 0, 2), put(s, 0, 2), put(s, 0, 4), put(s, (unsigned)at[i], 4);
        str_append(s, name[i], strlen(name[i]));
    }
    unsigned length = (unsigned)(s->length - directory);
    put(s, 0x06054b50, 4), put(s, 0, 4), put(s, 2, 2), put(s, 2, 2);
    put(s, length, 4), put(s, (unsigned)directory, 4), put(s, 0, 2);
}

/* ---- the target ---- */

static void check(bool good) {
    if (!good) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char path[32], tensor[96];
    Str s = {0};
    Moments m;
    Provenance from;
    Error err = {""};
    if (n && bytes[0] == 'Z')
        make_archive(&s, bytes + 1, n - 1);
    else
        str_append(&s, (const char *)bytes, n);
    int fd = memfd_create("statistics", 0);
    check(fd >= 0 && write(fd, s.text, s.length) == (ssize_t)s.length);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (moments_read(&(RowsSpec){.of = &(Operand){.path = path}}, n & 1, &m, &from, tensor, &err)) {
        check(err.text[0] && !strchr(err.text, '\n') && !m.mean && !m.covariance);
    } else {
        for (size_t j = 0; j < m.d; j++) check(isfinite(m.mean[j]));
        for (size_t j = 0; j < m.d * m.d; j++) check(isfinite(m.covariance[j]));
    }
    moments_free(&m);
    close(fd);
    str_free(&s);
    return 0;
}
