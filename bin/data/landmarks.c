/* gan-data landmarks: points of faces drawn as pictures. */
#include "media/arrange/landmarks.h"
#include "bin/data/data.h"

static int run(int argc, char **argv) {
    const char *output = NULL, *size = NULL, *of = NULL;
    LandmarksWant want = {.tensor = "points", .line = 1};
    const Opt options[] = {
        {"size", 's', OPT_TEXT, "S|HxW", &size, "of the drawings"},
        {"of", 0, OPT_TEXT, "S|HxW", &of,
         "of the pictures that the points are of, which images cuts to the drawings' ratio and "
         "resizes (default: the drawings')"},
        {"line", 0, OPT_REAL(0.1, 100), "W", &want.line, "how wide lines are (default 1)"},
        {"name", 0, OPT_TEXT, "NAME", &want.tensor, "tensor of the points (default points)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "landmarks", "[STREAM]",
                     "Draws the 68 points of faces as lines, in a colour for each part.", options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    if (!size) return cli_usage(&cli, "expected --size S");
    if (!data_size(size, &want.height, &want.width))
        return cli_usage(&cli, DATA_SIDES, "size", size);
    if (!data_size(of, &want.of_height, &want.of_width))
        return cli_usage(&cli, DATA_SIDES, "of", of);
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = landmarks_write(data_operand(operand), &want, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_landmarks = {"landmarks", run, "points of faces drawn as pictures"};
