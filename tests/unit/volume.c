/* Volumes and meshes against what is known of them: boxes, balls, closed surfaces, pieces, other
 * sides. */
#include "media/volume/off.h"
#include "tap.h"

static void shape(Volume *v, size_t x, size_t y, size_t z) {
    Error err;
    must(volume_shape(v, (size_t[3]){x, y, z}, &err));
}

static void box(Volume *v, size_t x, size_t y, size_t z, size_t w, size_t d, size_t h) {
    for (size_t i = x; i < x + w; i++)
        for (size_t j = y; j < y + d; j++)
            for (size_t k = z; k < z + h; k++) v->at[volume_place(v, i, j, k)] = 1;
}

static bool equal(const Volume *a, const Volume *b) {
    return !memcmp(a->side, b->side, sizeof a->side) && !memcmp(a->at, b->at, volume_voxels(a));
}

/* ---- pieces ---- */

static void test_pieces(void) {
    Volume v = {0};
    Error err;
    size_t kept;
    shape(&v, 6, 5, 7);
    box(&v, 0, 0, 0, 2, 2, 2);
    box(&v, 2, 2, 2, 2, 2, 3); /* shares a corner with the first */
    box(&v, 5, 0, 6, 1, 1, 1);
    must(volume_component(&v, 1, &kept, &err));
    ok(kept == 12 && volume_full(&v) == 12 && v.at[volume_place(&v, 3, 3, 4)],
       "the largest of three pieces");
    box(&v, 0, 0, 0, 2, 2, 2);
    must(volume_component(&v, 1.5, &kept, &err));
    ok(kept == 12, "a shared edge is near enough, a corner is not");
    box(&v, 0, 0, 0, 2, 2, 2);
    must(volume_component(&v, 1.8, &kept, &err));
    ok(kept == 20, "with a larger radius a corner is");
    shape(&v, 1, 1, 8);
    box(&v, 0, 0, 0, 1, 1, 2);
    box(&v, 0, 0, 5, 1, 1, 2);
    must(volume_component(&v, 3, &kept, &err));
    ok(kept == 2 && v.at[0], "of equal pieces the first");
    box(&v, 0, 0, 5, 1, 1, 2);
    must(volume_component(&v, 4, &kept, &err));
    ok(kept == 4, "a radius of four reaches over three empty ones");
    shape(&v, 3, 3, 3);
    must(volume_component(&v, 1, &kept, &err));
    ok(!kept && !volume_full(&v), "of nothing nothing");
    volume_free(&v);
}

/* ---- sides ---- */

static void test_sides(void) {
    Volume v = {0}, out = {0}, want = {0};
    Error err;
    shape(&v, 4, 4, 4);
    box(&v, 1, 2, 3, 1, 1, 1);
    must(volume_fit(&v, 8, 0, &out, &err));
    shape(&want, 8, 8, 8);
    box(&want, 3, 4, 5, 1, 1, 1);
    ok(equal(&out, &want), "a smaller volume comes into the middle");
    must(volume_fit(&v, 2, 0, &out, &err));
    shape(&want, 2, 2, 2);
    box(&want, 0, 1, 1, 1, 1, 1);
    ok(equal(&out, &want), "a larger one is pooled, and full where one of a block is");
    must(volume_fit(&v, 4, 1, &out, &err));
    shape(&want, 4, 4, 4);
    box(&want, 1, 2, 2, 1, 1, 1);
    ok(equal(&out, &want), "with a margin");
    shape(&v, 7, 2, 3);
    box(&v, 0, 0, 0, 7, 2, 3);
    must(volume_fit(&v, 4, 0, &out, &err));
    shape(&want, 4, 4, 4);
    box(&want, 0, 1, 1, 4, 1, 2);
    ok(equal(&out, &want), "an oblong one by its longest side");
    ok(volume_fit(&v, 4, 2, &out, &err) < 0, "a margin that leaves nothing is refused");
    ok(volume_shape(&v, (size_t[3]){1024, 1024, 1024}, &err) < 0, "too many voxels are refused");
    volume_free(&v);
    volume_free(&out);
    volume_free(&want);
}

/* ---- meshes ---- */

/* The surface of a closed mesh: each edge is met once in each direction. */
static bool closed(const Mesh *m) {
    size_t n = 3 * m->triangles, opposite = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t a = m->triangle[i / 3][i % 3], b = m->triangle[i / 3][(i + 1) % 3];
        int same = 0, other = 0;
        for (size_t j = 0; j < n; j++) {
            uint32_t c = m->triangle[j / 3][j % 3], d = m->triangle[j / 3][(j + 1) % 3];
            same += a == c && b == d;
            other += a == d && b == c;
        }
        if (same != other) return false;
        opposite++;
    }
    return opposite == n;
}

/* What a closed surface encloses, by the divergence theorem. */
static double enclosed(const Mesh *m) {
    double sum = 0;
    for (size_t i = 0; i < m->triangles; i++) {
        const double *a = m->vertex[m->triangle[i][0]], *b = m->vertex[m->triangle[i][1]],
                     *c = m->vertex[m->triangle[i][2]];
        sum += a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) +
               a[2] * (b[0] * c[1] - b[1] * c[0]);
    }
    return sum / 6;
}

static void read_off(const char *text, Mesh *m) {
    Error err = {""};
    if (off_parse((const unsigned char *)text, strlen(text), m, &err)) diag("%s", err.text);
}

