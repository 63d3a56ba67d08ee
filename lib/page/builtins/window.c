#include "page/builtins/window.h"

#include <string.h>

Node *window_map(Build *b, const Expr *at, const Value *v, const char *who) {
    Node *x = as_node(b, at, v, who);
    char s[200];
    if (x->rank < 3 || x->rank > 5 || !v->batched)
        build_fail(b, at, "%s takes [N,W,C], [N,H,W,C] or [N,D,H,W,C], this is %s", who,
                   node_shape_text(x, s, sizeof s));
    return x;
}

void window_axes(Build *b, const Expr *at, const Value *v, const char *what, int dims,
                 size_t *out) {
    if (v->kind == V_LIST && v->count != dims)
        build_fail(b, at, "%s: %d axes, found a list of %d", what, dims, v->count);
    for (int i = 0; i < dims; i++)
        out[i] = as_size(b, at, v->kind == V_LIST ? &v->items[i] : v, what);
}

void window_extents(Build *b, const Expr *at, const Value *kernel, const Value *stride,
                    ConvShape *s) {
    window_axes(b, at, kernel, "kernel", s->dims, s->kernel);
    window_axes(b, at, stride, "stride", s->dims, s->stride);
    for (int i = 0; i < s->dims; i++)
        if (!s->kernel[i] || !s->stride[i])
            build_fail(b, at, "kernel and stride must be at least 1");
}

bool window_same(Build *b, const Expr *at, const Value *padding) {
    if (!padding || padding->kind != V_TEXT) return false;
    if (strcmp(padding->text, "same"))
        build_fail(b, at, "padding: expected a number or \"same\", found \"%s\"", padding->text);
    return true;
}

void window_place(Build *b, const Expr *at, const Value *padding, bool ceil, ConvShape *s) {
    size_t pad[3] = {0};
    bool same = window_same(b, at, padding);
    if (padding && !same) window_axes(b, at, padding, "padding", s->dims, pad);
    for (int i = 0; i < s->dims; i++) {
        size_t in = s->in[i], st = s->stride[i];
        size_t k = (s->kernel[i] - 1) * (s->dilation[i] ? s->dilation[i] : 1) + 1;
        size_t out = (in + st - 1) / st;
        if (!padding) {
            s->pad[i] = (k - 1) / 2;
        } else if (same) {
            size_t span = (out - 1) * st + k;
            s->pad[i] = span > in ? (span - in) / 2 : 0;
        } else {
            if (in + 2 * pad[i] < k)
                build_fail(b, at, "kernel %zu does not fit into %zu with padding %zu", k, in,
                           pad[i]);
            s->pad[i] = pad[i];
            out = (in + 2 * pad[i] - k + (ceil ? st - 1 : 0)) / st + 1;
            if (ceil && (out - 1) * st >= in + pad[i]) out--;
        }
        s->out[i] = out;
    }
}
