/* gan-data sheet: a stream's images side by side as one PNG. */
#include "media/views/sheet.h"
#include "bin/data/data.h"

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t columns = 0, count = 256, gap = 2, scale = 1;
    SheetWant want = {0};
    const Opt options[] = {
        {"columns", 'c', OPT_U64(1, UINT32_MAX), "C", &columns,
         "tiles side by side (default: a square, or the frames of a video)"},
        {"count", 'n', OPT_U64(1, UINT64_MAX), "N", &count, "at most N tiles (default 256)"},
        {"name", 0, OPT_TEXT, "NAME", &want.name, "tensor to draw (default image)"},
        {"gap", 0, OPT_U64(0, SIDE_MAX), "P", &gap, "pixels between tiles (default 2)"},
        {"scale", 0, OPT_U64(1, SIDE_MAX), "K", &scale, "magnify K times"},
        {"normalise", 0, OPT_FLAG, NULL, &want.stretch, "stretch each tile from black to white"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "sheet", "[STREAM]",
                     "Draws the images of a stream side by side as one "
                     "PNG.",
                     options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    want.columns = columns;
    want.count = count;
    want.gap = gap;
    want.scale = scale;
    Output out;
    Error err;
    Picture sheet = {0};
    if ((status = data_start(&out, output))) return status;
    int bad = sheet_draw(data_operand(operand), &want, &sheet, &err);
    if (!bad) bad = png_encode(&sheet, out.file, out.name, &err);
    picture_free(&sheet);
    return data_finish(&out, bad, &err);
}

const Command command_sheet = {"sheet", run, "a stream's images side by side as one PNG"};
