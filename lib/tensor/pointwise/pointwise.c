#include "tensor/pointwise/pointwise.h"
#include "tensor/bypass.h"
#include "tensor/cpu.h"

#include <math.h>
#include <omp.h>
#include <string.h>

static const struct {
    const char *name;
    int arity, cost;
} table[PW_COUNT] = {[PW_SELECT] = {"select", 3, 0},
#define X(code, name, cost, ...) [PW_##code] = {#name, 1, cost},
                     PW_UNARY(X)
#undef X
#define X(code, name, cost, value) [PW_##code] = {#name, 2, cost},
                         PW_BINARY(X)
#undef X
};

const char *pw_name(PwCode c) { return table[c].name; }
int pw_arity(PwCode c) { return table[c].arity; }
int pw_cost(PwCode c) { return table[c].cost; }

double pw_number(PwCode c, double x) {
    switch (c) {
#define X(code, name, cost, value, gradient, number, help) \
    case PW_##code: return number;
        PW_UNARY(X)
#undef X
    default: return NAN;
    }
}

const PwKernels *pw_kernels(void) {
    static const PwKernels *const sets[ISA_COUNT] = EACH_ISA(&pw_kernels_);
    return sets[cpu_isa()];
}

PwLoad pw_load(int rank, const size_t *space, const size_t *xs) {
    PwLoad l = {.kind = LOAD_STRIDED};
    size_t stride[PW_RANK], s = 1;
    for (int i = rank - 1; i >= 0; i--) {
        stride[i] = xs[i] == 1 ? 0 : s;
        s *= xs[i];
    }
    /* join neighbouring extents that are read alike */
    for (int i = 0; i < rank; i++) {
        if (space[i] == 1) continue;
        int k = l.rank - 1;
        bool joins = k >= 0 && l.stride[k] == stride[i] * space[i];
        if (joins) {
            l.shape[k] *= space[i];
            l.stride[k] = stride[i];
        } else {
            l.shape[l.rank] = space[i];
            l.stride[l.rank++] = stride[i];
        }
    }
    if (l.rank == 0 || (l.rank == 1 && l.stride[0] == 0))
        l.kind = LOAD_SCALAR;
    else if (l.rank == 1)
        l.kind = LOAD_FULL;
    else if (l.rank == 2 && l.stride[0] == 0)
        l.kind = LOAD_PERIODIC, l.period = l.shape[1];
    else if (l.rank == 2 && l.stride[1] == 0)
        l.kind = LOAD_OUTER, l.period = l.shape[1];
    return l;
}

/* Not worth waking threads for fewer instructions times elements: some tens of microseconds. A
 * reduction takes longer an element. */
enum { PARALLEL_RUN = 1 << 18, PARALLEL_REDUCE = 1 << 16 };
static bool is_large(const PwProgram *p, size_t elements, size_t least) {
    return elements * (size_t)(p->instr_count + 1) > least;
}

void pw_prepare(PwProgram *p) {
    p->tile = PW_TILE;
    for (int i = 0; i < p->load_count; i++) {
        size_t c = p->load[i].period;
        if (p->load[i].kind == LOAD_PERIODIC && c <= PW_TILE) {
            p->tile = PW_TILE / c * c;
            return;
        }
    }
}

static void load_strided(const PwLoad *l, const float *x, size_t start, size_t n, float *d) {
    size_t at[PW_RANK] = {0}, offset = 0, rest = start;
    for (int k = l->rank - 1; k >= 0; k--) {
        at[k] = rest % l->shape[k];
        rest /= l->shape[k];
        offset += at[k] * l->stride[k];
    }
    int last = l->rank - 1;
    for (size_t i = 0; i < n;) {
        size_t run = l->shape[last] - at[last];
        if (run > n - i) run = n - i;
        const float *s = x + offset;
        if (l->stride[last] == 1)
            memcpy(d + i, s, run * sizeof *d);
        else
            for (size_t j = 0; j < run; j++) d[i + j] = s[j * l->stride[last]];
        i += run;
        at[last] += run;
        offset += run * l->stride[last];
        for (int k = last; k > 0 && at[k] == l->shape[k]; k--) {
            offset += l->stride[k - 1] - l->shape[k] * l->stride[k];
            at[k] = 0;
            at[k - 1]++;
        }
    }
}

