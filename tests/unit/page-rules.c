/* Rules of the page language: sharing and laziness, names of parameters, options, loops, messages.
 */
#include "pages.h"

/* ---- values ---- */

typedef struct {
    const char *page, *expr, *shape;
    double want[8]; /* the first elements */
} Rule;

#define SQUARE "param p = 2\nnet F() = p^2\nplayer A of p: sgd(0.1) minimizes F()\n"
#define NOISY \
    "noise z: normal[]\nnet P() = weight([1], init=0)\nplayer P: sgd(1) minimizes mean(z*P())\n"

static const Rule rules[] = {
    /* a name is one draw, wherever it is used */
    {"noise z: normal(0, 1)[3]\n", "z - z", "N[2,3]", {0, 0, 0, 0, 0, 0}},
    {"noise z: normal(0, 1)[3]\nlet a = 2*z\n", "a - z - z", "N[2,3]", {0, 0, 0, 0, 0, 0}},
    {"let e = uniform(0, 1)[3]\n", "e - e", "N[2,3]", {0, 0, 0, 0, 0, 0}},
    {"let e = uniform(0, 1)[3]\n",
     "(e + uniform(0, 1)[3] == e + uniform(0, 1)[3])*1",
     "N[2,3]",
     {0, 0, 0, 0, 0, 0}},
    {"noise a: uniform(0, 1)[3]\nnoise b: uniform(0, 1)[3]\n",
     "(a == b)*1",
     "N[2,3]",
     {0, 0, 0, 0, 0, 0}},
    {"noise a: 0*uniform(0, 1)[3] + uniform(0, 1)[3]\nnoise b: uniform(0, 1)[3]\nlet c = "
     "uniform(0, 1)[3]\n",
     "(a == b) + (b == c) + (a == c)",
     "N[2,3]",
     {0, 0, 0, 0, 0, 0}},
    {"noise z: normal[1]\nnoise e: stack([normal[1] for t in 1..65])\n",
     "(e[64] == uniform()[1]) + (e[64] == z)",
     "N[2,1]",
     {0, 0}},
    /* what is not used is not evaluated */
    {"let bad = nothing(1)\n", "1", "[]", {1}},
    {"let bad = nothing(1)\n", "if 0 then bad else 2", "[]", {2}},
    {"net F(x) = y where y = x + 1, bad = nothing\n", "F(2)", "[]", {3}},
    {"let b = a + 1, a = 2\n", "b", "[]", {3}}, /* in any order */
    /* destructuring */
    {"let [a, b] = [7, 8]\n", "10*a + b", "[]", {78}},
    {"let [a, b, c] = [i^2 for i in 1..3]\n", "100*a + 10*b + c", "[]", {149}},
    {"net F(x) = [x, 2*x]\nlet [a, b] = F(3)\n", "a - b", "[]", {-3}},
    {"net F(x) = u + v where [u, v] = [x, 10*x]\n", "F(1)", "[]", {11}},
    {"let [e, f] = [uniform()[2], uniform()[2]]\n", "e - e + (e == f)", "N[2,2]", {0, 0, 0, 0}},
    /* definitions of a whole expression come before the page's */
    {"let a = 1, b = 2\n", "10*a + c where a = 3, c = a + b", "[]", {35}},
    {"", "(u == u) + (u == v) where u = uniform()[2], v = uniform()[2]", "N[2,2]", {1, 1, 1, 1}},
    /* gradients in values that rules of the graph could leave out */
    {"noise z: normal(0, 1)[3]\nlet v = 2*z, g = grad(sum(3*v), v)\n",
     "g",
     "N[2,3]",
     {3, 3, 3, 3, 3, 3}},
    {"noise z: normal(0, 1)[4]\nnet D(x) = x | view(4, 1) | view(2, 2)\nlet v = view(z, 2, 2), g = "
     "grad(D(v), v)\n",
     "g",
     "N[2,2,2]",
     {1, 1, 1, 1, 1, 1, 1, 1}},
    {"noise z: normal(0, 1)[3]\nlet v = -z, g = grad(sum(-v), v)\n",
     "g",
     "N[2,3]",
     {-1, -1, -1, -1, -1, -1}},
    /* loops */
    {"let h = scan h = 1 for i in 1..4: h*i\n", "h[3] + 100*h[0]", "[]", {124}},
    {"let h = scan h = 1 for i in 1..4: h*i\n", "h[-1] + h[-2]", "[]", {30}},
    {"", "stack([10*i for i in 2..4])", "[3]", {20, 30, 40}},
    {"", "[i for i in 1..9][2..4][1]", "[]", {4}},
    {"", "stack([i + j for i in 1..2 for j in 1..2])", NULL, {0}},
    {"", "stack([stack([i + j for i in 1..2]) for j in 0..1])", "[2,2]", {1, 2, 2, 3}},
    {"", "stack([i for i in 3..2])", NULL, {0}},
    {"", "1 | for i in 1..3 (add(i)) ", NULL, {0}},
    {"net A(x, k) = x*10 + k\n", "0 | for i in 1..3 (A(i))", "[]", {123}},
    {"net A(x, k) = x*10 + k\noption n = 3\n", "0 | for i in 1..n (A(i) | A(0))", "[]", {102030}},
    {"net A(x, k) = x*10 + k\n", "4 | if 0 (A(1)) else (A(2) | A(3))", "[]", {423}},
    {"net A(x, k) = x*10 + k\n", "4 | if 1 > 0 (A(1))", "[]", {41}},
    {"net A(x, k) = x*10 + k\n", "4 | if 0 (A(1)) | A(5)", "[]", {45}},
    {"net A(x, k) = x*10 + k\n", "4 | for i in 1..0 (A(i))", "[]", {4}},
    /* nets: defaults, names, scopes */
    {"net A(x, k=7, j=k+1) = 100*x + 10*k + j\n", "A(1)", "[]", {178}},
    {"net A(x, k=7, j=k+1) = 100*x + 10*k + j\n", "A(j=1, x=2)", "[]", {271}},
    {"let k = 5\nnet A(x) = x + k\nnet B(x, k) = A(x) + 10*k\n", "B(1, 2)", "[]", {26}},
    {"net A(x) = x*2\n", "A(A(A(1)))", "[]", {8}},
    {"net A(n) = if n < 2 then 1 else n*A(n - 1)\n", "A(5)", "[]", {120}},
    /* precedence */
    {"", "-2^2", "[]", {-4}},
    {"", "2^3^2", "[]", {512}},
    {"", "2^-1", "[]", {0.5}},
    {"", "8/4/2", "[]", {1}},
    {"", "1 - 2 - 3", "[]", {-4}},
    {"", "(1 + 2 < 4)*10 + (3 >= 3) + (2 != 2)", "[]", {11}},
    {"", "-7 % 3", "[]", {2}},
    {"",
     "(\"a\" + 1 + \"b\" == \"a1b\") + 2*(0.5 + \"x\" == \"0.5x\") + 4*(\"a\" + \"\" != \"a\")",
     "[]",
     {3}},
    /* a stage by its name; that of the net's use which the value came through */
    {"data x: x[3]\nnet D(x) = x | tanh | relu(name=\"r\") | sum(0)\n",
     "tap(D(x), \"D.r\") - maximum(0, tap(D(x), \"D.0\"))",
     "N[2,3]",
     {0, 0, 0, 0, 0, 0}},
    {"data x: x[3]\nnet D(x) = x | tanh(name=\"t\") | sum(0)\nlet a = D(x), b = D(5 + x), c = "
     "D(-x)\n",
     "a + b + c + tap(b, \"D.t\") + tap([a], \"D\" + \".t\") - tanh(x + 5) - tanh(x) - (a + b + c)",
     "N[2,3]",
     {0, 0, 0, 0, 0, 0}},
    {"", "(\"a\" == \"a\") + 2*(\"a\" != \"b\") + 4*(\"a\" == \"b\")", "[]", {3}},
    {"", "1e2 + .5 + 2.", "[]", {102.5}},
    {"", "3  # a remark", "[]", {3}},
    {"", "\n1\n+ 2", "[]", {3}},
    /* states and parameters */
    {"param p[2,2] = 3\n", "p @ p", "[2,2]", {18, 18, 18, 18}},
    {"state k = 0.5\n", "k + k", "[]", {1}},
    {"option n = 2\nparam p[n, 2*n] = n\n",
     "p",
     "[2,4]",
     {2, 2, 2, 2, 2, 2, 2, 2}}, /* nets after updates of a player: p becomes 0.8*p at each */
    {SQUARE, "p + after(F, 0, by=\"A\")()", "[]", {6}},
    {SQUARE, "p + after(F, 1, by=\"A\")()", "[]", {4.56}},
    {SQUARE, "p + after(F, 3, by=\"A\")()", "[]", {3.048576}},
    {SQUARE, "after(after(F, 1, by=\"A\"), 2, by=\"A\")()", "[]", {1.048576}},
    {SQUARE, "grad(after(F, 1, by=\"A\")(), p)", "[]", {2.56}},
    {SQUARE, "grad(grad(after(F, 1, by=\"A\")(), p), p)", "[]", {1.28}},
    {SQUARE, "grad(stop(after(F, 1, by=\"A\"))() + p, p)", "[]", {1}},
    {SQUARE, "grad(after(stop(F), 1, by=\"A\")() + p, p)", "[]", {1}},
    {SQUARE, "stop(after(F, 1, by=\"A\"))()", "[]", {2.56}},
    {SQUARE, "after(F, 1, by=\"A\", optimizer=sgd(0.25))()", "[]", {1}},
    {SQUARE, "after(F, 1, by=\"A\", optimizer=adam(0.5))()", "[]", {2.25}},
    {SQUARE, "after(p, 1)", NULL, {0}},
    {SQUARE, "after(F, 1)", NULL, {0}},
    {SQUARE, "after(F, 1, by=\"B\")", NULL, {0}},
    {SQUARE, "after(F, -1, by=\"A\")", NULL, {0}},
    /* names have their values of after the update, actions included, and nets given stay theirs */
    {SQUARE "let q = p + 1\nnet H(f) = q*f()\nnet I() = H(F)\n",
     "stack([q, H(after(F, 1, by=\"A\")), after(H, 1, by=\"A\")(F), after(I, 1, by=\"A\")()])",
     "[4]",
     {3, 7.68, 10.4, 6.656}},
    {"state s = 1\nparam p = 2\nnet F() = p + 100*s\nplayer A of p: sgd(0.5) minimizes s*p then "
     "clip(p, 1.25), s = s + p\n",
     "stack([after(F, 1, by=\"A\")(), after(F, 2, by=\"A\")(), F()])",
     "[3]",
     {301.25, 424.75, 102}},
    /* moments: momentum 0.5 makes the steps 1 and 1.5 of the gradient 1 */
    {"param p = 2\nnet F() = 1*p\nplayer A of p: sgd(1, momentum=0.5) minimizes p\n",
     "stack([after(F, i, by=\"A\")() for i in 0..3])",
     "[4]",
     {2, 1, -0.5, -2.25}},
    /* the player that trains the net; its where-clause; an update inside another's cost */
    {"net P() = weight([1], init=2)\nnet Q() = weight([1], init=3)\nplayer P: sgd(0.5) minimizes "
     "sum(a) where a = P()*Q()\nplayer Q: sgd(1) maximizes sum(after(P, 1)()*Q())\n",
     "concat(after(P, 1)(), after(Q, 1)())",
     "[2]",
     /* P: 2 - 0.5*3; Q: 3 + d/dq (2 - 0.5*q)*q at 3 */
     {0.5, 2}},
    {"net P() = weight([1])\nnet Q() = weight([1])\nplayer P: sgd(1) minimizes sum(after(Q, 1)())\n"
     "player Q: sgd(1) minimizes sum(after(P, 1)())\n",
     "after(P, 1)()",
     NULL,
     {0}},
    {"net P() = weight([1])\nplayer A of P: sgd(1) minimizes sum(P())\nplayer B of P: sgd(1) "
     "minimizes sum(P())\n",
     "after(P, 1)()",
     NULL,
     {0}},
    /* noise is drawn anew for each update, unless it is kept */
    {NOISY, "after(P, 2, fresh=0)() + 2*mean(z)", "[1]", {0}},
    {NOISY, "(after(P, 1)() + mean(z) == 0)*1", "[1]", {0}},
    {NOISY, "(after(P, 2)() == 2*after(P, 1)())*1", "[1]", {0}},
};

