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

/* What is taken at some time: of the sets of a few spans, what lies behind the place looked at. */
enum { SETS = 4 * 32 }; /* four a level of the tree are more than enough */
typedef struct {
    int first, last;
    struct {
        const Stretch *next, *end;
    } set[SETS];
    int count;
} Query;

static void add_set(Query *q, const Taken *t) {
    if (!t->count) return;
    q->set[q->count].next = t->list;
    q->set[q->count++].end = t->list + t->count;
}

static void collect(const Room *r, int k, int begin, int count, Query *q) {
    if (q->last < begin || q->first >= begin + count) return;
    if (q->first <= begin && begin + count - 1 <= q->last) {
        add_set(q, &r->span[k].ever);
        return;
    }
    add_set(q, &r->span[k].always);
    collect(r, 2 * k, begin, count / 2, q);
    collect(r, 2 * k + 1, begin + count / 2, count / 2, q);
}

/* The offset, moved behind what set i has taken of the bytes from it on. */
static size_t avoid(Query *q, int i, size_t at, size_t bytes) {
    const Stretch *s = q->set[i].next, *end = q->set[i].end;
    while (s < end && s->to <= at) s++;
    for (; s < end && s->from < at + bytes; s++) at = s->to;
    q->set[i].next = s;
    return at;
}

size_t room_find(const Room *r, int first, int last, size_t bytes) {
    Query q = {.first = first, .last = last};
    size_t at = 0, before;
    collect(r, 1, 0, r->times, &q);
    do {
        before = at;
        for (int i = 0; i < q.count;) {
            at = avoid(&q, i, at, bytes);
            if (q.set[i].next == q.set[i].end)
                q.set[i] = q.set[--q.count];
            else
                i++;
        }
    } while (at != before);
    return at;
}

/* A stretch that is taken from time `first` to `last`. */
typedef struct {
    int first, last;
    Stretch bytes;
} Piece;

static void take_in(Room *r, int k, int begin, int count, const Piece *p) {
    if (p->last < begin || p->first >= begin + count) return;
    take(r->arena, &r->span[k].ever, p->bytes);
    if (p->first <= begin && begin + count - 1 <= p->last) {
        take(r->arena, &r->span[k].always, p->bytes);
        return;
    }
    take_in(r, 2 * k, begin, count / 2, p);
    take_in(r, 2 * k + 1, begin + count / 2, count / 2, p);
}

void room_take(Room *r, int first, int last, size_t offset, size_t bytes) {
    take_in(r, 1, 0, r->times, &(Piece){first, last, {offset, offset + bytes}});
}
