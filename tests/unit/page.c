/* Every function, layer, distribution and optimizer of the page language: shapes and values. */
#include "pages.h"

#include <ctype.h>

/* minibatches of two */
static const char page_text[] = "data x: x[3]\n"
                                "data y: y[3]\n"
                                "data m: m[4,4,2]\n"
                                "data s: s[]\n"
                                "data l: label[3]\n"
                                "data line: line[9,2]\n"
                                "data box: box[4,6,2,3]\n"
                                "data odd: odd[7,5,3]\n"
                                "param p[3] = 0.5\n"
                                "param k[4,3] = normal(0, 1)\n"
                                "param w[3,4] = 0.5\n"
                                "net F(x) = x | linear(4, init=0.25, bias_init=1) | relu\n"
                                "net Both(b, a) = sum(b * a, 0)\n"
                                "graph pair = a: x, b: a * 2\n";
enum { X, Y, M, S, LABEL, LINE, BOX, ODD };

static Model model;

/* ---- values against C ---- */

static double d(int data, size_t i) { return page_datum(data, i); }
static double x(size_t i) { return d(X, i); }
static double y(size_t i) { return d(Y, i); }
static double pos(size_t i) { return fabs(d(X, i)) + 0.25; }
static double per(size_t i, double (*f)(size_t)) { return f(3 * i) + f(3 * i + 1) + f(3 * i + 2); }
static double sigmoid(double v) { return 1 / (1 + exp(-v)); }
static double logsumexp(size_t row) {
    return log(exp(x(3 * row)) + exp(x(3 * row + 1)) + exp(x(3 * row + 2)));
}
static double label(size_t i) { return i % 3 == i / 3 % 3; }
/* m[n, h, w, c] */
static double m_at(size_t n, size_t h, size_t w, size_t c) {
    return d(M, ((n * 4 + h) * 4 + w) * 2 + c);
}

#define V(name, expression) \
    static double name(size_t i) { return expression; }
