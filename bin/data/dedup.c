/* gan-data dedup: a stream less the samples whose code was seen before. */
#include "bin/data/data.h"
#include "media/arrange/choose.h"

#include <string.h>

static int run(int argc, char **argv) {
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
    const Cli cli = {DATA_TOOL, "dedup", "[STREAM]",
                     "Drops samples whose code has the signs of an earlier one's.", options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    if (!want.codes) return cli_usage(&cli, "expected --code STREAM");
    if (!strcmp(want.codes, "-") && !strcmp(data_operand(operand), "-"))
        return cli_usage(&cli, "only one of stream and codes can come from standard input");
    want.per_frame = frame;
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad =
        dedup_write(data_operand(operand), &want, out.file, out.name, &samples, &dropped, &err);
    if ((status = data_finish(&out, bad, &err))) return status;
    tool_say("%llu of %llu samples are duplicates", (unsigned long long)dropped,
             (unsigned long long)samples);
    return 0;
}

const Command command_dedup = {"dedup", run,
                               "a stream less the samples whose code was seen before"};
