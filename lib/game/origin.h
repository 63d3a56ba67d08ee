/* origin.h: whether a game goes on with the data it has been played with. */
#ifndef GAN_ORIGIN_H
#define GAN_ORIGIN_H

#include "game/model.h"

/* Compares what the first frame of a stream says of the stream (gan-stream(5): gan.batches, and its
 * place in gan.frame) with what the model remembers: m->source, m->frames. The first stream is
 * remembered. One made in another way, or of other data, or one that does not go on where the last
 * one was left, is an error that names the difference; with `new_data` it is taken instead, and
 * remembered from its place on. A stream that says nothing is taken; `note` then has one line of
 * warning if there was another before, and is empty otherwise. */
MUST_CHECK int origin_accept(Model *m, const Frame *first, bool new_data, Error *note, Error *err);

#endif
