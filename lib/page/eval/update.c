#include "page/eval/update.h"

#include <string.h>

#include "maths/gram.h"
#include "page/builtins/optimizers.h"
#include "page/eval/scope.h"

/* ---- cost and gradients ---- */

static bool trains(const Statement *player, const Entry *e) {
    for (int i = 0; i < player->param_count; i++)
        if (e->kind == ENTRY_PARAM && !e->outside && entry_belongs(e, player->params[i]))
            return true;
    return false;
}

Node *update_cost(Build *b, Scope *scope, const Expr *e) {
    Value v = build_eval(b, scope, e);
    Node *cost = as_node(b, e, &v, "cost");
    char s[200];
    if (cost->count != 1)
        build_fail(b, e, "the cost must be one number, this is %s; take its mean",
                   node_shape_text(cost, s, sizeof s));
    return n_reshape(b->g, cost, 0, NULL);
}

struct Descent {
    const Statement *player;
    size_t count;
    Entry **entry;
    Node **d;
};

Descent *update_gradients(Build *b, const Statement *player, Node *cost, bool maximise) {
    size_t n = 0, count = b->store->count;
    build_spend(b, player->expr, count * (size_t)player->param_count + (size_t)b->g->count);
    Descent *to = arena_alloc(b->arena, sizeof *to);
    Entry **entry = arena_new_array(b->arena, Entry *, count + 1);
    Node **x = arena_new_array(b->arena, Node *, count + 1);
    Node **d = arena_new_array(b->arena, Node *, count + 1);
    for (size_t i = 0; i < count; i++) {
        Entry *e = b->store->entries[i];
        if (!trains(player, e)) continue;
        entry[n] = e;
        x[n++] = state_value(b, &e->state);
    }
    if (maximise) cost = n_unary(b->g, PW_NEG, cost);
    graph_gradients(b->g, cost, (int)n, x, d);
    *to = (Descent){player, n, entry, d};
    return to;
}

double update_interval(Build *b, const Define *term) {
    Value v = build_eval(b, NULL, term->every);
    return (double)as_size(b, term->every, &v, "every");
}

/* The player's own optimizer. */
static Value own_optimizer(Build *b, const Statement *player) {
    double updates = 1;
    for (int i = 0; i < player->lazy.count; i++) {
        double k = update_interval(b, &player->lazy.list[i]);
        if (k > 0) updates += 1 / k;
    }
    Value v = build_eval(b, NULL, player->optimizer);
    return updates > 1 ? optimizer_slowed(b, player->optimizer, &v, 1 / updates) : v;
}

void update_descend(Build *b, const Descent *to, const Value *optimizer) {
    const Statement *player = to->player;
    Value own;
    if (!optimizer) {
        own = own_optimizer(b, player);
        optimizer = &own;
    }
    Node *due = optimizer_gather(b, player->optimizer, optimizer, player->name, to->count,
                                 to->entry, to->d);
    optimizer_clip(b, player->optimizer, optimizer, to->count, to->d);
    bool any = false;
    for (size_t i = 0; i < to->count; i++) {
        if (n_is_number(to->d[i], 0)) continue; /* the cost does not depend on it */
        optimizer_update(b, player->optimizer, optimizer, player->name, to->entry[i], to->d[i],
                         due);
        any = true;
    }
    if (!any)
        build_fail(b, player->expr,
                   "player %s has nothing to train: its cost does not depend on %s", player->name,
                   player->params[0]);
}

/* ---- actions ---- */

/* The params of a net, or a param, that have so many axes at least. */
static Entry **params_of(Build *b, const Expr *e, const char *net, int axes, size_t *count) {
    Entry **list = arena_new_array(b->arena, Entry *, b->store->count + 1);
    *count = 0;
    build_spend(b, e, b->store->count);
    for (size_t i = 0; i < b->store->count; i++) {
        Entry *s = b->store->entries[i];
        if (s->kind == ENTRY_PARAM && s->state.rank >= axes && entry_belongs(s, net))
            list[(*count)++] = s;
    }
    if (!*count)
        build_fail(b, e, "%s: no %s under %s", e->text, axes ? "weights" : "parameters", net);
    return list;
}

enum { WEIGHT_AXES = 2 }; /* and more; biases and gains have one */

