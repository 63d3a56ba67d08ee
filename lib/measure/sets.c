#include "measure/sets.h"

static int load(const Sets *s, const Operand *inputs, Matrix m[2], Error *err) {
    RowsSpec spec = {.tensor = s->tensor, .range = s->range};
    int bad = 0;
    for (int i = 0; i < 2 && !bad; i++) {
        spec.of = &inputs[i];
        bad = matrix_load(&spec, AS_DOUBLE, (size_t)s->rows, &m[i], err);
    }
    if (!bad) bad = operands_match(&inputs[0], m[0].d, &inputs[1], m[1].d, err);
    if (!bad) bad = provenance_same(inputs[0].path, &m[0].from, inputs[1].path, &m[1].from, err);
    return bad;
}

int sets_run(const Metric *metric, const void *options, const Operand *inputs, Results *out,
             Error *err) {
    Matrix m[2] = {{0}, {0}};
    int bad = load(options, inputs, m, err);
    if (!bad && metric->measure(options, m, out, err) < 0)
        bad = fail_in(err, "%s and %s", inputs[0].path, inputs[1].path);
    matrix_free(&m[0]);
    matrix_free(&m[1]);
    return bad;
}

void sets_describe(const Sets *s, const Matrix m[2], Results *out) {
    provenance_report(&m[0].from, out);
    result_int(out, "n_a", (int64_t)m[0].n);
    result_int(out, "n_b", (int64_t)m[1].n);
    result_int(out, "dim", (int64_t)m[0].d);
    result_text(out, "tensor", m[0].tensor);
    result_range(out, &s->range);
}
