#include "media/npy.h"

#include "media/rows.h"
#include "media/source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEADER_MAX = 1 << 20, FRAME_MAX = 1 << 26 };

static const struct {
    const char *code; /* kind and bytes, as after the byte order in a dtype text */
    DType dtype;
} types[] = {
    {"b1", DT_BOOL}, {"u1", DT_U8},  {"i1", DT_I8},  {"i2", DT_I16}, {"u2", DT_U16}, {"f2", DT_F16},
    {"i4", DT_I32},  {"u4", DT_U32}, {"f4", DT_F32}, {"f8", DT_F64}, {"i8", DT_I64}, {"u8", DT_U64},
};
enum { TYPE_COUNT = sizeof types / sizeof *types };

/* ---- the header: one Python dict of three known keys ------------------------------------------
 */

typedef struct {
    const char *text;
    size_t n, at;
    Error *err;
} Parse;

static void blanks(Parse *p) {
    while (p->at < p->n && strchr(" \t\r\n", p->text[p->at]) && p->text[p->at]) p->at++;
}

static bool take(Parse *p, char c) {
    blanks(p);
    if (p->at >= p->n || p->text[p->at] != c) return false;
    p->at++;
    return true;
}

static int expected(Parse *p, const char *what) {
    if (p->at >= p->n) return fail(p->err, "header byte %zu: ends, expected %s", p->at, what);
    return fail(p->err, "header byte %zu: found 0x%02x, expected %s", p->at,
                (unsigned char)p->text[p->at], what);
}

/* 'text' or "text" without escapes; NULL-terminated into to. */
static int quoted(Parse *p, char *to, size_t size, const char *what) {
    char mark = take(p, '\'') ? '\'' : take(p, '"') ? '"' : 0;
    if (!mark) return expected(p, what);
    size_t n = 0;
    for (; p->at < p->n && p->text[p->at] != mark; p->at++) {
        char c = p->text[p->at];
        if (c < ' ' || c > '~' || c == '\\' || n + 1 >= size) return expected(p, what);
        to[n++] = c;
    }
    to[n] = 0;
    return take(p, mark) ? 0 : expected(p, "the end of the text");
}

static bool word(Parse *p, const char *w) {
    size_t n = strlen(w);
    blanks(p);
    if (p->n - p->at < n || memcmp(p->text + p->at, w, n)) return false;
    p->at += n;
    return true;
}

static int parse_descr(Parse *p, Npy *out) {
    char text[32];
    blanks(p);
    if (p->at < p->n && p->text[p->at] == '[')
        return fail(p->err, "a record dtype, expected plain numbers");
    if (quoted(p, text, sizeof text, "a dtype such as '<f4'")) return -1;
    bool ordered = *text && strchr("<>|=", *text);
    for (int i = 0; i < TYPE_COUNT; i++) {
        if (strcmp(text + ordered, types[i].code)) continue;
        if (*text == '=') break; /* 'native' says nothing about a file */
        out->dtype = types[i].dtype;
        out->big_endian = *text == '>';
        return 0;
    }
    return fail(p->err, "dtype '%s' is not supported, expected numbers such as '|u1' or '<f4'",
                text);
}

static int parse_order(Parse *p, bool *fortran) {
    *fortran = word(p, "True");
    return *fortran || word(p, "False") ? 0 : expected(p, "True or False");
}

static int parse_shape(Parse *p, Npy *out) {
    out->rank = 0;
    if (!take(p, '(')) return expected(p, "a shape such as (10, 3)");
    while (!take(p, ')')) {
        size_t v = 0, digits = 0;
        blanks(p);
        for (; p->at < p->n && p->text[p->at] >= '0' && p->text[p->at] <= '9'; p->at++, digits++)
            if (!size_mul(v, 10, &v) || !size_add(v, (size_t)(p->text[p->at] - '0'), &v))
                return fail(p->err, "header byte %zu: an extent overflows", p->at);
        if (!digits) return expected(p, "an extent");
        if (out->rank == TENSOR_RANK_MAX) return fail(p->err, "more than %d axes", TENSOR_RANK_MAX);
        out->shape[out->rank++] = v;
        if (take(p, ',')) continue;
        if (out->rank == 1) return expected(p, "a comma");
        if (!take(p, ')')) return expected(p, "a comma or )");
        break;
    }
    return 0;
}

