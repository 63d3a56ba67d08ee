/* binvox.c: lines of a header, then runs of a value and a count. */
#include "media/volume/binvox.h"

#include <math.h>
#include <string.h>

static const char magic[] = "#binvox";

bool binvox_is(const unsigned char *bytes, size_t n) {
    return n >= sizeof magic - 1 && !memcmp(bytes, magic, sizeof magic - 1);
}

typedef struct {
    const unsigned char *bytes;
    size_t n, at;
} Text;

enum { LINE_MAX_BYTES = 200, WORDS_MAX = 5 };

/* The next line, its words apart; how many they are, or -1. */
static int next_line(Text *t, char *line, char *words[WORDS_MAX], Error *err) {
    size_t n = 0;
    while (t->at + n < t->n && t->bytes[t->at + n] != '\n') n++;
    if (t->at + n == t->n)
        return fail(err, "byte %zu: the header ends without a line 'data'", t->n);
    if (n >= LINE_MAX_BYTES || memchr(t->bytes + t->at, 0, n))
        return fail(err, "byte %zu: a header has no such line", t->at);
    memcpy(line, t->bytes + t->at, n);
    line[n] = 0;
    int count = 0;
    for (char *p = line; *p;) {
        p += strspn(p, " \t\r");
        if (!*p) break;
        if (count == WORDS_MAX) return fail(err, "byte %zu: too many words", t->at);
        words[count++] = p;
        p += strcspn(p, " \t\r");
        if (*p) *p++ = 0;
    }
    t->at += n + 1;
    return count;
}

static int read_sides(char *const *words, int count, size_t side[3], size_t at, Error *err) {
    bool good = count == 4;
    for (int a = 0; a < 3 && good; a++) {
        uint64_t v;
        good = parse_u64(words[a + 1], &v) && v >= 1 && v <= VOLUME_SIDE_MAX;
        if (good) side[a] = (size_t)v;
    }
    if (good) return 0;
    return fail(err, "byte %zu: expected 'dim' and three sides from 1 to %d", at, VOLUME_SIDE_MAX);
}

static int read_numbers(char *const *words, int count, int wanted, size_t at, Error *err) {
    double v;
    bool good = count == 1 + wanted;
    for (int i = 1; i <= wanted && good; i++) good = parse_double(words[i], &v) && isfinite(v);
    return good ? 0 : fail(err, "byte %zu: expected '%s' and %d numbers", at, words[0], wanted);
}

/* The header up to the data; side[0] is 0 when it says no size. */
static int read_header(Text *t, size_t side[3], Error *err) {
    char line[LINE_MAX_BYTES], *words[WORDS_MAX];
    side[0] = 0;
    int count = next_line(t, line, words, err);
    if (count < 0) return -1;
    if (count != 2 || strcmp(words[0], magic) || strcmp(words[1], "1"))
        return fail(err, "byte 0: expected '#binvox 1'");
    for (;;) {
        size_t at = t->at;
        int bad = 0;
        if ((count = next_line(t, line, words, err)) < 0) return -1;
        if (!count || *words[0] == '#') continue; /* a comment */
        if (!strcmp(words[0], "data")) break;
        if (!strcmp(words[0], "dim"))
            bad = read_sides(words, count, side, at, err);
        else if (!strcmp(words[0], "translate"))
            bad = read_numbers(words, count, 3, at, err);
        else if (!strcmp(words[0], "scale"))
            bad = read_numbers(words, count, 1, at, err);
        else
            bad = fail(err, "byte %zu: expected dim, translate, scale or data, found '%.40s'", at,
                       words[0]);
        if (bad) return -1;
    }
    return side[0] ? 0 : fail(err, "byte %zu: the header has no line 'dim'", t->at);
}

int binvox_parse(const unsigned char *bytes, size_t n, Volume *out, Error *err) {
    Text t = {bytes, n, 0};
    size_t side[3];
    if (read_header(&t, side, err)) return -1;
    size_t all = side[0] * side[1] * side[2], filled = 0, runs = n - t.at;
    if (runs / 2 < (all + 254) / 255)
        return fail(err, "%zu bytes of runs are too few for %zux%zux%zu voxels", runs, side[0],
                    side[1], side[2]);
    if (volume_shape(out, side, err)) return -1;
    for (size_t i = t.at; i < n; i += 2) {
        if (filled == all || i + 1 == n)
            return fail(err, "byte %zu: %zu more than the runs of %zu voxels", i, n - i, all);
        if (bytes[i] > 1) return fail(err, "byte %zu: value %d, expected 0 or 1", i, bytes[i]);
        if (!bytes[i + 1] || bytes[i + 1] > all - filled)
            return fail(err, "byte %zu: a run of %d voxels, %zu are left", i + 1, bytes[i + 1],
                        all - filled);
        memset(out->at + filled, bytes[i], bytes[i + 1]);
        filled += bytes[i + 1];
    }
    return filled == all ? 0 : fail(err, "byte %zu: ends after %zu of %zu voxels", n, filled, all);
}
