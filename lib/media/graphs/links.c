/* links.c: which links are held out, pairs that are none, and the adjacency of the others. */
#include "media/graphs/links.h"

#include "base/random.h"
#include "media/graphs/edges.h"
#include "stream/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Frame frame;
    const Tensor *link;
    size_t nodes, links;
    uint32_t *order;           /* [links]: those of the test, to choose by, to be shown */
    size_t test, valid, shown; /* how many */
    uint64_t *taken;           /* [slots]: pairs that are links or drawn, 1 + key, or 0 */
    size_t slots;              /* a power of 2 */
    Random draws;
} Split;

/* ---- the graph ---- */

static int node_of(const Split *s, size_t link, int end) {
    return (int)tensor_get(s->link, 2 * link + (size_t)end);
}

static uint64_t pair_key(size_t a, size_t b) {
    return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
}

/* Puts a pair among those taken; false when it is there. */
static bool take_pair(Split *s, uint64_t key) {
    uint64_t at = key * 0x9E3779B97F4A7C15u; /* Fibonacci hashing */
    for (at >>= 20;; at++) {
        uint64_t *slot = &s->taken[at & (s->slots - 1)];
        if (*slot == key + 1) return false;
        if (*slot) continue;
        *slot = key + 1;
        return true;
    }
}

static int graph_check(Split *s, const char *path, Error *err) {
    const char *nodes = frame_meta(&s->frame, NODES_KEY);
    uint64_t n = 0;
    if (!nodes || !parse_u64(nodes, &n) || n < 2 || n > GRAPH_NODES_MAX)
        return fail(err, "%s: the metadata say of no number of nodes, as gan-data graph writes it",
                    path);
    s->nodes = (size_t)n;
    s->link = frame_find(&s->frame, "links");
    if (!s->link || s->link->rank != 2 || s->link->shape[1] != 2 || dtype_is_real(s->link->dtype) ||
        !s->link->shape[0])
        return fail(err, "%s: no tensor links, whole numbers [L,2]", path);
    s->links = s->link->shape[0];
    if (s->links > UINT32_MAX) return fail(err, "%s: %zu links are too many", path, s->links);
    for (size_t i = 0; i < 2 * s->links; i++) {
        double v = tensor_get(s->link, i);
        if (!(v >= 0 && v < (double)s->nodes))
            return fail(err, "%s: link %zu has node %g of %zu", path, i / 2, v, s->nodes);
    }
    return 0;
}

