/* fuzz_stream.c: libFuzzer target for the frame parser. Run it with -malloc_limit_mb=512, which
 * caps a single allocation, and the corpus beside it.
 *
 * Whatever parses must survive being written and parsed again, to the same bytes. */
#include "stream/stream.h"

#include <stdlib.h>
#include <string.h>

static void check(bool good) {
    if (!good) abort();
}

static size_t written(Frame *f, char **bytes) {
    Error err;
    size_t n = 0;
    FILE *out = open_memstream(bytes, &n);
    check(out && !frame_write(f, out, "memory", &err));
    check(!stream_finish(out, "memory", &err));
    return n;
}

/* Reads every element through both accessors. */
static void touch(const Frame *f) {
    for (size_t i = 0; i < f->tensor_count; i++) {
        const Tensor *t = &f->tensors[i];
        check((uintptr_t)t->data % dtype_size(t->dtype) == 0);
        check(frame_find(f, t->name) == t);
        for (size_t k = 0; k < t->count; k++) {
            float one;
            double same = tensor_get(t, k);
            tensor_to_float(t, k, 1, &one);
            /* 64-bit integers go through one rounding there and two here */
            if (t->dtype == DT_I64 || t->dtype == DT_U64) continue;
            check(same != same ? one != one : one == (float)same);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    Frame f = {0}, again = {0};
    Error err;
    ptrdiff_t used;
    memset(&err, 0, sizeof err);
    while ((used = frame_parse(bytes, n, &f, &err)) > 0) {
        char *first, *second;
        touch(&f);
        size_t a = written(&f, &first);
        check(frame_parse((unsigned char *)first, a, &again, &err) == (ptrdiff_t)a);
        check(again.tensor_count == f.tensor_count && again.bytes == f.bytes);
        size_t b = written(&again, &second);
        check(a == b && !memcmp(first, second, a));
        free(first);
        free(second);
        bytes += used;
        n -= (size_t)used;
    }
    if (used < 0) check(err.text[0] && !strchr(err.text, '\n') && f.tensor_count == 0);
    frame_free(&f);
    frame_free(&again);
    return 0;
}
