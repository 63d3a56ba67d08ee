/* What ranks have of the values of shards is put together at the end of a segment. The values that
 * are collected there are taken as one row of numbers, of which a piece is dealt with at a time: it
 * is cut among the ranks, each of which gets all parts of its cut, puts them together as the tree
 * has it, and gives the result to all; or, where it is small, each gets all of it. */
#include <string.h>

#include "graph/shards.h"
#include "plan/plan_internal.h"

enum { PIECE = 1 << 20, SMALL = 1 << 14, FLOAT = sizeof(float) };

/* ---- which parts a rank has ---- */

void exchange_start(Plan *p) {
    size_t size = (size_t)ranks_size(p->ranks), shards = graph_shards(p->g);
    Arena *a = p->g->arena;
    if (size == 1 || shards == 1) return;
    p->parts = arena_new_array(a, int, size);
    p->part = arena_new_array(a, TreePart, 2 * shards);
    p->share_first = arena_new_array(a, size_t, size);
    p->share = arena_new_array(a, size_t, size);
    p->send_count = arena_new_array(a, size_t, size);
    p->receive_count = arena_new_array(a, size_t, size);
    for (size_t r = 0; r < size; r++) {
        Tree t = {.shards = shards};
        size_t first, own = ranks_share(p->ranks, (int)r, shards, &first);
        for (size_t s = first; s < first + own; s++) tree_add(&t, (TreePart){s, s + 1});
        memcpy(p->part + p->part_count, t.part, (size_t)t.count * sizeof *t.part);
        p->part_count += t.count;
        p->parts[r] = t.count;
    }
}

size_t exchange_bytes(const Plan *p) {
    if (!p->parts) return 0;
    size_t own = (size_t)p->parts[ranks_own(p->ranks)], all = (size_t)p->part_count;
    return (own + all + 1) * PIECE * FLOAT;
}

/* ---- a piece of the row ---- */

/* The collected values of a segment, in a row. */
typedef struct {
    const Plan *p;
    const Segment *s;
} Row;

static bool is_in(const Row *w, int i) {
    const Kernel *k = w->p->order[i];
    return collects(k) && collect_kind(k->node) != COLLECT_ROWS;
}

static size_t length_of(const Row *w) {
    size_t n = 0;
    for (int i = w->s->shards; i < w->s->end; i++)
        if (is_in(w, i)) n += w->p->order[i]->node->count;
    return n;
}

typedef void OnStretch(const Kernel *k, size_t first, size_t count, void *context);

/* Calls f with what each value has of the row's numbers first to first + count - 1. */
static void each_stretch(const Row *w, size_t first, size_t count, OnStretch *f, void *context) {
    size_t at = 0, end = first + count;
    for (int i = w->s->shards; i < w->s->end; i++) {
        if (!is_in(w, i)) continue;
        const Kernel *k = w->p->order[i];
        size_t n = k->node->count, low = first > at ? first - at : 0;
        size_t high = end < at + n ? end - at : n;
        if (end > at && low < high) f(k, low, high - low, context);
        at += n;
    }
}

typedef struct {
    int part; /* which of those that wait */
    float *to;
    const float *from;
} Copy;

static void copy_out(const Kernel *k, size_t first, size_t count, void *context) {
    Copy *c = context;
    memcpy(c->to, collect_waiting(k, c->part) + first, count * FLOAT);
    c->to += count;
}

static void copy_in(const Kernel *k, size_t first, size_t count, void *context) {
    Copy *c = context;
    memcpy(k->out[0] + first, c->from, count * FLOAT);
    c->from += count;
}

typedef struct {
    float *left;
    const float *right;
} Join;

static void join_stretch(const Kernel *k, size_t first, size_t count, void *context) {
    (void)first;
    Join *j = context;
    collect_join(collect_kind(k->node), j->left, j->right, count);
    j->left += count;
    j->right += count;
}

/* Puts together the parts of `count` numbers from `first` on, one after another at `from`: the
 * result is the first of them. */
