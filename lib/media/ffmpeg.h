/* ffmpeg.h: what the program ffmpeg says, and what it means. */
#ifndef GAN_FFMPEG_H
#define GAN_FFMPEG_H

#include "base/base.h"

/* Where it finds its standard input as a file that it can seek in. A file's name never reaches it:
 * a dash, a colon or a percent sign there would mean something to it. */
#define FFMPEG_STDIN "file:/dev/stdin"

/* After it has ended with that status, as of wait(2): 0, or -1 and its first word that matters, or
 * else how it ended. none: it has not given what was wanted. `said` is taken to pieces. */
MUST_CHECK int ffmpeg_judge(char *said, int status, bool none, const char *wanted, Error *err);

#endif
