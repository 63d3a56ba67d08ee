#include "measure/sets.h"

int sets_check(Sets *s, Error *err) { return parse_range(s->range, &s->low, &s->high, err); }

int sets_load(const Sets *s, char **inputs, Matrix m[2], Error *err) {
    RowsSpec spec = {.tensor = s->tensor, .low = s->low, .high = s->high};
    m[0] = m[1] = (Matrix){0};
    int bad = extractor_open(&s->net, "feature", &spec.extractor, err);
    for (int i = 0; i < 2 && !bad; i++) {
        spec.path = inputs[i];
        bad = matrix_load(&spec, AS_DOUBLE, (size_t)s->rows, &m[i], err);
    }
    if (!bad) bad = same_width(inputs[0], m[0].d, inputs[1], m[1].d, err);
    if (!bad) bad = provenance_same(inputs[0], &m[0].from, inputs[1], &m[1].from, err);
    extractor_close(spec.extractor);
    if (bad) sets_free(m);
    return bad;
}

void sets_free(Matrix m[2]) {
    matrix_free(&m[0]);
    matrix_free(&m[1]);
}

void sets_describe(const Sets *s, const Matrix m[2], Results *out) {
    provenance_report(&m[0].from, out);
    result_int(out, "n_a", (int64_t)m[0].n);
    result_int(out, "n_b", (int64_t)m[1].n);
    result_int(out, "dim", (int64_t)m[0].d);
    result_text(out, "tensor", m[0].tensor);
    if (s->range) result_text(out, "range", s->range);
}
