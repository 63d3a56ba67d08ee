/* Any bytes as the header of a .npy file, and as a whole one. */
#define _GNU_SOURCE
#include "media/sources/npy.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void whole(const uint8_t *bytes, size_t n) {
    char path[32];
    Error err;
    int fd = memfd_create("npy", 0);
    FILE *out = fopen("/dev/null", "wb");
    if (fd < 0 || !out || write(fd, bytes, n) != (ssize_t)n) __builtin_trap();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    NpyWant want = {.name = "x", .to_float = n & 1, .per_frame = 16};
    npy_read(path, &want, out, "null", &err);
    fclose(out);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    Npy npy = {0};
    Error err;
    if (!npy_parse((const char *)bytes, n, &npy, &err) &&
        (npy.rank < 0 || npy.rank > TENSOR_RANK_MAX || npy.dtype >= DT_COUNT))
        __builtin_trap();
    whole(bytes, n);
    return 0;
}
