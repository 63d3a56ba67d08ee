/* window.h: what slides over a map: kernels of convolutions and windows of pooling. */
#ifndef GAN_WINDOW_H
#define GAN_WINDOW_H

#include "page/eval/build.h"

/* The value as a map [N,W,C], [N,H,W,C] or [N,D,H,W,C]; `who` is for the message. */
Node *window_map(Build *b, const Expr *at, const Value *v, const char *who);
/* An argument that is one number for all axes or a list with one for each. */
void window_axes(Build *b, const Expr *at, const Value *v, const char *what, int dims, size_t *out);
/* Kernel and stride of s, whose dims are set. */
void window_extents(Build *b, const Expr *at, const Value *kernel, const Value *stride,
                    ConvShape *s);
/* Whether padding is "same"; another text is an error. */
bool window_same(Build *b, const Expr *at, const Value *padding);
/* Where the windows of s, with its input, kernel, stride and dilation, stand: s->pad and s->out.
 * NULL: out = ceil(in/stride), half the kernel at the low side. "same": TensorFlow's SAME, the odd
 * pixel at the high side. A number: that many at both sides, and a window that does not fit is left
 * out, or with `ceil` kept where it still begins on the map or its low side, as PyTorch's ceil_mode
 * does. */
void window_place(Build *b, const Expr *at, const Value *padding, bool ceil, ConvShape *s);

#endif
