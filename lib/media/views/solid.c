#include "media/views/solid.h"

#include <math.h>
#include <string.h>

SolidView solid_view(size_t size) {
    return (SolidView){.size = size,
                       .azimuth = 30,
                       .elevation = 25,
                       .zoom = 1,
                       .ground = {255, 255, 255},
                       .colour = {196, 206, 224},
                       .marked = {224, 32, 24}};
}

/* The picture's directions in space: to the viewer, to the right and up. */
typedef struct {
    double eye[3], right[3], up[3], light[3];
    double step;      /* voxels a pixel */
    double middle[3]; /* of the volume */
} Camera;

static Camera camera_of(const Volume *v, const SolidView *w) {
    double a = w->azimuth * M_PI / 180, e = w->elevation * M_PI / 180, square = 0, norm = 0;
    Camera c = {.eye = {cos(e) * cos(a), cos(e) * sin(a), sin(e)},
                .right = {-sin(a), cos(a), 0},
                .up = {-sin(e) * cos(a), -sin(e) * sin(a), cos(e)}};
    for (int k = 0; k < 3; k++) {
        c.middle[k] = (double)v->side[k] / 2;
        square += (double)(v->side[k] * v->side[k]);
        c.light[k] = c.eye[k] - 0.6 * c.right[k] + 0.7 * c.up[k];
        norm += c.light[k] * c.light[k];
    }
    for (int k = 0; k < 3; k++) c.light[k] /= sqrt(norm);
    c.step =
        sqrt(square) * 0.93 / w->zoom / (double)w->size; /* a cube's corner is never in a corner */
    return c;
}

/* What a ray has met: the voxel, and the side that it came through. */
typedef struct {
    ptrdiff_t at[3];
    int axis, sign; /* the side faces along the axis, up or down */
    double point[3];
} Hit;

static bool full(const Volume *v, const ptrdiff_t at[3]) {
    for (int k = 0; k < 3; k++)
        if (at[k] < 0 || (size_t)at[k] >= v->side[k]) return false;
    return v->at[volume_place(v, (size_t)at[0], (size_t)at[1], (size_t)at[2])];
}

/* From voxel to voxel along the ray from+t*way (Amanatides and Woo 1987), t from where it enters
 * the volume. */
static bool walk_ray(const Volume *v, const double from[3], const double way[3], Hit *hit) {
    double enter = -INFINITY, leave = INFINITY, next[3], every[3];
    int axis = 0;
    for (int k = 0; k < 3; k++) {
        if (fabs(way[k]) < 1e-12) {
            if (from[k] < 0 || from[k] >= (double)v->side[k]) return false;
            continue;
        }
        double a = -from[k] / way[k], b = ((double)v->side[k] - from[k]) / way[k];
        if (fmin(a, b) > enter) enter = fmin(a, b), axis = k;
        leave = fmin(leave, fmax(a, b));
    }
    if (!(enter < leave)) return false;
    for (int k = 0; k < 3; k++) {
        double at = from[k] + enter * way[k], most = (double)v->side[k] - 1;
        hit->at[k] = (ptrdiff_t)fmin(fmax(floor(at), 0), most);
        if (k == axis) hit->at[k] = way[k] > 0 ? 0 : (ptrdiff_t)most;
        bool moves = fabs(way[k]) >= 1e-12;
        every[k] = moves ? 1 / fabs(way[k]) : INFINITY;
        next[k] = moves ? ((double)(hit->at[k] + (way[k] > 0)) - from[k]) / way[k] : INFINITY;
    }
    for (double t = enter;;) {
        if (full(v, hit->at)) {
            hit->axis = axis;
            hit->sign = way[axis] > 0 ? -1 : 1;
            for (int k = 0; k < 3; k++) hit->point[k] = from[k] + t * way[k];
            return true;
        }
        axis = next[0] < next[1] ? (next[0] < next[2] ? 0 : 2) : (next[1] < next[2] ? 1 : 2);
        t = next[axis];
        next[axis] += every[axis];
        hit->at[axis] += way[axis] > 0 ? 1 : -1;
        if (hit->at[axis] < 0 || (size_t)hit->at[axis] >= v->side[axis]) return false;
    }
}

/* How open the side is at the point that was met: of what stands around its four corners in the
 * layer in front of it, in proportion to how near they are. */
static double openness(const Volume *v, const Hit *hit) {
    int a = (hit->axis + 1) % 3, b = (hit->axis + 2) % 3;
    double x = hit->point[a] - (double)hit->at[a], y = hit->point[b] - (double)hit->at[b], sum = 0;
    for (int corner = 0; corner < 4; corner++) {
        int i = corner & 1, j = corner >> 1, around = 0;
        for (int k = 1; k < 4; k++) {
            ptrdiff_t at[3] = {hit->at[0], hit->at[1], hit->at[2]};
            at[hit->axis] += hit->sign;
            if (k & 1) at[a] += i ? 1 : -1;
            if (k & 2) at[b] += j ? 1 : -1;
            around += full(v, at);
        }
        sum += (i ? x : 1 - x) * (j ? y : 1 - y) * (1 - 0.2 * around);
    }
    return sum;
}

static void add_sample(const Volume *v, const float *mark, const SolidView *w, const Camera *c,
                       double right, double up, double sum[3]) {
    double from[3], way[3], far = 2.0 * VOLUME_SIDE_MAX;
    Hit hit;
    for (int k = 0; k < 3; k++) {
        from[k] = c->middle[k] + right * c->right[k] + up * c->up[k] + far * c->eye[k];
        way[k] = -c->eye[k];
    }
    if (!walk_ray(v, from, way, &hit)) {
        for (int k = 0; k < 3; k++) sum[k] += w->ground[k];
        return;
    }
    double facing = fmax(0, hit.sign * c->light[hit.axis]);
    double light = (0.38 + 0.67 * facing) * openness(v, &hit), part = 0;
    if (mark) part = mark[volume_place(v, (size_t)hit.at[0], (size_t)hit.at[1], (size_t)hit.at[2])];
    for (int k = 0; k < 3; k++)
        sum[k] += fmin(255, light * ((1 - part) * w->colour[k] + part * w->marked[k]));
}

void solid_draw(const Volume *v, const float *mark, const SolidView *view, unsigned char *to) {
    enum { RAYS = 3 }; /* a pixel, along each axis */
    const Camera c = camera_of(v, view);
    size_t n = view->size;
    double middle = (double)n / 2;
#pragma omp parallel for schedule(dynamic, 4)
    for (size_t row = 0; row < n; row++)
        for (size_t column = 0; column < n; column++) {
            double sum[3] = {0};
            for (int k = 0; k < RAYS * RAYS; k++) {
                double x = (double)column + (k % RAYS + 0.5) / RAYS - middle;
                double y = (double)row + (k / RAYS + 0.5) / RAYS - middle; /* / is whole */
                add_sample(v, mark, view, &c, x * c.step, -y * c.step, sum);
            }
            for (int k = 0; k < 3; k++)
                to[(row * n + column) * 3 + (size_t)k] =
                    (unsigned char)(sum[k] / (RAYS * RAYS) + 0.5);
        }
}