int npy_parse(const char *text, size_t n, Npy *out, Error *err) {
    Parse p = {text, n, 0, err};
    bool fortran = false;
    unsigned seen = 0;
    *out = (Npy){0};
    if (!take(&p, '{')) return expected(&p, "{");
    while (!take(&p, '}')) {
        char key[32];
        if (quoted(&p, key, sizeof key, "a key")) return -1;
        unsigned bit = !strcmp(key, "descr")           ? 1
                       : !strcmp(key, "fortran_order") ? 2
                       : !strcmp(key, "shape")         ? 4
                                                       : 0;
        if (!bit || seen & bit)
            return fail(err, "header byte %zu: key '%s' is %s", p.at, key,
                        bit ? "there twice" : "unknown");
        seen |= bit;
        if (!take(&p, ':')) return expected(&p, ":");
        if (bit == 1   ? parse_descr(&p, out)
            : bit == 2 ? parse_order(&p, &fortran)
                       : parse_shape(&p, out))
            return -1;
        if (take(&p, ',')) continue;
        if (!take(&p, '}')) return expected(&p, "a comma or }");
        break;
    }
    blanks(&p);
    if (p.at < n) return expected(&p, "the end of the header");
    if (seen != 7) return fail(err, "the header lacks descr, fortran_order or shape");
    if (fortran && out->rank > 1)
        return fail(err, "the array is in Fortran order, expected C order (numpy.ascontiguousarray "
                         "makes it)");
    return 0;
}

/* ---- in ---------------------------------------------------------------------------------------*/

static int read_header(Source *s, Npy *out, Error *err) {
    unsigned char head[12];
    if (source_read(s, head, 10, "the header", err)) return -1;
    if (memcmp(head, "\x93NUMPY", 6))
        return fail(err, "%s: byte 0: not a .npy file", source_name(s));
    if (head[6] < 1 || head[6] > 3 || head[7])
        return fail(err, "%s: byte 6: version %d.%d, expected 1.0, 2.0 or 3.0", source_name(s),
                    head[6], head[7]);
    size_t n = head[8] | (size_t)head[9] << 8;
    if (head[6] > 1) {
        if (source_read(s, head + 10, 2, "the header", err)) return -1;
        n |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
    }
    if (n > HEADER_MAX)
        return fail(err, "%s: byte 8: a header of %zu bytes, at most %d are accepted",
                    source_name(s), n, HEADER_MAX);
    char *text = malloc(n + 1);
    if (!text) return fail(err, "out of memory");
    int bad = source_read(s, text, n, "the header", err);
    if (!bad && npy_parse(text, n, out, err)) bad = fail_in(err, "%s", source_name(s));
    free(text);
    return bad;
}

static void swap_bytes(unsigned char *p, size_t count, size_t size) {
    for (size_t i = 0; i < count; i++, p += size)
        for (size_t k = 0; k < size / 2; k++) {
            unsigned char b = p[k];
            p[k] = p[size - 1 - k];
            p[size - 1 - k] = b;
        }
}

typedef struct {
    Source *source;
    Npy npy;
    const NpyWant *want;
    size_t each; /* elements a sample */
    Frame frame;
    void *raw; /* a frame's elements before conversion */
    FILE *out;
    const char *name;
} Run;

