/* Where the time of a plan goes. */
#include "plan/plan_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void plan_profile_start(Plan *p) { p->profile = true; }

const char *kernel_kind(const Kernel *k) {
    if (k->target) return "copy";
    if (k->work.kind == WORK_REDUCE) return "reduce";
    return is_fused(k) ? "fused" : k->node->op->name;
}

static double flops_of(const Plan *p, const Kernel *k) {
    return kernel_flops(k) * k->calls * (double)makes(p, k);
}

/* One line: share, milliseconds, GFLOP/s. */
static void print_share(Str *out, double seconds, double total, double per, double flops) {
    str_printf(out, "%6.2f%%  %9.3f ms  %8.1f GFLOP/s  ", 100 * seconds / (total > 0 ? total : 1),
               1e3 * seconds / (per > 0 ? per : 1), flops / (seconds > 0 ? seconds : 1) * 1e-9);
}

/* What kernels of one name have done. */
typedef struct {
    char name[240];
    int kernels;
    double seconds, calls, flops;
} Kind;

static int kinds_by_seconds(const void *x, const void *y) {
    double a = ((const Kind *)x)->seconds, b = ((const Kind *)y)->seconds;
    return (a < b) - (a > b);
}

typedef void Namer(const Kernel *k, char *name, size_t size);

static void name_kind(const Kernel *k, char *name, size_t size) {
    snprintf(name, size, "%s", kernel_kind(k));
}

/* The shapes of the result and, of an operation alone, of what it reads. */
static void name_shapes(const Kernel *k, char *name, size_t size) {
    char shape[64];
    size_t at = (size_t)snprintf(name, size, "%-11s ", kernel_kind(k));
    if (is_fused(k))
        at += (size_t)snprintf(name + at, size - at, "%d operations ", k->work.program.instr_count);
    at +=
        (size_t)snprintf(name + at, size - at, "%s", node_shape_text(k->node, shape, sizeof shape));
    bool alone = !is_fused(k) && !k->target && k->work.kind != WORK_REDUCE;
    for (int i = 0; alone && i < k->node->input_count && at < size; i++)
        at += (size_t)snprintf(name + at, size - at, "%s%s", i ? " " : " of ",
                               node_shape_text(k->node->input[i], shape, sizeof shape));
}

/* Kernels of one name by the time that they took together. */
static void print_kinds(const Plan *p, Namer *namer, int rows, double total, Str *out) {
    int count = 0;
    Kind *kind = calloc((size_t)p->kernel_count + 1, sizeof *kind);
    if (!kind) return;
    for (int i = 0; i < p->kernel_count; i++) {
        const Kernel *k = p->order[i];
        int at = 0;
        namer(k, kind[count].name, sizeof kind->name);
        while (strcmp(kind[at].name, kind[count].name)) at++;
        count += at == count;
        kind[at].kernels++;
        kind[at].calls = k->calls;
        kind[at].seconds += k->seconds;
        kind[at].flops += flops_of(p, k);
    }
    qsort(kind, (size_t)count, sizeof *kind, kinds_by_seconds);
    for (int i = 0; i < count && i < rows; i++) {
        print_share(out, kind[i].seconds, total, kind[i].calls, kind[i].flops);
        str_printf(out, "%d x %s\n", kind[i].kernels, kind[i].name);
    }
    free(kind);
}

void plan_profile_print(const Plan *p, const char *title, Str *out) {
    enum { ROWS = 30 };
    double runs, exchanging = exchange_seconds(p, &runs), total = exchanging;
    for (int i = 0; i < p->kernel_count; i++) total += p->order[i]->seconds;
    str_printf(out, "%s: %d kernels, %.3f s; by kind\n", title, p->kernel_count, total);
    print_kinds(p, name_kind, p->kernel_count, total, out);
    if (runs > 0) {
        print_share(out, exchanging, total, runs, 0);
        str_printf(out, "exchange, %.0f bytes received\n",
                   plan_exchange(p, ranks_size(p->ranks)).bytes);
    }
    str_printf(out, "%s: by shapes, the slowest\n", title);
    print_kinds(p, name_shapes, ROWS, total, out);
}
