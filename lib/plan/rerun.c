/* Values that are computed again instead of kept, so that a plan needs no more memory than it may
 * (rematerialisation). The kernels' order is gone through as it would be run. Where the values that
 * are alive get too large, one is given up that is cheap to compute, large, and needed late (after
 * Kirisame et al. 2021, "Dynamic Tensor Rematerialization", but knowing the future); before the
 * next kernel that reads it, the kernel that made it is run again, and before that, if need be,
 * those that made what it reads. Runs have the same bits, as kernels are pure. */
#include "plan/rerun.h"

#include <math.h>

enum { MOST_AGAIN = 6 }; /* kernels in the new order, for each there was */

/* Whether it can be made again. What is common to several shards is small beside what is theirs,
 * and is left. */
static bool is_made_again(const Rerun *w, const Node *v) {
    return is_held(w, v) && !collects(maker(w, v)) && (!is_cut(w) || v->split);
}

/* ---- what is known beforehand ---- */

static void find_uses(Rerun *w) {
    const Plan *p = w->was;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < w->old_count; i++)
            for (int j = 0; j < w->order[i]->read_count; j++) {
                Held *h = &w->held[w->order[i]->read[j]->id];
                if (pass && (!h->uses || h->use[h->uses - 1] != i)) h->use[h->uses++] = i;
                if (!pass) h->uses++;
            }
        for (int i = 0; i < p->output_count; i++) {
            Held *h = &w->held[storage(p->output[i])->id];
            if (pass) h->use[h->uses] = w->old_count;
            h->uses++;
        }
        for (int i = 0; !pass && i < p->node_count; i++) {
            w->held[i].use = arena_new_array(w->arena, int, (size_t)w->held[i].uses + 1);
            w->held[i].uses = 0;
        }
    }
}

/* The position at which a state gets its new value, or the end. */
static int written_at(const Rerun *w, const State *s) {
    const Plan *p = w->was;
    for (int i = 0; i < p->assign_count; i++) {
        const Node *v = storage(p->assign[i].value);
        int b = p->buffer_of[v->id];
        if (p->assign[i].state == s && b >= 0 && p->buffer[b].state == s)
            return maker(w, v)->position;
    }
    int i = w->old_count; /* copies come last */
    while (i > 0 && w->order[i - 1]->target)
        if (w->order[--i]->target == s) return i;
    return w->old_count;
}

/* What reads a state cannot be run again once the state has changed, nor can what needs that. */
static void find_until(Rerun *w) {
    for (int i = 0; i < w->old_count; i++) {
        const Kernel *k = w->order[i];
        int until = w->old_count;
        for (int j = 0; j < k->read_count; j++) {
            const Node *v = k->read[j];
            const State *s = leaf_state(v);
            int at = s ? written_at(w, s) : is_made_again(w, v) ? w->held[v->id].until : until;
            if (at < until) until = at;
        }
        for (int s = 0; s < k->store_count; s++)
            w->held[k->store[s]->id].until = is_made_again(w, k->store[s]) ? until : -1;
    }
}

/* ---- what is alive ---- */

static int next_read(const Held *h) { return h->next < h->uses ? h->use[h->next] : -1; }

/* By a kernel of the order; or else by one that will have to run again. */
static int next_use(const Held *h) {
    int next = next_read(h);
    return next >= 0 ? next : h->source;
}

/* Bytes of a value that is made now: of each shard's, if a later segment reads it. */
static double bytes_of(const Rerun *w, const Node *v) {
    const Held *h = &w->held[v->id];
    int last = h->uses ? h->use[h->uses - 1] : -1;
    bool crosses = v->split && last >= 0 && last < w->old_count &&
                   w->order[last]->segment != w->segment && is_cut(w);
    return (double)(v->count * sizeof(float)) * (crosses ? (double)w->was->own_shards : 1);
}

static void begin(Rerun *w, const Node *v, Node *now) {
    Held *h = &w->held[v->id];
    h->now = now;
    h->made = w->segment;
    if (!is_held(w, v)) return;
    h->alive = true;
    h->bytes = bytes_of(w, v);
    w->bytes += h->bytes;
    w->alive[w->alive_count++] = v->id;
}

static void end(Rerun *w, int value) {
    int i = 0;
    while (w->alive[i] != value) i++;
    w->alive[i] = w->alive[--w->alive_count];
    w->held[value].alive = false;
    w->bytes -= w->held[value].bytes;
}