V(v_relu, fmax(x(i), 0))
V(v_factor, 2 * (x(3 * i) * x(3 * i) + x(3 * i + 1) * x(3 * i + 1) + x(3 * i + 2) * x(3 * i + 2)))
V(v_lrelu, x(i) > 0 ? x(i) : 0.2 * x(i))
V(v_lrelu1, x(i) > 0 ? x(i) : 0.1 * x(i))
V(v_elu, x(i) > 0 ? x(i) : expm1(x(i)))
V(v_elu2, x(i) > 0 ? x(i) : 2 * expm1(x(i)))
V(v_tanh, tanh(x(i)))
V(v_sigmoid, sigmoid(x(i)))
V(v_softplus, log1p(exp(x(i))))
V(v_exp, exp(x(i)))
V(v_log, log(pos(i)))
V(v_sqrt, sqrt(pos(i)))
V(v_rsqrt, 1 / sqrt(pos(i)))
V(v_pow15, pow(pos(i), 1.5))
V(v_square, x(i) * x(i))
V(v_cube, x(i) * x(i) * x(i))
V(v_pow_2, 1 / (x(i) * x(i)))
V(v_exp2, pow(2, x(i)))
V(v_one, 1 + 0 * (double)i)
V(v_abs, fabs(x(i)))
V(v_sign, (x(i) > 0) - (x(i) < 0))
V(v_sin, sin(x(i)))
V(v_cos, cos(x(i)))
V(v_acos, acos(tanh(x(i))))
V(v_erf, erf(x(i)))
/* with the density p and the distribution function P: x P, P + x p, (2 - x^2) p */
static double density(double v) { return exp(-v * v / 2) / sqrt(2 * acos(-1)); }
static double below(double v) { return erfc(-v / sqrt(2)) / 2; }
V(v_gelu, x(i) * below(x(i)))
V(v_gelu1, below(x(i)) + x(i) * density(x(i)))
V(v_gelu2, (2 - x(i) * x(i)) * density(x(i)))
/* of -3, -1, 0, 1 and 2, from the table of the normal distribution */
static double v_gelu_known(size_t i) {
    static const double known[] = {-0.00404969409489028, -0.15865525393145707, 0,
                                   0.8413447460685429, 1.9544997361036416};
    return known[i];
}
/* with s = sigmoid(x): x s, s (1 + x (1-s)), s (1-s) (2 + x (1-2s)) */
V(v_silu, x(i) * sigmoid(x(i)))
V(v_silu1, sigmoid(x(i)) * (1 + x(i) * sigmoid(-x(i))))
V(v_silu2, sigmoid(x(i)) * sigmoid(-x(i)) * (2 + x(i) * (1 - 2 * sigmoid(x(i)))))
V(v_floor, floor(x(i)))
V(v_mod, x(i) - floor(x(i)))
V(v_max2, fmax(x(i), y(i)))
V(v_min2, fmin(x(i), y(i)))
V(v_max_half, fmax(x(i), 0.5))
V(v_clamp, fmin(fmax(x(i), -1), 0.5))
V(v_select, x(i) < y(i) ? x(i) : 7)
V(v_x, x(i))
V(v_neg, -x(i))
V(v_less, x(i) < y(i))
V(v_greater, x(i) > y(i))
V(v_unequal, x(i) != y(i))
V(v_grad, 2 * x(i) * y(i))
V(v_grad2, 2 * y(i) + 0 * x(i))
V(v_sum_all, per(i, x) + per(i + 1, x))
V(v_mean_all, (per(i, x) + per(i + 1, x)) / 6)
V(v_sum0, per(i, x))
V(v_batch_sum, x(i) + x(i + 3))
V(v_batch_mean, (x(i) + x(i + 3)) / 2)
V(v_max0, fmax(fmax(x(3 * i), x(3 * i + 1)), x(3 * i + 2)))
V(v_min0, fmin(fmin(x(3 * i), x(3 * i + 1)), x(3 * i + 2)))
V(v_sqnorm, x(3 * i) * x(3 * i) + x(3 * i + 1) * x(3 * i + 1) + x(3 * i + 2) * x(3 * i + 2))
V(v_norm, sqrt(v_sqnorm(i)))
V(v_dot, x(3 * i) * y(3 * i) + x(3 * i + 1) * y(3 * i + 1) + x(3 * i + 2) * y(3 * i + 2))
/* 0.3 of the way: what is at right angles to x, and x, in the plane of both */
static double v_slerp(size_t i) {
    size_t r = i / 3 * 3;
    double xx = 0, xy = 0, yy = 0;
    for (size_t k = r; k < r + 3; k++) xx += x(k) * x(k), xy += x(k) * y(k), yy += y(k) * y(k);
    double w = atan2(sqrt(xx * yy - xy * xy), xy);
    return (sin(0.7 * w) * x(i) + sin(0.3 * w) * y(i)) / sin(w);
}
static double v_sqdist(size_t i) {
    double sum = 0;
    for (size_t k = 0; k < 3; k++) sum += pow(x(i / 2 * 3 + k) - y(i % 2 * 3 + k), 2);
    return sum;
}
V(v_softmax, exp(x(i) - logsumexp(i / 3)))
V(v_logsoftmax, x(i) - logsumexp(i / 3))
V(v_crossentropy, logsumexp(i) - x(3 * i + i))
V(v_bce, log1p(exp(x(i))) - x(i) * label(i))
V(v_correct, v_max0(i) == x(3 * i + i))
V(v_spread, x(i) * 0.5 + d(S, i / 3))
V(v_flatten, m_at(i / 32, i % 16 / 4, i % 4, i % 32 / 16))
V(v_mapped, d(M, i))
V(v_transposed, m_at(i / 32, i % 8 / 2, i % 32 / 8, i % 2))
V(v_join, i % 6 < 3 ? x(i / 6 * 3 + i % 6) : y(i / 6 * 3 + i % 6 - 3))
V(v_join_number, i % 4 < 3 ? x(i / 4 * 3 + i % 4) : 9)
V(v_join_pixels, i % 5 < 2 ? d(M, i / 5 * 2 + i % 5) : x(i / 80 * 3 + i % 5 - 2))
static double v_minibatch_std(size_t i) {
    double sum = 0;
    for (size_t k = 0; k < 3; k++) sum += sqrt(pow((x(k) - x(k + 3)) / 2, 2) + 1e-8);
    return i % 4 < 3 ? x(i / 4 * 3 + i % 4) : sum / 3;
}
V(v_minibatch_std1, i % 4 < 3 ? x(i / 4 * 3 + i % 4) : 1e-4)
V(v_join_rows, i % 64 < 32 ? d(M, i / 64 * 32 + i % 32) : 2 * d(M, i / 64 * 32 + i % 32))
V(v_stack, i % 6 < 3 ? x(i / 6 * 3 + i % 3) : y(i / 6 * 3 + i % 3))
V(v_stack_last, i % 2 ? y(i / 2) : x(i / 2))
static double cell(size_t n, size_t h, size_t w, size_t c, size_t k, bool mean) {
    double sum = 0, top = -INFINITY;
    for (size_t a = 0; a < k * k; a++) {
        double v = m_at(n, h * k + a / k, w * k + a % k, c);
        sum += v;
        top = fmax(top, v);
    }
    return mean ? sum / (double)(k * k) : top;
}
V(v_avgpool, cell(i / 8, i % 8 / 4, i % 4 / 2, i % 2, 2, true))
V(v_maxpool, cell(i / 8, i % 8 / 4, i % 4 / 2, i % 2, 2, false))
V(v_gridpool, cell(i / 2, 0, 0, i % 2, 4, false))
V(v_upsample, m_at(i / 128, i % 128 / 16 / 2, i % 16 / 2 / 2, i % 2))
static double v_pad(size_t i) {
    size_t n = i / 72, h = i % 72 / 12, w = i % 12 / 2;
    return h < 1 || h > 4 || w < 1 || w > 4 ? 0 : m_at(n, h - 1, w - 1, i % 2);
}
V(v_onehot, (double)(i % 4) == floor(d(S, i / 4) + 2))
V(v_onehot2, i % 3 == 2)
V(v_row1, x(3 + i))
static double v_walk(size_t i) {
    double t = (double)(i / 3) / 4;
    return x(i % 3) * (1 - t) + x(i % 3 + 3) * t;
}
V(v_tap, per(i / 4, x) * 0.25 + 1)
V(v_weights, 0.25 + 0 * (double)i)
V(v_index, x(3 * i + 1))
V(v_index_range, x(i / 2 * 3 + 1 + i % 2))
V(v_pixel, m_at(i / 2, 3, 1, i % 2))
V(v_column, m_at(i / 8, i % 8 / 2, 2, i % 2))
V(v_linear, per(i / 2, x) * 2 + 0.5)
static double v_maxout(size_t i) { return per(i / 2, x) + 3; }
static double v_matmul(size_t i) { return per(i / 4, x) * 0.5; }
static double v_embedding(size_t i) { return 0.75 + 0 * (double)i; }
/* a kernel of ones: sums of neighbourhoods of m over both channels */
static double around(size_t n, long h, long w, long low, long high) {
    double sum = 0;
    for (long a = h + low; a <= h + high; a++)
        for (long b = w + low; b <= w + high; b++)
            if (a >= 0 && a < 4 && b >= 0 && b < 4)
                sum += m_at(n, (size_t)a, (size_t)b, 0) + m_at(n, (size_t)a, (size_t)b, 1);
    return sum;
}
V(v_conv, around(i / 16, (long)(i % 16 / 4), (long)(i % 4), -1, 1) + 2)
/* SAME with stride 2 and kernel 3: one pixel of padding, at the high side */
V(v_conv_same, around(i / 4, (long)(i % 4 / 2) * 2, (long)(i % 2) * 2, 0, 2))
/* by default it is at the low side */
V(v_conv_low, around(i / 4, (long)(i % 4 / 2) * 2, (long)(i % 2) * 2, -1, 1))
/* kernel 2, stride 2: each pixel becomes a block */
V(v_deconv, around(i / 64, (long)(i % 64 / 8 / 2), (long)(i % 8 / 2), 0, 0) - 1)
static double moments(size_t first, size_t step, size_t count, size_t i) {
    double sum = 0, square = 0;
    for (size_t k = 0; k < count; k++) sum += d(M, first + k * step);
    for (size_t k = 0; k < count; k++)
        square += pow(d(M, first + k * step) - sum / (double)count, 2);
    return (d(M, i) - sum / (double)count) / sqrt(square / (double)count + 1e-5);
}
V(v_batchnorm, moments(i % 2, 2, 32, i))
V(v_batchnorm_fixed, d(M, i) / sqrt(1 + 1e-5))
V(v_layernorm, moments(i / 32 * 32, 1, 32, i))
V(v_instancenorm, moments(i / 32 * 32 + i % 2, 2, 16, i))
/* of m and 3 - m side by side: the two channels of each are a group */
V(v_groupnorm, (i % 4 < 2 ? 1 : -1) * moments(i / 64 * 32, 1, 32, i / 4 * 2 + i % 2))
V(v_number, 5 + 0 * (double)i)
V(v_numbers, tanh(0.5) + sigmoid(0.3) + log1p(exp(0.1)) + exp(0.2) + log(3) + sqrt(5) + 0.25 + 3 -
                 1 + sin(1) + cos(2) + acos(-1) - 3 + 0 * (double)i)
