/* gan-data views: volumes as shaded pictures. */
#include "bin/data/data.h"
#include "media/views/solid_write.h"

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t size = 96, views = 1;
    SolidWant want = {.tensor = "voxels", .threshold = 0.5, .view = solid_view(0)};
    const Opt options[] = {
        {"size", 's', OPT_U64(1, 4096), "S", &size, "pixels a side of a picture (default 96)"},
        {"views", 0, OPT_U64(1, 360), "N", &views, "pictures of each, all around (default 1)"},
        {"azimuth", 0, OPT_REAL(-360, 360), "A", &want.view.azimuth,
         "of the first, degrees around the last axis (default 30)"},
        {"elevation", 0, OPT_REAL(-90, 90), "A", &want.view.elevation,
         "degrees above the ground (default 25)"},
        {"zoom", 0, OPT_REAL(0.01, 100), "Z", &want.view.zoom, "magnify (default 1)"},
        {"threshold", 0, OPT_REAL(-1e30, 1e30), "T", &want.threshold,
         "full is what is above it (default 0.5)"},
        {"mark", 0, OPT_TEXT, "NAME", &want.mark, "tensor that colours voxels red, where above 0"},
        {"name", 0, OPT_TEXT, "NAME", &want.tensor, "tensor of volumes (default voxels)"},
        {"pairs", 0, OPT_FLAG, NULL, &want.pairs, "the volumes go along with each picture"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "views", "[STREAM]",
                     "Draws the volumes of a stream as shaded pictures, a stream again.", options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    want.views = views;
    want.view.size = size;
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = solid_write(data_operand(operand), &want, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_views = {"views", run, "volumes as shaded pictures"};
