#include "ranks/ranks_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ranks_size(const Ranks *r) { return r ? r->size : 1; }

int ranks_own(const Ranks *r) { return r ? r->own : 0; }

size_t ranks_share(int size, int rank, size_t shards, size_t *first) {
    size_t of = (size_t)size, at = (size_t)rank;
    *first = shards * at / of;
    return shards * (at + 1) / of - *first;
}

void ranks_at(Ranks *r, uint64_t step, const char *what) {
    if (!r) return;
    r->step = step;
    r->what = what;
}

/* ---- moving ---- */

/* Bytes that move at once. */
enum { PIECE = 1 << 28 };

void ranks_tell(Ranks *r, void *bytes, size_t size) {
    if (!r) return;
    for (size_t done = 0; done < size; done += PIECE)
        r->carrier->tell(r, (char *)bytes + done, (int)(size - done < PIECE ? size - done : PIECE));
}

void ranks_gather(Ranks *r, const void *own, size_t size, void *all) {
    if (!r) {
        memcpy(all, own, size);
        return;
    }
    for (int i = 0; i < r->size; i++) r->count[i] = (int)size, r->at[i] = i * (int)size;
    r->carrier->gather(r, own, (int)size, all, r->count, r->at);
}

void ranks_gather_floats(Ranks *r, float *all, const size_t *first, const size_t *count) {
    if (!r) return;
    for (int i = 0; i < r->size; i++) {
        r->count[i] = (int)(count[i] * sizeof *all);
        r->at[i] = (int)(first[i] * sizeof *all);
    }
    r->carrier->gather(r, NULL, r->count[r->own], all, r->count, r->at);
}

void ranks_swap_floats(Ranks *r, const float *send, const size_t *to, float *receive,
                       const size_t *from) {
    size_t sent = 0, received = 0;
    for (int i = 0; i < r->size; i++) {
        r->count[i] = (int)(to[i] * sizeof(float));
        r->at[i] = (int)(sent * sizeof(float));
        r->from[i] = (int)(from[i] * sizeof(float));
        r->from_at[i] = (int)(received * sizeof(float));
        sent += to[i];
        received += from[i];
    }
    r->carrier->swap(r, send, r->count, r->at, receive, r->from, r->from_at);
}

/* ---- agreeing ---- */

/* A rank's text, for all. */
typedef struct {
    int bad;
    char host[64], text[1000];
} Word;

unsigned ranks_agree(Ranks *r, unsigned flags) {
    if (!r) return flags;
    unsigned *all = calloc((size_t)r->size, sizeof *all), any = 0;
    if (!all) memory_exhausted();
    ranks_gather(r, &flags, sizeof flags, all);
    for (int i = 0; i < r->size; i++) any |= all[i];
    free(all);
    return any;
}

/* What all say; free frees it. */
static Word *words(Ranks *r, int bad, const char *text) {
    Word own = {.bad = bad}, *all = calloc((size_t)r->size, sizeof *all);
    if (!all) memory_exhausted();
    memcpy(own.host, r->host, sizeof own.host);
    snprintf(own.text, sizeof own.text, "%s", text);
    ranks_gather(r, &own, sizeof own, all);
    return all;
}

int ranks_together(Ranks *r, int bad, Error *err) {
    if (!r) return bad;
    if (!ranks_agree(r, bad != 0)) return 0;
    Word *all = words(r, bad, bad ? err->text : "");
    int i = 0;
    while (!all[i].bad) i++;
    if (i)
        fail(err, "rank %d (%s): %s", i, all[i].host, all[i].text);
    else
        fail(err, "%s", all[i].text);
    free(all);
    return -1;
}

int ranks_same(Ranks *r, const char *what, const char *text, Error *err) {
    if (!r) return 0;
    Word *all = words(r, 0, text);
    int i = 1;
    while (i < r->size && !strcmp(all[i].text, all[0].text)) i++;
    bool same = i == r->size;
    if (!same)
        fail(err, "%s: rank %d (%s) has %s, rank 0 (%s) has %s", what, i, all[i].host, all[i].text,
             all[0].host, all[0].text);
    free(all);
    return same ? 0 : -1;
}
