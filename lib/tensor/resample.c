/* A line of the result, along the last axis, is a line put together of those of the input that the
 * axes before it read, and then taken along the last axis. */
#include "tensor/resample.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "tensor/bypass.h"
#include "tensor/cpu.h"

struct ResamplePlan {
    size_t outer, inner;
    size_t in[RESAMPLE_AXES], out[RESAMPLE_AXES];
    FilterTable table[RESAMPLE_AXES];
    bool across;   /* the last axis is as it was */
    bool direct;   /* along all axes at once */
    bool buffered; /* neither: first to a line of its own */
    bool staged;   /* a line of the result can be made elsewhere and copied past the caches */
};

/* ---- tables ---- */

static int filter_taps(const ResampleAxis *a, const ResampleFilter *f, size_t i, size_t *from,
                       float *weight) {
    int n = 0;
    for (int t = 0; t < f->count; t++) {
        ptrdiff_t at = (ptrdiff_t)(i * f->down) + t - a->before;
        if (at < 0 || (size_t)at % f->up || (size_t)at / f->up >= a->in) continue;
        weight[n] = f->taps[t];
        from[n++] = (size_t)at / f->up;
    }
    return n;
}

/* What element i of a result reads: its taps and their number, which is 2 for all results of
 * RESAMPLE_LINEAR, any of RESAMPLE_FILTER and else 1. */
static int taps_of(const Resampling *r, const ResampleAxis *a, size_t i, size_t *from,
                   float *weight) {
    size_t last = a->in - 1, before = (size_t)a->before, at = i > before ? i - before : 0;
    size_t turn = i < before ? before - i : at;
    weight[0] = 1;
    switch (a->rule) {
    case RESAMPLE_KEEP: from[0] = i; break;
    case RESAMPLE_NEAREST: from[0] = i * a->in / a->out; break;
    case RESAMPLE_EDGE: from[0] = at < last ? at : last; break;
    case RESAMPLE_REFLECT: from[0] = turn <= last ? turn : 2 * last - turn; break;
    case RESAMPLE_ROLL: from[0] = (i + a->in - before) % a->in; break;
    case RESAMPLE_FLIP: from[0] = last - i; break;
    case RESAMPLE_FILTER: return filter_taps(a, &r->filter, i, from, weight);
    case RESAMPLE_LINEAR: {
        double place = ((double)i + 0.5) * (double)a->in / (double)a->out - 0.5;
        if (place < 0) place = 0;
        from[0] = (size_t)place < last ? (size_t)place : last;
        weight[1] = (float)(place - (double)from[0]);
        from[1] = from[0] + (from[0] < last);
        weight[0] = 1 - weight[1];
        return 2;
    }
    }
    return 1;
}

static FilterTable table_of(Arena *arena, const Resampling *r, const ResampleAxis *a) {
    bool adjoint = r->adjoint;
    size_t results = adjoint ? a->in : a->out, from[FILTER_TAPS], total = 0;
    float weight[FILTER_TAPS];
    size_t *first = arena_new_array(arena, size_t, results + 1);
    for (size_t i = 0; i < a->out; i++) {
        int n = taps_of(r, a, i, from, weight);
        total += (size_t)n;
        for (int k = 0; k < n; k++) first[(adjoint ? from[k] : i) + 1]++;
    }
    for (size_t i = 0; i < results; i++) first[i + 1] += first[i];
    size_t *source = arena_new_array(arena, size_t, total);
    float *taps = arena_new_array(arena, float, total);
    size_t *next = arena_new_array(arena, size_t, results);
    memcpy(next, first, results * sizeof *next);
    for (size_t i = 0; i < a->out; i++) {
        int n = taps_of(r, a, i, from, weight);
        for (int k = 0; k < n; k++) {
            size_t at = next[adjoint ? from[k] : i]++;
            source[at] = adjoint ? i : from[k];
            taps[at] = weight[k];
        }
    }
    size_t even = results ? first[1] : 0;
    for (size_t i = 0; i < results; i++)
        if (first[i + 1] - first[i] != even) even = 0;
    return (FilterTable){first, source, taps, even <= 2 ? even : 0};
}

/* Floats of a line along the last axis. */
static size_t line_of(const size_t extent[RESAMPLE_AXES], const ResamplePlan *p) {
    return extent[RESAMPLE_AXES - 1] * p->inner;
}

