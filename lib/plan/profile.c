/* Where the time of a plan goes. */
#include "plan/plan_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void plan_profile_start(Plan *p) { p->profile = true; }

static int by_seconds(const void *x, const void *y) {
    double a = (*(Kernel *const *)x)->seconds, b = (*(Kernel *const *)y)->seconds;
    return (a < b) - (a > b);
}

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

/* What kernels of one kind have done. */
typedef struct {
    const char *name;
    int kernels;
    double seconds, calls, flops;
} Kind;

/* Kernels are sorted: the kinds come in the order of their slowest. */
static void print_kinds(const Plan *p, Kernel *const *k, double total, Str *out) {
    int count = 0;
    Kind *kind = calloc((size_t)p->kernel_count + 1, sizeof *kind);
    if (!kind) return;
    for (int i = 0; i < p->kernel_count; i++) {
        int at = 0;
        while (at < count && strcmp(kind[at].name, kernel_kind(k[i]))) at++;
        if (at == count) kind[count++] = (Kind){.name = kernel_kind(k[i]), .calls = k[i]->calls};
        kind[at].kernels++;
        kind[at].seconds += k[i]->seconds;
        kind[at].flops += flops_of(p, k[i]);
    }
    for (int i = 0; i < count; i++) {
        print_share(out, kind[i].seconds, total, kind[i].calls, kind[i].flops);
        str_printf(out, "%d x %s\n", kind[i].kernels, kind[i].name);
    }
    free(kind);
}

void plan_profile_print(const Plan *p, const char *title, Str *out) {
    enum { ROWS = 30 };
    Kernel **k = calloc((size_t)p->kernel_count, sizeof *k);
    if (!k) return;
    double runs, exchanging = exchange_seconds(p, &runs), total = exchanging;
    for (int i = 0; i < p->kernel_count; i++) {
        k[i] = p->order[i];
        total += k[i]->seconds;
    }
    qsort(k, (size_t)p->kernel_count, sizeof *k, by_seconds);
    str_printf(out, "%s: %d kernels, %.3f s; by kind\n", title, p->kernel_count, total);
    print_kinds(p, k, total, out);
    if (runs > 0) {
        print_share(out, exchanging, total, runs, 0);
        str_printf(out, "exchange, %.0f bytes received\n",
                   plan_exchange(p, ranks_size(p->ranks)).bytes);
    }
    str_printf(out, "%s: the slowest kernels\n", title);
    for (int i = 0; i < p->kernel_count && i < ROWS; i++) {
        char name[64], shape[200];
        print_share(out, k[i]->seconds, total, k[i]->calls, flops_of(p, k[i]));
        snprintf(name, sizeof name, is_fused(k[i]) ? "%s %d" : "%s", kernel_kind(k[i]),
                 k[i]->work.program.instr_count);
        str_printf(out, "%-14s %s\n", name, node_shape_text(k[i]->node, shape, sizeof shape));
    }
    free(k);
}
