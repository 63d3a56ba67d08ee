/* Worlds: the values of states within an update, and what they would be after others. */
#include "page/eval/scope.h"

#include <string.h>

World *world_above(Build *b, World *up) {
    World *w = arena_alloc(b->arena, sizeof *w);
    w->up = up;
    w->own_noise = up->own_noise;
    w->root = scope_again(b, up->root);
    return w;
}

static Pending *find(const World *w, const State *s) {
    int i = address_number(&w->assigned, s);
    return i < 0 ? NULL : &w->pending[i];
}

static Node *value_in(Build *b, const World *w, const State *s) {
    const Pending *p = NULL;
    bool stopped = false;
    for (; w && !p; w = w->up) {
        p = find(w, s);
        stopped |= w->stopped;
    }
    Node *n = p ? p->value : n_state(b->g, s);
    return stopped ? n_stop(b->g, n) : n;
}

Node *state_value(Build *b, const State *s) { return value_in(b, b->world, s); }
Node *state_before(Build *b, const State *s) { return value_in(b, b->world->up, s); }

bool state_assigned(const Build *b, const State *s, const Node *cause) {
    const Pending *p = find(b->world, s);
    return p && p->cause == cause;
}

void state_assign(Build *b, State *s, Node *value, const Node *cause) {
    build_whole(b, NULL, value, s->name);
    World *w = b->world;
    Pending *p = find(w, s);
    if (!p) {
        if (w->pending_count == w->pending_capacity) {
            int capacity = w->pending_capacity ? 2 * w->pending_capacity : 32;
            Pending *more = arena_new_array(b->arena, Pending, (size_t)capacity);
            if (w->pending_count) memcpy(more, w->pending, (size_t)w->pending_count * sizeof *more);
            w->pending = more;
            w->pending_capacity = capacity;
        }
        w->assigned.arena = b->arena;
        address_give(&w->assigned, s, w->pending_count);
        p = &w->pending[w->pending_count++];
    }
    *p = (Pending){s, value, cause};
}

Value net_stopped(Build *b, const Value *net) {
    Value v = *net;
    v.world = world_above(b, net->world);
    v.world->stopped = true;
    return v;
}
