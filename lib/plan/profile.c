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

/* One line: share, milliseconds, GFLOP/s. */
static void print_share(Str *out, double seconds, double total, double per, double flops) {
    str_printf(out, "%6.2f%%  %9.3f ms  %8.1f GFLOP/s  ", 100 * seconds / (total > 0 ? total : 1),
               1e3 * seconds / (per > 0 ? per : 1), flops / (seconds > 0 ? seconds : 1) * 1e-9);
}

/* Kernels are sorted: the kinds come in the order of their slowest. */
static void print_kinds(const Plan *p, Kernel *const *k, double total, Str *out) {
    for (int i = 0; i < p->kernel_count; i++) {
        double seconds = 0, flops = 0;
        int same = 0, before = 0;
        for (int j = 0; j < p->kernel_count; j++) {
            if (strcmp(kernel_kind(k[j]), kernel_kind(k[i]))) continue;
            before += j < i;
            seconds += k[j]->seconds;
            flops += kernel_flops(k[j]) * k[j]->calls;
            same++;
        }
        if (before) continue;
        print_share(out, seconds, total, k[i]->calls, flops);
        str_printf(out, "%d x %s\n", same, kernel_kind(k[i]));
    }
}

void plan_profile_print(const Plan *p, const char *title, Str *out) {
    enum { ROWS = 30 };
    Kernel **k = calloc((size_t)p->kernel_count, sizeof *k);
    if (!k) return;
    double total = 0;
    for (int i = 0; i < p->kernel_count; i++) {
        k[i] = p->order[i];
        total += k[i]->seconds;
    }
    qsort(k, (size_t)p->kernel_count, sizeof *k, by_seconds);
    str_printf(out, "%s: %d kernels, %.3f s; by kind\n", title, p->kernel_count, total);
    print_kinds(p, k, total, out);
    str_printf(out, "%s: the slowest kernels\n", title);
    for (int i = 0; i < p->kernel_count && i < ROWS; i++) {
        char name[64], shape[200];
        print_share(out, k[i]->seconds, total, k[i]->calls, kernel_flops(k[i]) * k[i]->calls);
        snprintf(name, sizeof name, is_fused(k[i]) ? "%s %d" : "%s", kernel_kind(k[i]),
                 k[i]->work.program.instr_count);
        str_printf(out, "%-14s %s\n", name, node_shape_text(k[i]->node, shape, sizeof shape));
    }
    free(k);
}
