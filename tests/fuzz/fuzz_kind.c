/* Any bytes as the beginning of a file whose kind is asked for. */
#include "base/kind.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    uint8_t *exact = malloc(n + !n);
    if (!exact) abort();
    memcpy(exact, bytes, n);
    int before = 1;
    for (int welcome = KIND_NO_TEXT; welcome <= KIND_ANY_TEXT; welcome++) {
        Error err = {""};
        int refused = kind_refuse(exact, n, (KindText)welcome, "x", "y", &err) != 0;
        /* whoever welcomes more refuses less */
        if (refused > before || refused != !strncmp(err.text, "x: this is ", 11)) abort();
        before = refused;
    }
    kind_is_zip(exact, n);
    free(exact);
    return 0;
}
