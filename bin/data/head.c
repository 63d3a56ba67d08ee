/* gan-data head: the first samples of a stream. */
#include "bin/data/data.h"
#include "media/rows.h"

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t count = 10;
    const Opt options[] = {
        {"count", 'n', OPT_U64(1, UINT64_MAX), "N", &count, "samples (default 10)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "head", "[STREAM]", "Passes the first samples of a stream.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n > 1) return cli_usage(&cli, "expected one stream");
    Output out;
    Error err;
    Regroup g;
    if ((status = data_start(&out, output))) return status;
    regroup_start(&g, 0, out.file, out.name);
    int bad = regroup_stream(data_operand(n, operands), &g, &count, &err);
    bad = regroup_end(&g, bad, &err);
    return data_finish(&out, bad, &err);
}

const Command command_head = {"head", run, "the first samples of a stream"};
