#include "measure/operand.h"

#include "media/sources/paths.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KINDS_MAX = 4096 }; /* of labels that are counted */

void facts_free(Facts *f) {
    classes_free(&f->labels);
    free(f->names);
    *f = (Facts){0};
}

void facts_start(Facts *f, const char *path) {
    struct stat st;
    facts_free(f);
    if (!(strcmp(path, "-") ? stat(path, &st) : fstat(STDIN_FILENO, &st)) && S_ISREG(st.st_mode))
        f->is_file = true, f->device = st.st_dev, f->file = st.st_ino;
}

void facts_label(Facts *f, int64_t label) {
    Error without;
    static const uint64_t prime = 0x100000001b3; /* FNV-1a, 64 bits, of whole labels */
    if (f->unlabelled) return;
    if (f->labels.n && f->labels.id[f->labels.last] != label) f->changes++;
    f->sequence = ((f->sequence ? f->sequence : 0xcbf29ce484222325) ^ (uint64_t)label) * prime;
    if (classes_add(&f->labels, &label, 1, &without)) memory_exhausted();
    if (f->labels.n > KINDS_MAX) f->unlabelled = true;
}

const char *facts_class(const Facts *f, int64_t label, char *buf, size_t size) {
    Error ignored;
    Classes names = {0};
    Arena *arena = arena_new(NULL);
    if (f->names && label >= 0 && !classes_parse(&names, f->names, arena, &ignored) &&
        (uint64_t)label < names.count)
        snprintf(buf, size, "%" PRId64 " (%s)", label, names.names[label]);
    else
        snprintf(buf, size, "%" PRId64, label);
    arena_free(arena);
    return buf;
}

size_t facts_classes(const Facts *f) {
    Error ignored;
    Classes names = {0};
    Arena *arena = arena_new(NULL);
    if (f->names && classes_parse(&names, f->names, arena, &ignored)) names.count = 0;
    arena_free(arena);
    return names.count;
}

/* The extents of a row that matter: those that are not 1. */
static int row_extents(const Facts *f, size_t *out) {
    int n = 0;
    for (int i = 1; i < f->rank; i++)
        if (f->shape[i] != 1) out[n++] = f->shape[i];
    return n;
}

int operands_match(const Operand *a, size_t width_a, const Operand *b, size_t width_b, Error *err) {
    size_t x[TENSOR_RANK_MAX], y[TENSOR_RANK_MAX];
    char left[200], right[200];
    if (width_a != width_b)
        return fail(err, "rows differ in width: %zu numbers in %s, %zu in %s", width_a, a->path,
                    width_b, b->path);
    if (!a->facts || !b->facts || a->extractor) return 0;
    int n = row_extents(a->facts, x), m = row_extents(b->facts, y);
    if (n < 2 || m < 2 || (n == m && !memcmp(x, y, (size_t)n * sizeof *x))) return 0;
    return fail(err, "rows differ in shape: %s in %s, %s in %s",
                shape_text(n, x, left, sizeof left), a->path, shape_text(m, y, right, sizeof right),
                b->path);
}