static void load_periodic(const float *x, size_t period, size_t start, size_t n, float *d) {
    size_t at = start % period;
    for (size_t i = 0; i < n;) {
        size_t run = period - at < n - i ? period - at : n - i;
        memcpy(d + i, x + at, run * sizeof *d);
        i += run;
        at = 0;
    }
}

static void load_outer(const PwKernels *k, const float *x, size_t inner, size_t start, size_t n,
                       float *d) {
    size_t row = start / inner, at = start % inner;
    for (size_t i = 0; i < n; row++, at = 0) {
        size_t run = inner - at < n - i ? inner - at : n - i;
        k->fill(d + i, x[row], run);
        i += run;
    }
}

/* The state of one thread running a program: where each load's values are for this tile. */
typedef struct {
    const PwProgram *p;
    const PwKernels *k;
    const float *const *in;
    float *regs; /* registers, then one tile a load */
    struct Place {
        const float *at; /* values of this tile, or the single number */
        size_t filled;   /* elements of the tile that already hold a periodic load's pattern */
    } * load;
} PwThread;

static size_t lane_bytes(const PwProgram *p) {
    size_t tiles = (size_t)p->register_count + (size_t)p->load_count;
    size_t bytes = tiles * PW_TILE * sizeof(float) + (size_t)p->load_count * sizeof(struct Place);
    return (bytes + 63) & ~(size_t)63;
}

static PwThread thread_start(const PwProgram *p, const float *const *in, void *scratch,
                             int thread) {
    char *base = (char *)scratch + lane_bytes(p) * (size_t)thread;
    size_t tiles = (size_t)p->register_count + (size_t)p->load_count;
    struct Place *load = (struct Place *)(base + tiles * PW_TILE * sizeof(float));
    memset(load, 0, (size_t)p->load_count * sizeof *load);
    return (PwThread){.p = p, .k = pw_kernels(), .in = in, .regs = (float *)base, .load = load};
}

static const float *lane_periodic(struct Place *pl, const float *x, size_t period, size_t start,
                                  size_t n, float *tile) {
    size_t at = start % period;
    if (at + n <= period) return x + at;
    if (at) {
        load_periodic(x, period, start, n, tile);
        pl->filled = 0;
    } else if (pl->filled < n) {
        load_periodic(x, period, start, n, tile);
        pl->filled = n;
    }
    return tile;
}

static void thread_load(PwThread *l, size_t start, size_t n) {
    const PwProgram *p = l->p;
    for (int i = 0; i < p->load_count; i++) {
        const PwLoad *ld = &p->load[i];
        const float *x = l->in[i];
        float *tile = l->regs + ((size_t)p->register_count + (size_t)i) * PW_TILE;
        const float *at = tile;
        switch (ld->kind) {
        case LOAD_FULL: at = x + start; break;
        case LOAD_SCALAR: at = x; break;
        case LOAD_PERIODIC: at = lane_periodic(&l->load[i], x, ld->period, start, n, tile); break;
        case LOAD_OUTER: load_outer(l->k, x, ld->period, start, n, tile); break;
        case LOAD_STRIDED: load_strided(ld, x, start, n, tile); break;
        }
        l->load[i].at = at;
    }
}

typedef struct {
    const float *v; /* NULL when a single number */
    float s;
} PwValue;

static PwValue operand(const PwThread *l, PwArg a) {
    switch (a.from) {
    case PW_REG: return (PwValue){l->regs + (size_t)a.index * PW_TILE, 0};
    case PW_CONST: return (PwValue){NULL, l->p->constant[a.index]};
    case PW_LOAD:
        if (l->p->load[a.index].kind == LOAD_SCALAR) return (PwValue){NULL, *l->load[a.index].at};
        return (PwValue){l->load[a.index].at, 0};
    }
    return (PwValue){NULL, 0};
}

