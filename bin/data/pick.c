/* gan-data pick: samples of a stream by number. */
#include "bin/data/data.h"
#include "media/choose.h"

#include <string.h>

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    PickWant want = {.repeat = 1};
    const Opt options[] = {
        {"rows", 'r', OPT_TEXT, "LIST|FILE", &want.rows,
         "samples by number: 3,10-19, or a file of such"},
        {"repeat", 0, OPT_U64(1, UINT64_MAX), "N", &want.repeat, "each sample N times (default 1)"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "pick", "[STREAM]",
                     "Passes the samples that are listed, in that order.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n > 1) return cli_usage(&cli, "expected one stream");
    if (!want.rows || !*want.rows) return cli_usage(&cli, "expected --rows LIST or --rows FILE");
    if (!strcmp(want.rows, "-") && !strcmp(data_operand(n, operands), "-"))
        return cli_usage(&cli, "only one of stream and rows can come from standard input");
    want.per_frame = frame;
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = pick_write(data_operand(n, operands), &want, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_pick = {"pick", run, "samples of a stream by number"};
