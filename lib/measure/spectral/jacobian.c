/* A column J e_i is the gradient in u of u^T J e_i, and u^T J is the gradient of u^T f(z) in z: two
 * gradients of the page's language, in which u's value does not matter. */
#include "measure/spectral/jacobian.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "maths/spectrum.h"

enum { NAME, TANGENT, COTANGENT, BINDS };

struct Jacobian {
    Model *m;
    const char *expression, *name;
    uint64_t seed;
    const Tensor *like;
    const char *file; /* where that is from */
    Arena *arena;
    Program *value, *column; /* the name's value and the expression's; a column */
    void *value_block, *column_block;
    Input bind[BINDS];
    float *at[BINDS]; /* their data */
};

static Program *compile(Jacobian *j, int count, const char *const *text, int binds, Error *err) {
    const char *names[2] = {0};
    Expr *e[2];
    SampleMode mode = {.bind = j->bind, .bind_count = binds};
    for (int i = 0; i < count; i++)
        if (page_parse_expr(j->arena, "EXPR", text[i], &e[i], err)) return NULL;
    return program_sample(j->arena, j->m, count, names, e, 1, &mode, err);
}

/* A name for expressions, of one sample of these extents. */
static int bind(Jacobian *j, int which, const char *name, int rank, const size_t *shape,
                Error *err) {
    Input *in = &j->bind[which];
    *in = (Input){.name = name, .rank = rank, .count = 1};
    for (int i = 0; i < rank; i++) in->count *= in->shape[i] = shape[i];
    free(j->at[which]);
    j->at[which] = data_alloc(in->count * sizeof(float), err);
    if (!j->at[which]) return -1;
    memset(j->at[which], 0, in->count * sizeof(float));
    in->data = j->at[which];
    return 0;
}

/* That the name is, where the page can say so without data, of the shape of these samples. */
static int check_like(Jacobian *j, Error *err) {
    Error unused;
    char have[200], want[200];
    Program *p = compile(j, 1, &j->name, 0, &unused);
    if (!p || program_reads_any(p)) return 0;
    const Node *n = program_output(p, 0)->node;
    if (n->rank == j->like->rank &&
        !memcmp(n->shape + 1, j->like->shape + 1, (size_t)(n->rank - 1) * sizeof *n->shape))
        return 0;
    return fail(err, "%s: tensor %s has samples %s, the page's have %s", j->file, j->name,
                shape_text(j->like->rank - 1, j->like->shape + 1, have, sizeof have),
                shape_text(n->rank - 1, n->shape + 1, want, sizeof want));
}

static int bind_like(Jacobian *j, Error *err) {
    size_t shape[RANK_MAX];
    if (j->like->rank < 1 || j->like->rank > RANK_MAX || !j->like->count)
        return fail(err, "%s: tensor %s holds no samples", j->file, j->name);
    memcpy(shape, j->like->shape, (size_t)j->like->rank * sizeof *shape);
    for (size_t i = 0; i < j->like->count; i++)
        if (!isfinite(tensor_get(j->like, i)))
            return fail(err, "%s: tensor %s: sample %zu holds %g", j->file, j->name,
                        i / (j->like->count / shape[0]), tensor_get(j->like, i));
    shape[0] = 1;
    if (check_like(j, err)) return -1;
    return bind(j, NAME, j->name, j->like->rank, shape, err);
}

/* A noise or a let: what data are is the stream's. */
static int check_name(const Jacobian *j, Error *err) {
    for (int i = 0; i < j->m->page.count; i++) {
        const Statement *s = &j->m->page.statements[i];
        if (s->kind == ST_DATA && !strcmp(s->name, j->name))
            return fail(err, "%s is data of the page, expected a noise or a let", j->name);
    }
    return 0;
}

/* What the name is and what the expression gives. */
static int compile_value(Jacobian *j, Error *err) {
    if (check_name(j, err) || (j->like && bind_like(j, err))) return -1;
    j->value = compile(j, 2, (const char *[]){j->name, j->expression}, j->like ? 1 : 0, err);
    if (!j->value) return -1;
    for (int i = 0; i < program_data_count(j->value); i++)
        if (program_reads(j->value, i))
            return fail(err, "%s reads the data %s", j->expression,
                        program_data(j->value, i)->name);
    return program_bind_own(j->value, &j->value_block, err);
}

static int compile_column(Jacobian *j, Error *err) {
    const Node *name = program_output(j->value, 0)->node,
               *result = program_output(j->value, 1)->node;
    const char *text =
        arena_printf(j->arena, "grad(sum(grad(sum((%s)*cotangent), %s)*tangent), cotangent)",
                     j->expression, j->name);
    if (bind(j, NAME, j->name, name->rank, name->shape, err) ||
        bind(j, TANGENT, "tangent", name->rank, name->shape, err) ||
        bind(j, COTANGENT, "cotangent", result->rank, result->shape, err))
        return -1;
    j->column = compile(j, 1, &text, BINDS, err);
    return j->column ? program_bind_own(j->column, &j->column_block, err) : -1;
}

Jacobian *jacobian_new(Model *m, const char *expression, const char *name, uint64_t seed,
                       const Tensor *like, const char *file, Error *err) {
    Arena *arena = arena_new(NULL);
    Jacobian *j = arena_alloc(arena, sizeof *j);
    *j = (Jacobian){.m = m,
                    .expression = expression,
                    .name = name,
                    .seed = seed,
                    .like = like,
                    .file = file,
                    .arena = arena};
    if (!compile_value(j, err) && !compile_column(j, err)) return j;
    jacobian_free(j);
    return NULL;
}

void jacobian_free(Jacobian *j) {
    if (!j) return;
    for (int i = 0; i < BINDS; i++) free(j->at[i]);
    plan_block_free(j->value_block);
    plan_block_free(j->column_block);
    arena_free(j->arena);
}

size_t jacobian_inputs(const Jacobian *j) { return j->bind[NAME].count; }
size_t jacobian_outputs(const Jacobian *j) { return j->bind[COTANGENT].count; }

static void run(const Jacobian *j, Program *p, size_t sample) {
    program_run(p,
                &(ProgramRun){.context = {.seed = j->seed, .sample = sample}, .step = j->m->step});
}

int jacobian_values(Jacobian *j, size_t sample, double *value, Error *err) {
    size_t n = jacobian_inputs(j), m = jacobian_outputs(j);
    Tensor t = {
        .name = (char *)"jacobian", .dtype = DT_F32, .rank = 2, .shape = {n, m}, .count = n * m};
    float *rows = data_alloc(n * m * sizeof *rows, err);
    if (!rows) return -1;
    t.data = rows;
    if (j->like) {
        tensor_to_float(j->like, sample * n, n, j->at[NAME]);
    } else {
        run(j, j->value, sample);
        memcpy(j->at[NAME], program_value(j->value, 0), n * sizeof(float));
    }
    for (size_t i = 0; i < n; i++) {
        j->at[TANGENT][i] = 1;
        run(j, j->column, sample);
        memcpy(rows + i * m, program_value(j->column, 0), m * sizeof *rows);
        j->at[TANGENT][i] = 0; /* not before: the value may be the tangent itself */
    }
    int bad = spectrum_values(&t, n, SPECTRUM_GRAM, value, err);
    free(rows);
    return bad;
}
