/* What ranks have of the values of shards is put together at the end of a segment. The values that
 * are collected there are taken as one row of numbers, of which a piece is dealt with at a time: it
 * is cut among the ranks, each of which gets all parts of its cut, puts them together as the tree
 * has it, and gives the result to all; or, where it is small, each gets all parts of it. */
#include <string.h>

#include "graph/shards.h"
#include "plan/plan_internal.h"

/* Numbers of a piece, and of all parts of a small one. */
enum { PIECE = 1 << 20, SMALL = 1 << 15, FLOAT = sizeof(float) };

/* ---- which parts a rank has ---- */

struct Exchange {
    size_t shards;
    int size, own;          /* ranks */
    int *parts, part_count; /* how many nodes of the tree each puts together by itself, */
    TreePart *part;         /* and which */
    /* by rank, of one collective operation */
    size_t *share_first, *share, *send_count, *receive_count;
    double seconds, runs; /* timed */
};

/* Of rank `own` of so many. */
static Exchange *exchange_among(Arena *a, size_t shards, int size, int own) {
    Exchange *e = arena_alloc(a, sizeof *e);
    size_t n = (size_t)size;
    *e = (Exchange){.shards = shards,
                    .size = size,
                    .own = own,
                    .parts = arena_new_array(a, int, n),
                    .part = arena_new_array(a, TreePart, 2 * shards),
                    .share_first = arena_new_array(a, size_t, n),
                    .share = arena_new_array(a, size_t, n),
                    .send_count = arena_new_array(a, size_t, n),
                    .receive_count = arena_new_array(a, size_t, n)};
    for (int r = 0; r < size; r++) {
        Tree t = {.shards = shards};
        size_t first, count = ranks_share(size, r, shards, &first);
        for (size_t s = first; s < first + count; s++) tree_add(&t, (TreePart){s, s + 1});
        memcpy(e->part + e->part_count, t.part, (size_t)t.count * sizeof *t.part);
        e->part_count += t.count;
        e->parts[r] = t.count;
    }
    return e;
}

void exchange_start(Plan *p) {
    int size = ranks_size(p->ranks);
    size_t shards = graph_shards(p->g);
    if (size > 1 && shards > 1)
        p->exchange = exchange_among(p->g->arena, shards, size, ranks_own(p->ranks));
}

size_t exchange_scratch(const Plan *p) {
    const Exchange *e = p->exchange;
    return e ? (size_t)(e->parts[e->own] + e->part_count + 1) * PIECE * FLOAT : 0;
}

double exchange_seconds(const Plan *p, double *runs) {
    const Exchange *e = p->exchange;
    *runs = e ? e->runs : 0;
    return e ? e->seconds : 0;
}

/* ---- how much each sends and gets ---- */

/* Of `count` numbers all parts go to all. */
static void share_parts(Exchange *e, size_t count) {
    size_t at = 0;
    for (int r = 0; r < e->size; r++) {
        e->share_first[r] = at;
        e->share[r] = (size_t)e->parts[r] * count;
        at += e->share[r];
    }
}

/* Each rank gets all parts of its cut of them, and then what the others make of theirs. */
static void share_cuts(Exchange *e, size_t count) {
    size_t mine, my_count = ranks_share(e->size, e->own, count, &mine);
    for (int r = 0; r < e->size; r++) {
        e->share[r] = ranks_share(e->size, r, count, &e->share_first[r]);
        e->send_count[r] = e->share[r] * (size_t)e->parts[e->own];
        e->receive_count[r] = my_count * (size_t)e->parts[r];
    }
}

/* The rows of all shards, so many numbers each. */
static void share_rows(Exchange *e, size_t each) {
    for (int r = 0; r < e->size; r++) {
        size_t first, own = ranks_share(e->size, r, e->shards, &first);
        e->share_first[r] = first * each;
        e->share[r] = own * each;
    }
}

/* Whether all parts of so many numbers are few enough to be had by one collective operation. */
static bool is_small(const Exchange *e, size_t count) {
    return count * (size_t)e->part_count <= SMALL;
}

static size_t piece_of(size_t length, size_t done) {
    return length - done < PIECE ? length - done : PIECE;
}