static int read_frame(Run *r, size_t n, Error *err) {
    const NpyWant *w = r->want;
    size_t shape[TENSOR_RANK_MAX] = {n}, size = dtype_size(r->npy.dtype), count = n * r->each;
    int rank = w->rank ? w->rank + 1 : r->npy.rank;
    const size_t *axes = w->rank ? w->shape : r->npy.shape + 1;
    memcpy(shape + 1, axes, (size_t)(rank - 1) * sizeof *shape);
    frame_clear(&r->frame);
    if (frame_add(&r->frame, w->name, w->to_float ? DT_F32 : r->npy.dtype, rank, shape, err) < 0 ||
        frame_allocate(&r->frame, err))
        return -1;
    void *data = frame_find(&r->frame, w->name)->data, *to = w->to_float ? r->raw : data;
    if (source_read(r->source, to, count * size, "the array", err)) return -1;
    if (r->npy.big_endian) swap_bytes(to, count, size);
    if (w->to_float) {
        Tensor t = {.dtype = r->npy.dtype, .rank = 1, .shape = {count}, .count = count, .data = to};
        tensor_to_float(&t, 0, count, data);
    }
    return frame_write(&r->frame, r->out, r->name, err);
}

static int read_all(Run *r, const char *path, Error *err) {
    r->source = source_open(path, err);
    if (!r->source || read_header(r->source, &r->npy, err)) return -1;
    Npy *a = &r->npy;
    size_t bytes, total;
    if (a->rank < 1) return fail(err, "%s: a single number, expected an array of samples", path);
    for (int i = 0; i < a->rank; i++)
        if (!a->shape[i]) return fail(err, "%s: axis %d has extent 0, no samples to read", path, i);
    if (!size_product(a->shape + 1, a->rank - 1, &r->each) ||
        !size_mul(r->each, dtype_size(a->dtype), &bytes) || !size_mul(bytes, a->shape[0], &total) ||
        bytes > (size_t)1 << 30)
        return fail(err, "%s: the array is too large", path);
    if (source_expect(r->source, total, "the numbers", err)) return -1;
    size_t wanted = r->each;
    if (r->want->rank &&
        (!size_product(r->want->shape, r->want->rank, &wanted) || wanted != r->each))
        return fail(err, "%s: a sample has %zu elements, which the shape asked for does not hold",
                    path, r->each);
    size_t fit = bytes && bytes < FRAME_MAX ? FRAME_MAX / bytes : 1, most = r->want->per_frame;
    if (most > fit) most = fit;
    if (most > a->shape[0]) most = a->shape[0];
    if (r->want->to_float) {
        r->raw = data_alloc(most * bytes, err);
        if (!r->raw) return -1;
    }
    for (size_t left = a->shape[0]; left;) {
        size_t n = left < most ? left : most;
        if (read_frame(r, n, err)) return -1;
        left -= n;
    }
    return source_end(r->source, err);
}

int npy_read(const char *path, const NpyWant *want, FILE *out, const char *name, Error *err) {
    Run r = {.want = want, .out = out, .name = name};
    int bad = read_all(&r, path, err);
    source_close(r.source);
    frame_free(&r.frame);
    free(r.raw);
    return bad;
}

/* ---- out --------------------------------------------------------------------------------------*/

static const Tensor *pick(const Frame *f, const char *name, Error *err) {
    const Tensor *t = name                   ? frame_find(f, name)
                      : f->tensor_count == 1 ? &f->tensors[0]
                                             : frame_find(f, "image");
    if (!t && name) fail(err, "no tensor %s", name);
    if (!t && !name) fail(err, "%zu tensors and none is image: --name says which", f->tensor_count);
    if (t && t->rank < 1) {
        fail(err, "tensor %s is a single number, expected samples on its first axis", t->name);
        return NULL;
    }
    return t;
}

