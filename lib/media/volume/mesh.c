#include "media/volume/mesh.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void mesh_free(Mesh *m) {
    free(m->vertex);
    free(m->triangle);
    *m = (Mesh){0};
}

/* ---- triangles to voxels ---- */

static void cross(const double a[3], const double b[3], double out[3]) {
    for (int k = 0; k < 3; k++)
        out[k] = a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3];
}

/* Whether an axis parts the corners from a cube around 0 of this half side. */
static bool parts(const double axis[3], double corner[3][3], double half) {
    double low = INFINITY, high = -INFINITY, reach = 0;
    for (int k = 0; k < 3; k++) {
        double at = axis[0] * corner[k][0] + axis[1] * corner[k][1] + axis[2] * corner[k][2];
        low = fmin(low, at);
        high = fmax(high, at);
        reach += half * fabs(axis[k]);
    }
    return low > reach || high < -reach;
}

/* Whether a triangle passes through the cube around this centre (Akenine-Moller 2001): no axis of
 * thirteen parts them. What only touches a cube's side from outside does not pass through it. */
static bool passes(double triangle[3][3], const double centre[3]) {
    const double half = 0.5 - 1e-7;
    double corner[3][3], edge[3][3], axis[3];
    for (int k = 0; k < 3; k++)
        for (int a = 0; a < 3; a++) corner[k][a] = triangle[k][a] - centre[a];
    for (int k = 0; k < 3; k++)
        for (int a = 0; a < 3; a++) edge[k][a] = corner[(k + 1) % 3][a] - corner[k][a];
    for (int a = 0; a < 3; a++) {
        double along[3] = {a == 0, a == 1, a == 2};
        if (parts(along, corner, half)) return false;
        for (int k = 0; k < 3; k++) {
            cross(along, edge[k], axis);
            if (parts(axis, corner, half)) return false;
        }
    }
    cross(edge[0], edge[1], axis);
    return !parts(axis, corner, half);
}

static size_t within(double v, size_t side) {
    return v <= 0 ? 0 : v >= (double)(side - 1) ? side - 1 : (size_t)v;
}

static void mark_triangle(double triangle[3][3], Volume *v) {
    size_t low[3], high[3];
    for (int a = 0; a < 3; a++) {
        double least = fmin(fmin(triangle[0][a], triangle[1][a]), triangle[2][a]);
        double most = fmax(fmax(triangle[0][a], triangle[1][a]), triangle[2][a]);
        low[a] = within(least - 1e-6, v->side[a]);
        high[a] = within(most + 1e-6, v->side[a]);
    }
    for (size_t x = low[0]; x <= high[0]; x++)
        for (size_t y = low[1]; y <= high[1]; y++)
            for (size_t z = low[2]; z <= high[2]; z++) {
                unsigned char *at = &v->at[volume_place(v, x, y, z)];
                double centre[3] = {(double)x + 0.5, (double)y + 0.5, (double)z + 0.5};
                if (!*at) *at = passes(triangle, centre);
            }
}

/* Six times what a closed surface encloses, below 0 when it is seen from inside. */
static double enclosed(const Mesh *m, const double middle[3]) {
    double sum = 0;
    for (size_t i = 0; i < m->triangles; i++) {
        double corner[3][3], normal[3];
        for (int k = 0; k < 3; k++)
            for (int a = 0; a < 3; a++) corner[k][a] = m->vertex[m->triangle[i][k]][a] - middle[a];
        cross(corner[1], corner[2], normal);
        for (int a = 0; a < 3; a++) sum += corner[0][a] * normal[a];
    }
    return sum;
}

/* A side of a solid often lies right between two layers of voxels: it belongs to the inner one. So
 * triangles go inwards by a little, and never out of the cube. */
static void inwards(double triangle[3][3], double sign, double side) {
    const double step = 1e-3, least = 1e-5;
    double edge[2][3], normal[3], length = 0;
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 2; k++) edge[k][a] = triangle[k + 1][a] - triangle[0][a];
    cross(edge[0], edge[1], normal);
    for (int a = 0; a < 3; a++) length += normal[a] * normal[a];
    length = sqrt(length);
    for (int k = 0; k < 3; k++)
        for (int a = 0; a < 3; a++) {
            double moved = triangle[k][a] - (length > 0 ? sign * step * normal[a] / length : 0);
            triangle[k][a] = fmin(fmax(moved, least), side - least);
        }
}