/* Select with single numbers among its operands: they are spread into scratch tiles. */
static void run_select(const PwThread *l, const PwInstr *i, float *d, size_t n) {
    float spread[3][PW_TILE];
    const float *v[3];
    for (int j = 0; j < 3; j++) {
        PwValue o = operand(l, i->arg[j]);
        if (!o.v) l->k->fill(spread[j], o.s, n);
        v[j] = o.v ? o.v : spread[j];
    }
    l->k->select(d, v[0], v[1], v[2], n);
}

static void run_instr(const PwThread *l, const PwInstr *i, float *d, size_t n) {
    const PwKernels *k = l->k;
    if (i->code == PW_SELECT) {
        run_select(l, i, d, n);
        return;
    }
    PwValue a = operand(l, i->arg[0]);
    if (table[i->code].arity == 1) {
        if (a.v)
            k->unary[i->code](d, a.v, n);
        else
            k->fill(d, pw_scalar(i->code, a.s, 0, 0), n);
        return;
    }
    PwValue b = operand(l, i->arg[1]);
    if (a.v && b.v)
        k->vv[i->code](d, a.v, b.v, n);
    else if (a.v)
        k->vs[i->code](d, a.v, b.s, n);
    else if (b.v)
        k->sv[i->code](d, a.s, b.v, n);
    else
        k->fill(d, pw_scalar(i->code, a.s, b.s, 0), n);
}

/* `last`, where not NULL, receives the last instruction's result instead of its register. */
static void thread_tile(PwThread *l, size_t start, size_t n, float *last) {
    const PwProgram *p = l->p;
    thread_load(l, start, n);
    for (int i = 0; i < p->instr_count; i++) {
        float *d = l->regs + (size_t)p->instr[i].dst * PW_TILE;
        run_instr(l, &p->instr[i], last && i + 1 == p->instr_count ? last : d, n);
    }
}

enum { LINE = BYPASS_LINE / sizeof(float) };

static void store(const PwThread *l, int s, float *out, size_t n, bool past) {
    PwValue v = operand(l, l->p->store[s]);
    if (!v.v)
        l->k->fill(out, v.s, n);
    else if (past && n % LINE == 0)
        l->k->bypass(out, v.v, n);
    else if (v.v != out)
        memmove(out, v.v, n * sizeof *out);
}

/* Whether a result should be written past the caches: in whole lines, which no load has fetched. */
static bool goes_past(const PwProgram *p, const float *const *in, const float *out) {
    if (p->tile % LINE || !bypass_pays(out, p->count * sizeof *out)) return false;
    for (int i = 0; i < p->load_count; i++)
        if (in[i] == out) return false;
    return true;
}

size_t pw_scratch(const PwProgram *p) { return lane_bytes(p) * (size_t)omp_get_max_threads(); }

void pw_run(const PwProgram *p, const float *const *in, float *const *out, void *scratch) {
    size_t tiles = (p->count + p->tile - 1) / p->tile;
    /* a single result goes to memory without a stop in its register */
    bool direct = p->store_count == 1 && p->instr_count > 0 && p->store[0].from == PW_REG &&
                  p->store[0].index == p->instr[p->instr_count - 1].dst;
    bool parallel = is_large(p, p->count, PARALLEL_RUN), past = false;
    for (int s = 0; s < p->store_count; s++) past |= goes_past(p, in, out[s]);
    direct = direct && !past;
#pragma omp parallel if (parallel)
    {
        PwThread l = thread_start(p, in, scratch, omp_get_thread_num());
#pragma omp for schedule(static) nowait
        for (size_t t = 0; t < tiles; t++) {
            size_t start = t * p->tile, n = p->count - start < p->tile ? p->count - start : p->tile;
            thread_tile(&l, start, n, direct ? out[0] + start : NULL);
            for (int s = 0; !direct && s < p->store_count; s++)
                store(&l, s, out[s] + start, n, past && goes_past(p, in, out[s]));
        }
        bypass_end();
    }
}

/* Rows of one task: enough elements to be worth a task, few enough to keep float sums short. */
static size_t chunk_rows(size_t r, size_t b) {
    size_t rows = 16384 / b;
    if (rows < 1) rows = 1;
    while ((r + rows - 1) / rows > 256) rows *= 2;
    return rows < r ? rows : r;
}

