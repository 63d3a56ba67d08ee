/* text.c: UTF-8 lines, their alphabet, and the rows of its numbers. */
#include "media/sources/text.h"

#include "media/sources/source.h"
#include "stream/stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FILLING = '`', OTHER = 0xFFFD, SEEN_MAX = UINT16_MAX };

typedef struct {
    size_t n;
    uint32_t code[TEXT_SYMBOLS_MAX];
} Alphabet;

/* ---- UTF-8 ---- */

/* The character at s, of n > 0 bytes; *length is how many it takes. What is not UTF-8 is OTHER, a
 * byte each, and so is a zero, which no metadata can hold. */
static uint32_t character(const char *s, size_t n, size_t *length) {
    uint32_t code;
    *length = utf8_next(s, n, &code);
    if (*length && code) return code;
    *length = 1;
    return OTHER;
}

static void utf8_append(Str *s, uint32_t code) {
    char b[4];
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n; --i; code >>= 6) b[i] = (char)(0x80 | (code & 0x3F));
    b[0] = (char)(n == 1 ? code : (0xF00u >> n & 0xFF) | code);
    str_append(s, b, n);
}

/* ---- alphabets ---- */

static int alphabet_parse(const char *text, Alphabet *a, Error *err) {
    size_t left = strlen(text), k;
    a->n = 0;
    for (; left; text += k, left -= k) {
        if (a->n == TEXT_SYMBOLS_MAX)
            return fail(err, "an alphabet of more than %d symbols", TEXT_SYMBOLS_MAX);
        a->code[a->n++] = character(text, left, &k);
    }
    return 0;
}

static int alphabet_of(const char *path, Alphabet *a, Error *err) {
    Frame f = {0};
    Reader *r = reader_open(path, err);
    int more = reader_next(r, &f, err);
    const char *text = more > 0 ? frame_meta(&f, "gan.alphabet") : NULL;
    int bad = more < 0 ? -1
              : !text  ? fail(err, "%s: no alphabet, as gan-data text writes it", path)
                       : 0;
    if (!bad) bad = alphabet_parse(text, a, err);
    reader_close(r);
    frame_free(&f);
    return bad;
}

static void alphabet_note(const Alphabet *a, Frame *f) {
    Str s = {0};
    for (size_t i = 0; i < a->n; i++) utf8_append(&s, a->code[i]);
    frame_set_meta(f, "gan.alphabet", s.text);
    frame_set_metaf(f, "gan.symbols", "%zu", a->n);
    str_free(&s);
}

/* ---- reading ---- */

typedef struct {
    uint32_t code;
    uint16_t at; /* its number among those seen, in the order of their first use */
    uint64_t count;
} Seen;

typedef struct {
    size_t length, rows, room, seen;
    uint16_t *row; /* [room,length], numbers of those seen */
    Seen symbol[SEEN_MAX];
    uint16_t slot[0x110000]; /* 1 + number of each character, or 0 */
} Text;

static uint16_t see(Text *t, uint32_t code) {
    if (!t->slot[code] && t->seen == SEEN_MAX) code = OTHER;
    if (!t->slot[code]) {
        t->symbol[t->seen] = (Seen){code, (uint16_t)t->seen, 0};
        t->slot[code] = (uint16_t)++t->seen;
    }
    t->symbol[t->slot[code] - 1].count++;
    return (uint16_t)(t->slot[code] - 1);
}

static int add_line(Text *t, const Str *line, Error *err) {
    size_t k, n = line->length;
    if (array_room(&t->row, &t->room, t->rows + 1, t->length * sizeof *t->row, "lines", err))
        return -1;
    uint16_t *to = t->row + t->rows++ * t->length;
    const char *s = line->text;
    for (size_t i = 0; i < t->length; i++) {
        to[i] = see(t, n ? character(s, n, &k) : FILLING);
        if (n) s += k, n -= k;
    }
    return 0;
}

static int read_lines(Source *s, Text *t, const Take *take, Error *err) {
    Str line = {0};
    uint64_t number = 0;
    int more = 1, bad = source_refuse(s, KIND_ANY_TEXT, "text", err);
    if (!bad) bad = source_skip_mark(s, err);
    while (!bad && more > 0 && (!take->first || number < take->skip + take->first)) {
        char c = '\n';
        more = source_more(s, err);
        if (more > 0) bad = source_read(s, &c, 1, "the text", err);
        if (c != '\n') {
            str_append(&line, &c, 1);
        } else if (line.length) {
            if (line.text[line.length - 1] == '\r') line.length--;
            if (line.length && number++ >= take->skip) bad = add_line(t, &line, err);
            line.length = 0;
        }
    }
    str_free(&line);
    return bad || more < 0 ? -1 : 0;
}

static int by_count(const void *a, const void *b) {
    const Seen *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return x->code < y->code ? -1 : x->code > y->code;
}

static void alphabet_choose(Text *t, size_t most, Alphabet *a) {
    *a = (Alphabet){2, {FILLING, OTHER}};
    qsort(t->symbol, t->seen, sizeof *t->symbol, by_count);
    for (size_t i = 0; i < t->seen && a->n < most; i++)
        if (t->symbol[i].code != FILLING && t->symbol[i].code != OTHER)
            a->code[a->n++] = t->symbol[i].code;
}