/* A collective operation in which a rank gets so much from each. */
static void count_in(const Exchange *e, const size_t *from, PlanExchange *sum) {
    for (int r = 0; r < e->size; r++)
        if (r != e->own) sum->bytes += (double)(from[r] * FLOAT);
    sum->collectives++;
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
    const Exchange *e = w->p->exchange;
    Tree t = {.shards = e->shards};
    int waits[TREE_DEPTH];
    for (int i = 0; i < e->part_count; i++) {
        int waiting = t.count, joins = tree_add(&t, e->part[i]);
        waits[waiting] = i;
        for (int j = 1; j <= joins; j++) {
            Join both = {from + (size_t)waits[waiting - j] * count,
                         from + (size_t)waits[waiting - j + 1] * count};
            each_stretch(w, first, count, join_stretch, &both);
        }
    }
}

/* All ranks get all parts of the piece. */
static void exchange_small(const Row *w, size_t first, size_t count, float *send, float *receive) {
    Exchange *e = w->p->exchange;
    (void)send;
    share_parts(e, count);
    for (int i = 0; i < e->parts[e->own]; i++) {
        Copy c = {.part = i, .to = receive + e->share_first[e->own] + (size_t)i * count};
        each_stretch(w, first, count, copy_out, &c);
    }
    ranks_gather_floats(w->p->ranks, receive, e->share_first, e->share);
    join_parts(w, first, count, receive);
    each_stretch(w, first, count, copy_in, &(Copy){.from = receive});
}

/* Each rank puts together what is its cut of the piece. */
static void exchange_large(const Row *w, size_t first, size_t count, float *send, float *receive) {
    Exchange *e = w->p->exchange;
    share_cuts(e, count);
    size_t mine = e->share_first[e->own], my_count = e->share[e->own], at = 0;
    for (int r = 0; r < e->size; r++)
        for (int i = 0; i < e->parts[e->own]; i++, at += e->share[r])
            each_stretch(w, first + e->share_first[r], e->share[r], copy_out,
                         &(Copy){.part = i, .to = send + at});
    ranks_swap_floats(w->p->ranks, send, e->send_count, receive, e->receive_count);
    join_parts(w, first + mine, my_count, receive);
    memcpy(send + mine, receive, my_count * FLOAT);
    ranks_gather_floats(w->p->ranks, send, e->share_first, e->share);
    each_stretch(w, first, count, copy_in, &(Copy){.from = send});
}

/* The rows of all shards. */
static void exchange_rows(const Plan *p, const Kernel *k) {
    Exchange *e = p->exchange;
    share_rows(e, k->read[0]->count);
    ranks_gather_floats(p->ranks, k->out[0], e->share_first, e->share);
}

/* ---- a segment ---- */

static bool is_rows(const Row *w, int i) { return collects(w->p->order[i]) && !is_in(w, i); }

void exchange(const Plan *p, const Segment *s, void *scratch) {
    Exchange *e = p->exchange;
    if (!e) return;
    double start = p->profile ? now_seconds() : 0;
    Row w = {p, s};
    size_t length = length_of(&w);
    float *send = scratch, *receive = send + (size_t)(e->parts[e->own] + 1) * PIECE;
    for (int i = s->shards; i < s->end; i++)
        if (is_rows(&w, i)) exchange_rows(p, p->order[i]);
    for (size_t done = 0; done < length; done += PIECE) {
        size_t n = piece_of(length, done);
        (is_small(e, n) ? exchange_small : exchange_large)(&w, done, n, send, receive);
    }
    if (p->profile) e->seconds += now_seconds() - start, e->runs += s == p->segment;
}

static void count_segment(const Plan *p, const Segment *s, Exchange *e, PlanExchange *sum) {
    Row w = {p, s};
    size_t length = length_of(&w);
    for (int i = s->shards; i < s->end; i++) {
        if (!is_rows(&w, i)) continue;
        share_rows(e, p->order[i]->read[0]->count);
        count_in(e, e->share, sum);
    }
    for (size_t done = 0; done < length; done += PIECE) {
        size_t n = piece_of(length, done);
        bool small = is_small(e, n);
        (small ? share_parts : share_cuts)(e, n);
        if (!small) count_in(e, e->receive_count, sum);
        count_in(e, e->share, sum);
    }
}

PlanExchange plan_exchange(const Plan *p, int ranks) {
    Arena *a = p->g->arena;
    ArenaMark mark = arena_mark(a);
    PlanExchange sum = {0};
    Exchange *e = exchange_among(a, graph_shards(p->g), ranks, 0);
    for (int s = 0; s < p->segment_count; s++) count_segment(p, &p->segment[s], e, &sum);
    arena_rewind(a, mark);
    return sum;
}