#undef V

typedef struct {
    const char *expr, *shape;
    double (*want)(size_t i);
    bool training;
} Case;

static const Case cases[] = {
    {"relu(x)", "N[2,3]", v_relu, 0},
    {"x | relu", "N[2,3]", v_relu, 0},
    {"lrelu(x)", "N[2,3]", v_lrelu, 0},
    {"x | lrelu(0.1)", "N[2,3]", v_lrelu1, 0},
    {"lrelu(slope=0.1, x=x)", "N[2,3]", v_lrelu1, 0},
    {"lrelu(x, 0)", "N[2,3]", v_relu, 0},
    {"elu(x)", "N[2,3]", v_elu, 0},
    {"elu(x, 2)", "N[2,3]", v_elu2, 0},
    {"tanh(x)", "N[2,3]", v_tanh, 0},
    {"sigmoid(x)", "N[2,3]", v_sigmoid, 0},
    {"softplus(x)", "N[2,3]", v_softplus, 0},
    {"exp(x)", "N[2,3]", v_exp, 0},
    {"log(abs(x) + 0.25)", "N[2,3]", v_log, 0},
    {"sqrt(abs(x) + 0.25)", "N[2,3]", v_sqrt, 0},
    {"(abs(x) + 0.25)^0.5", "N[2,3]", v_sqrt, 0},
    {"(abs(x) + 0.25)^-0.5", "N[2,3]", v_rsqrt, 0},
    {"(abs(x) + 0.25)^1.5", "N[2,3]", v_pow15, 0},
    {"square(x)", "N[2,3]", v_square, 0},
    {"x^2", "N[2,3]", v_square, 0},
    {"-(-x^2)", "N[2,3]", v_square, 0},
    {"x^3", "N[2,3]", v_cube, 0},
    {"x^-2", "N[2,3]", v_pow_2, 0},
    {"x^0", "N[2,3]", v_one, 0},
    {"x^1", "N[2,3]", v_x, 0},
    {"2^x", "N[2,3]", v_exp2, 0},
    {"abs(x)", "N[2,3]", v_abs, 0},
    {"sign(x)", "N[2,3]", v_sign, 0},
    {"sin(x)", "N[2,3]", v_sin, 0},
    {"cos(x)", "N[2,3]", v_cos, 0},
    {"acos(tanh(x))", "N[2,3]", v_acos, 0},
    {"erf(x)", "N[2,3]", v_erf, 0},
    {"gelu(x)", "N[2,3]", v_gelu, 0},
    {"grad(gelu(x), x)", "N[2,3]", v_gelu1, 0},
    {"grad(sum(grad(gelu(x), x)), x)", "N[2,3]", v_gelu2, 0},
    {"gelu(0*k[0, 0] + stack([-3, -1, 0, 1, 2]))", "[5]", v_gelu_known, 0},
    {"silu(x)", "N[2,3]", v_silu, 0},
    {"grad(silu(x), x)", "N[2,3]", v_silu1, 0},
    {"grad(sum(grad(silu(x), x)), x)", "N[2,3]", v_silu2, 0},
    {"floor(x)", "N[2,3]", v_floor, 0},
    {"x % 1", "N[2,3]", v_mod, 0},
    {"maximum(x, y)", "N[2,3]", v_max2, 0},
    {"maximum(0.5, x)", "N[2,3]", v_max_half, 0},
    {"minimum(x, y)", "N[2,3]", v_min2, 0},
    {"clamp(x, -1, 0.5)", "N[2,3]", v_clamp, 0},
    {"select(x < y, x, 7)", "N[2,3]", v_select, 0},
    {"stop(x)", "N[2,3]", v_x, 0},
    {"-x", "N[2,3]", v_neg, 0},
    {"x < y", "N[2,3]", v_less, 0},
    {"y >= x", "N[2,3]", v_less, 0},
    {"x > y", "N[2,3]", v_greater, 0},
    {"y <= x", "N[2,3]", v_greater, 0},
    {"x != y", "N[2,3]", v_unequal, 0},
    {"1 - (x == y)", "N[2,3]", v_unequal, 0},
    {"grad(sum(x^2*y), x)", "N[2,3]", v_grad, 0},
    {"grad(sum(grad(x^2*y, x)), x)", "N[2,3]", v_grad2, 0},
    {"sum(x)", "[]", v_sum_all, 0},
    {"mean(x)", "[]", v_mean_all, 0},
    {"sum(x, 0)", "N[2]", v_sum0, 0},
    {"sum(x, axis=-1)", "N[2]", v_sum0, 0},
    {"sum(x, \"batch\")", "[3]", v_batch_sum, 0},
    {"mean(x, \"batch\")", "[3]", v_batch_mean, 0},
    {"sum(x, [0, \"batch\"])", "[]", v_sum_all, 0},
    {"max(x, 0)", "N[2]", v_max0, 0},
    {"min(x, 0)", "N[2]", v_min0, 0},
    {"norm(x)", "N[2]", v_norm, 0},
    {"sqnorm(x)", "N[2]", v_sqnorm, 0},
    {"dot(x, y)", "N[2]", v_dot, 0},
    {"slerp(x, y, 0.3)", "N[2,3]", v_slerp, 0},
    {"slerp(x, y, 0*dot(x, y) + 0.3)", "N[2,3]", v_slerp, 0},
    {"slerp(x, 2*x, 0)", "N[2,3]", v_x, 0},
    {"sqdist(x, y)", "N[2,2]", v_sqdist, 0},
    {"softmax(x)", "N[2,3]", v_softmax, 0},
    {"softmax(x + 300)", "N[2,3]", NULL, 0},
    {"logsoftmax(x)", "N[2,3]", v_logsoftmax, 0},
    {"x - logsumexp(x)", "N[2,3]", v_logsoftmax, 0},
    {"crossentropy(x, l)", "N[2]", v_crossentropy, 0},
    {"bce(x, l)", "N[2,3]", v_bce, 0},
    {"correct(x, l)", "N[2]", v_correct, 0},
    {"x*p + s", "N[2,3]", v_spread, 0},
    {"p*x + s", "N[2,3]", v_spread, 0},
    {"s + p*x", "N[2,3]", v_spread, 0},
    {"flatten(m)", "N[2,32]", v_flatten, 0},
    {"m | flatten | reshape(4, 4, 2)", "N[2,4,4,2]", v_mapped, 0},
    {"reshape(view(m, 32), 32)", "N[2,32]", v_mapped, 0},
    {"view(m, 16, 2)", "N[2,16,2]", v_mapped, 0},
    {"permute(m, 1, 0, 2)", "N[2,4,4,2]", v_transposed, 0},
    {"concat(x, y)", "N[2,6]", v_join, 0},
    {"concat([x, y])", "N[2,6]", v_join, 0},
    {"concat(x, 0*x[0..0] + 9)", "N[2,4]", v_join_number, 0},
    {"concat(m, x)", "N[2,4,4,5]", v_join_pixels, 0},
    {"concat(m, 2*m, axis=0)", "N[2,8,4,2]", v_join_rows, 0},
    {"stack([x, y])", "N[2,2,3]", v_stack, 0},
    {"stack([x, y], -1)", "N[2,3,2]", v_stack_last, 0},
    {"avgpool(m, 2)", "N[2,2,2,2]", v_avgpool, 0},
    {"maxpool(m, 2)", "N[2,2,2,2]", v_maxpool, 0},
    {"gridpool(m, 1)", "N[2,1,1,2]", v_gridpool, 0},
    {"upsample(m, 2)", "N[2,8,8,2]", v_upsample, 0},
    {"resize(m, 8, \"nearest\")", "N[2,8,8,2]", v_upsample, 0},
    {"roll(m, -4, 1)", "N[2,4,4,2]", v_mapped, 0},
    {"flip(flip(m, 0), 0)", "N[2,4,4,2]", v_mapped, 0},
    {"depth_to_space(space_to_depth(m, 2), 2)", "N[2,4,4,2]", v_mapped, 0},
    {"space_to_depth(depth_to_space(concat(m, m), [2, 1]), [2, 1])[0..-1, 0..-1, 0..1]",
     "N[2,4,4,2]", v_mapped, 0},
    {"upfirdn(m, [1, 1], up=2, padding=[1, 0])", "N[2,8,8,2]", v_upsample, 0},
    {"upfirdn(m, [1, 1], down=2)", "N[2,2,2,2]", v_avgpool, 0},
    {"upfirdn(m, [3], padding=1)", "N[2,6,6,2]", v_pad, 0},
    {"upfirdn(pad(m, 1), [1], padding=-1)", "N[2,4,4,2]", v_mapped, 0},
    {"conv(m, 1, 3, bias_init=2, weight=weight([3, 3, 2, 1], 1))", "N[2,4,4,1]", v_conv, 0},
    {"deconv(m, 1, 2, stride=2, weight=weight([2, 2, 1, 2], 0.5) + 0.5, bias_init=-1)",
     "N[2,8,8,1]", v_deconv, 0},
    {"linear(x, 2, weight=permute(weight([2, 3], 2), 1, 0), bias_init=0.5)", "N[2,2]", v_linear, 0},
    {"concat(m, view(x, 1, 1, 3))", "N[2,4,4,5]", v_join_pixels, 0},
    {"concat(view(x, 1, 1, 3), m)[0..3, 0..3, 3..4]", "N[2,4,4,2]", v_mapped, 0},
    {"minibatch_std(x)", "N[2,4]", v_minibatch_std, 0},
    {"minibatch_std(x, 1)", "N[2,4]", v_minibatch_std1, 0},
    {"pad(m, 1)", "N[2,6,6,2]", v_pad, 0},
    {"onehot(floor(s + 2), 4)", "N[2,4]", v_onehot, 0},
    {"onehot(2, 3)", "N[2,3]", v_onehot2, 0},
    {"rows(x, 1, 1)", "N[1,3]", v_row1, 0},
    {"batchmean(x)", "N[1,3]", v_batch_mean, 0},
    {"walk(x, 4)", "N[5,3]", v_walk, 0},
    {"tap(F(x), \"F.0\")", "N[2,4]", v_tap, 0},
    {"tap(F(x), \"F\", 0)", "N[2,4]", v_tap, 0},
    {"weights(\"F.0.weight\")", "N[4,3]", v_weights, 0},
    {"x[1]", "N[2]", v_index, 0},
    {"x[-2]", "N[2]", v_index, 0},
    {"x[1..2]", "N[2,2]", v_index_range, 0},
    {"x[-2..-1]", "N[2,2]", v_index_range, 0},
    {"m[3, 1]", "N[2,2]", v_pixel, 0},
    {"m[0..3, 2]", "N[2,4,2]", v_column, 0},
    {"linear(x, 2, init=2, bias_init=0.5)", "N[2,2]", v_linear, 0},
    {"maxout(x, 2, 3, init=1, bias_init=3)", "N[2,2]", v_maxout, 0},
    {"x @ w", "N[2,4]", v_matmul, 0},
    {"embedding(l, 5, init=0.75)", "N[2,5]", v_embedding, 0},
    {"conv(m, 1, 3, init=1, bias_init=2)", "N[2,4,4,1]", v_conv, 0},
    {"conv(m, 1, 3, stride=2, padding=\"same\", init=1, bias=0)", "N[2,2,2,1]", v_conv_same, 0},
    {"conv(m, 1, 3, 2, init=1, bias=0)", "N[2,2,2,1]", v_conv_low, 0},
    {"conv(m, 1, 3, 2, 1, init=1, bias=0)", "N[2,2,2,1]", v_conv_low, 0},
    {"deconv(m, 1, 2, stride=2, init=1, bias_init=-1)", "N[2,8,8,1]", v_deconv, 0},
    {"batchnorm(m)", "N[2,4,4,2]", v_batchnorm, 1},
    {"batchnorm(m, affine=0)", "N[2,4,4,2]", v_batchnorm, 1},
    {"batchnorm(m, bias=0)", "N[2,4,4,2]", v_batchnorm, 1},
    {"batchnorm(m)", "N[2,4,4,2]", v_batchnorm_fixed, 0},
    {"layernorm(m)", "N[2,4,4,2]", v_layernorm, 0},
    {"layernorm(m, bias=0)", "N[2,4,4,2]", v_layernorm, 0},
    {"instancenorm(m)", "N[2,4,4,2]", v_instancenorm, 1},
    {"groupnorm(m, 1)", "N[2,4,4,2]", v_layernorm, 0},
    {"groupnorm(m, groups=2)", "N[2,4,4,2]", v_instancenorm, 1},
    {"groupnorm(concat(m, 3 - m), groups=2, eps=1e-5)", "N[2,4,4,4]", v_groupnorm, 0},
    {"dropout(x)", "N[2,3]", v_x, 0},
    {"dropout(x, 0)", "N[2,3]", v_x, 1},
    {"7 % 4 + 2^3/4*1", "[]", v_number, 0},
    {"1 + 2*2", "[]", v_number, 0},
    {"tanh(0.5) + sigmoid(0.3) + softplus(0.1) + exp(0.2) + log(3) + sqrt(5) + square(-0.5) + "
     "abs(-3)"
     " + sign(-2) + sin(1) + cos(2) + acos(-1) + floor(-2.5)",
     "[]", v_numbers, 0},
    {"if 1 < 2 then 5 else nothing", "[]", v_number, 0},
    {"maximum(2, 5) + minimum(0, 3) + clamp(-4, 0, 1) + stop(0)", "[]", v_number, 0},
};