/* number[i]: what stands for the i-th symbol seen; 1 for those that are not in the alphabet */
static void numbers(const Text *t, const Alphabet *a, unsigned char *number) {
    for (size_t i = 0; i < t->seen; i++) {
        size_t k = 0;
        while (k < a->n && a->code[k] != t->symbol[i].code) k++;
        number[t->symbol[i].at] = (unsigned char)(k < a->n ? k : 1);
    }
}

static int write_rows(const Text *t, const Alphabet *a, size_t per_frame, FILE *out,
                      const char *name, Error *err) {
    static unsigned char number[SEEN_MAX];
    Frame f = {0};
    int bad = 0;
    numbers(t, a, number);
    for (size_t first = 0, n; !bad && first < t->rows; first += n) {
        n = t->rows - first < per_frame ? t->rows - first : per_frame;
        frame_clear(&f);
        bad = frame_add(&f, "text", DT_U8, 2, (size_t[]){n, t->length}, err) < 0 ||
              frame_allocate(&f, err);
        if (bad) break;
        unsigned char *to = frame_find(&f, "text")->data;
        for (size_t i = 0; i < n * t->length; i++) to[i] = number[t->row[first * t->length + i]];
        alphabet_note(a, &f);
        bad = frame_write(&f, out, name, err);
    }
    frame_free(&f);
    return bad ? -1 : 0;
}

int text_read(const char *path, const TextWant *want, FILE *out, const char *name, Error *err) {
    Alphabet a = {0};
    if (want->alphabet && alphabet_of(want->alphabet, &a, err)) return -1;
    if (want->alphabet && a.n < 2)
        return fail(err, "%s: an alphabet of %zu symbols, expected 2 at least", want->alphabet,
                    a.n);
    Text *t = calloc(1, sizeof *t);
    if (!t) return fail(err, "out of memory");
    t->length = want->length;
    see(t, OTHER); /* what further characters become when there are too many */
    Source *s = source_open(path, err);
    int bad = s ? read_lines(s, t, &want->take, err) : -1;
    if (!bad && !t->rows) bad = fail(err, "%s: no lines", path);
    if (!bad && !want->alphabet) alphabet_choose(t, want->symbols, &a);
    if (!bad) bad = write_rows(t, &a, want->take.per_frame, out, name, err);
    source_close(s);
    free(t->row);
    free(t);
    return bad;
}

/* ---- writing ---- */

/* The number of row i's symbol j. */
static double symbol_at(const Tensor *t, size_t i, size_t j) {
    size_t at = i * t->shape[1] + j;
    if (t->rank == 2) return tensor_get(t, at);
    return (double)tensor_largest(t, at * t->shape[2], t->shape[2]);
}

static int write_line(const Tensor *t, size_t row, const Alphabet *a, Str *line, Error *err) {
    size_t end = 0;
    line->length = 0;
    for (size_t j = 0; j < t->shape[1]; j++) {
        double k = symbol_at(t, row, j);
        if (!(k >= 0 && k < (double)a->n) || k != (double)(size_t)k)
            return fail(err, "row %zu: symbol %g, the alphabet has %zu", row, k, a->n);
        utf8_append(line, a->code[(size_t)k]);
        if (a->code[(size_t)k] != FILLING) end = line->length;
    }
    line->length = end;
    str_append(line, "\n", 1);
    return 0;
}

static int write_frame(const Frame *f, const char *tensor, const Alphabet *a, FILE *out,
                       const char *name, Error *err) {
    const Tensor *t = frame_find(f, tensor ? tensor : "text");
    if (!t && !tensor && f->tensor_count == 1) t = f->tensors;
    if (!t) return fail(err, "no tensor %s", tensor ? tensor : "text");
    if (t->rank != 2 && !(t->rank == 3 && t->shape[2]))
        return fail(err, "tensor %s: expected numbers [N,T] or weights [N,T,V]", t->name);
    Str line = {0};
    int bad = 0;
    for (size_t i = 0; !bad && i < t->shape[0]; i++) {
        bad = write_line(t, i, a, &line, err);
        if (!bad && fwrite(line.text, 1, line.length, out) != line.length)
            bad = fail(err, "%s: cannot write", name);
    }
    str_free(&line);
    return bad;
}

int text_write(const char *path, const char *tensor, const char *alphabet, FILE *out,
               const char *name, Error *err) {
    Alphabet a = {0};
    if (alphabet && alphabet_of(alphabet, &a, err)) return -1;
    Frame f = {0};
    Reader *r = reader_open(path, err);
    int more = 1;
    while (more > 0 && (more = reader_next(r, &f, err)) > 0) {
        if (!f.tensor_count) continue; /* an end marker */
        const char *own = frame_meta(&f, "gan.alphabet");
        int bad = 0;
        if (!a.n)
            bad = own ? alphabet_parse(own, &a, err)
                      : fail(err, "no alphabet; name a stream that has it");
        if (!bad) bad = write_frame(&f, tensor, &a, out, name, err);
        if (bad) more = reader_fail_in(r, err);
    }
    if (!more && !a.n) more = fail(err, "the input holds no samples");
    reader_close(r);
    frame_free(&f);
    return more;
}
