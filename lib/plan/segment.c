/* Segments: what runs shard by shard, between the places where all shards meet. */
#include <string.h>

#include "plan/waits.h"

/* How many segments a kernel must be behind another that it waits for: what is common in a segment
 * runs before its shards do, and what they collect is there when all have run. */
static int segments_between(const Kernel *from, const Kernel *to) {
    return collects(from) || (in_shards(from) && !in_shards(to));
}

/* Kernels in an order that respects the edges; each then knows the first segment it can be in. */
static int *sort_by_segment(Plan *p, const Edges *e) {
    Arena *a = p->g->arena;
    size_t count = (size_t)p->kernel_count;
    int *order = arena_new_array(a, int, count + 1), *before = arena_new_array(a, int, count + 1);
    int n = 0;
    memcpy(before, e->degree, count * sizeof *before);
    for (int i = 0; i < p->kernel_count; i++)
        if (!before[i]) order[n++] = i;
    for (int at = 0; at < n; at++) {
        Kernel *k = &p->kernel[order[at]];
        for (int x = e->first[order[at]]; x >= 0; x = e->edge[x].next) {
            Kernel *to = &p->kernel[e->edge[x].to];
            int least = k->segment + segments_between(k, to);
            if (to->segment < least) to->segment = least;
            if (!--before[e->edge[x].to]) order[n++] = e->edge[x].to;
        }
    }
    if (n != p->kernel_count) graph_fail(p->g, "internal error: the kernels cannot be ordered");
    return order;
}

/* The last segment that a kernel can be in. */
static int latest(const Plan *p, const Edges *e, int kernel) {
    const Kernel *k = &p->kernel[kernel];
    int last = -1;
    for (int x = e->first[kernel]; x >= 0; x = e->edge[x].next) {
        const Kernel *to = &p->kernel[e->edge[x].to];
        int most = to->segment - segments_between(k, to);
        if (last < 0 || most < last) last = most;
    }
    return last < 0 ? k->segment : last;
}

/* Bytes of split values that would be kept longer if a kernel came into a later segment. */
static double kept_longer(const Kernel *k, const int *last_read, int segment) {
    double bytes = 0;
    for (int i = 0; i < k->read_count; i++)
        if (k->read[i]->split && last_read[k->read[i]->id] < segment)
            bytes += (double)k->read[i]->count;
    return bytes;
}

/* A value that only later segments need, such as noise, is made there, unless what it is made of is
 * larger. */
static void put_off(Plan *p, const Edges *e, const int *order) {
    int *last_read = arena_new_array(p->g->arena, int, (size_t)p->g->count);
    for (int i = p->kernel_count; i-- > 0;) {
        Kernel *k = &p->kernel[order[i]];
        int segment = in_shards(k) && !collects(k) ? latest(p, e, order[i]) : k->segment;
        double made = 0;
        for (int s = 0; s < k->store_count; s++) made += (double)k->store[s]->count;
        if (segment > k->segment && kept_longer(k, last_read, segment) < made) k->segment = segment;
        for (int r = 0; r < k->read_count; r++)
            if (last_read[k->read[r]->id] < k->segment) last_read[k->read[r]->id] = k->segment;
    }
}

/* By kernel: the last segment that reads what it stores. */
static int *last_readers(const Plan *p) {
    int *last = arena_new_array(p->g->arena, int, (size_t)p->kernel_count + 1);
    for (int i = 0; i < p->kernel_count; i++)
        for (int j = 0; j < p->kernel[i].read_count; j++) {
            int from = p->kernel_of[p->kernel[i].read[j]->id];
            if (from >= 0 && last[from] < p->kernel[i].segment) last[from] = p->kernel[i].segment;
        }
    return last;
}

/* Whether values of shards, each from an aligned place on, leave no gaps. */
static bool without_gaps(const Node *n) { return n->count * sizeof(float) % PLAN_ALIGN == 0; }

/* Operations that do much with weights before they take samples do it once for all shards, where
 * what they store is kept for all of them anyway. */