/* Many small slices go by themselves. */
static bool is_small(size_t a, size_t r, size_t b) { return a > 1 && r * b <= PW_TILE / 2; }

/* Of many slices each is a task, which joins its parts at once; of few, each part is. */
static bool by_slices(size_t a) {
    enum { MANY = 64 };
    return a >= MANY;
}

size_t pw_reduce_scratch(const PwProgram *p, size_t a, size_t r, size_t b) {
    size_t rows = r ? chunk_rows(r, b) : 1, parts = r ? (r + rows - 1) / rows : 1;
    size_t threads = (size_t)omp_get_max_threads(), lanes = lane_bytes(p) * threads;
    if (parts == 1 || is_small(a, r, b)) return lanes;
    size_t slices = by_slices(a) ? threads : a;
    return lanes + (size_t)p->store_count * slices * parts * b * sizeof(float);
}

/* Adds (or what else op is) n values of a tile, which begins at a column of the slice, to acc[b].
 */
static void reduce_tile(const PwKernels *k, PwReduce op, const float *x, size_t column, size_t n,
                        size_t b, float *acc) {
    float part[PW_TILE / 8];
    if (b == 1 && op == REDUCE_SUM)
        acc[0] += k->sum(x, n);
    else if (b == 1)
        acc[0] = pw_scalar(PW_MAX, k->maximum(x, n), acc[0], 0);
    else if (b <= PW_TILE / 8 && op == REDUCE_SUM) {
        /* the rows of a tile by themselves, so that no float sum gets long */
        k->fill(part, 0, b);
        k->sum_rows(part, x, n / b, b);
        k->sum_rows(acc, part, 1, b);
    } else if (b <= PW_TILE)
        (op == REDUCE_SUM ? k->sum_rows : k->max_rows)(acc, x, n / b, b);
    else
        (op == REDUCE_SUM ? k->sum_rows : k->max_rows)(acc + column, x, 1, n);
}

/* Reduces elements [first, first + count) of each store s, whole rows of b, into out[s] + at. */
static void reduce_rows(PwThread *l, PwReduce op, size_t first, size_t count, size_t b,
                        float *const *out, size_t at) {
    const PwKernels *k = l->k;
    float spread[PW_TILE];
    for (int s = 0; s < l->p->store_count; s++)
        k->fill(out[s] + at, op == REDUCE_SUM ? 0.0f : -INFINITY, b);
    size_t tile = b <= PW_TILE ? PW_TILE / b * b : PW_TILE;
    for (size_t done = 0; done < count;) {
        size_t n = count - done < tile ? count - done : tile;
        size_t column = done % b;
        if (b > PW_TILE && n > b - column) n = b - column;
        thread_tile(l, first + done, n, NULL);
        for (int s = 0; s < l->p->store_count; s++) {
            PwValue v = operand(l, l->p->store[s]);
            if (!v.v) k->fill(spread, v.s, n);
            reduce_tile(k, op, v.v ? v.v : spread, column, n, b, out[s] + at);
        }
        done += n;
    }
}

/* Slice by slice of a tile. */
static void reduce_slices(const PwKernels *k, PwReduce op, const float *x, size_t slices, size_t r,
                          size_t b, float *acc) {
    if (b == 1) {
        (op == REDUCE_SUM ? k->sum_each : k->max_each)(acc, x, slices, r);
        return;
    }
    k->fill(acc, op == REDUCE_SUM ? 0.0f : -INFINITY, slices * b);
    for (size_t i = 0; i < slices; i++, x += r * b, acc += b)
        (op == REDUCE_SUM ? k->sum_rows : k->max_rows)(acc, x, r, b);
}