static void check_rule(const Rule *w) {
    Model m;
    Error err;
    char text[240];
    Result r = {0};
    bool parsed = page_model(&m, w->page, 2, NULL, &err);
    if (parsed) r = page_value(&m, w->expr, NULL, 0);
    bool good = w->shape ? r.v && !strcmp(result_shape(&r, text, sizeof text), w->shape) : !r.v;
    for (size_t i = 0; w->shape && r.v && i < r.count && i < 8; i++)
        good = good && fabs(r.v[i] - w->want[i]) < 1e-5 * fmax(1, fabs(w->want[i]));
    ok(good, "%.*s: %s%s", (int)strcspn(w->page, "\n"), w->page, w->expr,
       w->shape ? "" : " is refused");
    if (!good && r.v) diag("%s, first %g", result_shape(&r, text, sizeof text), r.v[0]);
    if (!good && !r.v) diag("%s", parsed ? r.err.text : err.text);
    free(r.v);
    model_free(&m);
}

/* ---- names of parameters ---- */

/* the names that evaluating an expression makes, with their shapes in files */
static const struct {
    const char *page, *expr, *names;
} named[] = {
    {"data x: x[3]\nnet D(x) = x | linear(4) | relu | linear(2, bias=0) | batchnorm\n", "D(x)",
     "D.0.weight[4,3] D.0.bias[4] D.2.weight[2,4] D.3.running_mean[2] D.3.running_var[2] "
     "D.3.weight[2] "
     "D.3.bias[2]"},
    {"data x: x[8,8,3]\nnet D(x) = x | conv(4, 5) | deconv(2, [3, 2], stride=2)\n", "D(x)",
     "D.0.weight[4,3,5,5] D.0.bias[4] D.1.weight[4,2,3,2] D.1.bias[2]"},
    /* a net's parameters are shared by its uses, the loop's layers are numbered on */
    {"data x: x[3]\nnet D(x) = x | for i in 1..2 (linear(3, bias=0) | relu) | linear(1, bias=0)\n",
     "D(x) + D(2*x)", "D.0.weight[3,3] D.2.weight[3,3] D.4.weight[1,3]"},
    /* a block's are made anew at each use */
    {"data x: x[3]\nblock B(x) = x | linear(3, bias=0) | relu\nnet D(x) = x | B | B | linear(1, "
     "bias=0)\n",
     "D(x)", "D.0.0.weight[3,3] D.1.0.weight[3,3] D.2.weight[1,3]"},
    {"data x: x[3]\nblock B(x) = x + linear(x, 3, bias=0)\nnet D(x) = B(B(x))\n", "D(x)",
     "D.0.0.weight[3,3] D.1.0.weight[3,3]"},
    /* a net inside a net keeps its own name */
    {"data x: x[3]\nnet E(x) = x | linear(2, bias=0)\nnet D(x) = x | E | linear(1, bias=0)\n",
     "D(x)", "E.0.weight[2,3] D.1.weight[1,2]"},
    /* names given, names in where-clauses */
    {"data x: x[3]\nnet D(x) = x | linear(2, bias=0, name=\"first\") | linear(1, bias=0)\n", "D(x)",
     "D.first.weight[2,3] D.1.weight[1,2]"},
    {"data x: x[3]\nnet D(x) = a + b where a = x | linear(2, bias=0), b = linear(x, 2, bias=0)\n",
     "D(x)", "D.a.0.weight[2,3] D.b.0.weight[2,3]"},
    {"data x: x[3]\nnet D(x) = linear(x, 2, bias=0) + linear(x, 2, bias=0)\n", "D(x)",
     "D.0.weight[2,3] D.1.weight[2,3]"},
    /* the same call shares its parameters when it comes by again, a named block's too */
    {"data x: x[3]\nnet D(x) = h[-1] where h = scan s = x for t in 1..3: s | linear(3, bias=0, "
     "name=\"a\")\n",
     "D(x)", "D.h.a.weight[3,3]"},
    {"data x: x[3]\nblock B(x) = x | linear(3, bias=0) | tanh | linear(3, bias=0)\n"
     "net D(x) = x | for t in 1..3 (B(name=\"cell\"))\n",
     "D(x)", "D.cell.0.weight[3,3] D.cell.2.weight[3,3]"},
    /* a name changes no neighbour's number, in a pipe or outside */
    {"data x: x[3]\nblock B(x) = x | linear(3, bias=0)\nnet D(x) = x | B(name=\"first\") | B | "
     "linear(1, bias=0)\n",
     "D(x)", "D.first.0.weight[3,3] D.1.0.weight[3,3] D.2.weight[1,3]"},
    {"data x: x[3]\nnet D(x) = linear(x, 2, bias=0, name=\"a\") + linear(x, 2, bias=0)\n", "D(x)",
     "D.a.weight[2,3] D.0.weight[2,3]"},
    /* dots make components; names of blocks stand in front of those of their layers */
    {"data x: x[3]\nblock B(x, n) = x | linear(n, bias=0, name=\"fc\")\n"
     "net D(x) = concat([x | B(2, name=\"a\") | B(1, name=\"b\"), x | linear(4, bias=0, "
     "name=\"c.d-0\")])\n",
     "D(x)", "D.a.fc.weight[2,3] D.b.fc.weight[1,2] D.c.d-0.weight[4,3]"},
    {"data x: x[3]\nnet D(x) = x | linear(2, bias=0, name=\"\")\n", "D(x)", "D.weight[2,3]"},
    /* a block named "" stands for its layers */
    {"data x: x[3]\nblock B(x) = x | linear(3, bias=0) | relu | linear(2, bias=0, name=\"last\")\n"
     "net D(x) = x | linear(3, bias=0) | B(name=\"\") | linear(1, bias=0)\n",
     "D(x)", "D.0.weight[3,3] D.1.weight[3,3] D.last.weight[2,3] D.4.weight[1,2]"},
    {"data x: x[3]\nblock B(x) = linear(x, 3, bias=0) + linear(x, 3, bias=0)\n"
     "net D(x) = B(x, name=\"\") + linear(x, 3, bias=0)\n",
     "D(x)", "D.0.weight[3,3] D.1.weight[3,3] D.2.weight[3,3]"},
    /* texts are added */
    {"data x: x[3]\nnet D(x) = x | for i in 1..2 (linear(3, bias=0, name=\"fc\" + i) | relu)\n",
     "D(x)", "D.fc1.weight[3,3] D.fc2.weight[3,3]"},
    {"data x: x[3]\nblock B(x, path) = x | linear(1, bias=0, name=path + \"a\")\n"
     "net D(x) = x | B(\"q_\", name=\"\")\n",
     "D(x)", "D.q_a.weight[1,3]"},
    /* a net may have a parameter of that name */
    {"data x: x[3]\nblock B(x, name) = x | linear(name, bias=0)\nnet D(x) = B(x, name=2)\n", "D(x)",
     "D.0.0.weight[2,3]"},
    /* names of one net are no matter of another */
    {"data x: x[3]\nnet E(x) = x | linear(2, bias=0, name=\"a\")\nnet D(x) = E(x) | linear(2, "
     "bias=0, name=\"a\")\n",
     "D(x) + E(2*x)", "E.a.weight[2,3] D.a.weight[2,2]"},
    {"data x: x[3]\nlet h = x | linear(2, bias=0) | linear(4, bias=0)\n", "h",
     "h.0.weight[2,3] h.1.weight[4,2]"},
    {"param mu[4,2] = normal(0, 1)\nstate k = 0\n", "mu*k", "mu[4,2] k[]"},
    {"data l: label[5]\nnet D(l) = l | embedding(2) | maxout(3, 2, bias=0)\n", "D(l)",
     "D.0.weight[5,2] D.1.weight[6,2]"},
    {"data x: x[4,4,2]\nnet D(x) = x | layernorm | instancenorm(affine=0) | flatten | linear(1)\n",
     "D(x)", "D.0.weight[2] D.0.bias[2] D.3.weight[1,32] D.3.bias[1]"},
    {"data x: x[9,3]\nnet D(x) = x | conv(4, 5, bias=0)\n", "D(x)", "D.0.weight[4,3,5]"},
    {"data x: x[3]\nnet D(x) = x | linear(2, bias=0)\naverage E of D: 0.9\n", "E(x) - D(x)",
     "E.0.weight[2,3] D.0.weight[2,3]"},
};

