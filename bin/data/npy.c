/* gan-data npy: a NumPy array to a stream. */
#include "media/sources/npy.h"
#include "bin/data/data.h"

#include <string.h>

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

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    const char *shape = NULL;
    NpyWant want = {.name = "image"};
    const Opt options[] = {
        {"name", 'n', OPT_TEXT, "NAME", &want.name, "of the tensor (default image)"},
        {"member", 'm', OPT_TEXT, "NAME", &want.member, "array of an .npz archive"},
        {"labels", 'l', OPT_TEXT, "NAME|FILE", &want.labels,
         "labels of the samples: a member too, or a file"},
        {"nchw", 0, OPT_FLAG, NULL, &want.channels_first, "move channels last: C,H,W to H,W,C"},
        {"float", 0, OPT_FLAG, NULL, &want.to_float, "convert numbers of any type to F32"},
        {"packed", 0, OPT_FLAG, NULL, &want.packed, "bits of bytes, as numpy.packbits has them"},
        {"shape", 0, OPT_TEXT, "AxBx...", &shape, "of a sample, for instance 32x32x32x1"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "npy", "FILE",
                     "Makes a stream of a NumPy array, .npy or .npz; its "
                     "first axis counts the samples.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n != 1) return cli_usage(&cli, "expected one file");
    if (!parse_shape(shape, &want))
        return cli_usage(&cli, "--shape: expected extents such as 32x32x1, found '%s'", shape);
    if (want.labels && !strcmp(want.name, "label"))
        return cli_usage(&cli, "--name label is what --labels makes");
    if (want.labels && !strcmp(want.labels, "-") && !strcmp(operands[0], "-"))
        return cli_usage(&cli, "only one of array and labels can come from standard input");
    if (want.packed && (!want.rank || want.to_float || want.channels_first))
        return cli_usage(&cli, "--packed needs --shape, and excludes --float and --nchw");
    want.per_frame = frame;
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = npy_read(operands[0], &want, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_npy = {"npy", run, "a NumPy array to a stream"};