/* clip(NET, low, high) or clip(NET, c) for [-c, c]: Arjovsky et al. 2017, algorithm 1 */
static void action_clip(Build *b, Scope *scope, const Expr *e) {
    if (e->count < 2 || e->count > 3 || e->items[0]->kind != E_NAME)
        build_fail(b, e, "clip(NET, c) or clip(NET, low, high)");
    Value low = build_eval(b, scope, e->items[1]), high = low;
    if (e->count == 3)
        high = build_eval(b, scope, e->items[2]);
    else
        low = value_number(-as_number(b, e->items[1], &high, "clip"));
    size_t count;
    Entry **p = params_of(b, e, e->items[0]->text, 0, &count);
    for (size_t i = 0; i < count; i++) {
        Node *v = state_value(b, &p[i]->state);
        v = n_binary(b->g, PW_MAX, v, as_node(b, e, &low, "clip"));
        v = n_binary(b->g, PW_MIN, v, as_node(b, e, &high, "clip"));
        state_assign(b, &p[i]->state, v, NULL);
    }
}

static void assign_weight(Build *b, const Expr *e, Entry *w, const Value *v) {
    char have[200], want[200];
    Node *n = as_node(b, e, v, "new value");
    if (n->rank != w->state.rank || v->batched ||
        memcmp(n->shape, w->state.shape, (size_t)n->rank * sizeof *n->shape))
        build_fail(b, e, "%s is %s, its new value %s", w->state.name,
                   shape_text(w->state.rank, w->state.shape, want, sizeof want),
                   node_shape_text(n, have, sizeof have));
    state_assign(b, &w->state, n_stop(b->g, n), NULL);
}

/* apply(NET, f): each weight W becomes f(W) */
static void action_apply(Build *b, Scope *scope, const Expr *e) {
    if (e->count != 2 || e->items[0]->kind != E_NAME)
        build_fail(b, e, "apply(NET, f), f being a block or net of a weight");
    Value f = build_eval(b, scope, e->items[1]);
    if (f.kind != V_NET)
        build_fail(b, e->items[1], "apply: expected a block or net, found %s", value_kind(&f));
    size_t count;
    Entry **w = params_of(b, e, e->items[0]->text, WEIGHT_AXES, &count);
    for (size_t i = 0; i < count; i++) {
        Value v = value_tensor(state_value(b, &w[i]->state), false);
        v = net_apply(b, e, &f, 1, &v, w[i]->state.name);
        assign_weight(b, e, w[i], &v);
    }
}

/* The gains of batch norms are kept within the bounds of maths/gram.h. */
static void clip_gains(Build *b, const char *net) {
    static const char weight[] = ".weight";
    for (size_t i = 0; i < b->store->count; i++) {
        Entry *e = b->store->entries[i];
        size_t n = strlen(e->state.name), end = sizeof weight - 1;
        if (e->kind != ENTRY_PARAM || e->state.rank != 1 || !entry_belongs(e, net) || n <= end ||
            strcmp(e->state.name + n - end, weight))
            continue;
        const Entry *variance = store_find(
            b->store, arena_printf(b->arena, "%.*s.running_var", (int)(n - end), e->state.name));
        if (!variance) continue;
        Graph *g = b->g;
        Node *most = n_add(g, state_value(b, &variance->state), n_number(g, (float)GAIN_EPS));
        most = n_unary(g, PW_SQRT, most);
        Node *gain = n_binary(g, PW_MIN, state_value(b, &e->state), most);
        gain = n_binary(g, PW_MAX, gain, n_scale(g, most, GAIN_LEAST));
        state_assign(b, &e->state, n_stop(g, gain), NULL);
    }
}

/* clip_singular_values(NET, most) */
static void action_clip_singular(Build *b, Scope *scope, const Expr *e) {
    if (e->count != 2 || e->items[0]->kind != E_NAME)
        build_fail(b, e, "clip_singular_values(NET, most)");
    Value most = build_eval(b, scope, e->items[1]);
    const Builtin *f = builtin_find("clip_singular_values");
    size_t count;
    Entry **w = params_of(b, e, e->items[0]->text, WEIGHT_AXES, &count);
    for (size_t i = 0; i < count; i++) {
        Value v = value_tensor(state_value(b, &w[i]->state), false);
        v = f->run(b, e, (Value *[]){&v, &most, &(Value){0}, &(Value){0}});
        assign_weight(b, e, w[i], &v);
    }
    clip_gains(b, e->items[0]->text);
}

static const struct {
    const char *name;
    void (*run)(Build *, Scope *, const Expr *);
} action_table[] = {
    {"clip", action_clip}, {"apply", action_apply}, {"clip_singular_values", action_clip_singular}};

/* The state or param an action gives a value, made if no cost has used it yet. Its name is bound to
 * the old value now, so that all actions see the values of before. */
