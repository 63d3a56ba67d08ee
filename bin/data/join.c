/* gan-data join: streams side by side. */
#include "media/arrange/join.h"
#include "bin/data/data.h"

static int run(int argc, char **argv) {
    const char *output = NULL;
    bool frames = false;
    const Opt options[] = {
        {"frames", 0, OPT_FLAG, NULL, &frames, "frame by frame, each with its own samples"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "join", "STREAM[:[NEW=]TENSOR,...]...",
                     "Puts the tensors of streams of one length side by side.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (!n) return cli_usage(&cli, "expected streams");
    Output out;
    Error err;
    Str note = {0};
    if ((status = data_start(&out, output))) return status;
    int bad = join_write(operands, (size_t)n, frames, out.file, out.name, &note, &err);
    status = data_finish(&out, bad, &err);
    if (!status && note.length)
        tool_say("metadata that differ between the streams are left out: %s", note.text);
    str_free(&note);
    return status;
}

const Command command_join = {"join", run, "streams side by side, sample by sample"};
