/* pointwise.h: fused chains of pointwise operations, and reductions of them, run tile by tile.
 *
 * A program is a list of instructions over registers. A register is a tile of at most PW_TILE
 * floats that stays in the first-level cache; operands come from registers, from memory through
 * loads that know how to broadcast, or are constants. One pass over memory serves the whole chain.
 * Results do not depend on the number of threads: each element (and each partial sum) is computed
 * by a split that the problem alone decides. */
#ifndef GAN_POINTWISE_H
#define GAN_POINTWISE_H

#include "base/base.h"
#include "tensor/pointwise/codes.h"

enum { PW_TILE = 512, PW_RANK = 8, PW_REDUCE_STORES = 4 };

typedef enum {
#define X(code, ...) PW_##code,
    PW_UNARY(X) PW_BINARY(X) PW_SELECT,
#undef X
    PW_COUNT
} PwCode;

const char *pw_name(PwCode c);
int pw_arity(PwCode c);
int pw_cost(PwCode c);
/* The operation on single numbers, for constants known when a graph is built. */
float pw_scalar(PwCode c, float a, float b, float d);
/* A unary operation in double precision, for numbers of pages. */
double pw_number(PwCode c, double x);

typedef enum { PW_REG, PW_LOAD, PW_CONST } PwFrom;
typedef struct {
    PwFrom from;
    int index; /* register, load or constant */
} PwArg;
typedef struct {
    PwCode code;
    int dst; /* register */
    PwArg arg[3];
} PwInstr;

/* How a load maps the flat index of the iteration space to memory. */
typedef enum {
    LOAD_FULL,     /* x[i] */
    LOAD_SCALAR,   /* x[0] */
    LOAD_PERIODIC, /* x[i % period] */
    LOAD_OUTER,    /* x[i / inner] */
    LOAD_STRIDED   /* general broadcast */
} PwLoadKind;
typedef struct {
    PwLoadKind kind;
    size_t period; /* period, or inner for LOAD_OUTER */
    int rank;      /* LOAD_STRIDED: collapsed extents of the iteration space and strides of x */
    size_t shape[PW_RANK], stride[PW_RANK];
} PwLoad;

/* Works out the cheapest load for x of shape xs (same rank, extents equal or 1) read over space. */
PwLoad pw_load(int rank, const size_t *space, const size_t *xs);

typedef struct {
    size_t count; /* elements of the iteration space */
    size_t tile;  /* elements a tile, at most PW_TILE */
    int instr_count, load_count, const_count, register_count, store_count;
    PwInstr *instr;
    PwLoad *load;
    float *constant;
    PwArg *store; /* what each output receives */
} PwProgram;

/* Chooses the tile so that periodic loads repeat with it. */
void pw_prepare(PwProgram *p);
size_t pw_scratch(const PwProgram *p);
/* out[s][i] = value of store s at i. An output may be the memory of a LOAD_FULL. */
void pw_run(const PwProgram *p, const float *const *in, float *const *out, void *scratch);

typedef enum { REDUCE_SUM, REDUCE_MAX } PwReduce;
/* out[s][a, b] = reduction over r of store s, the iteration space being [a, r, b]; at most
 * PW_REDUCE_STORES. */
size_t pw_reduce_scratch(const PwProgram *p, size_t a, size_t r, size_t b);
void pw_reduce(const PwProgram *p, PwReduce op, size_t a, size_t r, size_t b,
               const float *const *in, float *const *out, void *scratch);

/* The kernels of one instruction set: n elements; the suffix says which operand is a single
 * number. */
typedef struct {
    void (*unary[PW_COUNT])(float *d, const float *a, size_t n);
    void (*vv[PW_COUNT])(float *d, const float *a, const float *b, size_t n);
    void (*vs[PW_COUNT])(float *d, const float *a, float b, size_t n);
    void (*sv[PW_COUNT])(float *d, float a, const float *b, size_t n);
    void (*select)(float *d, const float *c, const float *a, const float *b, size_t n);
    void (*fill)(float *d, float v, size_t n);
    /* d[i] = a[i] past the caches (bypass.h), to whole lines of them */
    void (*bypass)(float *d, const float *a, size_t n);
    float (*sum)(const float *a, size_t n);
    float (*maximum)(const float *a, size_t n);
    /* d[i] = sum (or max) of a[i*r .. i*r + r), i < n */
    void (*sum_each)(float *d, const float *a, size_t n, size_t r);
    void (*max_each)(float *d, const float *a, size_t n, size_t r);
    /* acc[j] += sum (or max=) over rows of a[row * b + j] */
    void (*sum_rows)(float *acc, const float *a, size_t rows, size_t b);
    void (*max_rows)(float *acc, const float *a, size_t rows, size_t b);
} PwKernels;
/* Those for cpu_isa(). */
const PwKernels *pw_kernels(void);
extern const PwKernels pw_kernels_portable, pw_kernels_avx2, pw_kernels_avx512;

#endif
