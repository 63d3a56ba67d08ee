/* data.h: what the commands of gan-data share. A command is a file bin/data/NAME.c that defines
 * `const Command command_NAME`; make finds it (a dash in the name is an underscore in C). */
#ifndef GAN_DATA_COMMAND_H
#define GAN_DATA_COMMAND_H

#include "base/cli.h"
#include "base/output.h"
#include "media/sources/images.h"
#include "media/views/gnuplot.h"

#define DATA_TOOL "gan-data"

enum { FRAME_SAMPLES = 256, FRAME_SAMPLES_MAX = 1 << 24, SIDE_MAX = 1 << 14 };

#define OUTPUT_OPTION(path) \
    { "output", 'o', OPT_TEXT, "FILE", path, "write there instead of standard output" }
#define FRAME_OPTION(n) \
    { "frame", 0, OPT_U64(1, FRAME_SAMPLES_MAX), "N", n, "samples a frame (at most; default 256)" }

/* Opens the output: 0, or an exit status. Standard output must not be a terminal. */
int data_start(Output *out, const char *path);
/* Opens two, or none; that both are one file, which `names` such as "--output and --rest" say, is
 * wrong usage. */
int data_start_two(const Cli *cli, Output out[2], const char *first, const char *second,
                   const char *names);
/* Ends the output and says what went wrong, if anything did; returns the exit status. */
int data_finish(Output *out, int bad, Error *err);
int data_finish_two(Output out[2], int bad, Error *err);
#define DATA_SIDES "--%s: expected 64 or 48x64, sides up to 16384, found '%s'"
/* "64" or "48x64" (height x width), sides from 1 to SIDE_MAX; text NULL leaves both as they are. */
bool data_size(const char *text, size_t *height, size_t *width);

/* What options say of a graph that gnuplot draws. */
typedef struct {
    const char *size, *format, *output;
} GraphArgs;
/* Rows of a table of options, for *a, whose size is told as the help begins. */
#define GRAPH_OPTIONS(a, shape, help)                                                 \
    {"size", 's', OPT_TEXT, shape, &(a)->size, help},                                 \
        {"format", 'f',          OPT_TEXT,                                            \
         "NAME",   &(a)->format, "png, svg or text (default: by the file's ending)"}, \
        OUTPUT_OPTION(&(a)->output)
/* Reads the texts; sides are at least 120 high and `least` wide. 0, or an exit status. */
int data_graph(const Cli *cli, const GraphArgs *a, size_t least, GraphLook *look);
/* Draws the script, unless it is bad already, and frees it; returns the exit status. */
int data_draw(const GraphArgs *a, Str *script, int bad, Error *err);

/* What options say of how pictures are cut, resized and converted. */
typedef struct {
    const char *size, *crop, *then, *filter, *alpha;
    bool rgb;
    Framing framing;
} FramingArgs;
/* Rows of a table of options, for *a. */
#define FRAMING_OPTIONS(a)                                                                         \
    {"size", 's', OPT_TEXT, "S|HxW", &(a)->size, "cut to this shape's ratio and resize"},          \
        {"crop", 0, OPT_TEXT, "S|HxW", &(a)->crop, "cut this centre out first"},                   \
        {"then-crop", 0, OPT_TEXT, "S|HxW", &(a)->then, "cut this centre out last"},               \
        {"stretch", 0, OPT_FLAG, NULL, &(a)->framing.stretch, "resize without cutting"},           \
        {"pad", 0, OPT_FLAG, NULL, &(a)->framing.pad, "lay it whole on black, without cutting"},   \
        {"filter",     0,                                                                          \
         OPT_TEXT,     "NAME",                                                                     \
         &(a)->filter, "triangle (default), nearest, box, bicubic, lanczos"},                      \
        {"grey", 'g', OPT_FLAG, NULL, &(a)->framing.grey, "one channel"},                          \
        {"rgb", 0, OPT_FLAG, NULL, &(a)->rgb, "three channels (default)"}, {                       \
        "alpha", 0, OPT_TEXT, "HOW", &(a)->alpha, "drop (default), keep, or white: lay over white" \
    }
/* Reads the texts, framing.filter being the default; 0, or an exit status. */
int data_framing(const Cli *cli, FramingArgs *a);

#define LABELS_OPTION(labels) \
    { "labels", 'l', OPT_FLAG, NULL, labels, "label by sub-folder" }
#define STRICT_OPTION(strict, what) \
    { "strict", 0, OPT_FLAG, NULL, strict, "exit 1 when any " what " is no good" }
/* Which files are read, and a table that tells of them. */
typedef struct {
    bool labels, strict;
    uint64_t first, skip;
    CompanionWant companion;
    /* what data_files makes of them */
    Paths paths;
    Companion table;
    Classes classes;
} FilesArgs;
/* Rows of a table of options, for *a; letter is that of --table, or 0. */
#define FILES_OPTIONS(a, letter)                                                               \
    LABELS_OPTION(&(a)->labels),                                                               \
        {"table",                                                                              \
         letter,                                                                               \
         OPT_TEXT,                                                                             \
         "FILE",                                                                               \
         &(a)->companion.path,                                                                 \
         "classes or numbers by file name: CSV, TSV, JSON"},                                   \
        {"column",                                                                             \
         'c',                                                                                  \
         OPT_LIST,                                                                             \
         "[NAME=]A,B",                                                                         \
         &(a)->companion.columns,                                                              \
         "tensors of these columns (default: all)"},                                           \
        {"key", 0, OPT_TEXT, "COLUMN", &(a)->companion.key, "column that names the files"},    \
        STRICT_OPTION(&(a)->strict, "file or row"),                                            \
        {"skip", 0, OPT_U64(0, UINT64_MAX), "N", &(a)->skip, "leave out the first N files"}, { \
        "first", 0, OPT_U64(1, UINT64_MAX), "N", &(a)->first, "then take at most N files"      \
    }
/* What does not go together: 0, or an exit status. */
int data_files_check(const Cli *cli, const FilesArgs *a, int n, char **operands);
/* Finds the files of the operands, their rows, and with --labels the classes of all, those too that
 * `skip` and `first` then leave out. data_files_free, also after an error. */
int data_files(FilesArgs *a, int n, char **operands, Error *err);
void data_files_free(FilesArgs *a);
/* Tells of rows of the table that no file belongs to, the first ones, and how many they are. */
size_t data_unused(const Companion *table);

/* Tells of files that are no good, and of how far a run has come, as an ImagesReport does. */
void data_offender(void *to, const char *path, const char *reason);
void data_progress(void *to, size_t done, size_t skipped);
/* What a run over files has come to. */
typedef struct {
    Progress *bar;
    size_t files, skipped;
    size_t rows; /* of a table, that are no good */
    bool strict; /* then these are an error, and a file that is replaced stays what it was */
} FilesEnd;
/* Ends the bar with a note, tells what was no good, and ends the output as data_finish does. */
int data_files_end(const FilesEnd *e, const char *note, Output *out, int bad, Error *err);

/* Parses a command line of options and at most one operand, which is *from, else NULL; what says
 * its kind. True when the tool should end with *status. */
bool data_one(const Cli *cli, int argc, char **argv, const char *what, const char **from,
              int *status);
/* The operand, or "-" for standard input where there is none. */
const char *data_operand(const char *from);

#endif