int mesh_voxels(const Mesh *m, size_t side, size_t margin, bool hollow, Volume *out, Error *err) {
    double low[3] = {INFINITY, INFINITY, INFINITY}, high[3] = {-INFINITY, -INFINITY, -INFINITY};
    double longest = 0, middle[3];
    size_t cube[3] = {side, side, side};
    if (2 * margin >= side)
        return fail(err, "a side of %zu voxels with %zu empty ones at both ends", side, margin);
    for (size_t i = 0; i < m->triangles; i++)
        for (int k = 0; k < 3; k++)
            for (int a = 0; a < 3; a++) {
                low[a] = fmin(low[a], m->vertex[m->triangle[i][k]][a]);
                high[a] = fmax(high[a], m->vertex[m->triangle[i][k]][a]);
            }
    for (int a = 0; a < 3; a++) longest = fmax(longest, high[a] - low[a]);
    double scale = (double)(side - 2 * margin) / longest;
    if (!(longest > 0) || !isfinite(scale)) return fail(err, "the mesh has no extent");
    if (volume_shape(out, cube, err)) return -1;
    for (int a = 0; a < 3; a++) middle[a] = low[a] / 2 + high[a] / 2;
    double sign = enclosed(m, middle) < 0 ? -1 : 1;
    for (size_t i = 0; i < m->triangles; i++) {
        double triangle[3][3];
        for (int k = 0; k < 3; k++)
            for (int a = 0; a < 3; a++)
                triangle[k][a] =
                    (m->vertex[m->triangle[i][k]][a] - middle[a]) * scale + (double)side / 2;
        inwards(triangle, sign, (double)side);
        mark_triangle(triangle, out);
    }
    return hollow ? 0 : volume_fill(out, err);
}

/* ---- voxels to triangles ---- */

/* The corners that have been met, by their place on the grid of corners. */
typedef struct {
    uint32_t *number; /* 1 + the vertex */
    size_t side[3];
} Corners;

static int corner_at(Corners *c, Mesh *m, const size_t at[3], uint32_t *out, Error *err) {
    uint32_t *number = &c->number[(at[0] * c->side[1] + at[1]) * c->side[2] + at[2]];
    if (!*number) {
        if (array_room(&m->vertex, &m->vertex_room, m->vertices + 1, sizeof *m->vertex, "vertices",
                       err))
            return -1;
        for (int a = 0; a < 3; a++) m->vertex[m->vertices][a] = (double)at[a];
        *number = (uint32_t)++m->vertices;
    }
    *out = *number - 1;
    return 0;
}

/* The face of voxel `at` at the end (1) or start (0) of an axis. */
static int add_face(Corners *c, Mesh *m, const size_t at[3], int axis, size_t end, Error *err) {
    static const size_t round[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    uint32_t corner[4];
    for (int k = 0; k < 4; k++) {
        size_t place[3] = {at[0], at[1], at[2]};
        const size_t *turn = round[end ? k : 3 - k];
        place[axis] += end;
        place[(axis + 1) % 3] += turn[0];
        place[(axis + 2) % 3] += turn[1];
        if (corner_at(c, m, place, &corner[k], err)) return -1;
    }
    if (array_room(&m->triangle, &m->triangle_room, m->triangles + 2, sizeof *m->triangle,
                   "triangles", err))
        return -1;
    memcpy(m->triangle[m->triangles++], corner, 3 * sizeof *corner);
    memcpy(m->triangle[m->triangles++], (uint32_t[]){corner[0], corner[2], corner[3]},
           3 * sizeof *corner);
    return 0;
}

static int add_voxel(const Volume *v, Corners *c, Mesh *m, const size_t at[3], Error *err) {
    for (int axis = 0; axis < 3; axis++)
        for (size_t end = 0; end < 2; end++) {
            size_t beside[3] = {at[0], at[1], at[2]};
            bool inside = end ? ++beside[axis] < v->side[axis] : beside[axis]-- > 0;
            if (inside && v->at[volume_place(v, beside[0], beside[1], beside[2])]) continue;
            if (add_face(c, m, at, axis, end, err)) return -1;
        }
    return 0;
}

int mesh_of_volume(const Volume *v, Mesh *out, Error *err) {
    Corners c = {.side = {v->side[0] + 1, v->side[1] + 1, v->side[2] + 1}};
    size_t n = c.side[0] * c.side[1] * c.side[2], at[3];
    out->vertices = out->triangles = 0;
    c.number = data_alloc(n * sizeof *c.number, err);
    int bad = c.number ? 0 : -1;
    if (!bad) memset(c.number, 0, n * sizeof *c.number);
    for (at[0] = 0; at[0] < v->side[0] && !bad; at[0]++)
        for (at[1] = 0; at[1] < v->side[1] && !bad; at[1]++)
            for (at[2] = 0; at[2] < v->side[2] && !bad; at[2]++)
                if (v->at[volume_place(v, at[0], at[1], at[2])])
                    bad = add_voxel(v, &c, out, at, err);
    free(c.number);
    return bad;
}
