/* Any bytes as an .npz archive: as they are, or when they begin with 'Z' as the members of one
 * whose checksums are right: a length, then samples and labels. */
#define _GNU_SOURCE
#include "media/sources/npy.h"

#include <sys/mman.h>
#include <unistd.h>

#include "archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void make_members(Str *s, const uint8_t *bytes, size_t n) {
    size_t cut = n > 1 ? bytes[0] | (size_t)bytes[1] << 8 : 0;
    if (n > 1) bytes += 2, n -= 2;
    if (cut > n) cut = n;
    const Member m[] = {{"x.npy", bytes, (unsigned)cut},
                        {"y.npy", bytes + cut, (unsigned)(n - cut)}};
    make_archive(s, m, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char path[32];
    Str s = {0};
    Error err = {""};
    if (n && bytes[0] == 'Z')
        make_members(&s, bytes + 1, n - 1);
    else
        str_append(&s, (const char *)bytes, n);
    int fd = memfd_create("npz", 0);
    FILE *out = fopen("/dev/null", "wb");
    if (fd < 0 || !out || write(fd, s.text, s.length) != (ssize_t)s.length) __builtin_trap();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    NpyWant want = {.name = "x",
                    .labels = n & 1 ? "y" : NULL,
                    .member = n & 1 ? NULL : "x",
                    .channels_first = n & 2,
                    .to_float = n & 4,
                    .per_frame = 5};
    if (npy_read(path, &want, out, "null", &err) && !err.text[0]) __builtin_trap();
    fclose(out);
    close(fd);
    str_free(&s);
    return 0;
}
