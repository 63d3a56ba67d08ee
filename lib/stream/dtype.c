/* dtype.c: element types, and reading elements of any type as numbers.
 *
 * Every access copies bytes, so a tensor may lie at any address. */
#include "stream/stream_internal.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "tensor data is little-endian and is used in place");
static_assert(sizeof(float) == 4 && sizeof(double) == 8, "IEEE floating point");

/* The types: the name, what an element is in C, and what makes a number of it, if it is none. */
#define FOR_TYPES(DO)             \
    DO(BOOL, uint8_t, !!)         \
    DO(U8, uint8_t, )             \
    DO(I8, int8_t, )              \
    DO(I16, int16_t, )            \
    DO(U16, uint16_t, )           \
    DO(F16, uint16_t, from_f16)   \
    DO(BF16, uint16_t, from_bf16) \
    DO(I32, int32_t, )            \
    DO(U32, uint32_t, )           \
    DO(F32, float, )              \
    DO(F64, double, )             \
    DO(I64, int64_t, )            \
    DO(U64, uint64_t, )

static const struct {
    const char *name;
    size_t size;
} types[DT_COUNT] = {
#define NAME_AND_SIZE(type, ctype, from) [DT_##type] = {#type, sizeof(ctype)},
    FOR_TYPES(NAME_AND_SIZE)};

const char *dtype_name(DType t) { return (unsigned)t < DT_COUNT ? types[t].name : "?"; }

size_t dtype_size(DType t) { return (unsigned)t < DT_COUNT ? types[t].size : 0; }

bool dtype_is_real(DType t) { return t == DT_F16 || t == DT_BF16 || t == DT_F32 || t == DT_F64; }

int dtype_parse(const char *name, DType *out) {
    static const char *const refused[] = {"F4",      "F6_E2M3",     "F6_E3M2",
                                          "F8_E5M2", "F8_E4M3",     "F8_E8M0",
                                          "C64",     "F8_E4M3FNUZ", "F8_E5M2FNUZ"};
    for (int i = 0; i < DT_COUNT; i++) {
        if (strcmp(name, types[i].name)) continue;
        *out = (DType)i;
        return 1;
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (!strcmp(name, refused[i])) return 0;
    return -1;
}

static float from_bits(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static float from_bf16(uint16_t h) { return from_bits((uint32_t)h << 16); }

static float from_f16(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
    if (exponent == 31) return from_bits(sign | 0x7f800000 | fraction << 13);
    if (exponent) return from_bits(sign | (exponent + 112) << 23 | fraction << 13);
    float tiny = (float)fraction * 0x1p-24f; /* subnormal or zero: exact in a float */
    return sign ? -tiny : tiny;
}

/* Elements as numbers, loaded bytewise; a case a type. */
#define CONVERT(type, ctype, from)                   \
    case DT_##type:                                  \
        for (size_t k = 0; k < count; k++) {         \
            ctype v;                                 \
            memcpy(&v, at + k * sizeof v, sizeof v); \
            out[k] = (Number)from(v);                \
        }                                            \
        break;

double tensor_get(const Tensor *t, size_t i) {
    typedef double Number;
    const unsigned char *at = (const unsigned char *)t->data + i * dtype_size(t->dtype);
    const size_t count = 1;
    double out[] = {NAN};
    switch (t->dtype) {
        FOR_TYPES(CONVERT)
    case DT_COUNT: break;
    }
    return *out;
}

size_t tensor_largest(const Tensor *t, size_t first, size_t n) {
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (tensor_get(t, first + i) > tensor_get(t, first + best)) best = i;
    return best;
}

void tensor_to_float(const Tensor *t, size_t first, size_t count, float *out) {
    typedef float Number;
    if (!count) return;
    const unsigned char *at = (const unsigned char *)t->data + first * dtype_size(t->dtype);
    if (t->dtype == DT_F32) { /* the common case is a copy */
        memcpy(out, at, count * sizeof *out);
        return;
    }
    switch (t->dtype) {
        FOR_TYPES(CONVERT)
    case DT_COUNT: break;
    }
}
