#include "measure/videos.h"

#include <stdlib.h>

int videos_open(Videos *v, const RowsSpec *spec, Error *err) {
    v->path = spec->of->path;
    v->ranged = spec->range.text;
    if (!(v->rows = pictures_open(spec, &v->shape, err))) return -1;
    if (v->shape.frames < 2 || v->shape.frames != v->shape.length)
        return fail(err, "%s: '%s' is no video [N,T,H,W,C] of two frames or more", v->path,
                    rows_tensor(v->rows));
    v->video = data_alloc(rows_width(v->rows) * sizeof *v->video, err);
    return v->video ? 0 : -1;
}

int videos_next(Videos *v, int64_t *label, Error *err) {
    ssize_t n = rows_read(v->rows, 1, v->video, label, err);
    if (n <= 0) return (int)n;
    if (!v->ranged && pictures_unit(v->video, 1, rows_width(v->rows), v->read, v->path, err) < 0)
        return -1;
    v->read++;
    return 1;
}

void videos_close(Videos *v) {
    rows_close(v->rows);
    free(v->video);
}