static int take_links(Split *s, const char *path, Error *err) {
    size_t held = s->test + s->valid;
    for (s->slots = 64; s->slots < 2 * (s->links + held);) s->slots *= 2;
    s->taken = data_alloc(s->slots * sizeof *s->taken, err);
    s->order = data_alloc(s->links * sizeof *s->order, err);
    if (!s->taken || !s->order) return -1;
    memset(s->taken, 0, s->slots * sizeof *s->taken);
    for (size_t i = 0; i < s->links; i++) {
        int a = node_of(s, i, 0), b = node_of(s, i, 1);
        if (a == b) return fail(err, "%s: link %zu leads from a node to itself", path, i);
        if (!take_pair(s, pair_key((size_t)a, (size_t)b)))
            return fail(err, "%s: link %zu is there twice", path, i);
    }
    double pairs = (double)s->nodes * ((double)s->nodes - 1) / 2;
    if (pairs - (double)s->links < (double)held)
        return fail(err, "%s: %zu links are held out, and only %g pairs are none", path, held,
                    pairs - (double)s->links);
    return 0;
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int choose(Split *s, const LinksWant *want, const char *path, Error *err) {
    s->test = (size_t)(want->test * (double)s->links + 0.5);
    s->valid = (size_t)(want->valid * (double)s->links + 0.5);
    if (!s->test || !s->valid || s->test + s->valid >= s->links)
        return fail(
            err, "%s: of %zu links %zu would be to test and %zu to choose by; each part needs one",
            path, s->links, s->test, s->valid);
    s->shown = s->links - s->test - s->valid;
    if (take_links(s, path, err)) return -1;
    random_permutation(want->seed, 0, s->order, (uint32_t)s->links);
    size_t first = 0;
    const size_t size[] = {s->test, s->valid, s->shown};
    for (int i = 0; i < 3; first += size[i++])
        qsort(s->order + first, size[i], sizeof *s->order, ascending);
    s->draws = random_at(want->seed, USE_LINKS, 0);
    return 0;
}

/* ---- what is written ---- */

/* The held-out links from number `first` of the order on, and as many pairs that are none. */
static void fill_pairs(Split *s, size_t first, size_t n, int64_t *pair, int64_t *label) {
    for (size_t i = 0; i < n; i++, pair += 2) {
        *label++ = 1;
        for (int end = 0; end < 2; end++) pair[end] = node_of(s, s->order[first + i], end);
    }
    for (size_t i = 0; i < n; pair += 2, i++) {
        uint32_t a, b, nodes = (uint32_t)s->nodes;
        do a = random_below(&s->draws, nodes), b = random_below(&s->draws, nodes);
        while (a == b || !take_pair(s, pair_key(a, b)));
        pair[0] = a < b ? a : b;
        pair[1] = a < b ? b : a;
    }
}

static int write_test(Split *s, LinksOut out, Error *err) {
    Frame f = {0};
    size_t all = 2 * s->test;
    int bad = frame_add(&f, "pair", DT_I64, 2, (size_t[]){all, 2}, err) < 0 ||
              frame_add(&f, "label", DT_I64, 1, &all, err) < 0 || frame_allocate(&f, err);
    if (!bad) {
        fill_pairs(s, 0, s->test, frame_find(&f, "pair")->data, frame_find(&f, "label")->data);
        bad = frame_write(&f, out.file, out.name, err);
    }
    frame_free(&f);
    return bad ? -1 : 0;
}

/* Of links + I, with the square roots of its row sums. */
static void fill_adjacency(const Split *s, const int64_t *link, const double *root, int64_t *at,
                           float *weight) {
    for (size_t i = 0; i < s->nodes; i++, at += 2) {
        at[0] = at[1] = (int64_t)i;
        *weight++ = (float)(1 / (root[i] * root[i]));
    }
    for (size_t i = 0; i < s->shown; i++, link += 2, at += 4) {
        at[0] = at[3] = link[0];
        at[1] = at[2] = link[1];
        weight[0] = weight[1] = (float)(1 / (root[link[0]] * root[link[1]]));
        weight += 2;
    }
}

/* What links_split adds to the graph, or replaces. */
static const char *const made[] = {"links", "adjacency", "weights", "valid", "linked"};

static bool is_made(const char *name) {
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (!strcmp(name, made[i])) return true;
    return false;
}

static int add_tensors(const Split *s, Frame *f, Error *err) {
    size_t entries = s->nodes + 2 * s->shown, held = 2 * s->valid;
    int bad = 0;
    for (size_t i = 0; i < s->frame.tensor_count && !bad; i++) {
        const Tensor *t = &s->frame.tensors[i];
        if (!is_made(t->name)) bad = frame_add(f, t->name, t->dtype, t->rank, t->shape, err) < 0;
    }
    if (bad || frame_add(f, "links", DT_I64, 2, (size_t[]){s->shown, 2}, err) < 0 ||
        frame_add(f, "adjacency", DT_I64, 2, (size_t[]){entries, 2}, err) < 0 ||
        frame_add(f, "weights", DT_F32, 1, &entries, err) < 0 ||
        frame_add(f, "valid", DT_I64, 2, (size_t[]){held, 2}, err) < 0 ||
        frame_add(f, "linked", DT_I64, 1, &held, err) < 0)
        return -1;
    return frame_allocate(f, err);
}

static void fill_shown(Split *s, double *root, Frame *f) {
    for (size_t i = 0; i < f->tensor_count; i++) {
        const Tensor *t = &f->tensors[i], *from = frame_find(&s->frame, t->name);
        if (!is_made(t->name)) memcpy(t->data, from->data, t->count * dtype_size(t->dtype));
    }
    int64_t *link = frame_find(f, "links")->data;
    for (size_t i = 0; i < s->nodes; i++) root[i] = 1;
    for (size_t i = 0; i < 2 * s->shown; i++) {
        link[i] = node_of(s, s->order[s->test + s->valid + i / 2], (int)(i % 2));
        root[link[i]]++;
    }
    for (size_t i = 0; i < s->nodes; i++) root[i] = sqrt(root[i]);
    fill_adjacency(s, link, root, frame_find(f, "adjacency")->data, frame_find(f, "weights")->data);
    fill_pairs(s, s->test, s->valid, frame_find(f, "valid")->data, frame_find(f, "linked")->data);
    frame_copy_meta(f, &s->frame);
}

static int write_shown(Split *s, LinksOut out, Error *err) {
    Frame f = {0};
    double *root = data_alloc(s->nodes * sizeof *root, err);
    int bad = root ? add_tensors(s, &f, err) : -1;
    if (!bad) fill_shown(s, root, &f);
    if (!bad) bad = frame_write(&f, out.file, out.name, err);
    free(root);
    frame_free(&f);
    return bad;
}

int links_split(const char *path, const LinksWant *want, LinksOut shown, LinksOut test,
                Error *err) {
    Split s = {0};
    int bad = frame_load(path, &s.frame, err) || graph_check(&s, path, err) ||
              choose(&s, want, path, err) || write_shown(&s, shown, err) ||
              write_test(&s, test, err);
    free(s.order);
    free(s.taken);
    frame_free(&s.frame);
    return bad ? -1 : 0;
}