static void check_names(void) {
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        Model m;
        Error err;
        Str list = {0};
        char text[200];
        size_t shape[RANK_MAX];
        if (!page_model(&m, named[i].page, 2, NULL, &err)) diag("%s", err.text);
        Result r = page_value(&m, named[i].expr, NULL, 0);
        for (size_t k = 0; k < m.store->count; k++) {
            const Entry *e = m.store->entries[k];
            entry_file_shape(e, shape);
            str_printf(&list, "%s%s%s", k ? " " : "", e->state.name,
                       shape_text(e->state.rank, shape, text, sizeof text));
        }
        bool same = list.text && !strcmp(list.text, named[i].names);
        ok(r.v && same, "parameters of %s", named[i].names);
        if (!r.v) diag("%s", r.err.text);
        if (!same) diag("%s", list.text ? list.text : "none");
        str_free(&list);
        free(r.v);
        model_free(&m);
    }
}

/* ---- options ---- */

static const struct {
    const char *page, *name, *value, *expr;
    double want; /* NAN: an error */
    const char *error;
} options[] = {
    {"option n = 4\n", NULL, NULL, "n", 4, ""},
    {"option n = 4\n", "n", "5", "n", 5, ""},
    {"option n = 4\noption k = 2*n\n", "n", "5", "k", 10, ""},
    {"option n = 4\noption k = 2*n\n", "k", "1", "k + n", 5, ""},
    {"option n = 4 in [4, 8]\n", "n", "8", "n", 8, ""},
    {"option n = 4 in [4, 8]\n", "n", "6", "n", NAN,
     "page.gan:1:12: option n must be one of: 4, 8"},
    {"option n = 4\n", "n", "many", "n", NAN,
     "page.gan:1:12: option n: expected a number, found 'many'"},
    {"option n = 4\n", "nf", "5", "n", NAN, "page.gan: the page has no option nf"},
    {"option n = 4\nlet k = 3\n", "k", "5", "n", NAN, "page.gan: the page has no option k"},
    {"option kind = \"a\" in [\"a\", \"b\"]\n", "kind", "b", "kind == \"b\"", 1, ""},
    {"option kind = \"a\" in [\"a\", \"b\"]\n", "kind", "c", "1", NAN,
     "page.gan:1:15: option kind must be one of: a, b"},
};

