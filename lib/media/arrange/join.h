/* join.h: streams side by side: the tensors of several as those of one. */
#ifndef GAN_JOIN_H
#define GAN_JOIN_H

#include "base/base.h"

#include <stdio.h>

/* An operand is a stream, with all its tensors, or STREAM:TENSORS with those listed, with commas
 * between, each NAME or NEW=NAME; what names a file as a whole is one. Sample i of the result is
 * sample i of each stream; frames are cut as the first stream's are. Streams of different length
 * are an error that tells both, before anything is written when they are files. Two tensors of one
 * name are an error. Metadata are those of all streams; gan.classes goes with its tensor, and keys
 * whose values differ are left out and listed in `note` (empty otherwise). Memory holds a frame of
 * each stream and one of the result. With `frames` frame i of the result is frame i of each stream,
 * whatever samples they have. */
MUST_CHECK int join_write(char *const *operands, size_t count, bool frames, FILE *out,
                          const char *name, Str *note, Error *err);

#endif