/* shapes alone */
static const Case shapes[] = {
    {"resize(odd, [3, 9], \"nearest\")", "N[2,3,9,3]", NULL, 0}, /* values: page-ops.c, maps.c */
    {"roll(odd, 2, 1)", "N[2,7,5,3]", NULL, 0},
    {"flip(odd, 0)", "N[2,7,5,3]", NULL, 0},
    {"depth_to_space(box, 1)", "N[2,4,6,2,3]", NULL, 0},
    {"space_to_depth(m, 2)", "N[2,2,2,8]", NULL, 0},
    {"conv(odd, 8, 3)", "N[2,7,5,8]", NULL, 0},
    {"conv(odd, 8, [3, 5], stride=[2, 1])", "N[2,4,5,8]", NULL, 0},
    {"conv(odd, 8, 4, stride=2, padding=1)", "N[2,3,2,8]", NULL, 0},
    {"conv(odd, 8, 5, stride=2, padding=\"same\")", "N[2,4,3,8]", NULL, 0},
    {"conv(odd, 8, [7, 5], padding=0)", "N[2,1,1,8]", NULL, 0},
    {"conv(odd, 8, 3, dilation=2)", "N[2,7,5,8]", NULL, 0},
    {"conv(odd, 6, 3, stride=2, padding=2, groups=3, dilation=[2, 1])", "N[2,4,4,6]", NULL, 0},
    {"conv(line, 4, 3, stride=2, groups=2)", "N[2,5,4]", NULL, 0},
    {"conv(odd, 8, 4, stride=2, padding=\"same\", dilation=2)", "N[2,4,3,8]", NULL, 0},
    {"deconv(odd, 6, 3, stride=2, groups=3, dilation=2)", "N[2,14,10,6]", NULL, 0},
    {"deconv(odd, 4, 3, stride=2, padding=1, dilation=2)", "N[2,15,11,4]", NULL, 0},
    {"conv(line, 4, 3, stride=2)", "N[2,5,4]", NULL, 0},
    {"conv(box, 4, 3, stride=[1, 2, 1])", "N[2,4,3,2,4]", NULL, 0},
    {"deconv(odd, 4, 5, stride=2)", "N[2,14,10,4]", NULL, 0},
    {"deconv(odd, 4, 4, stride=2, padding=1)", "N[2,14,10,4]", NULL, 0},
    {"deconv(odd, 4, 3, stride=2, padding=1, output_padding=1)", "N[2,14,10,4]", NULL, 0},
    {"deconv(odd, 4, 3, stride=2, padding=1)", "N[2,13,9,4]", NULL, 0},
    {"deconv(odd, 4, 5, stride=2, padding=\"same\")", "N[2,14,10,4]", NULL, 0},
    {"deconv(line, 4, 4, stride=3)", "N[2,27,4]", NULL, 0},
    {"deconv(box, 4, 4, stride=2)", "N[2,8,12,4,4]", NULL, 0},
    {"linear(m, 7)", "N[2,4,4,7]", NULL, 0},
    {"upfirdn(odd, [1, 3, 3, 1], up=2)", "N[2,14,10,3]", NULL, 0},
    {"upfirdn(odd, [1, 3, 3, 1], down=2)", "N[2,3,2,3]", NULL, 0},
    {"upfirdn(odd, [1, 3, 3, 1])", "N[2,7,5,3]", NULL, 0},
    {"upfirdn(odd, [1, 3, 3, 1], padding=2)", "N[2,8,6,3]", NULL, 0},
    {"upfirdn(odd, [1, 2, 1], up=2)", "N[2,14,10,3]", NULL, 0},
    {"minibatch_std(odd)", "N[2,7,5,4]", NULL, 0},
    {"batchnorm(x)", "N[2,3]", NULL, 1},
    {"layernorm(x)", "N[2,3]", NULL, 0},
    {"instancenorm(box)", "N[2,4,6,2,3]", NULL, 0},
    {"groupnorm(box, 3)", "N[2,4,6,2,3]", NULL, 0},
    {"avgpool(box, 2)", "N[2,2,3,1,3]", NULL, 0},
    {"adaptive_avgpool(box, [3, 4, 1])", "N[2,3,4,1,3]", NULL, 0},
    {"upsample(line, 3)", "N[2,27,2]", NULL, 0},
    {"gumbel_softmax(x, 0.5)", "N[2,3]", NULL, 0},
    {"gumbel_softmax(x, 0.5, hard=1)", "N[2,3]", NULL, 0},
    {"concat(x, normal(0, 1)[4])", "N[2,7]", NULL, 0},
    {"concat(x, 9)", "N[2,4]", NULL, 0},
    {"concat(9, x)", "N[2,4]", NULL, 0},
    {"stack([1, 2, 3])", "[3]", NULL, 0},
    {"weights(\"F.0.bias\")", "[4]", NULL, 0},
    {"x @ weights(\"k\")", "", NULL, 0},
    {"k @ normal()[3, 2]", "", NULL, 0},
    {"x | view(1, 3)", "N[2,1,3]", NULL, 0},
    {"k", "[4,3]", NULL, 0},
    {"k[1]", "[3]", NULL, 0},
    {"k[1, 2]", "[]", NULL, 0},
    {"factors(pair, b=Both)", "N[2,1]", v_factor, 0},
    {"factors(pair, b=F)", "", NULL, 0},
    {"x * k", "N[2,4,3]", NULL, 0},
    {"view(x, 1, 3) * k", "N[2,4,3]", NULL, 0},
    {"s * k", "N[2,4,3]", NULL, 0},
    {"s", "N[2]", NULL, 0},
    {"m * x[0]", "N[2,4,4,2]", NULL, 0},
    {"normal()", "", NULL, 0},
    {"step", "[]", NULL, 0},
};