static void check_options(void) {
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        Model m;
        Error err;
        Settings s = {.names = (const char *[]){options[i].name},
                      .values = (const char *[]){options[i].value},
                      .count = options[i].name != NULL};
        page_model(&m, options[i].page, 2, &s, &err);
        Result r = page_value(&m, options[i].expr, NULL, 0);
        bool good = isnan(options[i].want) ? !r.v && !strcmp(r.err.text, options[i].error)
                                           : r.v && r.v[0] == (float)options[i].want;
        ok(good, "option %s=%s", options[i].name ? options[i].name : "none",
           options[i].value ? options[i].value : "");
        if (!good) diag("%s", r.v ? "a value" : r.err.text);
        free(r.v);
        model_free(&m);
    }
}

/* ---- messages ---- */

#define DATA "data x: x[3]\ndata m: m[4,4,2]\n"

static const struct {
    const char *page, *expr, *text;
} errors[] = {
    /* of the text */
    {"data m: m[4] of 0\n", "1", "page.gan:1:17: of: expected at least one label"},
    {"data y: label[8] of 5\n", "1",
     "page.gan:1:21: of: those of label[8] are from 0 to 7 as it is"},
    {"nett F(x) = x\n", "1",
     "page.gan:1:1: expected option, data, noise, param, state, init, net, block, let, player, "
     "average, "
     "sample, stop, frozen, graph or use, found 'nett'"},
    {"let a = 1\n let b = 2\n", "1",
     "page.gan:2:2: expected the end of the statement, found 'let'"},
    {"let a = (1 + 2\nlet b = 1\n", "1", "page.gan:2:1: expected ')', found the next statement"},
    {"let a = 1 +\n", "1", "page.gan:2:1: expected an expression, found the end"},
    {"let a = 3x\n", "1", "page.gan:1:9: a number is followed by 'x'"},
    {"let a = \"b\n", "1", "page.gan:1:9: a string has no closing quote"},
    {"let a = $\n", "1", "page.gan:1:9: unexpected character '$'"},
    {"let a = 1e999\n", "1", "page.gan:1:9: number out of range"},
    {"net F x = x\n", "1", "page.gan:1:7: expected '(', found 'x'"},
    {"player G: sgd(0.1) minimises 1\n", "1",
     "page.gan:1:20: expected 'minimizes' or 'maximizes', found 'minimises'"},
    {"player G: sgd(0.1) minimizes 1 then 3\n", "1",
     "page.gan:1:37: expected an action: name = value, or a call"},
    {"player D: sgd(1) minimizes mean(1) log [a, b] = [1, 2]\n", "1",
     "page.gan:1:40: expected name = number, or a list of numbers"},
    {"let a = f(x=1, 2)\n", "1",
     "page.gan:1:16: an argument without a name follows one with a name"},
    {"let a = if 1 then 2\n", "1", "page.gan:2:1: expected 'else', found the end"},
    {"", "(1 where a = 2)", "EXPR:1:4: expected ')', found 'where'"},
    {"", "a where a = a", "EXPR:1:13: a is defined by itself"},
    {"", "1 2", "EXPR:1:3: expected the end of the expression, found 2"},
    {"", "", "EXPR:1:1: expected an expression, found the end"},
    {"", "nothing", "EXPR:1:1: unknown name nothing"},
    {"", "1 +\n nothing", "EXPR:2:2: unknown name nothing"},
    /* of names */
    {"let a = 1 + nothing\n", "a", "page.gan:1:13: unknown name nothing"},
    {"", "nothing(1)", "EXPR:1:1: unknown layer or function nothing"},
    {DATA, "x | nothing", "EXPR:1:5: unknown layer or function nothing"},
    {"let a = b\nlet b = a\n", "a", "page.gan:2:9: a is defined by itself"},
    {"let a = 1\n", "a(2)", "EXPR:1:1: a is a number, not a net"},
    {"net F(x) = F(x)\n", "F(1)",
     "page.gan:1:12: F calls itself without end (in F, called at page.gan:1:12)"},
    {"net F(x) = x\nnet F(y) = y\n", "1", "page.gan:2:1: F is already defined in line 1"},
    {"data x: x[3]\nnoise x: normal()[3]\n", "1", "page.gan:2:1: x is already defined in line 1"},
    {"average E of D: 0.9\n", "E(1)", "page.gan:1:1: E averages D, which is no net of the page"},
    /* of arguments */
    {"net F(x, y) = x\n", "F(1)", "EXPR:1:1: F needs its argument y"},
    {"net F(x) = x\n", "F(1, 2)", "EXPR:1:6: F takes fewer arguments"},
    {"net F(x) = x\n", "F(1, k=2)", "EXPR:1:8: F has no parameter k"},
    {"net F(x) = x\n", "F(1, x=2)", "EXPR:1:8: x is given twice"},
    {DATA, "linear(x)",
     "EXPR:1:1: linear needs its argument units: linear(x, units, bias=1, init?, bias_init?, "
     "weight?)"},
    {DATA, "relu(x, 1)", "EXPR:1:9: relu takes at most 1 arguments: x"},
    {DATA, "lrelu(x, slop=1)", "EXPR:1:15: lrelu has no parameter slop"},
    {DATA, "lrelu(x, x=1)", "EXPR:1:12: lrelu: x is given twice"},
    {DATA, "linear(x, 2.5)", "EXPR:1:1: units: expected a whole number below 2^32, found 2.5"},
    {DATA, "linear(x, 0)", "EXPR:1:1: a tensor [0,3] is empty"},
    {DATA, "linear(x, [1])", "EXPR:1:1: units: expected a number, found a list"},
    {DATA, "dropout(x, 1)", "EXPR:1:1: dropout: p must lie in [0, 1), found 1"},
    {DATA, "conv(m, 4, 3, padding=\"full\")",
     "EXPR:1:1: padding: expected a number or \"same\", found \"full\""},
    {DATA, "conv(m, 4, [3])", "EXPR:1:1: kernel: 2 axes, found a list of 1"},
    {DATA, "conv(m, 4, 3, padding=0, dilation=2)",
     "EXPR:1:1: kernel 5 does not fit into 4 with padding 0"},
    {DATA, "conv(m, 4, 3, dilation=0)", "EXPR:1:1: conv: dilation must be at least 1"},
    {DATA, "conv(m, 4, 3, groups=4)", "EXPR:1:1: conv: 4 groups do not divide 2 and 4 channels"},
    {DATA, "deconv(m, 3, 3, groups=2)",
     "EXPR:1:1: deconv: 2 groups do not divide 3 and 2 channels"},
    {DATA, "conv(m, 4, 3, groups=2, weight=weight([3, 3, 2, 4]))",
     "EXPR:1:1: weight: expected [3,3,1,4], found [3,3,2,4]"},
    {DATA, "conv(m, 4, 5, padding=0)", "EXPR:1:1: kernel 5 does not fit into 4 with padding 0"},
    /* of shapes */
    {DATA, "conv(x, 4, 3)",
     "EXPR:1:1: conv takes [N,W,C], [N,H,W,C] or [N,D,H,W,C], this is [2,3]"},
    {DATA "param p[4] = 0\n", "x + p", "EXPR:1:3: shapes [2,3] and [4] do not fit together"},
    {DATA, "m @ m", "EXPR:1:3: matrix product of [2,4,4,2] and [2,4,4,2] does not fit"},
    {DATA, "x[3]", "EXPR:1:3: index 3..3 on an axis of 3"},
    {DATA, "x[2..1]", "EXPR:1:4: the range 2..1 is empty"},
    {DATA, "x[-1..0]", "EXPR:1:5: the range 2..0 is empty"},
    {DATA, "x[1.5]", "EXPR:1:3: index: expected a whole number, found 1.5"},
    {DATA, "x[1, 2]", "EXPR:1:2: too many indices"},
    {DATA, "[1, 2][2]", "EXPR:1:7: index 2..2 of a list of 2"},
    {DATA, "reshape(x, 4)", "EXPR:1:1: a sample of [2,3] has 3 values, the new shape 4"},
    {DATA, "sum(x, 1)", "EXPR:1:1: no axis 1: a sample has 1"},
    {DATA, "avgpool(m, 3)", "EXPR:1:1: blocks of 3 do not divide an axis of 4"},
    {DATA, "conv(m, 4, 3, weight=weight([3, 3, 1, 4]))",
     "EXPR:1:1: weight: expected [3,3,2,4], found [3,3,1,4]"},
    {DATA, "upfirdn(m, 3)", "EXPR:1:1: upfirdn: expected a list of 1 to 16 taps"},
    {DATA, "upfirdn(m, [1, -1])", "EXPR:1:1: upfirdn: the taps must not add up to 0"},
    {DATA, "upfirdn(m, [1, 1], padding=-3)",
     "EXPR:1:1: upfirdn: 2 taps do not fit into 4 pixels with padding"},
    {DATA, "upfirdn(m, [1], padding=[1, 2, 3])",
     "EXPR:1:1: padding: expected a number, or two in a list, found 3"},
    {DATA, "weight(3)", "EXPR:1:1: weight: expected a list of extents"},
    {DATA, "grad(sum(x*2), x*2)",
     "EXPR:1:1: grad: what the gradient is taken in needs a name, by let or where"},
    {DATA "let one = 1 + 0*stop(1)\n", "grad(one*x, one)",
     "EXPR:1:1: grad: the gradient in a constant"},
    {DATA, "concat(m, m[0..1])", "EXPR:1:1: cannot join [2,4,4,2] and [2,2,4,2] along axis 3"},
    {DATA, "layernorm(x[0..0])",
     "EXPR:1:1: layernorm of [2,1]: a single value a sample has no variance"},
    {DATA, "groupnorm(m, 3)", "EXPR:1:1: groupnorm: 3 groups do not divide 2 channels"},
    {DATA, "groupnorm(m[0..0, 0..0], 2)",
     "EXPR:1:1: groupnorm of [2,1,1,2]: a single value a group has no variance"},
    {DATA, "instancenorm(m[0..0, 0..0])",
     "EXPR:1:1: instancenorm of [2,1,1,2]: a single value a map has no variance"},
    {DATA, "permute(m, 0, 0, 1)", "EXPR:1:1: permute: not a permutation"},
    {DATA, "rows(x, 1, 2)", "EXPR:1:1: rows 1..3 of a minibatch of 2"},
    {DATA, "x + \"a\"", "EXPR:1:3: a tensor and a text cannot be combined"},
    {DATA, "-[1]", "EXPR:1:1: operand of -: expected a tensor, found a list"},
    {DATA, "[1]", "EXPR:1:1: result: expected a tensor, found a list"},
    {DATA, "normal()", "EXPR:1:1: result: expected a tensor, found a distribution"},
    {DATA, "glorot_normal()[3]", "EXPR:1:16: this distribution only initialises parameters"},
    {DATA, "uniform()[0]", "EXPR:1:10: a tensor [2,0] is empty"},
    {"param p[2] = categorical(2)\n", "p",
     "page.gan:1:14: this distribution cannot initialise parameters"},
    {"param p[0] = 1\n", "p", "page.gan:1:9: an extent must be at least 1"},
    {"data x: x[2, 0.5]\n", "x",
     "page.gan:1:14: extent: expected a whole number below 2^32, found 0.5"},
    {"let [a, b] = [1, 2, 3]\n", "a",
     "page.gan:1:14: 2 names take a list of 2 apart, found a list of 3"},
    {"let [a, b] = 1\n", "a", "page.gan:1:14: 2 names take a list of 2 apart, found a number of 0"},
    {"net D(x) = x | linear(x[0], 2)\n", "1", NULL},
    {DATA "net D(x, k) = x | linear(k, name=\"a\")\n", "D(x, 1) + D(x, 2)",
     "page.gan:3:19: parameter D.a.weight has shape [1,3] at page.gan:3:19, here [2,3] is wanted "
     "(in D, called at EXPR:1:11)"},
    {DATA "net D(x) = x | linear(2, name=\"a\") | linear(2, name=\"a\")\n", "D(x)",
     "page.gan:3:38: the name D.a is already taken in line 3, column 16 (in D, called at "
     "EXPR:1:1)"},
    {DATA "net D(x) = linear(x, 2, name=\"a\") +\n  linear(x, 2, name=\"a\")\n", "D(x)",
     "page.gan:4:3: the name D.a is already taken in line 3, column 12 (in D, called at EXPR:1:1)"},
    {DATA "net D(x) = x | linear(2, name=\"1\") | linear(2)\n", "D(x)",
     "page.gan:3:38: the name D.1 is already taken in line 3, column 16 (in D, called at "
     "EXPR:1:1)"},
    {DATA "block B(x) = x | linear(2, name=\"c\")\nnet D(x) = x | B(name=\"a.b\") | linear(2, "
          "name=\"a.b.c\")\n",
     "D(x)",
     "page.gan:4:32: the name D.a.b.c is already taken in line 3, column 18 (in D, called at "
     "EXPR:1:1)"},
    {DATA "block B(x) = x | tanh(name=\"c\")\nnet D(x) = x | B(name=\"\") | tanh(name=\"c\")\n",
     "D(x)",
     "page.gan:4:29: the name D.c is already taken in line 3, column 18 (in D, called at "
     "EXPR:1:1)"},
    {DATA "net E(x) = x | linear(2)\nnet D(x) = x | E(name=\"a\")\n", "D(x)",
     "page.gan:4:23: E is a net: its layers are named after it, not after its uses (in D, called "
     "at EXPR:1:1)"},
    {DATA "net D(x) = x | linear(2, name=\"a..b\")\n", "D(x)",
     "page.gan:3:31: name: expected letters, digits, _ and - with single dots between them, found "
     "\"a..b\" (in D, called at EXPR:1:1)"},
    {DATA, "linear(x, 2, name=\"a b\")",
     "EXPR:1:19: name: expected letters, digits, _ and - with single dots between them, found "
     "\"a b\""},
    {DATA, "linear(x, 2, name=3)", "EXPR:1:19: name: expected a text, found a number"},
    {DATA, "x + (\"a\" + \"b\")", "EXPR:1:3: a tensor and a text cannot be combined"},
    {DATA, "maxpool(m, 3, stride=1, padding=3)", "EXPR:1:1: padding 3 leaves windows of 3 empty"},
    {DATA, "maxpool(m, 5, stride=1)", "EXPR:1:1: kernel 5 does not fit into 4 with padding 0"},
    {DATA, "maxpool(m, [2, 2, 2])", "EXPR:1:1: kernel: 2 axes, found a list of 3"},
    {DATA, "maxpool(x, 2)",
     "EXPR:1:1: maxpool takes [N,W,C], [N,H,W,C] or [N,D,H,W,C], this is [2,3]"},
    {"data long: long[40,2]\n", "avgpool(long, 20, stride=2)",
     "EXPR:1:1: avgpool: windows that overlap are at most 16 wide"},
    {DATA, "adaptive_avgpool(m, 0)", "EXPR:1:1: adaptive_avgpool: size must be at least 1"},
    {DATA, "tap(x, \"D.0\")", "EXPR:1:1: no stage D.0 was evaluated"},
    {DATA, "weights(\"D.0\")", "EXPR:1:1: no parameter D.0"},
    {DATA, "crossentropy(1, 1)", "EXPR:1:1: expected logits [N,K]"},
    {DATA, "correct(1, 1)", "EXPR:1:1: expected logits [N,K]"},
    {DATA, "[i for i in 1..1e7]", "EXPR:1:14: a loop of more than 100001 numbers"},
    {DATA, "[i for i in 1e17..1e17]", "EXPR:1:17: a range runs between whole numbers"},
    {DATA, "[i for i in 3]", "EXPR:1:13: expected a range such as 1..4 or a list, found a number"},
    {DATA, "stack([[1]])", "EXPR:1:1: stack: expected a tensor, found a list"},
    {DATA, "concat([])", "EXPR:1:1: concat of an empty list"},
    {"noise e: stack([normal[1] for t in 1..65])\nnoise z: normal[1]\n", "e",
     "page.gan:1:10: a noise of 65 draws, more than 64, must be the page's last"},
};

