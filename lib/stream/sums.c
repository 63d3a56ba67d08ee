/* sums.c: the checksums of a frame, in its metadata.
 *
 * Each tensor has its own, so that a program that needs a few tensors of a large file need not read
 * the rest; that of all the data follows from them. */
#include "stream/stream_internal.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { DIGITS = 8 };

static bool is_crc(const char *text) { return strspn(text, "0123456789abcdef") == DIGITS; }

static bool are_crcs(const char *text, size_t n) {
    if (strlen(text) != (n ? n * (DIGITS + 1) - 1 : 0)) return false;
    for (size_t i = 0; i < n; i++, text += DIGITS + 1)
        if (!is_crc(text) || (i + 1 < n && text[DIGITS] != ' ')) return false;
    return true;
}

int sums_read(Sums *s, const Frame *f, Error *err) {
    *s = (Sums){frame_meta(f, CRC_KEY), frame_meta(f, TENSOR_CRCS_KEY)};
    if (s->frame && (!is_crc(s->frame) || s->frame[DIGITS]))
        return fail(err, CRC_KEY " in the header is not 8 hex digits");
    if (s->tensors && !are_crcs(s->tensors, f->tensor_count))
        return fail(err,
                    TENSOR_CRCS_KEY " in the header is not 8 hex digits for each of %zu tensors",
                    f->tensor_count);
    return 0;
}

static bool agrees(unsigned long crc, const char *expected, char found[DIGITS + 1]) {
    snprintf(found, DIGITS + 1, "%08lx", crc & 0xffffffff);
    return !memcmp(found, expected, DIGITS);
}

int sums_check_tensor(const Sums *s, const Frame *f, size_t i, unsigned long crc, Error *err) {
    char found[DIGITS + 1];
    const char *expected = s->tensors ? s->tensors + i * (DIGITS + 1) : NULL;
    if (!expected || agrees(crc, expected, found)) return 0;
    return fail(err, "tensor '%.80s' is damaged: checksum %s, expected %.8s", f->tensors[i].name,
                found, expected);
}

int sums_check_frame(const Sums *s, unsigned long crc, Error *err) {
    char found[DIGITS + 1];
    if (!s->frame || agrees(crc, s->frame, found)) return 0;
    return fail(err, "data is damaged: checksum %s, expected %s", found, s->frame);
}

void sums_set(Frame *f, const Tensor *tensors, void *room) {
    unsigned long whole = 0;
    size_t bytes = f->tensor_count * (DIGITS + 1) + 1, at = 0;
    char *text = malloc(bytes);
    for (size_t i = 0; i < f->tensor_count && text; i++) {
        size_t size = tensors[i].count * dtype_size(tensors[i].dtype);
        unsigned long crc = crc32_z(0, tensor_data(f, &tensors[i], room), size);
        whole = crc32_combine(whole, crc, (z_off_t)size);
        at += (size_t)snprintf(text + at, bytes - at, i ? " %08lx" : "%08lx", crc);
    }
    if (text) text[at] = 0;
    frame_set_metaf(f, CRC_KEY, "%08lx", whole);
    frame_set_meta(f, TENSOR_CRCS_KEY, text);
    free(text);
}
