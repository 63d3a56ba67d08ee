/* Places in a block by time, against looking through all that was taken; numbers by addresses. */
#include <stdlib.h>

#include "base/address.h"
#include "plan/room.h"
#include "tap.h"

enum { TIMES = 37, TAKEN = 300, ROUNDS = 40 };

typedef struct {
    int first, last;
    size_t from, to;
} Piece;

static unsigned seed;
static unsigned pick(unsigned below) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

/* The lowest place for p among so many pieces. */
static size_t lowest(const Piece *taken, int count, const Piece *p, size_t bytes) {
    size_t at = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < count; i++) {
            const Piece *t = &taken[i];
            bool meets =
                t->first <= p->last && p->first <= t->last && t->from < at + bytes && at < t->to;
            if (meets) at = t->to, moved = true;
        }
    }
    return at;
}

static void check_room(void) {
    int bad = 0;
    for (int round = 0; round < ROUNDS; round++) {
        Arena *arena = arena_new(NULL);
        Room *room = room_new(arena, TIMES);
        Piece taken[TAKEN];
        for (int n = 0; n < TAKEN; n++) {
            int first = (int)pick(TIMES), last = first + (int)pick((unsigned)(TIMES - first));
            Piece *p = &taken[n];
            size_t bytes = 1 + pick(round % 2 ? 3 : 50);
            *p = (Piece){.first = first, .last = last};
            p->from = room_find(room, first, last, bytes);
            p->to = p->from + bytes;
            bad += p->from != lowest(taken, n, p, bytes);
            room_take(room, first, last, p->from, bytes);
        }
        arena_free(arena);
    }
    ok(!bad, "the lowest free places, as if all were looked through");
}

static void check_addresses(void) {
    enum { COUNT = 5000 };
    static char thing[2 * COUNT];
    Arena *arena = arena_new(NULL);
    AddressTable t = {.arena = arena};
    int bad = address_number(&t, thing) != -1;
    for (int i = 0; i < COUNT; i++) address_give(&t, &thing[2 * i], i);
    for (int i = 0; i < COUNT; i += 2) address_give(&t, &thing[2 * i], -2 - i);
    for (int i = 0; i < COUNT; i++) {
        bad += address_number(&t, &thing[2 * i]) != (i % 2 ? i : -2 - i);
        bad += address_number(&t, &thing[2 * i + 1]) != -1;
    }
    ok(!bad, "things have the numbers that were given to their addresses last");
    arena_free(arena);
}

int main(void) {
    check_room();
    check_addresses();
    return done();
}
