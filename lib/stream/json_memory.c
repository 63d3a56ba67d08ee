#include "stream/json_memory.h"

#include <jansson.h>
#include <stdlib.h>

static _Thread_local bool trying, failed;

static void *json_malloc(size_t n) {
    void *p = malloc(n ? n : 1);
    if (p) return p;
    if (!trying) memory_exhausted();
    failed = true;
    return NULL;
}

/* Before main, since the library must not have allocated anything before. */
__attribute__((constructor)) static void own_json_memory(void) {
    json_set_alloc_funcs(json_malloc, free);
}

void json_try(void) {
    trying = true;
    failed = false;
}

int json_tried(Error *err) {
    trying = false;
    return failed ? fail(err, "out of memory") : 0;
}
