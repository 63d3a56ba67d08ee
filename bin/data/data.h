/* data.h: what the commands of gan-data share. A command is a file bin/data/NAME.c that defines
 * `const Command command_NAME`; make finds it (a dash in the name is an underscore in C). */
#ifndef GAN_DATA_COMMAND_H
#define GAN_DATA_COMMAND_H

#include "base/cli.h"
#include "base/output.h"
#include "media/sources/images.h"

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

/* What options say of how pictures are cut, resized and converted. */
typedef struct {
    const char *size, *crop, *filter, *alpha;
    bool rgb;
    Framing framing;
} FramingArgs;
/* Rows of a table of options, for *a. */
#define FRAMING_OPTIONS(a)                                                                         \
    {"size", 's', OPT_TEXT, "S|HxW", &(a)->size, "cut to this shape's ratio and resize"},          \
        {"crop", 0, OPT_TEXT, "S|HxW", &(a)->crop, "cut this centre out first"},                   \
        {"stretch", 0, OPT_FLAG, NULL, &(a)->framing.stretch, "resize without cutting"},           \
        {"filter",     0,                                                                          \
         OPT_TEXT,     "NAME",                                                                     \
         &(a)->filter, "triangle (default), nearest, box, bicubic, lanczos"},                      \
        {"grey", 'g', OPT_FLAG, NULL, &(a)->framing.grey, "one channel"},                          \
        {"rgb", 0, OPT_FLAG, NULL, &(a)->rgb, "three channels (default)"}, {                       \
        "alpha", 0, OPT_TEXT, "HOW", &(a)->alpha, "drop (default), keep, or white: lay over white" \
    }
/* Reads the texts, framing.filter being the default; 0, or an exit status. */
int data_framing(const Cli *cli, FramingArgs *a);
/* Tells of files that are no good, and of how far a run has come, as an ImagesReport does. */
void data_offender(void *to, const char *path, const char *reason);
void data_progress(void *to, size_t done, size_t skipped);
/* The classes of all files, those too that `skip` and `first` then leave out. */
int data_classes(Classes *c, Paths *paths, uint64_t skip, uint64_t first, Error *err);

/* The one operand, or "-" for standard input. */
const char *data_operand(int n, char **operands);

#endif