static void test_surface(void) {
    Volume v = {0}, again = {0};
    Mesh m = {0};
    Error err;
    shape(&v, 8, 8, 8);
    box(&v, 0, 0, 0, 3, 2, 1);
    box(&v, 0, 0, 1, 1, 2, 7);
    box(&v, 7, 7, 7, 1, 1, 1);
    must(mesh_of_volume(&v, &m, &err));
    ok(m.triangles == 2 * (2 * (6 + 3 + 2) + 2 * (7 + 14) + 6) && closed(&m),
       "a closed surface: %zu", m.triangles);
    ok(fabs(enclosed(&m) - 21) < 1e-12, "that encloses its voxels, seen from outside: %g",
       enclosed(&m));
    Str text = {0};
    off_write(&m, &text);
    mesh_free(&m);
    read_off(text.text, &m);
    must(mesh_voxels(&m, 8, 0, false, &again, &err));
    ok(equal(&v, &again), "and is read and filled as the same volume");
    str_free(&text);
    mesh_free(&m);
    volume_free(&v);
    volume_free(&again);
}

/* A ball of this many strips along and around. */
static void ball(Mesh *m, int n) {
    Str s = {0};
    str_printf(&s, "OFF\n%d %d 0\n", (n + 1) * n, n * n);
    for (int i = 0; i <= n; i++)
        for (int j = 0; j < n; j++) {
            double a = M_PI * i / n, b = 2 * M_PI * j / n;
            str_printf(&s, "%.9f %.9f %.9f\n", 5 + sin(a) * cos(b), sin(a) * sin(b), cos(a) - 3);
        }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            str_printf(&s, "4 %d %d %d %d\n", i * n + j, i * n + (j + 1) % n,
                       (i + 1) * n + (j + 1) % n, (i + 1) * n + j);
    read_off(s.text, m);
    str_free(&s);
}

static void test_fill(void) {
    Volume v = {0}, shell = {0};
    Mesh m = {0};
    Error err;
    const char *cube = "OFF8 6 0\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n0 0 1\n1 0 1\n1 1 1\n0 1 1\n"
                       "4 0 3 2 1\n4 4 5 6 7\n4 0 1 5 4\n4 1 2 6 5\n4 2 3 7 6\n4 3 0 4 7\n";
    read_off(cube, &m);
    must(mesh_voxels(&m, 10, 2, false, &v, &err));
    shape(&shell, 10, 10, 10);
    box(&shell, 2, 2, 2, 6, 6, 6);
    ok(equal(&v, &shell), "a cube fills what the margin leaves, and no voxel beside it");
    must(mesh_voxels(&m, 10, 2, true, &v, &err));
    ok(volume_full(&v) == 216 - 64, "hollow it is one voxel thick");
    for (size_t i = 0; i < m.triangles; i++) {
        uint32_t swap = m.triangle[i][0];
        m.triangle[i][0] = m.triangle[i][1];
        m.triangle[i][1] = swap;
    }
    must(mesh_voxels(&m, 10, 0, false, &v, &err));
    ok(volume_full(&v) == 1000, "seen from inside it is as full: %zu", volume_full(&v));
    mesh_free(&m);
    ball(&m, 60);
    must(mesh_voxels(&m, 40, 2, false, &v, &err));
    must(mesh_voxels(&m, 40, 2, true, &shell, &err));
    double want = 4 / 3.0 * M_PI * 18 * 18 * 18;
    double inside = (double)(volume_full(&v) - volume_full(&shell));
    ok(inside < want && want < (double)volume_full(&v),
       "a ball's volume lies between that without its shell and with it: %g %g %zu", inside, want,
       volume_full(&v));
    bool straight = true;
    for (size_t i = 0; i < volume_voxels(&v); i++) {
        double d[3] = {(double)(i / 1600) - 19.5, (double)(i / 40 % 40) - 19.5,
                       (double)(i % 40) - 19.5};
        double r = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
        if (r < 17.9 && !v.at[i]) straight = false;
        if (r > 18 + sqrt(3) / 2 && v.at[i]) straight = false;
    }
    ok(straight, "and each voxel is where it should be");
    m.triangles -= 200; /* a hole at a pole */
    must(mesh_voxels(&m, 40, 2, false, &shell, &err));
    ok(volume_full(&shell) < volume_full(&v) / 2, "a surface with a hole encloses nothing");
    mesh_free(&m);
    volume_free(&v);
    volume_free(&shell);
}

static void test_bad_meshes(void) {
    static const char *const bad[][2] = {
        {"OFX\n", "byte 0: expected OFF"},
        {"OFF BINARY\n1 1 0\n", "a binary OFF file"},
        {"OFF\n1 1\n", "a number of edges"},
        {"OFF\n4000000000 1 0\n0 0 0\n",
         "a number of vertices that the file has room for, up to 4"},
        {"OFF\n1 1 0\nx 0 0\n", "expected a coordinate, found 'x'"},
        {"OFF\n1 1 0\n0 0 inf\n3 0 0 0\n", "expected a coordinate, found 'inf'"},
        {"OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 3\n", "a corner's vertex up to 2, found '3'"},
        {"OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n2 0 1\n", "no face has three corners"},
        {"OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n3 0 1 2\n", "more than 1 faces"},
        {"OFF\n3 2 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n", "ends where a face's number"},
        {"OFF\n0 0 0\n", "no vertices or no faces"},
    };
    Mesh m = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Error err = {""};
        int status = off_parse((const unsigned char *)bad[i][0], strlen(bad[i][0]), &m, &err);
        ok(status < 0 && strstr(err.text, bad[i][1]), "%s", err.text);
    }
    mesh_free(&m);
}

int main(void) {
    test_pieces();
    test_sides();
    test_surface();
    test_fill();
    test_bad_meshes();
    return done();
}