/* Many small slices: as many as fit are computed in one tile, then each is reduced. */
static void reduce_small(const PwProgram *p, PwReduce op, size_t a, size_t r, size_t b,
                         const float *const *in, float *const *out, void *scratch) {
    size_t slice = r * b, per = PW_TILE / slice, tiles = (a + per - 1) / per;
    bool parallel = is_large(p, a * slice, PARALLEL_REDUCE);
#pragma omp parallel if (parallel)
    {
        PwThread l = thread_start(p, in, scratch, omp_get_thread_num());
        float spread[PW_TILE];
#pragma omp for schedule(static)
        for (size_t t = 0; t < tiles; t++) {
            size_t first = t * per, n = a - first < per ? a - first : per;
            thread_tile(&l, first * slice, n * slice, NULL);
            for (int s = 0; s < p->store_count; s++) {
                PwValue v = operand(&l, p->store[s]);
                if (!v.v) l.k->fill(spread, v.s, n * slice);
                reduce_slices(l.k, op, v.v ? v.v : spread, n, r, b, out[s] + first * b);
            }
        }
    }
}

/* Element i of the result, [a, b], from its parts. */
static float join_parts(PwReduce op, const float *partial, size_t parts, size_t b, size_t i) {
    const float *q = partial + i / b * parts * b + i % b;
    double sum = q[0];
    float top = q[0];
    for (size_t t = 1; t < parts; t++) {
        sum += q[t * b];
        top = pw_scalar(PW_MAX, q[t * b], top, 0);
    }
    return op == REDUCE_SUM ? (float)sum : top;
}

typedef struct {
    size_t a, r, b;
} Extents;

static void reduce_slice_by_slice(const PwProgram *p, PwReduce op, Extents e,
                                  const float *const *in, float *const *out, void *scratch,
                                  float *free_part) {
    size_t rows = chunk_rows(e.r, e.b), parts = (e.r + rows - 1) / rows, each = parts * e.b;
#pragma omp parallel if (is_large(p, e.a * e.r * e.b, PARALLEL_REDUCE))
    {
        float *partial[PW_REDUCE_STORES];
        int thread = omp_get_thread_num();
        PwThread l = thread_start(p, in, scratch, thread);
        for (int s = 0; s < p->store_count; s++)
            partial[s] = free_part + (size_t)(thread * p->store_count + s) * each;
#pragma omp for schedule(static)
        for (size_t slice = 0; slice < e.a; slice++) {
            for (size_t k = 0, r0 = 0; k < parts; k++, r0 += rows) {
                size_t n = e.r - r0 < rows ? e.r - r0 : rows;
                reduce_rows(&l, op, (slice * e.r + r0) * e.b, n * e.b, e.b, partial, k * e.b);
            }
            for (int s = 0; s < p->store_count; s++)
                for (size_t i = 0; i < e.b; i++)
                    out[s][slice * e.b + i] = join_parts(op, partial[s], parts, e.b, i);
        }
    }
}

void pw_reduce(const PwProgram *p, PwReduce op, size_t a, size_t r, size_t b,
               const float *const *in, float *const *out, void *scratch) {
    if (is_small(a, r, b)) {
        reduce_small(p, op, a, r, b, in, out, scratch);
        return;
    }
    size_t rows = chunk_rows(r, b), parts = (r + rows - 1) / rows;
    float *partial[PW_REDUCE_STORES];
    float *free_part = (float *)((char *)scratch + lane_bytes(p) * (size_t)omp_get_max_threads());
    if (parts > 1 && by_slices(a)) {
        reduce_slice_by_slice(p, op, (Extents){a, r, b}, in, out, scratch, free_part);
        return;
    }
    for (int s = 0; s < p->store_count; s++)
        partial[s] = parts == 1 ? out[s] : free_part + (size_t)s * a * parts * b;
    bool parallel = is_large(p, a * r * b, PARALLEL_REDUCE);
#pragma omp parallel if (parallel)
    {
        PwThread l = thread_start(p, in, scratch, omp_get_thread_num());
#pragma omp for schedule(static)
        for (size_t task = 0; task < a * parts; task++) {
            size_t slice = task / parts, r0 = task % parts * rows;
            size_t n = r - r0 < rows ? r - r0 : rows;
            reduce_rows(&l, op, (slice * r + r0) * b, n * b, b, partial, task * b);
        }
        for (int s = 0; s < p->store_count && parts > 1; s++) {
#pragma omp for schedule(static)
            for (size_t i = 0; i < a * b; i++) out[s][i] = join_parts(op, partial[s], parts, b, i);
        }
    }
}
