#include "media/batch.h"

#include "media/index.h"
#include "media/random.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Index index;
    const BatchWant *want;
    uint32_t *order; /* [samples]: the epoch's permutation */
    uint32_t *picks; /* [size] */
    uint64_t taken;  /* samples a epoch of this shard */
    Frame frame;
    FILE *out;
    const char *name;
} Run;

static int write_batch(Run *r, uint64_t number, Error *err) {
    const BatchWant *w = r->want;
    uint64_t from = number * w->size, n = r->taken - from;
    if (n > w->size) n = w->size;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t position = w->shard + (from + i) * w->shards;
        r->picks[i] = w->shuffle ? r->order[position] : (uint32_t)position;
    }
    if (index_frame(&r->index, r->picks, n, &r->frame, err)) return -1;
    return frame_write(&r->frame, r->out, r->name, err);
}

static int write_epochs(Run *r, Error *err) {
    const BatchWant *w = r->want;
    uint64_t samples = index_samples(&r->index);
    if (w->shard < samples) r->taken = (samples - w->shard + w->shards - 1) / w->shards;
    uint64_t frames = r->taken / w->size;
    if (!w->drop_last && r->taken % w->size) frames++;
    if (!frames)
        return fail(err, "%s: %" PRIu64 " samples make no frame of %zu", r->index.name, r->taken,
                    w->size);
    r->picks = calloc(w->size < r->taken ? w->size : r->taken, sizeof *r->picks);
    r->order = w->shuffle ? malloc(samples * sizeof *r->order) : NULL;
    if (!r->picks || (w->shuffle && !r->order))
        return fail(err, "out of memory for %" PRIu64 " samples", samples);
    uint64_t epoch = w->start / frames, number = w->start % frames;
    for (; epoch < w->epochs; epoch++, number = 0) {
        if (w->shuffle) random_permutation(w->seed, epoch, r->order, (uint32_t)samples);
        for (; number < frames; number++)
            if (write_batch(r, number, err)) return -1;
    }
    return 0;
}

/* One epoch in the stream's own order needs no file. */
static int write_regrouped(const char *path, const BatchWant *w, FILE *out, const char *name,
                           Error *err) {
    Regroup g;
    uint64_t all = UINT64_MAX;
    regroup_start(&g, w->size, out, name);
    g.drop_last = w->drop_last;
    int bad = regroup_stream(path, &g, &all, err);
    bad = regroup_end(&g, bad, err);
    if (!bad && !g.samples)
        bad = fail(err, "%s: too few samples to make a frame of %zu", path, w->size);
    return bad;
}

int batch_write(const char *path, const BatchWant *want, FILE *out, const char *name, Error *err) {
    /* (a huge frame is better built from the copy: regrouping allocates it before it is full) */
    bool plain = want->size <= 4096 && !want->shuffle && want->epochs == 1 && want->shards == 1 &&
                 !want->start;
    if (plain && !is_seekable(path)) return write_regrouped(path, want, out, name, err);
    Run r = {.want = want, .out = out, .name = name};
    int bad = index_open(&r.index, path, want->trust, err) || write_epochs(&r, err);
    index_free(&r.index);
    free(r.order);
    free(r.picks);
    frame_free(&r.frame);
    return bad ? -1 : 0;
}

int batch_consumed(const char *checkpoint, uint64_t *frames, Error *err) {
    Frame f = {0};
    Reader *r = reader_open(checkpoint, err);
    int got = r ? reader_next_header(r, &f, NULL, err) : -1;
    if (got == 0) fail(err, "%s: the file is empty, expected a checkpoint", checkpoint);
    const char *text = got > 0 ? frame_meta(&f, "gan.frames") : NULL;
    int bad = got > 0 ? 0 : -1;
    if (!bad && !text)
        bad = fail(err, "%s: no metadata gan.frames, is this a checkpoint?", checkpoint);
    if (!bad && !parse_u64(text, frames))
        bad =
            fail(err, "%s: metadata gan.frames is '%s', expected a whole number", checkpoint, text);
    if (r) reader_close(r);
    frame_free(&f);
    return bad;
}
