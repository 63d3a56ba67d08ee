/* data.h: what the commands of gan-data share. A command is a file bin/data/NAME.c that defines
 * `const Command command_NAME`; make finds it (a dash in the name is an underscore in C). */
#ifndef GAN_DATA_COMMAND_H
#define GAN_DATA_COMMAND_H

#include "base/cli.h"
#include "base/output.h"

#define DATA_TOOL "gan-data"

enum { FRAME_SAMPLES = 256, FRAME_SAMPLES_MAX = 1 << 24, SIDE_MAX = 1 << 14 };

#define OUTPUT_OPTION(path) \
    { "output", 'o', OPT_TEXT, "FILE", path, "write there instead of standard output" }
#define FRAME_OPTION(n) \
    { "frame", 0, OPT_U64(1, FRAME_SAMPLES_MAX), "N", n, "samples a frame (at most; default 256)" }

/* Opens the output: 0, or an exit status. Standard output must not be a terminal. */
int data_start(Output *out, const char *path);
/* Ends the output and says what went wrong, if anything did; returns the exit status. */
int data_finish(Output *out, int bad, Error *err);
#define DATA_SIDES "--%s: expected 64 or 48x64, sides up to 16384, found '%s'"
/* "64" or "48x64" (height x width), sides from 1 to SIDE_MAX; text NULL leaves both as they are. */
bool data_size(const char *text, size_t *height, size_t *width);
/* The one operand, or "-" for standard input. */
const char *data_operand(int n, char **operands);

#endif