static bool find_at_once(Plan *p) {
    bool any = false;
    const int *last = last_readers(p);
    for (int i = 0; i < p->kernel_count; i++) {
        Kernel *k = &p->kernel[i];
        if (is_fused(k) || collects(k) || !k->node->split || !k->read_count) continue;
        bool fits = k->read[0]->split && last[i] > k->segment && without_gaps(k->node) &&
                    without_gaps(k->read[0]);
        for (int j = 1; j < k->read_count; j++) fits = fits && !k->read[j]->split;
        k->at_once = fits && p->device->prepare_many(&k->work, p->own_shards, p->g->arena);
        any |= k->at_once;
    }
    return any;
}

/* Of the values that have a place for each shard, the most that are there in a segment. */
static double most_kept(const Plan *p) {
    const int *last = last_readers(p);
    double *change = arena_new_array(p->g->arena, double, (size_t)p->kernel_count + 2);
    double kept = 0, most = 0;
    for (int i = 0; i < p->kernel_count; i++) {
        const Kernel *k = &p->kernel[i];
        bool keeps = k->node->split && (last[i] > k->segment || k->at_once);
        for (int s = 0; s < k->store_count && keeps; s++) {
            change[k->segment] += (double)k->store[s]->count;
            change[last[i] + 1] -= (double)k->store[s]->count;
        }
    }
    for (int s = 0; s <= p->kernel_count; s++) {
        kept += change[s];
        if (kept > most) most = kept;
    }
    return most;
}

static void find_segment_of_each(Plan *p, const Edges *e) {
    for (int i = 0; i < p->kernel_count; i++) p->kernel[i].segment = 0;
    put_off(p, e, sort_by_segment(p, e));
}

void plan_segment(Plan *p, const Edges *e) {
    find_segment_of_each(p, e);
    double before = most_kept(p);
    /* (what is taken at once cannot be made again for one shard after the other) */
    if (p->g->sparing || !find_at_once(p)) return;
    find_segment_of_each(p, e);
    if (most_kept(p) <= before) return;
    for (int i = 0; i < p->kernel_count; i++) p->kernel[i].at_once = false;
    find_segment_of_each(p, e);
}

static void find_segments(Plan *p) {
    int n = 0;
    for (int i = 0; i < p->kernel_count; i++)
        if (p->order[i]->segment >= n) n = p->order[i]->segment + 1;
    p->segment_count = n;
    p->segment = arena_new_array(p->g->arena, Segment, (size_t)n + 1);
    for (int s = 0, i = 0; s < n; s++) {
        p->segment[s].first = i;
        while (i < p->kernel_count && p->order[i]->segment == s && !in_shards(p->order[i])) i++;
        p->segment[s].shards = i;
        while (i < p->kernel_count && p->order[i]->segment == s) i++;
        p->segment[s].end = i;
    }
}

static void find_crossing(Plan *p) {
    p->crosses = arena_new_array(p->g->arena, bool, (size_t)p->node_count);
    for (int i = 0; i < p->kernel_count; i++)
        for (int j = 0; j < p->order[i]->read_count; j++) {
            const Node *v = p->order[i]->read[j];
            int from = p->kernel_of[v->id];
            if (v->split && from >= 0 &&
                (p->kernel[from].segment != p->order[i]->segment || p->kernel[from].at_once))
                p->crosses[v->id] = true;
        }
}

/* How many sums wait when a shard comes, and with how many of them it is put together. */
static void find_joins(Plan *p) {
    Tree t = {.shards = graph_shards(p->g)};
    p->joins = arena_new_array(p->g->arena, int, p->own_shards);
    p->waiting = arena_new_array(p->g->arena, int, p->own_shards);
    for (size_t i = 0; i < p->own_shards; i++) {
        size_t shard = p->first_shard + i;
        p->waiting[i] = t.count;
        p->joins[i] = tree_add(&t, (TreePart){shard, shard + 1});
        if (t.count > p->most_waiting) p->most_waiting = t.count;
    }
}

void plan_cut(Plan *p) {
    find_segments(p);
    find_crossing(p);
    find_joins(p);
}
