/* The order that a walk goes through: the plan's, or another that leaves more to be computed again.
 */
#include <stdlib.h>
#include <string.h>

#include "plan/reorder.h"

/* The kernels in their order. */
static void take_old(Rerun *w) {
    const Plan *p = w->was;
    size_t count = (size_t)p->kernel_count, nodes = (size_t)p->node_count;
    w->old_count = p->kernel_count;
    w->old = arena_new_array(w->arena, Kernel, count + nodes);
    w->order = arena_new_array(w->arena, Kernel *, count + nodes);
    w->kernel_of = arena_new_array(w->arena, int, nodes);
    memcpy(w->old, p->kernel, count * sizeof *w->old);
    memcpy(w->kernel_of, p->kernel_of, nodes * sizeof *w->kernel_of);
    for (size_t i = 0; i < count; i++) w->order[i] = &w->old[p->order[i] - p->kernel];
}

/* Whether a kernel makes several values that kernels of their own could make, with the same bits.
 */
static bool is_joint(const Rerun *w, const Kernel *k) {
    if (!is_fused(k) || k->store_count < 2) return false;
    for (int s = 0; s < k->store_count; s++)
        if (!is_held(w, k->store[s])) return false;
    return true;
}

/* The last position of what makes what a kernel reads. */
static int last_maker(const Rerun *w, const Kernel *k) {
    int last = -1;
    for (int i = 0; i < k->read_count; i++) {
        const Kernel *m = maker(w, k->read[i]);
        if (m && m->position > last) last = m->position;
    }
    return last;
}

static int by_turn(const void *x, const void *y) {
    const Kernel *a = *(Kernel *const *)x, *b = *(Kernel *const *)y;
    if (a->turn != b->turn) return a->turn < b->turn ? -1 : 1;
    return (a > b) - (a < b);
}

/* Kernels that make several values become kernels that make one each, as soon as they can, so that
 * what they read need not be there at once. */
static void take_apart(Rerun *w) {
    int count = w->old_count;
    for (int i = 0; i < count; i++) {
        Kernel *k = &w->old[i];
        k->turn = 2 * k->position;
        if (!is_joint(w, k)) continue;
        Kernel whole = *k;
        for (int s = 0; s < whole.store_count; s++) {
            Kernel *own = s ? &w->old[w->old_count++] : k;
            *own = whole;
            kernel_keep(own, s, w->keep);
            if (!is_cut(w)) own->turn = 2 * last_maker(w, own) + 1;
        }
    }
    for (int i = 0; i < w->old_count; i++) {
        w->order[i] = &w->old[i];
        for (int s = 0; s < w->old[i].store_count; s++) w->kernel_of[w->old[i].store[s]->id] = i;
    }
    qsort(w->order, (size_t)w->old_count, sizeof *w->order, by_turn);
    for (int i = 0; i < w->old_count; i++) w->order[i]->position = i;
}

/* Whether a kernel reads the old value of a state that gets its new one before the updates. */
static bool reads_fleeting(const Rerun *w, const Kernel *k, const bool *update) {
    const Plan *p = w->was;
    for (int j = 0; j < k->read_count; j++) {
        const State *s = leaf_state(k->read[j]);
        for (int i = 0; s && i < p->assign_count; i++) {
            const Node *v = storage(p->assign[i].value);
            const Kernel *m = maker(w, v);
            if (p->assign[i].state == s && m && m != k && !is_held(w, v) && !update[m - w->old])
                return true;
        }
    }
    return false;
}

/* By kernel: whether it gives a state a new value that nothing reads but such kernels. */
static bool *find_updates(const Rerun *w) {
    const Plan *p = w->was;
    bool *read = arena_new_array(w->arena, bool, (size_t)p->node_count);
    bool *update = arena_new_array(w->arena, bool, (size_t)w->old_count);
    for (int i = 0; i < p->output_count; i++) read[storage(p->output[i])->id] = true;
    for (int i = w->old_count; i-- > 0;) {
        const Kernel *k = w->order[i];
        bool *own = &update[k - w->old];
        for (int s = 0; s < k->store_count; s++) *own |= !is_held(w, k->store[s]);
        for (int s = 0; s < k->store_count; s++) *own &= !read[k->store[s]->id];
        *own &= k->work.kind == WORK_POINTWISE && !reads_fleeting(w, k, update);
        for (int j = 0; j < k->read_count && !*own; j++) read[k->read[j]->id] = true;
    }
    return update;
}

/* Puts updates behind all else but copies to states: what reads a parameter can then be run again
 * at any time, while the gradients must wait. */
static void put_off_updates(Rerun *w) {
    const bool *update = find_updates(w);
    for (int i = 0; i < w->old_count; i++) {
        Kernel *k = w->order[i];
        k->turn = i + (k->target ? 2 : update[k - w->old] ? 1 : 0) * w->old_count;
    }
    qsort(w->order, (size_t)w->old_count, sizeof *w->order, by_turn);
    for (int i = 0; i < w->old_count; i++) {
        Kernel *k = w->order[i];
        k->position = i;
        if (k->turn < w->old_count) continue;
        const Kernel *last = i ? w->order[i - 1] : k;
        k->segment = last->segment + in_shards(last);
    }
}

void reorder(Rerun *w, int ways) {
    take_old(w);
    if (ways & APART) take_apart(w);
    if (ways & LATE) put_off_updates(w);
}