static Entry *target_of(Build *b, Scope *scope, const Define *d) {
    Expr *name = arena_alloc(b->arena, sizeof *name);
    *name = (Expr){.kind = E_NAME,
                   .file = b->page->file,
                   .text = d->names[0],
                   .line = d->line,
                   .column = d->column};
    build_eval(b, scope, name);
    Entry *e = store_find(b->store, d->names[0]);
    if (!e || (e->kind != ENTRY_STATE && e->kind != ENTRY_PARAM))
        build_fail(b, d->expr, "%s is neither a state nor a param", d->names[0]);
    return e;
}

/* In the value of a param, and in nets and blocks that it calls, its name means what the update has
 * made of it. */
static void action_assign(Build *b, Scope *scope, const Define *d) {
    Entry *e = target_of(b, scope, d);
    if (e->kind == ENTRY_PARAM) {
        Value made = value_tensor(state_value(b, &e->state), false);
        scope = scope_new(b, scope);
        scope_bind(b, scope, d->names[0], made);
        b->renewed = scope_new(b, b->world->root);
        scope_bind(b, b->renewed, d->names[0], made);
    }
    Value v = build_eval(b, scope, d->expr);
    b->renewed = NULL;
    Node *n = n_stop(b->g, as_node(b, d->expr, &v, "new value"));
    n = n_broadcast(b->g, n, e->state.rank, e->state.shape);
    state_assign(b, &e->state, n, NULL);
}

void update_action(Build *b, Scope *scope, const Define *d) {
    if (d->name_count) {
        action_assign(b, scope, d);
        return;
    }
    for (size_t i = 0; i < sizeof action_table / sizeof *action_table; i++)
        if (!strcmp(action_table[i].name, d->expr->text)) {
            action_table[i].run(b, scope, d->expr);
            return;
        }
    build_fail(b, d->expr, "unknown action %s", d->expr->text);
}

/* An action's value, of the state's shape; in it the state's name has the value `old`. */
static Node *action_value(Build *b, Scope *scope, const Define *d, const State *s, Node *old,
                          const char *prefix) {
    Scope *inner = scope_new(b, scope);
    scope_bind(b, inner, d->names[0], value_tensor(old, false));
    Value v = eval_under(b, inner, d->expr, arena_printf(b->arena, "%s.then", prefix));
    Node *n = n_stop(b->g, as_node(b, d->expr, &v, "new value"));
    return n_broadcast(b->g, n, s->rank, s->shape);
}

void net_actions(Build *b, Scope *scope, const Statement *net, const char *prefix) {
    for (int i = 0; i < net->then.count && b->playing; i++) {
        const Define *d = &net->then.list[i];
        Entry *e = scope_state(b, scope, d->expr, d->names[0]);
        if (!e) build_fail(b, d->expr, "%s is not a state of %s", d->names[0], net->name);
        if (e->kind == ENTRY_AVERAGE) continue; /* it follows its net's */
        State *s = &e->state;
        Node *before = state_before(b, s), *now = state_value(b, s);
        Node *cause = action_value(b, scope, d, s, before, prefix);
        if (state_assigned(b, s, cause)) continue;
        state_assign(b, s, now == before ? cause : action_value(b, scope, d, s, now, prefix),
                     cause);
    }
}

/* ---- averages ---- */

/* One tensor of an average: follows its source's new value. */
static void follow(Build *b, const Statement *average, Entry *source, Node *rate) {
    const char *suffix = source->state.name + strlen(average->params[0]);
    const char *name = arena_printf(b->arena, "%s%s", average->name, suffix);
    Entry *e = average_entry(b, average->expr, name, source);
    Node *now = state_value(b, &source->state), *old = state_before(b, &e->state);
    state_assign(b, &e->state, n_toward(b->g, old, now, rate), NULL);
}

/* The rate at which running statistics follow. What they start at says nothing of the net, so it is
 * to be forgotten soon: the decay is (1 + t)/(10 + t) where that is smaller, t steps being played
 * (as TensorFlow's ExponentialMovingAverage has it). A decay of 1 holds them still. */
static Node *statistics_rate(Build *b, Node *rate) {
    Graph *g = b->g;
    Node *steps = n_add(g, n_number(g, 10), n_input(g, &b->step));
    Node *soon = n_binary(g, PW_MAX, rate, n_div(g, n_number(g, 9), steps));
    return n_mul(g, soon, n_binary(g, PW_LT, n_number(g, 0), rate));
}

