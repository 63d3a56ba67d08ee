/* Any bytes as a zip archive of pictures: listed, then read. */
#define _GNU_SOURCE
#include "media/sources/archive.h"
#include "media/sources/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(bool good) {
    if (!good) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char name[32];
    Paths p = {.arena = arena_new(NULL)};
    Loader l = {0};
    Error err = {""};
    Classes c;
    int fd = memfd_create("zip", 0);
    check(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    archive_is_plain(name);
    if (archive_add(&p, name, n % 2 ? "a" : "", &err)) check(err.text[0] != 0);
    paths_sort(&p);
    for (size_t i = 0; i < p.count && i < 16; i++) {
        size_t got = 0;
        if (loader_read(&l, &p.items[i], &got, &err)) continue;
        check(got > 0 && got <= 1040 * (n + 1));
        /* whole, with a sum that is right: the bytes are there */
        for (size_t k = 0; k < got; k++) name[k % 32] ^= (char)l.bytes[k];
    }
    if (!classes_take(&c, &p, &err)) {
        char text[64];
        classes_doubt(&c, &p, text, sizeof text);
        for (size_t i = 0; i < p.count; i++) check(class_of(&c, &p.items[i]) < (int64_t)c.count);
        free(classes_json(&c, "folder name", &err));
    }
    loader_free(&l);
    paths_free(&p);
    close(fd);
    return 0;
}