static void check_errors(void) {
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (!errors[i].text) continue;
        Model m;
        Error err;
        Result r = {0};
        if (page_model(&m, errors[i].page, 2, NULL, &err))
            r = page_value(&m, errors[i].expr, NULL, 0);
        else
            r.err = err;
        bool same = !r.v && !strcmp(r.err.text, errors[i].text);
        ok(same, "%s", errors[i].text);
        if (!same) diag("%s", r.v ? "no error" : r.err.text);
        free(r.v);
        model_free(&m);
    }
}

/* Whole players: what only a player's page can get wrong. */
static const struct {
    const char *page, *text;
} players[] = {
    {"data x: x[3]\nnet D(x) = x | linear(1)\nplayer D: sgd(0.1) minimizes D(x)\n",
     "page.gan:3:30: the cost must be one number, this is [2,1]; take its mean"},
    {"data x: x[3]\nnet D(x) = x | linear(1)\nplayer D: sgd(0.1) minimizes mean(x)\n",
     "page.gan:3:30: player D has nothing to train: its cost does not depend on D"},
    {"data x: x[3]\nnet D(x) = x | linear(1)\nplayer D: 0.1 minimizes mean(D(x))\n",
     "page.gan:3:11: expected an optimizer: sgd, adam, adamw or rmsprop"},
    {"data x: x[3]\nnet D(x) = x | linear(1)\nplayer D: sgd(0.1, moment=1) minimizes mean(D(x))\n",
     "page.gan:3:27: sgd has no parameter moment"},
    {"data x: x[3]\nnet D(x) = x | linear(1)\nplayer D: sgd(0.1) minimizes mean(D(x)) log a = x\n",
     "page.gan:3:49: a must be one number"},
    {"data x: x[3]\nnet D(x) = x | linear(1)\nplayer D: sgd(0.1) minimizes mean(D(x)) log a = [1, "
     "x]\n",
     "page.gan:3:49: a must be one number"},
    {"data x: x[3]\nnet D(x) = x | linear(1)\nplayer D: sgd(0.1) minimizes mean(D(x)) then clip(E, "
     "1)\n",
     "page.gan:3:46: clip: no parameters under E"},
    {"data x: x[3]\nnet D(x) = x | linear(1)\nplayer D: sgd(0.1) minimizes mean(D(x)) then "
     "cut(D)\n",
     "page.gan:3:46: unknown action cut"},
    {"data x: x[3]\nnet D(x) = x | linear(1)\nplayer D: sgd(0.1) minimizes mean(D(x)) then x = 1\n",
     "page.gan:3:50: x is neither a state nor a param"},
    {"data x: x[3]\nstate s[3,2] = 0\nnet D(x) = x | linear(1)\n"
     "player D: sgd(0.1) minimizes mean(D(x)) then s = x\n",
     "page.gan:4:50: [2,3] cannot be spread over [3,2]"},
};

