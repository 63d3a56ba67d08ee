#include "measure/search.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "maths/nearest.h"
#include "measure/numbers.h"

/* Candidates beyond those that are wanted: their distances come from products, whose rounding must
 * not decide. */
enum { SPARE = 8, BLOCK_BYTES = 1 << 25 };

int rowfile_open(RowFile *f, const char *path, const char *tensor, const ValueRange *range,
                 Error *err) {
    char list[300] = "";
    *f = (RowFile){.range = *range};
    if (index_open(&f->index, path, false, err)) return -1;
    const Layout *l = &f->index.layout;
    for (f->at = 0; f->at < l->count && strcmp(l->columns[f->at].name, tensor); f->at++) {
        size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", l->columns[f->at].name);
    }
    if (f->at == l->count)
        return fail(err, "%s: no tensor '%s' (it holds: %s)", f->index.name, tensor, list);
    f->column = &l->columns[f->at];
    f->n = (size_t)index_samples(&f->index);
    f->d = f->column->bytes / dtype_size(f->column->dtype);
    return f->d ? 0 : fail(err, "%s: rows of '%s' are empty", f->index.name, tensor);
}

void rowfile_free(RowFile *f) {
    index_free(&f->index);
    free(f->raw);
}

size_t rowfile_block(const RowFile *f) {
    size_t most = BLOCK_BYTES / (f->d * sizeof(double));
    return most < 1 ? 1 : most < NEAREST_BLOCK ? most : NEAREST_BLOCK;
}

static int check_rows(const RowFile *f, const uint32_t *row, size_t n, const double *x,
                      Error *err) {
    for (size_t i = 0; i < n * f->d; i++)
        if (!(fabs(x[i]) <= NUMBER_LARGEST))
            return fail(
                err, "%s: row %" PRIu32 " of '%s' holds %g (element %zu), expected finite numbers",
                f->index.name, row[i / f->d], f->column->name, x[i], i % f->d);
    return 0;
}

int rowfile_read(RowFile *f, const uint32_t *row, size_t n, double *x, Error *err) {
    if (n > f->room) {
        size_t bytes;
        free(f->raw);
        f->room = 0;
        if (!size_mul(n, f->column->bytes, &bytes))
            return fail(err, "%s: rows are too large", f->index.name);
        if (!(f->raw = data_alloc(bytes, err))) return -1;
        f->room = n;
    }
    if (index_column(&f->index, f->at, row, n, f->raw, err)) return -1;
    Tensor raw = {.dtype = f->column->dtype, .count = n * f->d, .data = f->raw};
    numbers_take(&raw, 0, n * f->d, f->range.low, f->range.high, x);
    return check_rows(f, row, n, x, err);
}

/* ---- the nearest ---- */

typedef struct {
    double distance;
    uint32_t row;
} Candidate;

static int nearer(const void *a, const void *b) {
    const Candidate *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Every row of the table passes by. */
static int offer_all(RowFile *f, Nearest *near, Error *err) {
    size_t block = rowfile_block(f);
    double *y = data_alloc(block * f->d * sizeof *y, err);
    uint32_t *row = data_alloc(block * sizeof *row, err);
    int bad = y && row ? 0 : -1;
    for (size_t at = 0, n; at < f->n && !bad; at += n) {
        n = f->n - at < block ? f->n - at : block;
        for (size_t i = 0; i < n; i++) row[i] = (uint32_t)(at + i);
        bad = rowfile_read(f, row, n, y, err);
        if (!bad) nearest_offer(near, y, n);
    }
    free(y);
    free(row);
    return bad;
}

/* Room to look at the candidates of one row. */
typedef struct {
    Candidate *item;
    uint32_t *row;
    double *y; /* [candidates,d] */
} Room;

/* Orders the candidates of row x by their distances from differences, and takes the first k. */
static int choose(RowFile *f, const Best *best, const double *x, size_t k, const uint32_t *own,
                  Room *r, uint32_t *row, double *distance, Error *err) {
    for (size_t j = 0; j < best->count; j++) r->row[j] = (uint32_t)best->item[j];
    if (rowfile_read(f, r->row, best->count, r->y, err)) return -1;
    for (size_t j = 0; j < best->count; j++)
        r->item[j] = (Candidate){squared_distance(x, r->y + j * f->d, f->d), r->row[j]};
    qsort(r->item, best->count, sizeof *r->item, nearer);
    for (size_t j = 0, taken = 0; taken < k; j++) {
        if (own && r->item[j].row == *own) continue;
        row[taken] = r->item[j].row;
        distance[taken++] = sqrt(r->item[j].distance);
    }
    return 0;
}

static int choose_all(RowFile *f, const Nearest *near, const double *x, size_t n, size_t k,
                      size_t most, const uint32_t *own, uint32_t *row, double *distance,
                      Error *err) {
    Room r = {data_alloc(most * sizeof *r.item, err), data_alloc(most * sizeof *r.row, err),
              data_alloc(most * f->d * sizeof *r.y, err)};
    int bad = r.item && r.row && r.y ? 0 : -1;
    for (size_t i = 0; i < n && !bad; i++)
        bad = choose(f, &near->best[i], x + i * f->d, k, own ? own + i : NULL, &r, row + i * k,
                     distance + i * k, err);
    free(r.item);
    free(r.row);
    free(r.y);
    return bad;
}

int search_nearest(RowFile *f, const double *x, size_t n, size_t k, const uint32_t *own,
                   uint32_t *row, double *distance, Error *err) {
    Nearest near = {0};
    size_t most = k + (own != NULL) + SPARE;
    if (most > f->n) most = f->n;
    if (k + (own != NULL) > f->n)
        return fail(err, "%s: %zu rows are fewer than %zu neighbours%s", f->index.name, f->n, k,
                    own ? " and a row itself" : "");
    int bad = nearest_start(&near, x, n, f->d, most, err);
    if (!bad) bad = offer_all(f, &near, err);
    if (!bad) bad = choose_all(f, &near, x, n, k, most, own, row, distance, err);
    nearest_free(&near);
    return bad;
}