static void check_value(const Case *c) {
    char text[240];
    SampleMode mode = {.training = c->training};
    /* parameters that earlier cases made under the same paths are forgotten */
    store_forget(model.store, 0);
    if (strstr(c->expr, "weights(\"F")) free(page_value(&model, "F(x)", NULL, 0).v);
    Result r = page_value(&model, c->expr, &mode, 0);
    if (!r.v) { /* an empty shape: an error it should be */
        ok(!*c->shape, "%s%s", c->expr, *c->shape ? "" : " is refused");
        if (*c->shape) diag("%s", r.err.text);
        return;
    }
    double far = 0, size = 1;
    for (size_t i = 0; i < r.count; i++) {
        double want = c->want ? c->want(i) : r.v[i];
        size = fmax(size, fabs(want));
        far = fmax(far, isfinite(r.v[i]) ? fabs(r.v[i] - want) : INFINITY);
    }
    result_shape(&r, text, sizeof text);
    ok(!strcmp(text, c->shape) && far < 4e-6 * size, "%s%s", c->expr,
       c->training ? ", training" : "");
    if (strcmp(text, c->shape)) diag("shape %s, not %s", text, c->shape);
    if (!(far < 4e-6 * size)) diag("off by %g", far);
    free(r.v);
}

/* ---- distributions ---- */