static void check_players(void) {
    for (size_t i = 0; i < sizeof players / sizeof *players; i++) {
        Model m;
        Error err = {{0}};
        Arena *arena = arena_new(NULL);
        bool same = page_model(&m, players[i].page, 2, NULL, &err);
        for (int k = 0; same && k < m.page.count; k++)
            if (m.page.statements[k].kind == ST_PLAYER)
                same = !program_part(arena, &m,
                                     &(PlayPart){PART_UPDATE, &m.page.statements[k], NULL, NULL}, 2,
                                     &err);
        same = same && !strcmp(err.text, players[i].text);
        ok(same, "%s", players[i].text);
        if (!same) diag("%s", err.text);
        arena_free(arena);
        model_free(&m);
    }
}

/* Nesting and length beyond reason are errors, not crashes. */
static void check_deep(void) {
    static const struct {
        const char *name, *head, *part, *tail;
        int count;
    } deep[] = {
        {"parentheses", "", "(", "1", 100000}, {"signs", "", "-", "1", 100000},
        {"lists", "", "[", "1", 100000},       {"powers", "1", "^1", "", 100000},
        {"a long sum", "1", "+1", "", 100000}, {"conditions", "", "if 1 then 1 else ", "1", 100000},
        {"stages", "1", "|stop", "", 2000},    {"indices", "[1]", "[0..0]", "", 100000},
    };
    for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        Model m;
        Error err;
        Str text = {0};
        str_printf(&text, "%s", deep[i].head);
        for (int k = 0; k < deep[i].count; k++) str_printf(&text, "%s", deep[i].part);
        str_printf(&text, "%s", deep[i].tail);
        page_model(&m, "", 2, NULL, &err);
        Result r = page_value(&m, text.text, NULL, 0);
        ok(r.v != NULL || strstr(r.err.text, "nested too deeply"), "%s without end", deep[i].name);
        str_free(&text);
        free(r.v);
        model_free(&m);
    }
    Str chain = {0};
    Model m;
    Error err;
    for (int k = 0; k < 20000; k++) str_printf(&chain, "let a%d = a%d + 1\n", k, k + 1);
    page_model(&m, chain.text, 2, NULL, &err);
    Result r = page_value(&m, "a0", NULL, 0);
    ok(!r.v && strstr(r.err.text, "nested too deeply"), "a chain of names without end");
    str_free(&chain);
    free(r.v);
    model_free(&m);
}

int main(void) {
    cpu_start(1);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) check_rule(&rules[i]);
    check_names();
    check_options();
    check_errors();
    check_players();
    check_deep();
    return done();
}
