#include "measure/save.h"

#include "stream/stream.h"

#include <string.h>

int save_rows(const char *path, const char *name, const double *x, size_t n, size_t d,
              const int64_t *label, Error *err) {
    size_t shape[2] = {n, d};
    Frame f = {0};
    int bad = frame_add(&f, name, DT_F32, 2, shape, err) < 0 ||
              (label && frame_add(&f, "label", DT_I64, 1, shape, err) < 0) ||
              frame_allocate(&f, err) < 0;
    if (!bad) {
        float *to = frame_find(&f, name)->data;
        for (size_t i = 0; i < n * d; i++) to[i] = (float)x[i];
        if (label) memcpy(frame_find(&f, "label")->data, label, n * sizeof *label);
        bad = frame_save(&f, path, err) < 0;
    }
    frame_free(&f);
    return bad ? -1 : 0;
}