static void end_unused(Rerun *w, int value) {
    const Held *h = &w->held[value];
    if (h->alive && !h->pinned && !h->wanted && next_use(h) <= w->position) end(w, value);
}

/* ---- which to give up ---- */

double work_of(const Kernel *k) {
    enum { MOVE = 16 }; /* operations in the time in which a number is moved */
    double numbers = (double)k->node->count;
    for (int i = 0; i < k->read_count; i++) numbers += (double)k->read[i]->count;
    return kernel_flops(k) + MOVE * numbers;
}

/* Of making a value again, with all that is not there any more. */
static double work_again(Rerun *w, const Node *v) {
    Held *h = &w->held[v->id];
    if (h->seen == w->search || !is_made_again(w, v)) return 0;
    h->seen = w->search;
    const Kernel *k = maker(w, v);
    double work = work_of(k);
    for (int i = 0; i < k->read_count; i++)
        if (!w->held[k->read[i]->id].alive) work += work_again(w, k->read[i]);
    return work;
}

/* When a value is read next, if it can be given up now, or -1. It cannot while all shards read it,
 * until the segment's end. */
static int end_until(const Rerun *w, const Held *h) {
    int until = h->wanted ? w->position : next_use(h);
    bool free = !h->pinned && (h->wanted || until > w->position) && h->until >= until;
    bool shared = is_cut(w) && h->made != w->segment && h->shards_read == w->segment;
    return free && !shared ? until : -1;
}

static int worst_held(Rerun *w) {
    double least = 0;
    int worst = -1;
    for (int i = 0; i < w->alive_count; i++) {
        const Held *h = &w->held[w->alive[i]];
        int until = end_until(w, h);
        if (until < 0) continue;
        w->search++;
        double work = work_again(w, w->was->g->nodes[w->alive[i]]);
        double price = work / (h->bytes * sqrt(1 + until - w->position));
        if (worst >= 0 && price >= least) continue;
        least = price;
        worst = w->alive[i];
    }
    return worst;
}

/* What is there of all that a value is made of is needed until then. */
static void keep_sources(Rerun *w, const Node *v, int until) {
    Held *h = &w->held[v->id];
    if (h->seen == w->search || !is_held(w, v)) return;
    h->seen = w->search;
    if (h->alive || !is_made_again(w, v)) {
        if (h->source < until) h->source = until;
        return;
    }
    const Kernel *k = maker(w, v);
    for (int i = 0; i < k->read_count; i++) keep_sources(w, k->read[i], until);
}

static void make_room(Rerun *w, double bytes) {
    int worst;
    while (w->bytes + bytes > w->budget && (worst = worst_held(w)) >= 0) {
        int until = end_until(w, &w->held[worst]);
        end(w, worst);
        w->search++;
        keep_sources(w, w->was->g->nodes[worst], until);
    }
}

/* ---- the new order ---- */

/* Whether there is still room for a kernel. */
static bool has_room(const Rerun *w) { return w->count < w->capacity; }

/* A kernel of the new order, which reads what stands for the values now. */
static Kernel *put(Rerun *w, const Kernel *old) {
    Kernel *k = &w->kernel[w->count++];
    *k = *old;
    k->read = arena_new_array(w->keep, Node *, (size_t)old->read_count + 1);
    for (int i = 0; i < old->read_count; i++) {
        Node *now = w->held[old->read[i]->id].now;
        k->read[i] = now ? now : old->read[i];
    }
    return k;
}

static Node *node_again(Rerun *w, const Node *v) {
    Node *n = arena_alloc(w->keep, sizeof *n);
    *n = *v;
    n->id = w->was->node_count + w->nodes++;
    return n;
}

/* Whether a kernel that runs again stores this. */
static bool is_wanted(const Rerun *w, const Node *store, const Node *v) {
    const Held *h = &w->held[store->id];
    return store == v ||
           (!h->alive && is_made_again(w, store) && (h->wanted || next_use(h) >= w->position));
}

/* Lets a kernel that runs again store what is wanted. */
static void take_stores(Rerun *w, Kernel *k, const Kernel *old, const Node *v) {
    size_t most = (size_t)old->store_count;
    PwProgram *program = &k->work.program;
    k->store = arena_new_array(w->keep, Node *, most);
    k->store_count = 0;
    if (is_fused(k)) program->store = arena_new_array(w->keep, PwArg, most);
    for (int s = 0; s < old->store_count; s++) {
        if (!is_wanted(w, old->store[s], v)) continue;
        Node *again = node_again(w, old->store[s]);
        begin(w, old->store[s], again);
        if (is_fused(k)) program->store[k->store_count] = old->work.program.store[s];
        k->store[k->store_count++] = again;
    }
    program->store_count = k->store_count;
    k->node = k->store[0];
}