typedef struct {
    const char *page, *expr, *shape; /* shape "!TEXT": refused, and the message says that */
    double mean, variance, low, high;
} Draw;

static const Draw draws[] = {
    {"", "normal()[500]", "N[100,500]", 0, 1, -7, 7},
    {"", "normal(3, 2)[500]", "N[100,500]", 3, 4, -12, 18},
    {"", "uniform()[500]", "N[100,500]", 0.5, 1 / 12.0, 0, 1},
    {"", "uniform(-1, 3)[20, 25]", "N[100,20,25]", 1, 16 / 12.0, -1, 3},
    {"", "bernoulli(0.3)[500]", "N[100,500]", 0.3, 0.21, 0, 1},
    {"", "bernoulli()[500]", "N[100,500]", 0.5, 0.25, 0, 1},
    {"", "categorical(5)[100]", "N[100,100,5]", 0.2, 0.16, 0, 1},
    {"", "gumbel()[500]", "N[100,500]", 0.5772, 1.6449, -4, 30},
    {"", "categorical(softmax(stack([log(2), 0, log(5)])))[100][0..99, 1]", "N[100,100]", 0.125,
     0.109375, 0, 1},
    {"", "gamma(0.5)[500]", "N[100,500]", 0.5, 0.5, 0, 30},
    {"", "gamma(9, 3)[500]", "N[100,500]", 3, 1, 0, 20},
    {"", "beta(2, 3)[500]", "N[100,500]", 0.4, 0.04, 0, 1},
    {"", "dirichlet(stack([1, 2, 5]))[200][0..199, 1]", "N[100,200]", 0.25, 0.0208333, 0, 1},
    {"", "sphere(4)[100]", "N[100,100,4]", 0, 0.25, -1, 1},
    {"", "von_mises_fisher(stack([0, 1, 0]), 2)[300][0..299, 1]", "N[100,300]", 0.537315, 0.174663,
     -1, 1},
    {"", "exponential(2)[500]", "N[100,500]", 0.5, 0.25, 0, 9},
    {"noise z: normal(1, 0.5)[500]\n", "z", "N[100,500]", 1, 0.25, -2, 4},
    {"noise z: uniform(0, 1)\n", "z", "N[100]", 0.5, 1 / 12.0, 0, 1},
    {"", "truncated(2)[500]", "N[100,500]", 0, 0.77374, -2, 2},
    {"param a[500, 100] = orthogonal(2)\n", "a", "[500,100]", 0, 4 / 500.0, -1, 1},
    {"let a = conv(normal()[4, 4, 10], 64, 5, init=alike(normal(0, 0.1), 4))\n",
     "sum(a*0) + weights(\"a.0.weight\")", "N[64,5,5,10]", 0, 0.01, -1, 1},
    {"let a = conv(normal()[4, 4, 10], 64, 5, init=alike(normal(0, 0.1), 4))\n",
     "sum(a*0) + w - gather(w, 4*floor(range(64)/4)) where w = unbatch(weights(\"a.0.weight\"))",
     "[64,5,5,10]", 0, 0, 0, 0},
    {"param a[6, 3] = alike(normal(), 4)\n", "a",
     "!parameter a: 6 rows cannot be alike in groups of 4", 0, 0, 0, 0},
    {"param a[6, 3] = alike(normal(), 0)\n", "a", "!alike: the count must be at least 1", 0, 0, 0,
     0},
    {"", "alike(normal(), 2)[4]", "!this distribution only initialises parameters", 0, 0, 0, 0},
    {"param a[500, 100] = glorot_uniform()\n", "a", "[500,100]", 0, 2 / 600.0, -0.1, 0.1},
    {"param a[500, 100] = glorot_normal(2)\n", "a", "[500,100]", 0, 8 / 600.0, -1, 1},
    {"param a[500, 100] = he_uniform()\n", "a", "[500,100]", 0, 2 / 100.0, -0.2449490, 0.2449490},
    {"param a[500, 100] = he_normal()\n", "a", "[500,100]", 0, 2 / 100.0, -1, 1},
    {"param a[500, 100] = normal(1, 0.1)\n", "a", "[500,100]", 1, 0.01, 0, 2},
    {"state a[3] = 4\n", "a", "[3]", 4, 0, 4, 4},
    {"param a = 4\n", "a", "[]", 4, 0, 4, 4},
    /* PyTorch's defaults: within 1/sqrt(fan_in), of weights and of biases */
    {"net F(x) = x | linear(400)\n", "0*F(normal()[100])[0] + weights(\"F.0.weight\")",
     "!shapes [100,1] and [400,100] do not fit together", 0, 0, 0, 0},
    {"let a = linear(normal()[100], 400)\n", "sum(a*0) + weights(\"a.0.bias\")", "[400]", 0,
     1 / 300.0, -0.1, 0.1},
    {"let a = conv(normal()[4, 4, 10], 50, 5)\n", "sum(a*0) + weights(\"a.0.weight\")",
     "N[50,5,5,10]", 0, 1 / 750.0, -0.0632456, 0.0632456},
    {"init normal(0, 0.02)\nlet a = linear(normal()[100], 400)\n",
     "sum(a*0) + weights(\"a.0.weight\")", "N[400,100]", 0, 0.0004, -0.1, 0.1},
    {"init normal(0, 0.02)\nlet a = linear(normal()[100], 400)\n",
     "sum(a*0) + weights(\"a.0.bias\")", "[400]", 0, 0, 0, 0},
    {"init bias = 3\nlet a = linear(normal()[100], 400)\n", "sum(a*0) + weights(\"a.0.bias\")",
     "[400]", 3, 0, 3, 3},
    {"init gain = normal(1, 0.02)\nlet a = batchnorm(normal()[4000])\n",
     "sum(a*0) + weights(\"a.0.weight\")", "[4000]", 1, 0.0004, 0.9, 1.1},
    {"init shift = 0.5\nlet a = batchnorm(normal()[40])\n", "sum(a*0) + weights(\"a.0.bias\")",
     "[40]", 0.5, 0, 0.5, 0.5},
    {"let a = batchnorm(normal()[40])\n", "sum(a*0) + weights(\"a.0.weight\")", "[40]", 1, 0, 1, 1},
};

