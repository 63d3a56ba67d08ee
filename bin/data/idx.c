/* gan-data idx: IDX files (MNIST) to a stream. */
#include "bin/data/data.h"
#include "media/sources/datasets.h"

static int run(int argc, char **argv) {
    const char *labels = NULL, *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    Take take = {0};
    const Opt options[] = {
        {"labels", 'l', OPT_TEXT, "FILE", &labels, "labels, IDX as well"},
        {"skip", 0, OPT_U64(0, UINT64_MAX), "N", &take.skip, "leave out the first N samples"},
        {"first", 0, OPT_U64(1, UINT64_MAX), "N", &take.first, "then take at most N samples"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "idx", "IMAGES",
                     "Makes a stream of an IDX file (as of MNIST), plain or "
                     "gzip.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n != 1) return cli_usage(&cli, "expected one file of images");
    take.per_frame = frame;
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = idx_write(operands[0], labels, &take, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_idx = {"idx", run, "IDX files (MNIST) to a stream"};
