/* Any bytes as an IDX file: the header alone, and the whole file read through a descriptor. */
#define _GNU_SOURCE
#include "media/sources/datasets.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    Idx idx;
    Error err;
    size_t need, product;
    int length = idx_parse(bytes, n, &idx, &need, &err);
    if (length > 0 && ((size_t)length > n || !size_product(idx.shape, idx.rank, &product)))
        __builtin_trap();
    char path[32];
    int fd = memfd_create("idx", 0);
    FILE *out = fopen("/dev/null", "wb");
    if (fd < 0 || !out || write(fd, bytes, n) != (ssize_t)n) __builtin_trap();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    Take take = {.skip = n % 3, .first = n % 5, .per_frame = 16};
    idx_write(path, NULL, &take, out, "null", &err);
    fclose(out);
    close(fd);
    return 0;
}