/* First pass: the shape of the whole, from the headers. */
static int measure(Reader *r, const char *path, const char *name, Npy *all, Error *err) {
    Frame f = {0};
    int more;
    *all = (Npy){0};
    while ((more = reader_next_header(r, &f, NULL, err)) > 0) {
        if (!f.tensor_count) continue;
        const Tensor *t = pick(&f, name, err);
        bool first = !all->rank;
        if (t && first) {
            all->rank = t->rank;
            all->dtype = t->dtype;
            memcpy(all->shape, t->shape, sizeof all->shape);
        }
        size_t rows = t ? t->shape[0] : 0, before = all->shape[0];
        if (t) all->shape[0] = rows; /* equal for the comparison */
        if (t && (t->rank != all->rank || t->dtype != all->dtype ||
                  memcmp(t->shape, all->shape, (size_t)t->rank * sizeof *t->shape))) {
            char text[200];
            fail(err, "tensor %s is %s %s here, unlike before", t->name, dtype_name(t->dtype),
                 shape_text(t->rank, t->shape, text, sizeof text));
            t = NULL;
        }
        if (!t) {
            more = fail_in(err, "%s: frame %" PRIu64, path, reader_frames(r));
            break;
        }
        if (!first) all->shape[0] += before;
    }
    frame_free(&f);
    if (!more && !all->rank) return fail(err, "%s: the stream holds no tensors", path);
    return more;
}

static int write_header(const Npy *a, FILE *out, const char *name, Error *err) {
    Str text = {0};
    const char *code = "f4"; /* what BF16 becomes */
    for (int i = 0; i < TYPE_COUNT; i++)
        if (types[i].dtype == a->dtype) code = types[i].code;
    str_printf(&text, "{'descr': '%c%s', 'fortran_order': False, 'shape': (",
               code[1] == '1' ? '|' : '<', code);
    for (int i = 0; i < a->rank; i++)
        str_printf(&text, "%s%zu%s", i ? ", " : "", a->shape[i], a->rank == 1 ? "," : "");
    str_printf(&text, "), }");
    while ((10 + text.length + 1) % 64) str_append(&text, " ", 1);
    str_append(&text, "\n", 1);
    unsigned char head[10] = {0x93,
                              'N',
                              'U',
                              'M',
                              'P',
                              'Y',
                              1,
                              0,
                              (unsigned char)text.length,
                              (unsigned char)(text.length >> 8)};
    bool good =
        fwrite(head, 1, 10, out) == 10 && fwrite(text.text, 1, text.length, out) == text.length;
    str_free(&text);
    return good ? 0 : fail(err, "%s: cannot write", name);
}

static int write_rows(const Tensor *t, FILE *out, const char *name, Error *err) {
    size_t bytes = t->count * dtype_size(t->dtype);
    float *wide = NULL;
    const void *data = t->data;
    if (t->dtype == DT_BF16) {
        bytes = t->count * sizeof *wide;
        wide = data_alloc(bytes, err);
        if (!wide) return -1;
        tensor_to_float(t, 0, t->count, wide);
        data = wide;
    }
    bool good = fwrite(data, 1, bytes, out) == bytes;
    free(wide);
    return good ? 0 : fail(err, "%s: cannot write", name);
}

static int write_pass(int fd, const char *path, const char *tensor, bool header, FILE *out,
                      const char *name, Error *err) {
    int copy = dup(fd);
    Reader *r = copy < 0 ? NULL : reader_fd(copy, path, err);
    if (!r) return copy < 0 ? fail(err, "%s: out of descriptors", path) : -1;
    Frame f = {0};
    Npy all;
    int more = 1;
    if (header) {
        more = measure(r, path, tensor, &all, err);
        if (!more) more = write_header(&all, out, name, err);
    }
    while (more > 0) {
        more = reader_next(r, &f, err);
        if (more <= 0 || !f.tensor_count) continue;
        const Tensor *t = pick(&f, tensor, err);
        if (!t || write_rows(t, out, name, err)) more = -1;
    }
    reader_close(r);
    frame_free(&f);
    return more < 0 ? -1 : 0;
}

int npy_write(const char *path, const char *tensor, FILE *out, const char *name, Error *err) {
    int fd = seekable_fd(path, err);
    if (fd < 0) return -1;
    const char *shown = strcmp(path, "-") ? path : "standard input";
    off_t start = lseek(fd, 0, SEEK_CUR);
    int bad = write_pass(fd, shown, tensor, true, out, name, err);
    if (!bad && lseek(fd, start, SEEK_SET) < 0) bad = fail(err, "%s: cannot seek back", shown);
    if (!bad) bad = write_pass(fd, shown, tensor, false, out, name, err);
    close(fd);
    return bad;
}
