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

#include "archive.h"

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

/* A length, and the two arrays. */
static void make_statistics(Str *s, const uint8_t *bytes, size_t n) {
    size_t cut = n ? bytes[0] : 0;
    if (n) bytes++, n--;
    if (cut > n) cut = n;
    const Member m[] = {{"mu.npy", bytes, (unsigned)cut},
                        {"sigma.npy", bytes + cut, (unsigned)(n - cut)}};
    make_archive(s, m, 2);
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
        make_statistics(&s, bytes + 1, n - 1);
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
