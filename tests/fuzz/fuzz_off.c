/* Any bytes as a mesh in OFF. */
#include "media/volume/off.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    Mesh m = {0};
    Volume v = {0};
    Error err = {""};
    if (off_parse(bytes, n, &m, &err)) {
        if (!err.text[0] || strchr(err.text, '\n')) abort();
    } else {
        for (size_t i = 0; i < m.triangles; i++)
            for (int k = 0; k < 3; k++)
                if (m.triangle[i][k] >= m.vertices) abort();
        if (!mesh_voxels(&m, 7, 1, n & 1, &v, &err) && volume_full(&v) > volume_voxels(&v)) abort();
    }
    mesh_free(&m);
    volume_free(&v);
    return 0;
}
