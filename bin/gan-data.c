/* gan-data: brings data in as tensor streams, arranges it, looks at it, and takes it out again. */
#include "base/cli.h"
#include "media/batch.h"
#include "media/choose.h"
#include "media/datasets.h"
#include "media/images.h"
#include "media/info.h"
#include "media/made.h"
#include "media/npy.h"
#include "media/output.h"
#include "media/plot.h"
#include "media/rows.h"
#include "media/scatter.h"
#include "media/sheet.h"
#include "media/stack.h"
#include "media/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TOOL "gan-data"

enum { FRAME_SAMPLES = 256, FRAME_SAMPLES_MAX = 1 << 24, SIDE_MAX = 1 << 14 };

/* ---- output ---------------------------------------------------------------------------------- */

/* 0, or an exit status. Standard output must not be a terminal. */
static int start(Output *out, const char *path) {
    Error err;
    if ((!path || !strcmp(path, "-")) && !tool_binary_stdout()) return EXIT_USAGE;
    return output_open(out, path, &err) ? tool_fail(&err) : 0;
}

/* Ends the output and says what went wrong, if anything did; returns the exit status. */
static int finish(Output *out, int bad, Error *err) {
    return output_close(out, bad, err) ? tool_fail(err) : 0;
}

/* ---- arguments ------------------------------------------------------------------------------- */

/* "64" or "48x64" (height x width); text NULL leaves 0. */
static bool parse_size(const char *text, size_t *height, size_t *width) {
    char first[24];
    uint64_t h, w;
    if (!text) return true;
    size_t n = strcspn(text, "x");
    if (n >= sizeof first) return false;
    memcpy(first, text, n);
    first[n] = 0;
    if (!parse_u64(first, &h) || !parse_u64(text[n] ? text + n + 1 : first, &w)) return false;
    *height = h;
    *width = w;
    return h >= 1 && w >= 1 && h <= SIDE_MAX && w <= SIDE_MAX;
}

/* "32x32x1": the axes of a sample. */
static bool parse_shape(const char *text, NpyWant *want) {
    char part[24];
    for (const char *at = text; at;) {
        size_t n = strcspn(at, "x");
        uint64_t v;
        if (n >= sizeof part || want->rank == TENSOR_RANK_MAX - 1) return false;
        memcpy(part, at, n);
        part[n] = 0;
        if (!parse_u64(part, &v) || !v || v > UINT32_MAX) return false;
        want->shape[want->rank++] = v;
        at = at[n] ? at + n + 1 : NULL;
    }
    return true;
}

static bool good_frame(uint64_t n) { return n >= 1 && n <= FRAME_SAMPLES_MAX; }

#define OUTPUT_OPTION(path) \
    { "output", 'o', OPT_TEXT, "FILE", path, "write there instead of standard output" }
#define FRAME_OPTION(n) \
    { "frame", 0, OPT_U64, "N", n, "samples a frame (at most; default 256)" }
#define BAD_FRAME "--frame: expected 1 to %d samples"

static const char *one_operand(int n, char **operands) { return n ? operands[0] : "-"; }

/* ---- images ---------------------------------------------------------------------------------- */

static void on_offender(void *to, const char *path, const char *reason) {
    (void)to;
    tool_say("%s: %s", path, reason);
}

static void on_progress(void *to, size_t done, size_t skipped) {
    char note[48] = "";
    if (skipped) snprintf(note, sizeof note, "%zu skipped", skipped);
    progress_update(to, (double)done, note);
}

static int run_images(Paths *paths, const ImagesWant *want, const char *path, bool strict) {
    Error err;
    Output out;
    Progress bar;
    size_t skipped = 0;
    int status = start(&out, path);
    if (status) return status;
    progress_start(&bar, "files", (double)paths->count, 30);
    ImagesReport report = {&bar, on_offender, on_progress};
    int bad = images_write(paths, want, &report, out.file, out.name, &skipped, &err);
    char note[48];
    snprintf(note, sizeof note, "%zu skipped", skipped);
    if (!bad) progress_end(&bar, (double)paths->count, note);
    status = finish(&out, bad, &err);
    if (skipped) tool_say("%zu of %zu files are no good", skipped, paths->count);
    return status ? status : strict && skipped ? EXIT_BAD : 0;
}