static void check_draw(const Draw *w) {
    Model m;
    Error err;
    char text[240];
    bool parsed = page_model(&m, w->page, 100, NULL, &err);
    Result r = {0};
    if (parsed) r = page_value(&m, w->expr, NULL, 0);
    if (*w->shape == '!' && !r.v) {
        ok(strstr(r.err.text, w->shape + 1) != NULL, "%s is refused: %s", w->expr, r.err.text);
        model_free(&m);
        return;
    }
    double sum = 0, square = 0, low = INFINITY, high = -INFINITY, n = (double)r.count;
    for (size_t i = 0; i < r.count; i++) {
        sum += r.v[i];
        low = fmin(low, r.v[i]), high = fmax(high, r.v[i]);
    }
    for (size_t i = 0; i < r.count; i++) square += pow(r.v[i] - sum / n, 2);
    double error = 6 * sqrt((w->variance + 1e-12) / n);
    bool good = r.v && fabs(sum / n - w->mean) < error + 2e-7 && low >= w->low - 1e-6 &&
                high <= w->high + 1e-6;
    bool spread = n < 1000 || fabs(square / n - w->variance) <= 0.05 * w->variance + 1e-9;
    ok(good && spread && !strcmp(result_shape(&r, text, sizeof text), w->shape), "%.*s: %s",
       (int)strcspn(w->page, "\n"), w->page, w->expr);
    if (!good || !spread)
        diag("mean %g, variance %g, from %g to %g", sum / n, square / n, low, high);
    if (!r.v)
        diag("%s", parsed ? r.err.text : err.text);
    else if (strcmp(text, w->shape))
        diag("shape %s", text);
    free(r.v);
    model_free(&m);
}