static void join_parts(const Row *w, size_t first, size_t count, float *from) {
    Tree t = {.shards = graph_shards(w->p->g)};
    int waits[TREE_DEPTH];
    for (int i = 0; i < w->p->part_count; i++) {
        int waiting = t.count, joins = tree_add(&t, w->p->part[i]);
        waits[waiting] = i;
        for (int j = 1; j <= joins; j++) {
            Join both = {from + (size_t)waits[waiting - j] * count,
                         from + (size_t)waits[waiting - j + 1] * count};
            each_stretch(w, first, count, join_stretch, &both);
        }
    }
}

/* Of a cut of so many numbers, those of rank r: from *first on. */
static size_t cut_of(const Plan *p, int rank, size_t count, size_t *first) {
    return ranks_share(p->ranks, rank, count, first);
}

/* All ranks get all parts of the piece. */
static void exchange_small(const Row *w, size_t first, size_t count, float *send, float *receive) {
    const Plan *p = w->p;
    int own = ranks_own(p->ranks);
    size_t at = 0;
    (void)send;
    for (int r = 0; r < ranks_size(p->ranks); r++) {
        p->share_first[r] = at;
        p->share[r] = (size_t)p->parts[r] * count;
        at += p->share[r];
    }
    for (int i = 0; i < p->parts[own]; i++) {
        Copy c = {.part = i, .to = receive + p->share_first[own] + (size_t)i * count};
        each_stretch(w, first, count, copy_out, &c);
    }
    ranks_gather_floats(p->ranks, receive, p->share_first, p->share);
    join_parts(w, first, count, receive);
    each_stretch(w, first, count, copy_in, &(Copy){.from = receive});
}

/* Each rank puts together what is its cut of the piece. */
static void exchange_large(const Row *w, size_t first, size_t count, float *send, float *receive) {
    const Plan *p = w->p;
    int own = ranks_own(p->ranks), size = ranks_size(p->ranks);
    size_t mine, my_count = cut_of(p, own, count, &mine), at = 0;
    for (int r = 0; r < size; r++) {
        size_t begin, n = cut_of(p, r, count, &begin);
        for (int i = 0; i < p->parts[own]; i++, at += n)
            each_stretch(w, first + begin, n, copy_out, &(Copy){.part = i, .to = send + at});
        p->share_first[r] = begin;
        p->share[r] = n;
        p->send_count[r] = n * (size_t)p->parts[own];
        p->receive_count[r] = my_count * (size_t)p->parts[r];
    }
    ranks_swap_floats(p->ranks, send, p->send_count, receive, p->receive_count);
    join_parts(w, first + mine, my_count, receive);
    memcpy(send + mine, receive, my_count * FLOAT);
    ranks_gather_floats(p->ranks, send, p->share_first, p->share);
    each_stretch(w, first, count, copy_in, &(Copy){.from = send});
}

/* The rows of all shards. */
static void exchange_rows(const Plan *p, const Kernel *k) {
    size_t each = k->read[0]->count;
    for (int r = 0; r < ranks_size(p->ranks); r++) {
        size_t first, own = ranks_share(p->ranks, r, graph_shards(p->g), &first);
        p->share_first[r] = first * each;
        p->share[r] = own * each;
    }
    ranks_gather_floats(p->ranks, k->out[0], p->share_first, p->share);
}

void exchange(const Plan *p, const Segment *s, void *scratch) {
    if (!p->parts) return;
    Row w = {p, s};
    size_t length = length_of(&w);
    float *send = scratch;
    float *receive = send + (size_t)(p->parts[ranks_own(p->ranks)] + 1) * PIECE;
    for (int i = s->shards; i < s->end; i++)
        if (collects(p->order[i]) && !is_in(&w, i)) exchange_rows(p, p->order[i]);
    for (size_t done = 0; done < length; done += PIECE) {
        size_t n = length - done < PIECE ? length - done : PIECE;
        (n <= SMALL ? exchange_small : exchange_large)(&w, done, n, send, receive);
    }
}
