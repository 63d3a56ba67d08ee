/* Any bytes as a table, of files or of samples; what is taken for good are numbers of the type they
 * have, and classes that have a name. */
#define _GNU_SOURCE
#include "media/sources/companion.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(bool good) {
    if (!good) __builtin_trap();
}

static void check_series(const Companion *c, const Series *s) {
    Classes names = {0};
    Arena *arena = arena_new(NULL);
    Error err;
    if (s->classes) check(!classes_parse(&names, s->classes, arena, &err) && names.count);
    for (size_t i = 0; i < c->rows * s->width; i++) {
        double v = s->value[i];
        check(s->whole ? v == floor(v) && fabs(v) <= 0x1p53 : fabs(v) <= FLT_MAX);
        check(!s->classes || (v >= 0 && v < (double)names.count));
    }
    arena_free(arena);
}

static void match(Companion *c) {
    static const char *const names[] = {"a/0", "a/b/1.png", "a/b/2.png", "a/c/1.png", "a/x"};
    Paths p = {.arena = arena_new(NULL)};
    Error err = {""};
    p.items = calloc(5, sizeof *p.items);
    check(p.items != NULL);
    for (int i = 0; i < 5; i++)
        p.items[p.count++] = (FilePath){.path = names[i], .below = names[i] + 2};
    check(!companion_match(c, &p, &err) || err.text[0]);
    for (size_t i = 0; i < p.count; i++) check(p.items[i].row <= c->rows);
    size_t row = 0, line;
    while (companion_unused(c, &row, &line)) check(line > 0);
    paths_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static const char *const columns[] = {"label=2", "at=b..c"};
    char path[32];
    Error err = {""};
    Companion c;
    int fd = memfd_create("table", 0);
    FILE *out = fopen("/dev/null", "wb");
    check(fd >= 0 && out && write(fd, bytes, n) == (ssize_t)n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    CompanionWant want = {
        .path = path, .files = n & 1, .columns = {{columns[(n >> 2) & 1]}, (n >> 1) & 1}};
    if (companion_read(&c, &want, &err)) {
        check(err.text[0]);
    } else {
        for (size_t i = 0; i < c.count; i++) check_series(&c, &c.series[i]);
        err.text[0] = 0;
        check(!companion_write(&c, 3, out, "null", &err) || err.text[0]);
        if (want.files) match(&c);
    }
    companion_free(&c);
    fclose(out);
    close(fd);
    return 0;
}