static int cmd_images(int argc, char **argv) {
    const char *size = NULL, *crop = NULL, *filter = "triangle", *alpha = "drop", *output = NULL;
    bool rgb = false, strict = false;
    uint64_t frame = FRAME_SAMPLES, first = 0, skip = 0;
    ImagesWant w = {0};
    const Opt options[] = {
        {"size", 's', OPT_TEXT, "S|HxW", &size, "cut to this shape's ratio and resize"},
        {"crop", 0, OPT_TEXT, "S|HxW", &crop, "cut this centre out first"},
        {"stretch", 0, OPT_FLAG, NULL, &w.stretch, "resize without cutting"},
        {"filter", 0, OPT_TEXT, "NAME", &filter,
         "triangle (default), nearest, box, bicubic, lanczos"},
        {"grey", 'g', OPT_FLAG, NULL, &w.grey, "one channel"},
        {"rgb", 0, OPT_FLAG, NULL, &rgb, "three channels (default)"},
        {"alpha", 0, OPT_TEXT, "HOW", &alpha, "drop (default), keep, or white: lay over white"},
        {"labels", 'l', OPT_FLAG, NULL, &w.labels, "label by sub-folder"},
        {"strict", 0, OPT_FLAG, NULL, &strict, "exit 1 when any file is no good"},
        {"skip", 0, OPT_U64, "N", &skip, "leave out the first N files"},
        {"first", 0, OPT_U64, "N", &first, "then take at most N files"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "images", "PATH...",
                     "Makes a stream of the PNG, JPEG and PNM files "
                     "under folders.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (!n) return cli_usage(&cli, "expected a folder or file");
    if (!parse_size(size, &w.height, &w.width))
        return cli_usage(&cli, "--size: expected 64 or 48x64, found '%s'", size);
    if (!parse_size(crop, &w.crop_height, &w.crop_width))
        return cli_usage(&cli, "--crop: expected 64 or 48x64, found '%s'", crop);
    if (!filter_named(filter, &w.filter)) return cli_usage(&cli, "--filter: found '%s'", filter);
    if (w.grey && rgb) return cli_usage(&cli, "--grey and --rgb exclude each other");
    if (!good_frame(frame)) return cli_usage(&cli, BAD_FRAME, FRAME_SAMPLES_MAX);
    static const char *const alphas[] = {"drop", "keep", "white"};
    size_t a = 0;
    while (a < 3 && strcmp(alpha, alphas[a])) a++;
    if (a == 3) return cli_usage(&cli, "--alpha: found '%s'", alpha);
    w.alpha = (Alpha)a;
    w.per_frame = frame;

    Paths paths = {0};
    Error err;
    int bad = 0;
    for (int i = 0; !bad && i < n; i++) bad = paths_add(&paths, operands[i], &err);
    paths_sort(&paths);
    paths_limit(&paths, skip, first);
    status = bad ? tool_fail(&err) : run_images(&paths, &w, output, strict);
    paths_free(&paths);
    return status;
}

/* ---- idx, cifar ------------------------------------------------------------------------------ */

static int cmd_idx(int argc, char **argv) {
    const char *labels = NULL, *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    Take take = {0};
    const Opt options[] = {
        {"labels", 'l', OPT_TEXT, "FILE", &labels, "labels, IDX as well"},
        {"skip", 0, OPT_U64, "N", &take.skip, "leave out the first N samples"},
        {"first", 0, OPT_U64, "N", &take.first, "then take at most N samples"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "idx", "IMAGES",
                     "Makes a stream of an IDX file (as of MNIST), plain or "
                     "gzip.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n != 1) return cli_usage(&cli, "expected one file of images");
    if (!good_frame(frame)) return cli_usage(&cli, BAD_FRAME, FRAME_SAMPLES_MAX);
    take.per_frame = frame;
    Output out;
    Error err;
    if ((status = start(&out, output))) return status;
    int bad = idx_write(operands[0], labels, &take, out.file, out.name, &err);
    return finish(&out, bad, &err);
}

static int cmd_cifar(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    bool hundred = false;
    Take take = {0};
    const Opt options[] = {
        {"hundred", 0, OPT_FLAG, NULL, &hundred, "CIFAR-100: a coarse and a fine label a record"},
        {"skip", 0, OPT_U64, "N", &take.skip, "leave out the first N samples"},
        {"first", 0, OPT_U64, "N", &take.first, "then take at most N samples"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "cifar", "FILE...",
                     "Makes a stream of CIFAR binary files, plain or "
                     "gzip.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (!n) return cli_usage(&cli, "expected a file");
    if (!good_frame(frame)) return cli_usage(&cli, BAD_FRAME, FRAME_SAMPLES_MAX);
    take.per_frame = frame;
    Output out;
    Error err;
    if ((status = start(&out, output))) return status;
    int bad = cifar_write(operands, (size_t)n, hundred ? 2 : 1, &take, out.file, out.name, &err);
    return finish(&out, bad, &err);
}

/* ---- npy ------------------------------------------------------------------------------------- */

static int cmd_npy(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    const char *shape = NULL;
    NpyWant want = {.name = "image"};
    const Opt options[] = {
        {"name", 'n', OPT_TEXT, "NAME", &want.name, "of the tensor (default image)"},
        {"float", 0, OPT_FLAG, NULL, &want.to_float, "convert numbers of any type to F32"},
        {"shape", 0, OPT_TEXT, "AxBx...", &shape, "of a sample, for instance 32x32x32x1"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "npy", "FILE",
                     "Makes a stream of a NumPy array, plain or gzip; its "
                     "first axis counts the samples.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n != 1) return cli_usage(&cli, "expected one file");
    if (!good_frame(frame)) return cli_usage(&cli, BAD_FRAME, FRAME_SAMPLES_MAX);
    if (!parse_shape(shape, &want))
        return cli_usage(&cli, "--shape: expected extents such as 32x32x1, found '%s'", shape);
    want.per_frame = frame;
    Output out;
    Error err;
    if ((status = start(&out, output))) return status;
    int bad = npy_read(operands[0], &want, out.file, out.name, &err);
    return finish(&out, bad, &err);
}

static int cmd_to_npy(int argc, char **argv) {
    const char *output = NULL, *name = NULL;
    const Opt options[] = {
        {"name", 'n', OPT_TEXT, "NAME", &name, "tensor to take (default: the only one, or image)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "to-npy", "[STREAM]",
                     "Writes one tensor of a stream as a NumPy array, "
                     "its frames joined.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n > 1) return cli_usage(&cli, "expected one stream");
    Output out;
    Error err;
    if ((status = start(&out, output))) return status;
    int bad = npy_write(one_operand(n, operands), name, out.file, out.name, &err);
    return finish(&out, bad, &err);
}

/* ---- text ------------------------------------------------------------------------------------ */

static int cmd_text(int argc, char **argv) {
    const char *output = NULL;
    uint64_t length = 32, symbols = TEXT_SYMBOLS_MAX, frame = FRAME_SAMPLES;
    TextWant want = {0};
    const Opt options[] = {
        {"length", 'l', OPT_U64, "N", &length, "symbols of a row (default 32)"},
        {"symbols", 0, OPT_U64, "N", &symbols, "of the alphabet, at most (default 256)"},
        {"alphabet", 0, OPT_TEXT, "STREAM", &want.alphabet, "use this stream's alphabet"},
        {"skip", 0, OPT_U64, "N", &want.take.skip, "leave out the first N lines"},
        {"first", 0, OPT_U64, "N", &want.take.first, "then take at most N lines"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "text", "FILE",
                     "Makes a stream of the lines of a text, plain or gzip.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n != 1) return cli_usage(&cli, "expected one file");
    if (!good_frame(frame)) return cli_usage(&cli, BAD_FRAME, FRAME_SAMPLES_MAX);
    if (!length || length > TEXT_LENGTH_MAX)
        return cli_usage(&cli, "--length: expected 1 to %d", TEXT_LENGTH_MAX);
    if (symbols < 3 || symbols > TEXT_SYMBOLS_MAX)
        return cli_usage(&cli, "--symbols: expected 3 to %d", TEXT_SYMBOLS_MAX);
    want.length = length;
    want.symbols = symbols;
    want.take.per_frame = frame;
    Output out;
    Error err;
    if ((status = start(&out, output))) return status;
    int bad = text_read(operands[0], &want, out.file, out.name, &err);
    return finish(&out, bad, &err);
}

static int cmd_to_text(int argc, char **argv) {
    const char *output = NULL, *name = NULL, *alphabet = NULL;
    const Opt options[] = {
        {"name", 'n', OPT_TEXT, "NAME", &name, "tensor to take (default: text, or the only one)"},
        {"alphabet", 0, OPT_TEXT, "STREAM", &alphabet, "use this stream's alphabet"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "to-text", "[STREAM]",
                     "Writes rows of symbols as lines of text.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n > 1) return cli_usage(&cli, "expected one stream");
    Output out;
    Error err;
    if (output_open(&out, output, &err)) return tool_fail(&err); /* a terminal can show text */
    int bad = text_write(one_operand(n, operands), name, alphabet, out.file, out.name, &err);
    return finish(&out, bad, &err);
}

/* ---- sheet, export --------------------------------------------------------------------------- */

static int cmd_sheet(int argc, char **argv) {
    const char *output = NULL;
    uint64_t columns = 0, count = 256, gap = 2, scale = 1;
    SheetWant want = {0};
    const Opt options[] = {
        {"columns", 'c', OPT_U64, "C", &columns, "tiles side by side (default: a square)"},
        {"count", 'n', OPT_U64, "N", &count, "at most N tiles (default 256)"},
        {"name", 0, OPT_TEXT, "NAME", &want.name, "tensor to draw (default image)"},
        {"gap", 0, OPT_U64, "P", &gap, "pixels between tiles (default 2)"},
        {"scale", 0, OPT_U64, "K", &scale, "magnify K times"},
        {"normalise", 0, OPT_FLAG, NULL, &want.stretch, "stretch each tile from black to white"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "sheet", "[STREAM]",
                     "Draws the images of a stream side by side as one "
                     "PNG.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n > 1) return cli_usage(&cli, "expected one stream");
    if (!count || !scale) return cli_usage(&cli, "--count and --scale start at 1");
    want.columns = columns;
    want.count = count;
    want.gap = gap;
    want.scale = scale;
    Output out;
    Error err;
    Picture sheet = {0};
    if ((status = start(&out, output))) return status;
    int bad = sheet_draw(one_operand(n, operands), &want, &sheet, &err);
    if (!bad) bad = png_encode(&sheet, out.file, out.name, &err);
    picture_free(&sheet);
    return finish(&out, bad, &err);
}

static int cmd_export(int argc, char **argv) {
    uint64_t count = UINT64_MAX;
    bool labels = false;
    SheetWant want = {.scale = 1};
    const Opt options[] = {
        {"labels", 'l', OPT_FLAG, NULL, &labels, "a sub-folder for each label"},
        {"count", 'n', OPT_U64, "N", &count, "at most N images"},
        {"name", 0, OPT_TEXT, "NAME", &want.name, "tensor to take (default image)"},
        {"normalise", 0, OPT_FLAG, NULL, &want.stretch, "stretch each image from black to white"},
        {0},
    };
    const Cli cli = {TOOL, "export", "DIR [STREAM]",
                     "Writes the images of a stream as numbered "
                     "PNG files.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n < 1 || n > 2) return cli_usage(&cli, "expected a folder, and one stream");
    want.count = count;
    Error err;
    size_t done = 0;
    const char *path = one_operand(n - 1, operands + 1);
    int bad = export_write(path, &want, operands[0], labels, &done, &err);
    if (bad) return tool_fail(&err);
    tool_say("%zu images in %s", done, operands[0]);
    return 0;
}

/* ---- info, head, cat ------------------------------------------------------------------------- */

static int cmd_info(int argc, char **argv) {
    bool page = false;
    const char *meta = NULL;
    InfoWant want = {0};
    const Opt options[] = {
        {"stats", 's', OPT_FLAG, NULL, &want.stats, "least, largest and mean value"},
        {"page", 'p', OPT_FLAG, NULL, &page, "print the text of a checkpoint's page alone"},
        {"meta", 'm', OPT_TEXT, "KEY", &meta, "print the value of this metadata key alone"},
        {0},
    };
    const Cli cli = {TOOL, "info", "[STREAM]...",
                     "Says what streams and checkpoints hold, and "
                     "verifies them.",
                     options};
    char **operands, *none[] = {"-"};
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (!n) {
        operands = none;
        n = 1;
    }
    if (page) meta = "gan.page";
    for (int i = 0; i < n; i++) {
        Error err;
        Str text = {0};
        int bad = meta ? info_meta(operands[i], meta, &text, &err)
                       : info_text(operands[i], &want, &text, &err);
        if (bad) {
            status = tool_fail(&err);
        } else {
            fwrite(text.text ? text.text : "", 1, text.length, stdout);
            if (meta && (!text.length || text.text[text.length - 1] != '\n')) putchar('\n');
        }
        str_free(&text);
    }
    Error err;
    if (stream_finish(stdout, "standard output", &err)) return tool_fail(&err);
    return status;
}

static int cmd_head(int argc, char **argv) {
    const char *output = NULL;
    uint64_t count = 10;
    const Opt options[] = {
        {"count", 'n', OPT_U64, "N", &count, "samples (default 10)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "head", "[STREAM]", "Passes the first samples of a stream.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n > 1) return cli_usage(&cli, "expected one stream");
    Output out;
    Error err;
    Regroup g;
    if ((status = start(&out, output))) return status;
    regroup_start(&g, 0, out.file, out.name);
    int bad = regroup_stream(one_operand(n, operands), &g, &count, &err);
    bad = regroup_end(&g, bad, &err);
    return finish(&out, bad, &err);
}

static int cmd_cat(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = 0, all = UINT64_MAX;
    const Opt options[] = {
        {"frame", 0, OPT_U64, "N", &frame, "regroup into frames of N samples"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "cat", "[STREAM]...", "Joins streams, verifying them.", options};
    char **operands, *none[] = {"-"};
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (!n) {
        operands = none;
        n = 1;
    }
    Output out;
    Error err;
    Regroup g;
    if (frame && !good_frame(frame)) return cli_usage(&cli, BAD_FRAME, FRAME_SAMPLES_MAX);
    if ((status = start(&out, output))) return status;
    regroup_start(&g, frame, out.file, out.name);
    int bad = 0;
    for (int i = 0; !bad && i < n; i++)
        bad = frame ? regroup_stream(operands[i], &g, &all, &err)
                    : stream_copy(operands[i], out.file, out.name, &err);
    bad = regroup_end(&g, bad, &err);
    return finish(&out, bad, &err);
}

/* ---- batch ----------------------------------------------------------------------------------- */

/* "0/4": the first of four. */
static bool parse_shard(const char *text, uint64_t *i, uint64_t *n) {
    char first[24];
    size_t length = strcspn(text, "/");
    if (!text[length] || length >= sizeof first) return false;
    memcpy(first, text, length);
    first[length] = 0;
    return parse_u64(first, i) && parse_u64(text + length + 1, n) && *i < *n && *n <= 1 << 20;
}

static int cmd_batch(int argc, char **argv) {
    const char *output = NULL, *shard = "0/1", *from = NULL;
    uint64_t size = 0;
    bool endless = false;
    BatchWant want = {.epochs = 1};
    const Opt options[] = {
        {"size", 's', OPT_U64, "B", &size, "samples a frame"},
        {"shuffle", 0, OPT_FLAG, NULL, &want.shuffle, "a new order for each epoch"},
        {"seed", 0, OPT_U64, "S", &want.seed, "of the orders (default 0)"},
        {"epochs", 'e', OPT_U64, "E", &want.epochs, "passes over the data (default 1)"},
        {"endless", 0, OPT_FLAG, NULL, &endless, "until the reader stops"},
        {"drop-last", 0, OPT_FLAG, NULL, &want.drop_last,
         "leave out an epoch's smaller last frame"},
        {"shard", 0, OPT_TEXT, "I/N", &shard, "every N-th sample of the order, from the I-th on"},
        {"from", 0, OPT_TEXT, "CHECKPOINT", &from, "go on after the frames this run has consumed"},
        {"trust", 0, OPT_FLAG, NULL, &want.trust, "do not verify checksums first"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "batch", "[STREAM]", "Makes minibatches of a stream.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n > 1) return cli_usage(&cli, "expected one stream");
    if (!good_frame(size)) return cli_usage(&cli, "--size: expected 1 to %d", FRAME_SAMPLES_MAX);
    if (!parse_shard(shard, &want.shard, &want.shards))
        return cli_usage(&cli, "--shard: expected I/N with I below N, found '%s'", shard);
    want.size = size;
    if (endless) want.epochs = UINT64_MAX;
    Output out;
    Error err;
    if (from && batch_consumed(from, &want.start, &err)) return tool_fail(&err);
    if ((status = start(&out, output))) return status;
    int bad = batch_write(one_operand(n, operands), &want, out.file, out.name, &err);
    return finish(&out, bad, &err);
}

/* ---- pick, dedup, stack ---------------------------------------------------------------------- */

static int cmd_pick(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    PickWant want = {.repeat = 1};
    const Opt options[] = {
        {"rows", 'r', OPT_TEXT, "LIST|FILE", &want.rows,
         "samples by number: 3,10-19, or a file of such"},
        {"repeat", 0, OPT_U64, "N", &want.repeat, "each sample N times (default 1)"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "pick", "[STREAM]", "Passes the samples that are listed, in that order.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n > 1) return cli_usage(&cli, "expected one stream");
    if (!want.rows || !*want.rows) return cli_usage(&cli, "expected --rows LIST or --rows FILE");
    if (!want.repeat) return cli_usage(&cli, "--repeat starts at 1");
    if (!good_frame(frame)) return cli_usage(&cli, BAD_FRAME, FRAME_SAMPLES_MAX);
    if (!strcmp(want.rows, "-") && !strcmp(one_operand(n, operands), "-"))
        return cli_usage(&cli, "only one of stream and rows can come from standard input");
    want.per_frame = frame;
    Output out;
    Error err;
    if ((status = start(&out, output))) return status;
    int bad = pick_write(one_operand(n, operands), &want, out.file, out.name, &err);
    return finish(&out, bad, &err);
}

static int cmd_dedup(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES, samples, dropped;
    DedupWant want = {.tensor = "code"};
    const Opt options[] = {
        {"code", 'c', OPT_TEXT, "STREAM", &want.codes, "a code for each sample, in their order"},
        {"name", 0, OPT_TEXT, "NAME", &want.tensor, "tensor of the codes (default code)"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "dedup", "[STREAM]",
                     "Drops samples whose code has the signs of an earlier one's.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n > 1) return cli_usage(&cli, "expected one stream");
    if (!want.codes) return cli_usage(&cli, "expected --code STREAM");
    if (!strcmp(want.codes, "-") && !strcmp(one_operand(n, operands), "-"))
        return cli_usage(&cli, "only one of stream and codes can come from standard input");
    if (!good_frame(frame)) return cli_usage(&cli, BAD_FRAME, FRAME_SAMPLES_MAX);
    want.per_frame = frame;
    Output out;
    Error err;
    if ((status = start(&out, output))) return status;
    int bad =
        dedup_write(one_operand(n, operands), &want, out.file, out.name, &samples, &dropped, &err);
    if ((status = finish(&out, bad, &err))) return status;
    tool_say("%llu of %llu samples are duplicates", (unsigned long long)dropped,
             (unsigned long long)samples);
    return 0;
}

static int cmd_stack(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    StackWant want = {.depth = 3};
    const Opt options[] = {
        {"depth", 'k', OPT_U64, "K", &want.depth, "samples put together as one (default 3)"},
        {"count", 'n', OPT_U64, "N", &want.count, "samples to make (default: as many as there are)"},
        {"seed", 0, OPT_U64, "S", &want.seed, "of the draws (default 0)"},
        {"classes", 0, OPT_U64, "C", &want.classes, "of label (default: the highest and one)"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "stack", "[STREAM]",
                     "Puts random samples together, side by side in their channels.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n > 1) return cli_usage(&cli, "expected one stream");
    if (!want.depth || want.depth > FRAME_SAMPLES_MAX)
        return cli_usage(&cli, "--depth: expected 1 to %d", FRAME_SAMPLES_MAX);
    if (!good_frame(frame)) return cli_usage(&cli, BAD_FRAME, FRAME_SAMPLES_MAX);
    want.per_frame = frame;
    Output out;
    Error err;
    if ((status = start(&out, output))) return status;
    int bad = stack_write(one_operand(n, operands), &want, out.file, out.name, &err);
    return finish(&out, bad, &err);
}

/* ---- make, plot, scatter --------------------------------------------------------------------- */

/* What was not asked for is as the kind has it. */
static void set_usual(MadeWant *w, const MadeWant *usual) {
    if (isnan(w->radius)) w->radius = usual->radius;
    if (isnan(w->spacing)) w->spacing = usual->spacing;
    if (isnan(w->sigma)) w->sigma = usual->sigma;
    if (isnan(w->rotate)) w->rotate = usual->rotate;
    if (isnan(w->zoom)) w->zoom = usual->zoom;
    if (isnan(w->move)) w->move = usual->move;
}

static int cmd_make(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES, size = 0, modes = 0, words = 0, topics = 0, tags = 0;
    uint64_t features = 0;
    MadeWant want = {.count = 10000, .radius = NAN, .spacing = NAN, .sigma = NAN, .rotate = NAN,
                     .zoom = NAN, .move = NAN};
    const Opt options[] = {
        {"count", 'n', OPT_U64, "N", &want.count, "samples (default 10000)"},
        {"seed", 0, OPT_U64, "S", &want.seed, "another seed, other samples (default 0)"},
        {"size", 's', OPT_U64, "S", &size,
         "side of images (shapes 32, digits 28); numbers of a word vector (32)"},
        {"modes", 0, OPT_U64, "K", &modes, "ring: Gaussians on it (8); grid: a side (5)"},
        {"radius", 0, OPT_REAL, "R", &want.radius, "ring: of the circle (2)"},
        {"spacing", 0, OPT_REAL, "D", &want.spacing, "grid: between neighbours (2)"},
        {"sigma", 0, OPT_REAL, "S", &want.sigma,
         "deviation of each Gaussian (0.02, grid 0.05), of features (0.3), noise on digits (0)"},
        {"rotate", 0, OPT_REAL, "A", &want.rotate, "digits: at most so many radians (0.1)"},
        {"zoom", 0, OPT_REAL, "Z", &want.zoom, "digits: at most so much larger or smaller (0.1)"},
        {"move", 0, OPT_REAL, "M", &want.move, "digits: at most so many pixels of 28 (1)"},
        {"words", 0, OPT_U64, "N", &words, "tags: words in the vocabulary (200)"},
        {"topics", 0, OPT_U64, "N", &topics, "tags: topics (20)"},
        {"tags", 0, OPT_U64, "N", &tags, "tags: words that belong to a topic (5)"},
        {"features", 0, OPT_U64, "N", &features, "tags: numbers of a feature vector (64)"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "make", "ring|grid|shapes|digits|tags|vocabulary", "Makes data up.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n != 1) return cli_usage(&cli, "expected the kind of data");
    const MadeKind *kind = made_kinds;
    while (kind->name && strcmp(kind->name, operands[0])) kind++;
    if (!kind->name) return cli_usage(&cli, "unknown kind '%s'", operands[0]);
    if (!good_frame(frame)) return cli_usage(&cli, BAD_FRAME, FRAME_SAMPLES_MAX);
    want.per_frame = frame;
    want.size = size ? size : kind->usual.size;
    want.modes = modes ? modes : kind->usual.modes;
    want.words = words ? words : kind->usual.words;
    want.topics = topics ? topics : kind->usual.topics;
    want.tags = tags ? tags : kind->usual.tags;
    want.features = features ? features : kind->usual.features;
    set_usual(&want, &kind->usual);
    Output out;
    Error err;
    if ((status = start(&out, output))) return status;
    int bad = made_write(kind, &want, out.file, out.name, &err);
    return finish(&out, bad, &err);
}

static int cmd_plot(int argc, char **argv) {
    const char *output = NULL, *size = "540x960";
    uint64_t smooth = 1;
    PlotWant want = {.x = "step"};
    const Opt options[] = {
        {"columns", 'c', OPT_TEXT, "A,B", &want.columns, "columns to draw (default: all)"},
        {"x", 'x', OPT_TEXT, "NAME", &want.x, "column of the abscissa (default step)"},
        {"smooth", 0, OPT_U64, "N", &smooth, "mean over N rows"},
        {"log", 0, OPT_FLAG, NULL, &want.logarithmic, "logarithmic ordinate"},
        {"size", 's', OPT_TEXT, "HxW", &size, "of the picture (default 540x960)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "plot", "[LOG]", "Draws the columns of a tab-separated log as curves.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n > 1) return cli_usage(&cli, "expected one log");
    if (!parse_size(size, &want.height, &want.width) || want.height < 120 || want.width < 160 ||
        want.height > 4096 || want.width > 4096)
        return cli_usage(&cli, "--size: expected 120x160 to 4096x4096, found '%s'", size);
    if (!smooth || smooth > 1 << 24) return cli_usage(&cli, "--smooth: expected 1 or more rows");
    want.smooth = smooth;
    Output out;
    Error err;
    Picture p = {0};
    if ((status = start(&out, output))) return status;
    int bad = plot_draw(one_operand(n, operands), &want, &p, &err);
    if (!bad) bad = png_encode(&p, out.file, out.name, &err);
    picture_free(&p);
    return finish(&out, bad, &err);
}

static int cmd_scatter(int argc, char **argv) {
    const char *output = NULL, *size = "720x720";
    ScatterWant want = {.name = "point", .label = "label", .dot = 5};
    const Opt options[] = {
        {"tensor", 't', OPT_TEXT, "NAME", &want.name, "the points (default point)"},
        {"label", 'l', OPT_TEXT, "NAME", &want.label, "the labels (default label)"},
        {"dot", 0, OPT_REAL, "D", &want.dot, "diameter of a point in pixels (default 5)"},
        {"size", 's', OPT_TEXT, "S|HxW", &size, "of the picture (default 720)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {TOOL, "scatter", "[STREAM]", "Draws points of a plane, coloured by label.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n > 1) return cli_usage(&cli, "expected one stream");
    if (!parse_size(size, &want.height, &want.width) || want.height < 120 || want.width < 120 ||
        want.height > 4096 || want.width > 4096)
        return cli_usage(&cli, "--size: expected 120x120 to 4096x4096, found '%s'", size);
    if (!(want.dot >= 1) || want.dot > 100) return cli_usage(&cli, "--dot: expected 1 to 100");
    Output out;
    Error err;
    Picture p = {0};
    if ((status = start(&out, output))) return status;
    int bad = scatter_draw(one_operand(n, operands), &want, &p, &err);
    if (!bad) bad = png_encode(&p, out.file, out.name, &err);
    picture_free(&p);
    return finish(&out, bad, &err);
}

static const Command commands[] = {
    {"images", cmd_images, "folders of PNG, JPEG, PNM files to a stream"},
    {"idx", cmd_idx, "IDX files (MNIST) to a stream"},
    {"cifar", cmd_cifar, "CIFAR binary files to a stream"},
    {"npy", cmd_npy, "a NumPy array to a stream"},
    {"text", cmd_text, "lines of text to a stream"},
    {"make", cmd_make, "made-up data: ring, grid, shapes, digits, tags"},
    {"batch", cmd_batch, "a stream to minibatches: shuffled, in epochs, in shards"},
    {"head", cmd_head, "the first samples of a stream"},
    {"pick", cmd_pick, "samples of a stream by number"},
    {"dedup", cmd_dedup, "a stream less the samples whose code was seen before"},
    {"stack", cmd_stack, "random samples put together, as three digits in one picture"},
    {"cat", cmd_cat, "streams joined and verified"},
    {"info", cmd_info, "what streams and checkpoints hold"},
    {"sheet", cmd_sheet, "a stream's images side by side as one PNG"},
    {"export", cmd_export, "a stream's images as PNG files"},
    {"to-npy", cmd_to_npy, "a tensor of a stream as a NumPy array"},
    {"to-text", cmd_to_text, "rows of symbols as lines of text"},
    {"plot", cmd_plot, "curves of a log as PNG"},
    {"scatter", cmd_scatter, "points coloured by label as PNG"},
    {0},
};

int main(int argc, char **argv) {
    tool_start(TOOL);
    return cli_dispatch(TOOL, "Brings data in as tensor streams, arranges it, looks at it.",
                        commands, argc, argv);
}
