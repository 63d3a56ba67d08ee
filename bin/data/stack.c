/* gan-data stack: random samples put together, as three digits in one picture. */
#include "media/arrange/stack.h"
#include "bin/data/data.h"

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    StackWant want = {.depth = 3};
    const Opt options[] = {
        {"depth", 'k', OPT_U64(1, FRAME_SAMPLES_MAX), "K", &want.depth,
         "samples put together as one (default 3)"},
        {"count", 'n', OPT_U64(1, UINT64_MAX), "N", &want.count,
         "samples to make (default: as many as there are)"},
        {"seed", 0, OPT_U64(0, UINT64_MAX), "S", &want.seed, "of the draws (default 0)"},
        {"classes", 0, OPT_U64(1, UINT32_MAX), "C", &want.classes,
         "of label (default: the highest and one)"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "stack", "[STREAM]",
                     "Puts random samples together, side by side in their channels.", options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    want.per_frame = frame;
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = stack_write(data_operand(operand), &want, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_stack = {"stack", run,
                               "random samples put together, as three digits in one picture"};
