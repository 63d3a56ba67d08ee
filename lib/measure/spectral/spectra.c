#include "measure/spectral/spectra.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/output.h"
#include "maths/spectrum.h"
#include "measure/result.h"

SpectraRow *spectra_row(Spectra *s, const char *name, const char *shape, uint64_t frame,
                        size_t count, Error *err) {
    if (!s->arena) s->arena = arena_new(NULL);
    if (array_room(&s->row, &s->capacity, s->count + 1, sizeof *s->row, "matrices", err))
        return NULL;
    double *value = data_alloc(count * sizeof *value, err);
    if (!value) return NULL;
    SpectraRow *r = &s->row[s->count++];
    *r = (SpectraRow){
        arena_strdup(s->arena, name), arena_strdup(s->arena, shape), frame, value, count, true};
    return r;
}

void spectra_free(Spectra *s) {
    for (size_t i = 0; i < s->count; i++) free(s->row[i].value);
    free(s->row);
    arena_free(s->arena);
}

static void put_cell(FILE *out, bool known, double v) {
    char number[32];
    fprintf(out, "\t%s", known ? real_text(v, number, sizeof number) : "");
}

static void put_row(const SpectraRow *r, size_t top, FILE *out) {
    Spectrum s = spectrum_summary(r->value, r->count);
    fprintf(out, "%s\t%s", r->name, r->shape);
    for (size_t i = 0; i < top; i++) put_cell(out, i < r->count, i < r->count ? r->value[i] : 0);
    const double cells[] = {s.smallest, s.condition, s.stable_rank, s.share, s.frobenius};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) put_cell(out, r->whole, cells[i]);
    put_cell(out, r->count > 1, s.ratio);
    fprintf(out, "\t%" PRIu64 "\n", r->frame);
}

void spectra_table(const Spectra *s, size_t top, FILE *out) {
    fputs("name\tshape", out);
    for (size_t i = 0; i < top; i++) fprintf(out, "\ts%zu", i + 1);
    fputs("\tsmallest\tcondition\tstable_rank\tshare\tfrobenius\tratio\tframe\n", out);
    for (size_t i = 0; i < s->count; i++) put_row(&s->row[i], top, out);
}

void spectra_columns(const Spectra *s, size_t top, FILE *out) {
    size_t most = 0;
    fputs("number", out);
    for (size_t i = 0; i < s->count; i++) {
        fprintf(out, "\t%s", s->row[i].name);
        if (s->row[i].count > most) most = s->row[i].count;
    }
    fputc('\n', out);
    for (size_t k = 0; k < most && k < top; k++) {
        fprintf(out, "%zu", k + 1);
        for (size_t i = 0; i < s->count; i++) {
            const SpectraRow *r = &s->row[i];
            put_cell(out, k < r->count, k < r->count ? r->value[k] : 0);
        }
        fputc('\n', out);
    }
}

/* ---- a table that grows ---- */

static void header_text(const Spectra *s, size_t top, Str *line) {
    str_printf(line, "step");
    for (size_t i = 0; i < s->count; i++)
        for (size_t k = 0; k < top; k++) str_printf(line, "\t%s.s%zu", s->row[i].name, k + 1);
    str_printf(line, "\n");
}

/* The lines that stay: those of earlier steps. */
static int copy_earlier(const char *path, const char *header, uint64_t step, FILE *to,
                        uint64_t *lost, Error *err) {
    FILE *in = fopen(path, "r");
    if (!in && errno == ENOENT) return 0;
    if (!in) return fail(err, "%s: cannot open: %s", path, strerror(errno));
    char *line = NULL;
    size_t size = 0, number = 0;
    int bad = 0;
    while (!bad && getline(&line, &size, in) > 0) {
        uint64_t at;
        const char *p = line;
        if (!number++) {
            if (strcmp(line, header))
                bad = fail(err, "%s: its columns are others than these", path);
            continue;
        }
        if (!parse_digits(&p, &at) || *p != '\t' || !strchr(p, '\n'))
            bad = fail(err, "%s: line %zu is no row of such a table", path, number);
        else if (at >= step)
            ++*lost;
        else if (fputs(line, to) < 0)
            bad = fail(err, "%s: cannot write: %s", path, strerror(errno));
    }
    free(line);
    (void)fclose(in);
    return bad;
}

int spectra_append(const Spectra *s, size_t top, uint64_t step, const char *path, uint64_t *lost,
                   Error *err) {
    Output out;
    Str header = {0};
    struct stat st;
    *lost = 0;
    if (!stat(path, &st) && !S_ISREG(st.st_mode)) return fail(err, "%s: no regular file", path);
    if (output_open(&out, path, err)) return -1;
    header_text(s, top, &header);
    fputs(header.text, out.file);
    int bad = copy_earlier(path, header.text, step, out.file, lost, err);
    fprintf(out.file, "%" PRIu64, step);
    for (size_t i = 0; i < s->count; i++)
        for (size_t k = 0; k < top; k++) {
            const SpectraRow *r = &s->row[i];
            put_cell(out.file, k < r->count, k < r->count ? r->value[k] : 0);
        }
    fputc('\n', out.file);
    str_free(&header);
    return output_close(&out, bad, err);
}
