/* room.h: what of a block is taken when. Time is whole numbers below some limit. */
#ifndef GAN_ROOM_H
#define GAN_ROOM_H

#include "base/base.h"

typedef struct Room Room;

/* All of it is free at all times below `times`. */
Room *room_new(Arena *arena, int times);
/* The lowest offset from which so many bytes are free from time `first` to `last`, both included.
 */
size_t room_find(const Room *r, int first, int last, size_t bytes);
/* Takes them. */
void room_take(Room *r, int first, int last, size_t offset, size_t bytes);

#endif
