/* head.c: the first samples of a stream, or as many drawn at random. */
#include "base/random.h"
#include "media/arrange/choose.h"
#include "media/index.h"
#include "media/sources/paths.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    LABELS_MAX = 4096, /* more labels are not kept apart */
    ENOUGH = 10        /* fewer samples say nothing of the order */
};

/* The labels of the first samples, as long as each comes in one run. */
typedef struct {
    bool sorted;
    size_t found, named; /* distinct labels; classes that the stream names */
    int64_t label[LABELS_MAX];
} Runs;

static void note_label(Runs *r, int64_t label) {
    if (r->found && r->label[r->found - 1] == label) return;
    for (size_t i = 0; i < r->found; i++)
        if (r->label[i] == label) r->sorted = false;
    if (r->found == LABELS_MAX) r->sorted = false;
    if (r->sorted) r->label[r->found++] = label;
}

static void note_frame(Runs *r, const Frame *f, uint64_t left) {
    const Tensor *t = frame_find(f, "label");
    if (!t || t->dtype != DT_I64 || t->rank != 1) r->sorted = false;
    for (size_t i = 0; r->sorted && i < t->count && i < left; i++)
        note_label(r, ((const int64_t *)t->data)[i]);
    if (r->named || !r->sorted) return;
    Arena *arena = arena_new(NULL);
    r->named = classes_known(frame_meta(f, "gan.classes"), arena).count;
    arena_free(arena);
}

/* The distinct labels of the whole file; 0 when they cannot be had. */
static size_t labels_of(const char *path) {
    Index x;
    Error ignored;
    size_t n = 0;
    if (!index_open(&x, path, true, &ignored)) {
        int64_t *labels = index_labels(&x, "label", &ignored);
        if (labels) n = labels_distinct(labels, (size_t)index_samples(&x));
        free(labels);
    }
    index_free(&x);
    return n;
}

static void judge(const Runs *r, const char *path, HeadReport *report) {
    if (!r->sorted || report->samples < ENOUGH) return;
    bool file = strcmp(path, "-") && is_seekable(path);
    size_t classes = file ? labels_of(path) : r->named;
    if (classes > r->found) *report = (HeadReport){report->samples, r->found, classes};
}

static int write_first(const char *path, uint64_t count, FILE *out, const char *name,
                       HeadReport *report, Error *err) {
    Runs *runs = calloc(1, sizeof *runs);
    if (!runs) return fail(err, "out of memory");
    Regroup g;
    Frame f = {0};
    regroup_start(&g, 0, out, name);
    runs->sorted = true;
    Reader *r = reader_open(path, err);
    int more = 1;
    while (more > 0 && g.samples < count && (more = reader_next(r, &f, err)) > 0) {
        uint64_t left = count - g.samples;
        if (regroup_add(&g, &f, 0, left, err))
            more = reader_fail_in(r, err);
        else
            note_frame(runs, &f, left);
    }
    report->samples = g.samples;
    if (more > 0) judge(runs, path, report);
    reader_close(r);
    frame_free(&f);
    free(runs);
    return regroup_end(&g, more < 0, err);
}

static int write_drawn(const char *path, const HeadWant *w, FILE *out, const char *name,
                       HeadReport *report, Error *err) {
    Index x;
    uint32_t *order = NULL;
    int bad = index_open(&x, path, false, err);
    uint64_t n = bad ? 0 : index_samples(&x);
    report->samples = n < w->count ? n : w->count;
    if (!bad) bad = (order = data_alloc((size_t)n * sizeof *order, err)) ? 0 : -1;
    if (!bad) {
        random_permutation(w->seed, 0, order, (uint32_t)n);
        bad = index_write(&x, order, (size_t)report->samples, 1, w->per_frame, out, name, err);
    }
    free(order);
    index_free(&x);
    return bad ? -1 : 0;
}

int head_write(const char *path, const HeadWant *want, FILE *out, const char *name,
               HeadReport *report, Error *err) {
    *report = (HeadReport){0};
    return want->shuffle ? write_drawn(path, want, out, name, report, err)
                         : write_first(path, want->count, out, name, report, err);
}