void update_averages(Build *b, const Statement *player) {
    for (int i = 0; i < b->page->count; i++) {
        const Statement *s = &b->page->statements[i];
        bool mine = false;
        for (int k = 0; k < player->param_count && s->kind == ST_AVERAGE; k++)
            mine |= !strcmp(s->params[0], player->params[k]);
        build_spend(b, NULL, mine ? b->store->count : 0);
        if (!mine) continue;
        Value decay = build_eval(b, NULL, s->expr);
        if (decay.kind == V_NUMBER && !(decay.number >= 0 && decay.number <= 1))
            build_fail(b, s->expr, "average: expected a decay from 0 to 1, found %g", decay.number);
        Node *rate = n_sub(b->g, n_number(b->g, 1), as_node(b, s->expr, &decay, "decay"));
        for (size_t k = 0, n = b->store->count; k < n; k++) {
            Entry *e = b->store->entries[k];
            if (!entry_belongs(e, s->params[0])) continue;
            if (e->kind == ENTRY_PARAM) follow(b, s, e, rate);
            if (e->kind == ENTRY_BUFFER) follow(b, s, e, statistics_rate(b, rate));
        }
    }
}

bool update_in_parts(const Statement *player) {
    bool parts = player->lazy.count;
    for (int i = 0; i < player->then.count; i++) parts |= player->then.list[i].every != NULL;
    return parts;
}

void update_assign(Build *b, Scope *scope, const Statement *player, const Descent *d,
                   const Value *optimizer) {
    update_descend(b, d, optimizer);
    for (int i = 0; i < player->then.count; i++)
        if (!player->then.list[i].every) update_action(b, scope, &player->then.list[i]);
    if (!update_in_parts(player) || b->world->up) update_averages(b, player);
}

/* ---- looking ahead ---- */

static const Statement *player_of(Build *b, const Expr *at, const Value *net, const char *name) {
    const Statement *player = NULL;
    for (int i = 0; i < b->page->count; i++) {
        const Statement *s = &b->page->statements[i];
        bool mine = s->kind == ST_PLAYER && name && !strcmp(s->name, name);
        for (int k = 0; s->kind == ST_PLAYER && !name && k < s->param_count; k++)
            mine |= !strcmp(s->params[k], net->root);
        if (mine && player)
            build_fail(b, at, "after: players %s and %s train %s; say by=\"%s\"", player->name,
                       s->name, net->root, s->name);
        if (mine) player = s;
    }
    if (!player && name) build_fail(b, at, "after: the page has no player %s", name);
    if (!player)
        build_fail(b, at, "after: no player trains %s; name one: by=\"PLAYER\"", net->root);
    return player;
}

/* The players whose updates are being looked ahead at, innermost first. */
struct Ahead {
    const Statement *player;
    const Ahead *up;
};

/* The world after one more update of the player. */
static World *updated(Build *b, const Statement *player, World *up, const Value *optimizer,
                      bool own_noise) {
    World *here = b->world, *w = world_above(b, up);
    Tap *taps = b->taps;
    b->world = w;
    w->own_noise = own_noise;
    Scope *scope = build_where(b, &player->let);
    Node *cost = update_cost(b, scope, player->expr);
    update_assign(b, scope, player, update_gradients(b, player, cost, player->maximizes),
                  optimizer);
    w->root = scope_again(b, w->root); /* its names had the values of before the update */
    b->world = here;
    b->taps = taps; /* those of the update are not to be asked for */
    return w;
}

Value f_after(Build *b, const Expr *at, Value **arg) {
    enum { NET, UPDATES, BY, OPTIMIZER, FRESH, UPDATES_MAX = 1000 };
    Value net = *arg[NET];
    if (net.kind != V_NET || !net.root)
        build_fail(b, at, "after takes a net, not %s",
                   net.kind == V_NET ? "a block" : value_kind(&net));
    size_t k = as_size(b, at, arg[UPDATES], "updates");
    if (k > UPDATES_MAX) build_fail(b, at, "after: more than %d updates", UPDATES_MAX);
    const Statement *player =
        player_of(b, at, &net, arg[BY] ? as_text(b, at, arg[BY], "by") : NULL);
    bool fresh = as_bool(b, at, arg[FRESH], "fresh");
    for (const Ahead *a = b->ahead; a; a = a->up)
        if (a->player == player)
            build_fail(b, at, "the update of player %s looks ahead at itself", player->name);
    Ahead ahead = {player, b->ahead};
    b->ahead = &ahead;
    for (size_t i = 0; i < k; i++) net.world = updated(b, player, net.world, arg[OPTIMIZER], fresh);
    b->ahead = ahead.up;
    return net;
}
