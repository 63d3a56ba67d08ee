#include "media/volume/volume.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void volume_free(Volume *v) {
    free(v->at);
    *v = (Volume){0};
}

int volume_shape(Volume *v, const size_t side[3], Error *err) {
    size_t n = 0;
    for (int a = 0; a < 3; a++)
        if (!side[a] || side[a] > VOLUME_SIDE_MAX)
            return fail(err, "%zux%zux%zu voxels, expected sides from 1 to %d", side[0], side[1],
                        side[2], VOLUME_SIDE_MAX);
    if (!size_product(side, 3, &n) || n > VOLUME_VOXELS_MAX)
        return fail(err, "%zux%zux%zu voxels, at most %d are accepted", side[0], side[1], side[2],
                    VOLUME_VOXELS_MAX);
    if (n > v->capacity) {
        free(v->at);
        v->capacity = 0;
        v->at = data_alloc(n, err);
        if (!v->at) return -1;
        v->capacity = n;
    }
    memcpy(v->side, side, sizeof v->side);
    memset(v->at, 0, n);
    return 0;
}

size_t volume_full(const Volume *v) {
    size_t full = 0, n = volume_voxels(v);
    for (size_t i = 0; i < n; i++) full += v->at[i];
    return full;
}

int volume_check(const Tensor *t, Error *err) {
    char text[200];
    if (t->rank != 4 && !(t->rank == 5 && t->shape[4] == 1))
        return fail(err, "tensor %s is %s, expected voxels [N,D,H,W,1]", t->name,
                    shape_text(t->rank, t->shape, text, sizeof text));
    size_t n;
    for (int a = 1; a < 4; a++)
        if (!t->shape[a] || t->shape[a] > VOLUME_SIDE_MAX)
            return fail(err, "tensor %s is %s, expected sides from 1 to %d", t->name,
                        shape_text(t->rank, t->shape, text, sizeof text), VOLUME_SIDE_MAX);
    if (!size_product(t->shape + 1, 3, &n) || n > VOLUME_VOXELS_MAX)
        return fail(err, "tensor %s is %s, expected at most %d voxels a sample", t->name,
                    shape_text(t->rank, t->shape, text, sizeof text), VOLUME_VOXELS_MAX);
    return 0;
}

int volume_take(const Tensor *t, size_t i, double threshold, Volume *out, Error *err) {
    if (volume_shape(out, t->shape + 1, err)) return -1;
    size_t n = volume_voxels(out);
    if (t->dtype == DT_U8) {
        const unsigned char *from = (const unsigned char *)t->data + i * n;
        double least = threshold * 255;
        for (size_t k = 0; k < n; k++) out->at[k] = from[k] > least;
        return 0;
    }
    for (size_t k = 0; k < n; k++) {
        double v = tensor_get(t, i * n + k);
        if (isnan(v))
            return fail(err, "tensor %s: voxel %zu of sample %zu is not a number", t->name, k, i);
        out->at[k] = v > threshold;
    }
    return 0;
}

/* ---- another side ---- */

int volume_fit(const Volume *v, size_t side, size_t margin, Volume *out, Error *err) {
    size_t cube[3] = {side, side, side}, most = 0, first[3];
    if (side > VOLUME_SIDE_MAX || 2 * margin >= side)
        return fail(err, "a side of %zu voxels with %zu empty ones at both ends", side, margin);
    for (int a = 0; a < 3; a++) most = v->side[a] > most ? v->side[a] : most;
    size_t inner = side - 2 * margin, block = (most + inner - 1) / inner;
    for (int a = 0; a < 3; a++) first[a] = (side - (v->side[a] + block - 1) / block) / 2;
    if (volume_shape(out, cube, err)) return -1;
    for (size_t x = 0; x < v->side[0]; x++)
        for (size_t y = 0; y < v->side[1]; y++) {
            const unsigned char *from = v->at + volume_place(v, x, y, 0);
            unsigned char *to =
                out->at + volume_place(out, first[0] + x / block, first[1] + y / block, first[2]);
            for (size_t z = 0; z < v->side[2]; z++) to[z / block] |= from[z];
        }
    return 0;
}

/* ---- what hangs together ---- */

/* Steps to the neighbours within a radius. */
typedef struct {
    int (*step)[3];
    size_t count;
} Steps;

