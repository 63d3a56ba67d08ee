/* gan-data cifar: CIFAR binary files to a stream. */
#include "bin/data/data.h"
#include "media/sources/datasets.h"

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    bool hundred = false;
    Take take = {0};
    const Opt options[] = {
        {"hundred", 0, OPT_FLAG, NULL, &hundred, "CIFAR-100: a coarse and a fine label a record"},
        {"skip", 0, OPT_U64(0, UINT64_MAX), "N", &take.skip, "leave out the first N samples"},
        {"first", 0, OPT_U64(1, UINT64_MAX), "N", &take.first, "then take at most N samples"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "cifar", "FILE...",
                     "Makes a stream of CIFAR binary files, plain or "
                     "gzip.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (!n) return cli_usage(&cli, "expected a file");
    take.per_frame = frame;
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = cifar_write(operands, (size_t)n, hundred ? 2 : 1, &take, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_cifar = {"cifar", run, "CIFAR binary files to a stream"};
