/* A tree of spans of time. A span knows what is taken during all of it, and what during any of it,
 * as stretches of the block; neighbours join, so that a well-filled block is few of them. A time
 * from first to last is made of a few spans, so both finding and taking are quick. */
#include "plan/room.h"

#include <string.h>

/* The taken bytes from one offset up to another. */
typedef struct {
    size_t from, to;
} Stretch;

/* Apart from each other, in ascending order. */
typedef struct {
    Stretch *list;
    int count, capacity;
} Taken;

typedef struct {
    Taken always, ever; /* during all of the span; during any of it */
} Span;

struct Room {
    Arena *arena;
    int times;  /* a power of 2 */
    Span *span; /* 1: all of time; 2k and 2k+1: the halves of k */
};

Room *room_new(Arena *arena, int times) {
    Room *r = arena_alloc(arena, sizeof *r);
    *r = (Room){.arena = arena, .times = 1};
    while (r->times < times) r->times *= 2;
    r->span = arena_new_array(arena, Span, 2 * (size_t)r->times);
    return r;
}

/* The first stretch that ends at an offset or behind it. */
static int stretch_at(const Taken *t, size_t offset) {
    int low = 0, high = t->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (t->list[middle].to < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void take(Arena *arena, Taken *t, Stretch s) {
    int at = stretch_at(t, s.from), end = at;
    for (; end < t->count && t->list[end].from <= s.to; end++) {
        if (t->list[end].from < s.from) s.from = t->list[end].from;
        if (t->list[end].to > s.to) s.to = t->list[end].to;
    }
    if (at == end && t->count == t->capacity) {
        int capacity = t->capacity ? 2 * t->capacity : 2;
        Stretch *more = arena_new_array(arena, Stretch, (size_t)capacity);
        if (t->count) memcpy(more, t->list, (size_t)t->count * sizeof *more);
        t->list = more;
        t->capacity = capacity;
    }
    if (end != at + 1) /* those from at to end become one */
        memmove(t->list + at + 1, t->list + end, (size_t)(t->count - end) * sizeof s);
    t->list[at] = s;
    t->count += 1 - (end - at);
}

/* What is asked of a time. */
typedef struct {
    int first, last;
    Stretch bytes;
    bool moved;
} Query;

/* Moves the bytes behind what is taken of theirs. */
static void avoid(Query *q, const Taken *t) {
    size_t bytes = q->bytes.to - q->bytes.from, at = q->bytes.from;
    for (int i = stretch_at(t, at + 1); i < t->count && t->list[i].from < at + bytes; i++)
        at = t->list[i].to;
    q->moved |= at != q->bytes.from;
    q->bytes = (Stretch){at, at + bytes};
}

static void find_in(const Room *r, int k, int begin, int count, Query *q) {
    if (q->last < begin || q->first >= begin + count) return;
    if (q->first <= begin && begin + count - 1 <= q->last) {
        avoid(q, &r->span[k].ever);
        return;
    }
    avoid(q, &r->span[k].always);
    find_in(r, 2 * k, begin, count / 2, q);
    find_in(r, 2 * k + 1, begin + count / 2, count / 2, q);
}

size_t room_find(const Room *r, int first, int last, size_t bytes) {
    Query q = {first, last, {0, bytes}, true};
    while (q.moved) {
        q.moved = false;
        find_in(r, 1, 0, r->times, &q);
    }
    return q.bytes.from;
}

static void take_in(Room *r, int k, int begin, int count, const Query *q) {
    if (q->last < begin || q->first >= begin + count) return;
    take(r->arena, &r->span[k].ever, q->bytes);
    if (q->first <= begin && begin + count - 1 <= q->last) {
        take(r->arena, &r->span[k].always, q->bytes);
        return;
    }
    take_in(r, 2 * k, begin, count / 2, q);
    take_in(r, 2 * k + 1, begin + count / 2, count / 2, q);
}

void room_take(Room *r, int first, int last, size_t offset, size_t bytes) {
    take_in(r, 1, 0, r->times, &(Query){first, last, {offset, offset + bytes}, false});
}