/* Counts how often kernels that must run again will read what they need. */
static void want(Rerun *w, const Node *v) {
    Held *h = &w->held[v->id];
    if (!is_held(w, v)) return;
    if (!h->wanted++) w->met[w->met_count++] = v->id;
    if (h->alive) return;
    const Kernel *k = maker(w, v);
    if (!is_made_again(w, v)) { /* it has lived on for this */
        begin(w, v, h->now);
    } else if (w->again[k - w->old] != w->search) {
        w->again[k - w->old] = w->search;
        for (int i = 0; i < k->read_count; i++) want(w, k->read[i]);
    }
}

static void run_again(Rerun *w, const Node *v);

/* From now on until the kernel has run what it reads is there. */
static void hold_reads(Rerun *w, const Kernel *k) {
    for (int i = 0; i < k->read_count; i++) {
        Held *h = &w->held[k->read[i]->id];
        if (is_held(w, k->read[i]) && !h->alive) run_again(w, k->read[i]);
        h->pinned++;
    }
}

static void release_reads(Rerun *w, const Kernel *k) {
    for (int i = 0; i < k->read_count; i++) {
        Held *h = &w->held[k->read[i]->id];
        h->pinned--;
        if (h->wanted) h->wanted--;
    }
    for (int i = 0; i < k->read_count; i++) end_unused(w, k->read[i]->id);
}

/* Runs the kernel that makes a value again, and before it those that make what it reads. */
static void run_again(Rerun *w, const Node *v) {
    const Kernel *old = maker(w, v);
    double bytes = 0;
    if (!has_room(w)) return;
    if (!is_made_again(w, v)) {
        begin(w, v, w->held[v->id].now);
        return;
    }
    hold_reads(w, old);
    for (int s = 0; s < old->store_count; s++)
        if (is_wanted(w, old->store[s], v)) bytes += bytes_of(w, old->store[s]);
    make_room(w, bytes);
    if (has_room(w)) {
        Kernel *k = put(w, old);
        k->segment = w->segment;
        take_stores(w, k, old, v);
    }
    release_reads(w, old);
}

/* All that a kernel of the order reads is there. */
static void ready(Rerun *w, const Kernel *k) {
    w->search++;
    w->met_count = 0;
    for (int i = 0; i < k->read_count; i++) want(w, k->read[i]);
    hold_reads(w, k);
    for (int i = 0; i < w->met_count; i++) {
        w->held[w->met[i]].wanted = 0;
        end_unused(w, w->met[i]);
    }
}

static void step(Rerun *w, const Kernel *old) {
    double bytes = 0;
    w->segment = old->segment;
    ready(w, old);
    for (int s = 0; s < old->store_count; s++)
        if (is_held(w, old->store[s])) bytes += bytes_of(w, old->store[s]);
    make_room(w, bytes);
    if (has_room(w)) put(w, old);
    for (int i = 0; i < old->read_count; i++) {
        Held *h = &w->held[old->read[i]->id];
        while (next_read(h) >= 0 && next_read(h) <= w->position) h->next++;
        if (in_shards(old)) h->shards_read = w->segment;
    }
    for (int s = 0; s < old->store_count; s++) begin(w, old->store[s], old->store[s]);
    for (int s = 0; s < old->store_count; s++) end_unused(w, old->store[s]->id);
    release_reads(w, old);
}

bool rerun(Rerun *w) {
    size_t nodes = (size_t)w->was->node_count;
    w->capacity = MOST_AGAIN * w->old_count;
    w->kernel = arena_new_array(w->arena, Kernel, (size_t)w->capacity);
    w->again = arena_new_array(w->arena, int, (size_t)w->old_count);
    w->held = arena_new_array(w->arena, Held, nodes);
    w->met = arena_new_array(w->arena, int, nodes);
    w->alive = arena_new_array(w->arena, int, nodes);
    for (size_t i = 0; i < nodes; i++)
        w->held[i].made = w->held[i].shards_read = w->held[i].source = -1;
    find_uses(w);
    find_until(w);
    for (w->position = 0; w->position < w->old_count && has_room(w); w->position++)
        step(w, w->order[w->position]);
    return has_room(w);
}