static int steps_make(Steps *s, double radius, const Volume *v, Error *err) {
    size_t most = 0, room = 0;
    for (int a = 0; a < 3; a++) most = v->side[a] > most ? v->side[a] : most;
    int reach = radius < (double)most ? (int)radius : (int)most;
    *s = (Steps){0};
    for (int x = -reach; x <= reach; x++)
        for (int y = -reach; y <= reach; y++)
            for (int z = -reach; z <= reach; z++) {
                if ((!x && !y && !z) || x * x + y * y + z * z > radius * radius) continue;
                if (array_room(&s->step, &room, s->count + 1, sizeof *s->step, "neighbours", err))
                    return -1;
                memcpy(s->step[s->count++], (int[3]){x, y, z}, sizeof *s->step);
            }
    return 0;
}

/* Numbers the part of v that `start` is in and returns its size; of[] is 0 where no part has been
 * found yet. */
static size_t grow_part(const Volume *v, const Steps *s, uint32_t start, uint32_t number,
                        uint32_t *of, uint32_t *queue) {
    size_t read = 0, filled = 1;
    queue[0] = start;
    of[start] = number;
    while (read < filled) {
        size_t at = queue[read++], z = at % v->side[2], y = at / v->side[2] % v->side[1];
        size_t x = at / v->side[2] / v->side[1];
        for (size_t k = 0; k < s->count; k++) {
            size_t i = x + (size_t)s->step[k][0], j = y + (size_t)s->step[k][1];
            size_t l = z + (size_t)s->step[k][2]; /* below 0 it is far beyond the side */
            if (i >= v->side[0] || j >= v->side[1] || l >= v->side[2]) continue;
            size_t next = volume_place(v, i, j, l);
            if (!v->at[next] || of[next]) continue;
            of[next] = number;
            queue[filled++] = (uint32_t)next;
        }
    }
    return filled;
}

int volume_component(Volume *v, double radius, size_t *kept, Error *err) {
    size_t n = volume_voxels(v);
    uint32_t *of = data_alloc(n * sizeof *of, err), *queue = data_alloc(n * sizeof *queue, err);
    uint32_t number = 0, best = 0;
    Steps s = {0};
    int bad = of && queue ? steps_make(&s, radius, v, err) : -1;
    *kept = 0;
    if (!bad) memset(of, 0, n * sizeof *of);
    for (size_t i = 0; i < n && !bad; i++) {
        if (!v->at[i] || of[i]) continue;
        size_t size = grow_part(v, &s, (uint32_t)i, ++number, of, queue);
        if (size > *kept) *kept = size, best = number;
    }
    for (size_t i = 0; i < n && !bad; i++) v->at[i] = v->at[i] && of[i] == best;
    free(s.step);
    free(of);
    free(queue);
    return bad;
}

int volume_fill(Volume *v, Error *err) {
    size_t n = volume_voxels(v), filled = 0;
    uint32_t *queue = data_alloc(n * sizeof *queue, err);
    if (!queue) return -1;
    enum { OUTSIDE = 2 };
    const size_t *side = v->side, stride[3] = {side[1] * side[2], side[2], 1};
    for (size_t i = 0; i < n; i++) {
        size_t at[3] = {i / stride[0], i / stride[1] % side[1], i % side[2]};
        bool border = false;
        for (int a = 0; a < 3; a++) border = border || !at[a] || at[a] + 1 == side[a];
        if (!border || v->at[i]) continue;
        v->at[i] = OUTSIDE;
        queue[filled++] = (uint32_t)i;
    }
    for (size_t read = 0; read < filled; read++) {
        size_t i = queue[read], at[3] = {i / stride[0], i / stride[1] % side[1], i % side[2]};
        for (int k = 0; k < 6; k++) {
            int a = k / 2;
            if (k % 2 ? at[a] + 1 == side[a] : !at[a]) continue;
            size_t next = k % 2 ? i + stride[a] : i - stride[a];
            if (v->at[next]) continue;
            v->at[next] = OUTSIDE;
            queue[filled++] = (uint32_t)next;
        }
    }
    for (size_t i = 0; i < n; i++) v->at[i] = v->at[i] != OUTSIDE;
    free(queue);
    return 0;
}
