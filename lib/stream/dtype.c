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

/* In the order of the enumeration, which is the order the published writer sorts by. */
static const struct {
    const char *name;
    size_t size;
} types[DT_COUNT] = {
    [DT_BOOL] = {"BOOL", 1}, [DT_U8] = {"U8", 1},   [DT_I8] = {"I8", 1},     [DT_I16] = {"I16", 2},
    [DT_U16] = {"U16", 2},   [DT_F16] = {"F16", 2}, [DT_BF16] = {"BF16", 2}, [DT_I32] = {"I32", 4},
    [DT_U32] = {"U32", 4},   [DT_F32] = {"F32", 4}, [DT_F64] = {"F64", 8},   [DT_I64] = {"I64", 8},
    [DT_U64] = {"U64", 8},
};

const char *dtype_name(DType t) { return (unsigned)t < DT_COUNT ? types[t].name : "?"; }

size_t dtype_size(DType t) { return (unsigned)t < DT_COUNT ? types[t].size : 0; }

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

static float from_bool(uint8_t b) { return b ? 1 : 0; }

/* The value of one element, loaded bytewise. */
#define LOAD(ctype, from)         \
    do {                          \
        ctype v;                  \
        memcpy(&v, at, sizeof v); \
        return (double)from(v);   \
    } while (0)

double tensor_get(const Tensor *t, size_t i) {
    const unsigned char *at = (const unsigned char *)t->data + i * dtype_size(t->dtype);
    switch (t->dtype) {
    case DT_BOOL: LOAD(uint8_t, from_bool);
    case DT_U8: LOAD(uint8_t, );
    case DT_I8: LOAD(int8_t, );
    case DT_I16: LOAD(int16_t, );
    case DT_U16: LOAD(uint16_t, );
    case DT_F16: LOAD(uint16_t, from_f16);
    case DT_BF16: LOAD(uint16_t, from_bf16);
    case DT_I32: LOAD(int32_t, );
    case DT_U32: LOAD(uint32_t, );
    case DT_F32: LOAD(float, );
    case DT_F64: LOAD(double, );
    case DT_I64: LOAD(int64_t, );
    case DT_U64: LOAD(uint64_t, );
    case DT_COUNT: break;
    }
    return NAN;
}

/* A loop over elements, loaded bytewise: compilers turn the copies into vector loads. */
#define CONVERT(ctype, from)                         \
    do {                                             \
        for (size_t i = 0; i < count; i++) {         \
            ctype v;                                 \
            memcpy(&v, at + i * sizeof v, sizeof v); \
            out[i] = (float)from(v);                 \
        }                                            \
        return;                                      \
    } while (0)

void tensor_to_float(const Tensor *t, size_t first, size_t count, float *out) {
    if (!count) return;
    const unsigned char *at = (const unsigned char *)t->data + first * dtype_size(t->dtype);
    switch (t->dtype) {
    case DT_BOOL: CONVERT(uint8_t, from_bool);
    case DT_U8: CONVERT(uint8_t, );
    case DT_I8: CONVERT(int8_t, );
    case DT_I16: CONVERT(int16_t, );
    case DT_U16: CONVERT(uint16_t, );
    case DT_F16: CONVERT(uint16_t, from_f16);
    case DT_BF16: CONVERT(uint16_t, from_bf16);
    case DT_I32: CONVERT(int32_t, );
    case DT_U32: CONVERT(uint32_t, );
    case DT_F32: memcpy(out, at, count * sizeof *out); return;
    case DT_F64: CONVERT(double, );
    case DT_I64: CONVERT(int64_t, );
    case DT_U64: CONVERT(uint64_t, );
    case DT_COUNT: break;
    }
}
