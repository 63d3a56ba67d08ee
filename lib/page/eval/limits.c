#include "page/eval/build.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* Many times what the largest games of the papers take: 9000 steps, 17,000 nodes, 40 MiB. That many
 * nodes are planned in some seconds. */
enum { STEPS = 2000000, NODES = 500000, BYTES = 1 << 30, LOOKED_PER_STEP = 16 };

/* Expressions inside one another, through names and nets; and half the stack, if that is less. */
enum { NESTING = 1500, STACK = 4 << 20 };

Limits limits_times(uint64_t n) {
    size_t times = n && n < 1u << 20 ? (size_t)n : 1;
    return (Limits){STEPS * times, NODES * times, BYTES * times};
}

void build_limit(Build *b) {
    struct rlimit stack;
    if (!b->settings.limits.steps) b->settings.limits = limits_times(1);
    b->g->limit = b->settings.limits.nodes;
    b->watch.stack = (uintptr_t)__builtin_frame_address(0);
    b->watch.stack_room = STACK;
    if (!getrlimit(RLIMIT_STACK, &stack) && stack.rlim_cur / 2 < STACK)
        b->watch.stack_room = (size_t)stack.rlim_cur / 2;
}

void build_spend(Build *b, const Expr *at, size_t looked) {
    const Limits *l = &b->settings.limits;
    b->watch.spent += 1 + looked / LOOKED_PER_STEP;
    if (b->watch.spent > l->steps)
        build_fail(b, at, "evaluation takes more than %zu steps; --limit raises this", l->steps);
    if (arena_bytes(b->arena) > l->bytes)
        build_fail(b, at, "evaluation takes more than %zu MiB; --limit raises this",
                   l->bytes >> 20);
}

void build_enter(Build *b, const Expr *at) {
    build_spend(b, at, 0);
    uintptr_t here = (uintptr_t)__builtin_frame_address(0), there = b->watch.stack;
    if ((here > there ? here - there : there - here) > b->watch.stack_room)
        build_fail(b, at, "nested too deeply for the stack (ulimit -s)");
    if (++b->watch.nesting > NESTING) build_fail(b, at, "nested too deeply");
}

void build_at(Build *b, const Expr *at) {
    if (!at) return;
    b->watch.at = at;
    b->g->at = (NodeOrigin){at->file, at->line, at->column};
}

void build_warn(Build *b, const char *format, ...) {
    Str *all = b->settings.warnings;
    const Expr *at = b->watch.at;
    char text[700], line[800];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (!all || !at) return;
    snprintf(line, sizeof line, "%s:%d:%d: %s\n", at->file, at->line, at->column, text);
    if (!all->text || !strstr(all->text, line)) str_printf(all, "%s", line);
}

void build_fail(Build *b, const Expr *at, const char *format, ...) {
    char text[700];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    build_at(b, at ? at : b->watch.at);
    graph_fail(b->g, "%s", text);
}
