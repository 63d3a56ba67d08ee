/* Any bytes as a .binvox file. */
#include "media/volume/binvox.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    Volume v = {0}, fitted = {0};
    Error err = {""};
    size_t kept;
    if (binvox_parse(bytes, n, &v, &err)) {
        if (!err.text[0] || strchr(err.text, '\n')) abort();
    } else {
        size_t full = volume_full(&v);
        if (full > volume_voxels(&v)) abort();
        if (volume_voxels(&v) <= 4096 &&
            (volume_component(&v, 1.5, &kept, &err) || kept != volume_full(&v) || kept > full))
            abort();
        if (volume_fit(&v, 9, 1, &fitted, &err) || !volume_full(&fitted) != !volume_full(&v))
            abort();
    }
    volume_free(&v);
    volume_free(&fitted);
    return 0;
}
