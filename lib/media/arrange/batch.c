#include "media/arrange/batch.h"

#include "base/random.h"
#include "media/arrange/together.h"
#include "media/index.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Index index;
    const BatchWant *want;
    Together together;
    uint32_t *order; /* [samples]: the epoch's order, unless it is the stream's */
    uint32_t *picks; /* [size, together] */
    uint64_t taken;  /* samples, or groups, an epoch of this shard */
    Str how;         /* metadata BATCHES_KEY */
    FramePlace place;
    Frame frame, grouped;
    FILE *out;
    const char *name;
} Run;

/* What makes the sequence of frames: who goes on with another one is told of it. The number of
 * epochs is left out, since going on with more of them is usual. */
static void describe(Run *r, const char *fingerprint) {
    const BatchWant *w = r->want;
    str_printf(&r->how, "size=%zu shuffle=%s", w->size, w->shuffle ? "yes" : "no");
    if (w->shuffle) str_printf(&r->how, " seed=%" PRIu64, w->seed);
    str_printf(&r->how, " shard=%" PRIu64 "/%" PRIu64, w->shard, w->shards);
    if (w->drop_last) str_printf(&r->how, " drop-last=yes");
    if (w->together) str_printf(&r->how, " together=%zu", w->together);
    if (fingerprint) str_printf(&r->how, " data=%s", fingerprint);
}

static void set_meta(Run *r, Frame *f) {
    frame_set_meta(f, BATCHES_KEY, r->how.text);
    frame_set_place(f, &r->place);
}

/* Samples that are put together as one. */
static uint64_t group_of(const BatchWant *w) { return w->together ? w->together : 1; }

static int write_batch(Run *r, uint64_t number, Error *err) {
    const BatchWant *w = r->want;
    Frame *f = &r->frame;
    uint64_t from = number * w->size, n = r->taken - from, each = group_of(w);
    if (n > w->size) n = w->size;
    for (uint64_t i = 0; i < n * each; i++) {
        uint64_t position = (w->shard + (from + i / each) * w->shards) * each + i % each;
        r->picks[i] = r->order ? r->order[position] : (uint32_t)position;
    }
    if (index_frame(&r->index, r->picks, n * each, f, err)) return -1;
    if (w->together) {
        if (together_frame(&r->together, f, &r->grouped, err))
            return fail_in(err, "%s", r->index.name);
        f = &r->grouped;
    }
    r->place.number++;
    set_meta(r, f);
    return frame_write(f, r->out, r->name, err);
}

/* All frames have been consumed: one without tensors says so, where none at all would look like a
 * stream that could not be made. */
static int write_nothing(Run *r, Error *err) {
    frame_clear(&r->frame);
    r->place.number = r->place.total;
    set_meta(r, &r->frame);
    return frame_write(&r->frame, r->out, r->name, err);
}

static void set_order(Run *r, uint64_t epoch) {
    const BatchWant *w = r->want;
    uint32_t samples = (uint32_t)index_samples(&r->index);
    if (w->shuffle) random_permutation(w->seed, epoch, r->order, samples);
    if (!w->together) return;
    for (uint32_t i = 0; !w->shuffle && i < samples; i++) r->order[i] = i;
    together_order(&r->together, w->shuffle, w->seed, epoch, r->order);
}

static int write_epochs(Run *r, Error *err) {
    const BatchWant *w = r->want;
    uint64_t samples = index_samples(&r->index), groups = samples;
    if (w->together) {
        if (together_open(&r->together, &r->index, w->together, err)) return -1;
        groups = r->together.groups;
    }
    if (w->shard < groups) r->taken = (groups - w->shard + w->shards - 1) / w->shards;
    uint64_t frames = r->taken / w->size;
    if (!w->drop_last && r->taken % w->size) frames++;
    if (!frames)
        return fail(err, "%s: %" PRIu64 " samples make no frame of %zu", r->index.name, r->taken,
                    w->size);
    r->picks = calloc((w->size < r->taken ? w->size : r->taken) * group_of(w), sizeof *r->picks);
    bool ordered = w->shuffle || w->together;
    r->order = ordered ? malloc(samples * sizeof *r->order) : NULL;
    if (!r->picks || (ordered && !r->order))
        return fail(err, "out of memory for %" PRIu64 " samples", samples);
    if (w->epochs == UINT64_MAX || !size_mul(frames, w->epochs, &r->place.total))
        r->place.endless = true;
    describe(r, r->index.fingerprint);
    if (!r->place.endless && w->start >= r->place.total) return write_nothing(r, err);
    r->place.number = w->start;
    uint64_t epoch = w->start / frames, number = w->start % frames;
    for (; epoch < w->epochs; epoch++, number = 0) {
        if (ordered) set_order(r, epoch);
        for (; number < frames; number++)
            if (write_batch(r, number, err)) return -1;
    }
    return 0;
}

static void describe_group(void *context, Frame *f, uint64_t number, bool last) {
    Run *r = context;
    r->place = (FramePlace){.number = number, .total = last ? number : 0};
    set_meta(r, f);
}

/* One epoch in the stream's own order needs no file. */
static int write_regrouped(Run *r, const char *path, Error *err) {
    Regroup g;
    uint64_t all = UINT64_MAX;
    regroup_start(&g, r->want->size, r->out, r->name);
    g.describe = describe_group;
    g.context = r;
    describe(r, NULL);
    int bad = regroup_stream(path, &g, &all, err);
    bad = regroup_end(&g, bad, err);
    if (!bad && !g.samples) bad = fail(err, "%s: no samples to make a frame of", input_name(path));
    return bad;
}

int batch_write(const char *path, const BatchWant *want, FILE *out, const char *name, Error *err) {
    /* (a huge frame is better built from the copy: regrouping allocates it before it is full) */
    bool plain = want->size <= 4096 && !want->shuffle && !want->drop_last && want->epochs == 1 &&
                 want->shards == 1 && !want->together && !want->start;
    Run r = {.want = want, .out = out, .name = name, .index = {.fd = -1}};
    int bad = plain && !is_seekable(path)
                  ? write_regrouped(&r, path, err)
                  : index_open(&r.index, path, want->trust, err) || write_epochs(&r, err);
    index_free(&r.index);
    together_free(&r.together);
    str_free(&r.how);
    free(r.order);
    free(r.picks);
    frame_free(&r.frame);
    frame_free(&r.grouped);
    return bad ? -1 : 0;
}

int batch_consumed(const char *checkpoint, uint64_t *frames, Error *err) {
    Frame f = {0};
    Reader *r = reader_open(checkpoint, err);
    int got = reader_next_header(r, &f, NULL, err);
    const char *text = got > 0 ? frame_meta(&f, "gan.frames") : NULL;
    int bad = got < 0 ? -1 : 0;
    if (!got)
        bad = fail(err, "%s: the file is empty, expected a checkpoint", checkpoint);
    else if (!bad && !text)
        bad = fail(err, "%s: no metadata gan.frames, is this a checkpoint?", checkpoint);
    else if (!bad && !parse_u64(text, frames))
        bad =
            fail(err, "%s: metadata gan.frames is '%s', expected a whole number", checkpoint, text);
    reader_close(r);
    frame_free(&f);
    return bad;
}