/* one of K in each row */
static void check_one_hot(void) {
    static const char *const exprs[] = {"categorical(5)[4]", "round(gumbel_softmax(x, 0.001))",
                                        "l"};
    int bad = 0;
    for (int k = 0; k < 3; k += 2) {
        Result r = page_value(&model, exprs[k], NULL, 3);
        size_t classes = r.shape[r.rank - 1];
        for (size_t i = 0; r.v && i < r.count; i += classes) {
            float sum = 0, top = 0;
            for (size_t c = 0; c < classes; c++) sum += r.v[i + c], top = fmaxf(top, r.v[i + c]);
            bad += sum != 1 || top != 1;
        }
        bad += !r.v;
        free(r.v);
    }
    ok(!bad, "rows with a single one");
    Result soft = page_value(&model, "gumbel_softmax(x, 0.7)", NULL, 3),
           hard = page_value(&model, "max(gumbel_softmax(x, 0.0001), 0)", NULL, 3);
    bad = !soft.v || !hard.v;
    for (size_t i = 0; !bad && i < 6; i += 3)
        bad += fabsf(soft.v[i] + soft.v[i + 1] + soft.v[i + 2] - 1) > 1e-6f;
    for (size_t i = 0; !bad && i < 2; i++) bad += hard.v[i] < 0.999f;
    ok(!bad, "gumbel_softmax sums to 1, and is nearly one-hot when cold");
    free(soft.v), free(hard.v);
    /* the same draw as one-hot, through which the soft one's gradient goes */
    static const char *const same[][2] = {
        {"gumbel_softmax(x, 0.7, hard=1)", "s == max(s, -1, 1) where s = gumbel_softmax(x, 0.7)"},
        {"grad(sum(sin(range(3)) * gumbel_softmax(x, 0.7, hard=1)), x)",
         "grad(sum(sin(range(3)) * gumbel_softmax(x, 0.7)), x)"},
    };
    for (size_t k = 0; k < sizeof same / sizeof *same; k++) {
        Result one = page_value(&model, same[k][0], NULL, 3),
               two = page_value(&model, same[k][1], NULL, 3);
        bad = !one.v || !two.v || one.count != two.count;
        for (size_t i = 0; !bad && i < one.count; i++) bad = one.v[i] != two.v[i];
        ok(!bad, "%s", same[k][0]);
        free(one.v), free(two.v);
    }
}

static void check_dropout(void) {
    Model m;
    Error err;
    page_model(&m, "let e = 0*normal()[1000] + 3\n", 50, NULL, &err);
    Result r = page_value(&m, "dropout(e, 0.4)", &(SampleMode){.training = true}, 0);
    size_t zeros = 0, bad = 0;
    for (size_t i = 0; r.v && i < r.count; i++) {
        zeros += r.v[i] == 0;
        bad += r.v[i] != 0 && fabsf(r.v[i] - 5) > 1e-5f;
    }
    ok(r.v && !bad && fabs((double)zeros / 50000 - 0.4) < 0.02, "dropout keeps the mean");
    free(r.v);
    model_free(&m);
}

/* ---- nothing is left out ---- */

static bool mentions(const char *text, const char *word) {
    size_t n = strlen(word);
    for (const char *p = text; (p = strstr(p, word)); p++) {
        bool starts = p == text || !(isalnum((unsigned char)p[-1]) || p[-1] == '_');
        if (starts && !isalnum((unsigned char)p[n]) && p[n] != '_') return true;
    }
    return false;
}

static void check_complete(void) {
    int missing = 0;
    for (int t = 0; t < BUILTIN_TABLES; t++) {
        if (t == BUILTIN_OPTIMIZERS) continue;  /* in tests/unit/game.c */
        if (t == BUILTIN_GRAPHS) continue;      /* in tests/zoo/graphs.t */
        if (t == BUILTIN_PAIRS) continue;       /* in tests/unit/page-pairs.c */
        if (t == BUILTIN_OPS) continue;         /* in tests/unit/page-ops.c */
        if (t == BUILTIN_PICKS) continue;       /* there, too */
        if (t == BUILTIN_SOLVERS) continue;     /* in tests/unit/solvers.c */
        if (t == BUILTIN_PROBABILITY) continue; /* in tests/unit/probability.c */
        const Builtin *f;
        for (int k = 0; (f = builtin_get((BuiltinTable)t, k)); k++) {
            bool seen = false;
            for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
                seen |= *cases[i].shape && mentions(cases[i].expr, f->name);
            for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
                seen |= *shapes[i].shape && mentions(shapes[i].expr, f->name);
            for (size_t i = 0; i < sizeof draws / sizeof *draws; i++)
                seen |= *draws[i].shape &&
                        (mentions(draws[i].expr, f->name) || mentions(draws[i].page, f->name));
            if (!seen) diag("%s is not tested", f->name);
            missing += !seen;
        }
    }
    ok(!missing, "every function, layer and distribution is tested here");
}

int main(void) {
    Error err;
    cpu_start(1);
    if (!ok(page_model(&model, page_text, 2, NULL, &err), "the page")) diag("%s", err.text);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_value(&cases[i]);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) check_value(&shapes[i]);
    for (size_t i = 0; i < sizeof draws / sizeof *draws; i++) check_draw(&draws[i]);
    check_one_hot();
    check_dropout();
    check_complete();
    model_free(&model);
    return done();
}
