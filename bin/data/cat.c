/* gan-data cat: streams joined and verified. */
#include "bin/data/data.h"
#include "media/regroup.h"

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = 0, frames = 0, all = UINT64_MAX;
    const Opt options[] = {
        {"frame", 0, OPT_U64(1, FRAME_SAMPLES_MAX), "N", &frame,
         "regroup into frames of N samples"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "cat", "[STREAM]...", "Joins streams, verifying them.", options};
    char **operands, *none[] = {"-"};
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (!n) {
        operands = none;
        tool_input("-");
        n = 1;
    }
    Output out;
    Error err;
    Regroup g;
    if ((status = data_start(&out, output))) return status;
    regroup_start(&g, frame, out.file, out.name);
    int bad = 0;
    for (int i = 0; !bad && i < n; i++)
        bad = frame ? regroup_stream(operands[i], &g, &all, &err)
                    : stream_copy(operands[i], out.file, out.name, &frames, &err);
    if (frame)
        bad = regroup_end(&g, bad, &err);
    else if (!bad && !frames)
        bad = fail(&err, "the input holds no frames");
    return data_finish(&out, bad, &err);
}

const Command command_cat = {"cat", run, "streams joined and verified"};
