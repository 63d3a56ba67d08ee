/* Any bytes as a PNG picture. Nearly all of what is changed in one at random has a wrong checksum
 * and goes no further than that, so the sums are made right after each change. */
#include "picture_case.h"

#include <zlib.h>

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t n, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t most, unsigned seed);

static uint32_t big32(const uint8_t *p) {
    return p[3] | (uint32_t)p[2] << 8 | (uint32_t)p[1] << 16 | (uint32_t)p[0] << 24;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t most, unsigned seed) {
    n = LLVMFuzzerMutate(bytes, n, most);
    if (seed % 8 == 0) return n; /* wrong sums are worth a look, too */
    for (size_t at = 8; at < n && n - at >= 12;) {
        size_t length = big32(bytes + at);
        if (length > n - at - 12) break;
        uint32_t crc = (uint32_t)crc32(0, bytes + at + 4, (unsigned)length + 4);
        for (int i = 0; i < 4; i++)
            bytes[at + 8 + length + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += 12 + length;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    decode_all(bytes, n);
    return 0;
}
