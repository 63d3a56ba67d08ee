#include "game/share.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "tensor/cpu.h"

/* ---- frames ---- */

/* The frame as the bytes of a stream, or those of a message, which free frees. */
static char *pack(Frame *f, size_t *size) {
    char *bytes = NULL;
    Error err;
    FILE *to = open_memstream(&bytes, size);
    if (!to || frame_write(f, to, "a frame", &err) || fclose(to)) memory_exhausted();
    return bytes;
}

/* What comes ahead of a frame or message: got is of reader_next. */
typedef struct {
    int got;
    uint64_t size;
} Announced;

static int tell_next(Ranks *r, int got, Frame *f, const Error *err) {
    size_t size = strlen(err->text) + 1;
    char *bytes = got > 0 ? pack(f, &size) : strdup(err->text);
    if (!bytes) memory_exhausted();
    ranks_tell(r, &(Announced){got, size}, sizeof(Announced));
    ranks_tell(r, bytes, size);
    free(bytes);
    return got;
}

static int hear_next(Ranks *r, Frame *f, Error *err) {
    Announced a;
    ranks_tell(r, &a, sizeof a);
    char *bytes = malloc((size_t)a.size);
    if (!bytes) memory_exhausted();
    ranks_tell(r, bytes, (size_t)a.size);
    int got = a.got;
    if (got <= 0)
        fail(err, "%s", bytes);
    else if (frame_parse((unsigned char *)bytes, (size_t)a.size, f, err) < 0)
        got = -1;
    free(bytes);
    return got;
}

int share_next(Ranks *r, Reader *data, Frame *f, Error *err) {
    err->text[0] = 0;
    if (ranks_own(r)) return hear_next(r, f, err);
    int got = data ? reader_next(data, f, err) : 0;
    return r ? tell_next(r, got, f, err) : got;
}

/* ---- whether all compute the same ---- */

/* zlib's CRC-32 of a file; 0 where it cannot be read. */
static unsigned long file_sum(const char *path) {
    unsigned char bytes[1 << 16];
    unsigned long sum = crc32(0, NULL, 0);
    FILE *f = fopen(path, "rb");
    if (!f) return 0;
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, f)) > 0;) sum = crc32(sum, bytes, (uInt)n);
    fclose(f);
    return sum;
}

static unsigned long states_sum(const Model *m) {
    unsigned long sum = crc32(0, NULL, 0);
    for (size_t i = 0; i < m->store->count; i++) {
        const State *s = &m->store->entries[i]->state;
        sum = crc32_z(sum, (const Bytef *)s->name, strlen(s->name));
        sum = crc32_z(sum, (const Bytef *)s->data, s->count * sizeof *s->data);
    }
    return sum;
}

int share_check_states(Ranks *r, const Model *m, Error *err) {
    char text[64];
    if (!r) return 0;
    snprintf(text, sizeof text, "%08lx", states_sum(m));
    if (!ranks_same(r, "checksum of all states", text, err)) return 0;
    return fail(err, "step %" PRIu64 ": the ranks do not agree: %s", m->step, err->text);
}

int share_check_size(const Ranks *r, const Model *m, Error *err) {
    if (!r || m->shards >= (uint64_t)ranks_size(r)) return 0;
    return fail(err,
                "%" PRIu64 " shard%s cannot be played by %d processes; gan-init --shards "
                "says how many there are",
                m->shards, m->shards == 1 ? "" : "s", ranks_size(r));
}

int share_check(Ranks *r, const Model *m, Error *err) {
    char text[250];
    if (!r) return 0;
    if (ranks_same(r, "instruction set", isa_name(cpu_isa()), err)) return -1;
    cpu_products(text, sizeof text);
    if (ranks_same(r, "kernels of products", text, err)) return -1;
    snprintf(text, sizeof text, "%08lx", file_sum("/proc/self/exe"));
    if (ranks_same(r, "checksum of the program", text, err)) return -1;
    snprintf(text, sizeof text, "step %" PRIu64 " with sum %08lx", m->step, states_sum(m));
    return ranks_same(r, "checkpoint", text, err);
}