const ResamplePlan *resample_plan(Arena *arena, const Resampling *r, size_t outer, size_t inner) {
    enum { VECTOR = 16 };
    ResamplePlan *p = arena_alloc(arena, sizeof *p);
    /* one axis of elements that are long enough is before a last one of its own */
    bool apart = r->count < RESAMPLE_AXES && inner >= VECTOR && r->count == 1;
    int front = RESAMPLE_AXES - r->count - apart;
    *p = (ResamplePlan){.outer = outer, .inner = inner};
    for (int i = 0; i < RESAMPLE_AXES; i++) {
        ResampleAxis one = {RESAMPLE_KEEP, 1, 1, 0};
        bool given = i >= front && i < front + r->count;
        const ResampleAxis *a = given ? &r->along[i - front] : &one;
        p->table[i] = table_of(arena, r, a);
        p->in[i] = r->adjoint ? a->out : a->in;
        p->out[i] = r->adjoint ? a->in : a->out;
        p->across = a->rule == RESAMPLE_KEEP;
    }
    size_t lines = p->table[0].even * p->table[1].even;
    p->direct =
        !p->across && lines && lines <= FILTER_LINES && p->table[2].even && p->out[2] <= p->in[2];
    p->buffered = !p->across && !p->direct;
    p->staged = line_of(p->out, p) % FILTER_PAST == 0;
    return p;
}

/* Floats that a thread needs. */
static size_t room_of(const ResamplePlan *p) {
    return (p->buffered ? line_of(p->in, p) : 0) + (p->staged ? line_of(p->out, p) : 0);
}

size_t resample_scratch(const ResamplePlan *p) {
    return (size_t)omp_get_max_threads() * room_of(p) * sizeof(float);
}

/* ---- running ---- */

static FilterRow *const row_kernels[ISA_COUNT] = EACH_ISA(filter_row_);
static FilterLine *const line_kernels[ISA_COUNT] = EACH_ISA(filter_line_);
static FilterPast *const past_kernels[ISA_COUNT] = EACH_ISA(filter_past_);

/* The lines that line `at` of the axes before the last reads, from number `first` on: at most
 * FILTER_TAPS, their number being returned. */
static int lines_of(const ResamplePlan *p, size_t at, size_t first, const float *x,
                    const float **source, float *w) {
    const FilterTable *a = &p->table[0], *b = &p->table[1];
    size_t length = p->in[2] * p->inner, i = at / p->out[1], j = at % p->out[1];
    size_t inner = b->first[j + 1] - b->first[j], count = (a->first[i + 1] - a->first[i]) * inner;
    int n = 0;
    for (size_t k = first; k < count && n < FILTER_TAPS; k++, n++) {
        size_t s = a->first[i] + k / inner, t = b->first[j] + k % inner;
        source[n] = x + (a->from[s] * p->in[1] + b->from[t]) * length;
        w[n] = a->weight[s] * b->weight[t];
    }
    return n;
}

/* Their sum; the line itself where that is one as it is, NULL where there is none, else `to`. */
static const float *gather(const ResamplePlan *p, size_t at, const float *x, float *to) {
    const float *source[FILTER_TAPS];
    float w[FILTER_TAPS];
    int n = lines_of(p, at, 0, x, source, w);
    if (!n) return NULL;
    if (n == 1 && w[0] == 1) return source[0];
    row_kernels[cpu_isa()](n, w, source, to, p->in[2] * p->inner, false);
    for (size_t k = FILTER_TAPS; n == FILTER_TAPS; k += FILTER_TAPS) {
        n = lines_of(p, at, k, x, source, w);
        row_kernels[cpu_isa()](n, w, source, to, p->in[2] * p->inner, true);
    }
    return to;
}

/* One line of the result; room for one of the input. */
static void run_line(const ResamplePlan *p, size_t at, const float *x, float *room, float *to) {
    FilterLine *kernel = line_kernels[cpu_isa()];
    const float *source[FILTER_TAPS];
    float w[FILTER_TAPS] = {1};
    int n = 1;
    if (p->direct)
        n = lines_of(p, at, 0, x, source, w);
    else
        source[0] = gather(p, at, x, p->across ? to : room);
    if (!source[0])
        memset(to, 0, p->out[2] * p->inner * sizeof *to);
    else if (!p->across)
        kernel(&p->table[2], p->out[2], p->inner, n, w, source, to);
    else if (source[0] != to)
        memcpy(to, source[0], p->out[2] * p->inner * sizeof *to);
}

void resample_run(const ResamplePlan *p, const float *x, float *y, void *scratch) {
    size_t each = p->out[0] * p->out[1], lines = p->outer * each;
    size_t from = line_of(p->in, p), to = line_of(p->out, p);
    bool past = p->staged && bypass_pays(y, lines * to * sizeof *y);
#pragma omp parallel if (lines * to > 65536)
    {
        float *room = (float *)scratch + (size_t)omp_get_thread_num() * room_of(p);
        float *stage = room + (p->buffered ? from : 0);
#pragma omp for schedule(static)
        for (size_t r = 0; r < lines; r++) {
            const float *image = x + r / each * p->in[0] * p->in[1] * from;
            run_line(p, r % each, image, room, past ? stage : y + r * to);
            if (past) past_kernels[cpu_isa()](stage, y + r * to, to);
        }
        bypass_end();
    }
}
