#include "media/volume/off.h"

#include <math.h>
#include <string.h>

typedef struct {
    const unsigned char *bytes;
    size_t n, at;
} Text;

static bool blank(unsigned char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* To the next word, past comments. */
static void skip_blanks(Text *t) {
    while (t->at < t->n && (blank(t->bytes[t->at]) || t->bytes[t->at] == '#')) {
        if (t->bytes[t->at] == '#')
            while (t->at < t->n && t->bytes[t->at] != '\n') t->at++;
        else
            t->at++;
    }
}

static void skip_line(Text *t) {
    while (t->at < t->n && t->bytes[t->at] != '\n') t->at++;
}

enum { WORD_MAX = 64 };

static int next_word(Text *t, char word[WORD_MAX], const char *what, Error *err) {
    skip_blanks(t);
    size_t n = 0;
    while (t->at + n < t->n && !blank(t->bytes[t->at + n]) && t->bytes[t->at + n] != '#') n++;
    if (!n) return fail(err, "byte %zu: ends where %s was expected", t->at, what);
    if (n >= WORD_MAX || memchr(t->bytes + t->at, 0, n))
        return fail(err, "byte %zu: expected %s", t->at, what);
    memcpy(word, t->bytes + t->at, n);
    word[n] = 0;
    t->at += n;
    return 0;
}

static int next_count(Text *t, uint64_t most, uint64_t *out, const char *what, Error *err) {
    char word[WORD_MAX];
    if (next_word(t, word, what, err)) return -1;
    if (parse_u64(word, out) && *out <= most) return 0;
    return fail(err, "byte %zu: expected %s up to %llu, found '%s'", t->at - strlen(word), what,
                (unsigned long long)most, word);
}

static int next_number(Text *t, double *out, Error *err) {
    char word[WORD_MAX];
    if (next_word(t, word, "a coordinate", err)) return -1;
    if (parse_double(word, out) && fabs(*out) <= 1e30) return 0;
    return fail(err, "byte %zu: expected a coordinate, found '%s'", t->at - strlen(word), word);
}

/* Behind the letters that say what else a vertex has: the length of the word, or 0. */
static size_t keyword(const unsigned char *bytes, size_t n) {
    static const char *const words[] = {"OFF", "COFF", "NOFF", "CNOFF", "STOFF", "STCOFF"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if (n >= length && !memcmp(bytes, words[i], length)) return length;
    }
    return 0;
}

bool off_is(const unsigned char *bytes, size_t n) {
    Text t = {bytes, n, 0};
    skip_blanks(&t);
    return keyword(bytes + t.at, n - t.at) != 0;
}

static int read_counts(Text *t, uint64_t *vertices, uint64_t *faces, Error *err) {
    skip_blanks(t);
    size_t length = keyword(t->bytes + t->at, t->n - t->at);
    if (!length) return fail(err, "byte %zu: expected OFF", t->at);
    t->at += length;
    size_t ahead = t->at;
    while (ahead < t->n && (t->bytes[ahead] == ' ' || t->bytes[ahead] == '\t')) ahead++;
    if (t->n - ahead >= 6 && !memcmp(t->bytes + ahead, "BINARY", 6))
        return fail(err, "byte %zu: a binary OFF file, expected text", ahead);
    uint64_t edges;
    /* a vertex takes 6 bytes, "0 0 0" and a blank, a face 2 */
    if (next_count(t, (t->n + 1) / 6, vertices, "a number of vertices that the file has room for,",
                   err) ||
        next_count(t, (t->n + 1) / 2, faces, "a number of faces that the file has room for,",
                   err) ||
        next_count(t, UINT64_MAX, &edges, "a number of edges", err))
        return -1;
    return *vertices && *faces ? 0 : fail(err, "byte %zu: no vertices or no faces", t->at);
}

static int read_face(Text *t, Mesh *m, Error *err) {
    uint64_t corners, corner, first = 0, before = 0;
    if (next_count(t, (t->n - t->at + 1) / 2, &corners, "a face's number of corners", err))
        return -1;
    for (uint64_t i = 0; i < corners; i++) {
        if (next_count(t, m->vertices - 1, &corner, "a corner's vertex", err)) return -1;
        if (!i) first = corner;
        if (i > 1) {
            if (array_room(&m->triangle, &m->triangle_room, m->triangles + 1, sizeof *m->triangle,
                           "triangles", err))
                return -1;
            uint32_t *to = m->triangle[m->triangles++];
            to[0] = (uint32_t)first, to[1] = (uint32_t)before, to[2] = (uint32_t)corner;
        }
        before = corner;
    }
    skip_line(t);
    return 0;
}

int off_parse(const unsigned char *bytes, size_t n, Mesh *out, Error *err) {
    Text t = {bytes, n, 0};
    uint64_t vertices, faces;
    out->vertices = out->triangles = 0;
    if (read_counts(&t, &vertices, &faces, err)) return -1;
    if (vertices > UINT32_MAX) return fail(err, "too many vertices");
    if (array_room(&out->vertex, &out->vertex_room, (size_t)vertices, sizeof *out->vertex,
                   "vertices", err))
        return -1;
    for (; out->vertices < vertices; out->vertices++) {
        for (int a = 0; a < 3; a++)
            if (next_number(&t, &out->vertex[out->vertices][a], err)) return -1;
        skip_line(&t);
    }
    for (uint64_t i = 0; i < faces; i++)
        if (read_face(&t, out, err)) return -1;
    skip_blanks(&t);
    if (t.at < n) return fail(err, "byte %zu: more than %zu faces", t.at, (size_t)faces);
    return out->triangles ? 0 : fail(err, "no face has three corners");
}

void off_write(const Mesh *m, Str *out) {
    str_printf(out, "OFF\n%zu %zu 0\n", m->vertices, m->triangles);
    for (size_t i = 0; i < m->vertices; i++)
        str_printf(out, "%.9g %.9g %.9g\n", m->vertex[i][0], m->vertex[i][1], m->vertex[i][2]);
    for (size_t i = 0; i < m->triangles; i++)
        str_printf(out, "3 %u %u %u\n", (unsigned)m->triangle[i][0], (unsigned)m->triangle[i][1],
                   (unsigned)m->triangle[i][2]);
}
