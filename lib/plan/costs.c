/* What the layers of a page cost, forwards: the operations that have weights of their own, by the
 * name of those, and what all operations of a net come to. */
#include "plan/plan_internal.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    const char *name;
    size_t length;    /* of the name, which goes on behind it */
    const Node *made; /* the first thing that it makes */
    double uses, macs, bytes;
} Layer;

typedef struct {
    const Plan *p;
    Layer *layers;
    size_t count;
} Costs;

/* The state that an operand is made of, without another kernel between; NULL if it is of none. */
static const State *weight_of(const Node *n) {
    while (n->op->class != CLASS_KERNEL && n->op->class != CLASS_REDUCE && n->input_count)
        n = n->input[0];
    return leaf_state(n);
}

static Layer *layer_named(Costs *c, const char *name, size_t length, const Node *made) {
    for (size_t i = 0; i < c->count; i++)
        if (c->layers[i].length == length && !strncmp(c->layers[i].name, name, length))
            return &c->layers[i];
    c->layers[c->count] = (Layer){.name = name, .length = length, .made = made};
    return &c->layers[c->count++];
}

static bool multiplies(const Node *n) {
    return n->op == &op_matmul || n->op == &op_conv[CONV_FORWARD] || n->op == &op_conv[CONV_DATA];
}

/* Adds one of the page's own operations; what multiplies nothing that is trained is of "-". */
static void add(Costs *c, const Node *n) {
    const State *w = NULL;
    for (int i = n->input_count; i-- > 0 && !w;) w = weight_of(n->input[i]);
    const char *name = w ? w->name : "-", *end = strrchr(name, '.');
    Layer *l = layer_named(c, name, end ? (size_t)(end - name) : strlen(name), n);
    l->uses++;
    l->macs += n->op->flops(n) / 2;
    l->bytes += (double)(n->count * sizeof(float));
}

static bool is_of(const State *s, const char *name, size_t length) {
    return !strncmp(s->name, name, length) && s->name[length] == '.';
}

/* Numbers that are trained below a name. */
static size_t parameters_of(const Plan *p, const char *name, size_t length) {
    size_t sum = 0;
    for (int i = 0; i < p->g->count; i++) {
        const State *s = p->needed[i] ? leaf_state(p->g->nodes[i]) : NULL;
        if (s && is_of(s, name, length) && !strstr(s->name, ".running_")) sum += s->count;
    }
    return sum;
}

static void print_row(const Costs *c, const Layer *l, const char *shape, Str *out) {
    str_printf(out, "%-32.*s %-20s %12zu %14.0f %14.0f\n", (int)l->length, l->name, shape,
               parameters_of(c->p, l->name, l->length), l->macs, l->bytes);
}

/* Nets in the order of their first layers. */
static void print_nets(const Costs *c, Str *out) {
    for (size_t i = 0; i < c->count; i++) {
        Layer net = c->layers[i];
        net.length = strcspn(net.name, ".");
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = strcspn(c->layers[j].name, ".") == net.length &&
                   !strncmp(c->layers[j].name, net.name, net.length);
        if (seen) continue;
        for (size_t j = i + 1; j < c->count; j++) {
            const Layer *l = &c->layers[j];
            if (strcspn(l->name, ".") != net.length || strncmp(l->name, net.name, net.length))
                continue;
            net.macs += l->macs;
            net.bytes += l->bytes;
        }
        print_row(c, &net, "", out);
    }
}

/* By node: whether it is one of the page's own that is needed and no gradient went into, as it does
 * into a parameter's new value. */
static bool *forwards(const Plan *p) {
    bool *own = arena_new_array(p->g->arena, bool, (size_t)p->g->count);
    for (int i = 0; i < p->g->count; i++) {
        const Node *n = p->g->nodes[i];
        own[i] = p->needed[i] && !n->order;
        for (int k = 0; k < reads(n); k++) own[i] = own[i] && own[n->input[k]->id];
    }
    return own;
}

void plan_layers(const Plan *p, Str *out) {
    Costs c = {p, arena_new_array(p->g->arena, Layer, (size_t)p->g->count + 1), 0};
    const bool *own = forwards(p);
    double bytes = 0;
    for (int i = 0; i < p->g->count; i++) {
        const Node *n = p->g->nodes[i];
        OpClass of = n->op->class;
        if (!own[i]) continue;
        if (of == CLASS_POINTWISE || of == CLASS_REDUCE || of == CLASS_KERNEL)
            bytes += (double)(n->count * sizeof(float));
        if (multiplies(n)) add(&c, n);
    }
    str_printf(out, "%-32s %-20s %12s %14s %14s\n", "layer", "makes", "parameters", "MACs",
               "bytes");
    for (size_t i = 0; i < c.count; i++) {
        char shape[200];
        node_shape_text(c.layers[i].made, shape, sizeof shape);
        if (c.layers[i].uses > 1)
            snprintf(shape + strlen(shape), sizeof shape - strlen(shape), " x%.0f",
                     c.layers[i].uses);
        print_row(&c, &c.layers[i], shape, out);
    }
    print_nets(&c, out);
    str_printf(out, "all operations make %.0f bytes\n", bytes);
}
