/* npy_header.c: what NumPy says of an array: one Python dict of three known keys. */
#include "media/sources/npy.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *code; /* kind and bytes, as after the byte order in a dtype text */
    DType dtype;
} types[] = {
    {"b1", DT_BOOL}, {"u1", DT_U8},  {"i1", DT_I8},  {"i2", DT_I16}, {"u2", DT_U16}, {"f2", DT_F16},
    {"i4", DT_I32},  {"u4", DT_U32}, {"f4", DT_F32}, {"f8", DT_F64}, {"i8", DT_I64}, {"u8", DT_U64},
};
enum { TYPE_COUNT = sizeof types / sizeof *types };

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

static int parse_order(Parse *p, Npy *out) {
    out->fortran = word(p, "True");
    return out->fortran || word(p, "False") ? 0 : expected(p, "True or False");
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

static const struct {
    const char *name;
    int (*parse)(Parse *p, Npy *out);
} keys[] = {{"descr", parse_descr}, {"fortran_order", parse_order}, {"shape", parse_shape}};
enum { KEYS = sizeof keys / sizeof *keys };

int npy_parse(const char *text, size_t n, Npy *out, Error *err) {
    Parse p = {text, n, 0, err};
    unsigned seen = 0;
    *out = (Npy){0};
    if (!take(&p, '{')) return expected(&p, "{");
    while (!take(&p, '}')) {
        char key[32];
        if (quoted(&p, key, sizeof key, "a key")) return -1;
        size_t k = 0;
        while (k < KEYS && strcmp(keys[k].name, key)) k++;
        if (k == KEYS || seen & 1u << k)
            return fail(err, "header byte %zu: key '%s' is %s", p.at, key,
                        k < KEYS ? "there twice" : "unknown");
        seen |= 1u << k;
        if (!take(&p, ':')) return expected(&p, ":");
        if (keys[k].parse(&p, out)) return -1;
        if (take(&p, ',')) continue;
        if (!take(&p, '}')) return expected(&p, "a comma or }");
        break;
    }
    blanks(&p);
    if (p.at < n) return expected(&p, "the end of the header");
    if (seen + 1 != 1u << KEYS) return fail(err, "the header lacks descr, fortran_order or shape");
    return 0;
}

const char *npy_code(DType dtype) {
    for (int i = 0; i < TYPE_COUNT; i++)
        if (types[i].dtype == dtype) return types[i].code;
    return NULL;
}
