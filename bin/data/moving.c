/* gan-data moving: clips of pictures that fly about and bounce off the walls. */
#include "media/arrange/moving.h"
#include "bin/data/data.h"

#include <string.h>

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    MovingWant want = {.count = 10000,
                       .frames = 16,
                       .size = 64,
                       .pictures = 1,
                       .shrink = 1,
                       .step = 0.1,
                       .tensor = "image"};
    const Opt options[] = {
        {"count", 'n', OPT_U64(1, UINT64_MAX), "N", &want.count, "clips (default 10000)"},
        {"frames", 't', OPT_U64(1, 1 << 20), "T", &want.frames, "of a clip (default 16)"},
        {"size", 's', OPT_U64(1, SIDE_MAX), "S", &want.size, "side of a frame (default 64)"},
        {"pictures", 'k', OPT_U64(1, FRAME_SAMPLES_MAX), "K", &want.pictures,
         "that move in a clip (default 1)"},
        {"shrink", 0, OPT_U64(1, SIDE_MAX), "K", &want.shrink,
         "blocks of K pixels a side become one first (default 1)"},
        {"step", 0, OPT_REAL(0, 1e3), "D", &want.step,
         "what a picture moves in a frame, of the way between the walls (default 0.1)"},
        {"step-to", 0, OPT_REAL(0, 1e3), "D", &want.step_to,
         "each picture has a step of its own, from --step to this"},
        {"name", 0, OPT_TEXT, "NAME", &want.tensor, "of the clips' tensor (default image)"},
        {"seed", 0, OPT_U64(0, UINT64_MAX), "S", &want.seed, "of the draws (default 0)"},
        {"skip", 0, OPT_U64(0, UINT32_MAX), "N", &want.skip, "leave out the first N clips"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "moving", "[STREAM]",
                     "Makes clips of a stream's pictures that fly about and bounce off the walls.",
                     options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    if (want.step_to && want.step_to < want.step)
        return cli_usage(&cli, "--step-to %g is below --step %g", want.step_to, want.step);
    if (!*want.tensor || !strcmp(want.tensor, "path") || !strcmp(want.tensor, "label"))
        return cli_usage(&cli, "--name: found '%s', which is no name for clips", want.tensor);
    want.per_frame = frame;
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = moving_write(data_operand(operand), &want, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_moving = {"moving", run,
                                "clips of pictures that bounce about, such as Moving MNIST"};
