/* gan-data head: the first samples of a stream, or as many drawn at random. */
#include "bin/data/data.h"
#include "media/arrange/choose.h"

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    HeadWant want = {.count = 10};
    const Opt options[] = {
        {"count", 'n', OPT_U64(1, UINT64_MAX), "N", &want.count, "samples (default 10)"},
        {"shuffle", 0, OPT_FLAG, NULL, &want.shuffle, "draw them from the whole stream"},
        {"seed", 0, OPT_U64(0, UINT64_MAX), "S", &want.seed, "of the draw (default 0)"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "head", "[STREAM]",
                     "Passes the first samples of a stream, or as many drawn at random.", options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    want.per_frame = frame;
    const char *path = data_operand(operand);
    Output out;
    Error err;
    HeadReport report;
    if ((status = data_start(&out, output))) return status;
    int bad = head_write(path, &want, out.file, out.name, &report, &err);
    status = data_finish(&out, bad, &err);
    if (!status && report.classes)
        tool_say("%s: the first %llu samples hold %zu of %zu classes, one after the other; "
                 "--shuffle draws from all",
                 input_name(path), (unsigned long long)report.samples, report.found,
                 report.classes);
    return status;
}

const Command command_head = {"head", run, "the first samples of a stream, or some at random"};
