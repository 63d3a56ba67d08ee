/* gan-data carve: a stream's volumes made solid. */
#include "media/arrange/carve.h"
#include "bin/data/data.h"

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t size = 0, pad = 0;
    CarveWant want = {.tensor = "voxels", .threshold = 0.5};
    const Opt options[] = {
        {"threshold", 0, OPT_REAL(-1e30, 1e30), "T", &want.threshold,
         "full is what is above it (default 0.5)"},
        {"component", 0, OPT_REAL(0, 1024), "R", &want.radius,
         "the largest part alone, voxels no further apart than R being neighbours"},
        {"size", 's', OPT_U64(1, 1024), "S", &size, "side of the cube they are put in"},
        {"pad", 0, OPT_U64(0, 511), "P", &pad, "empty voxels at both ends of it (default 0)"},
        {"drop-empty", 0, OPT_FLAG, NULL, &want.drop_empty,
         "leave out samples that are empty then"},
        {"name", 0, OPT_TEXT, "NAME", &want.tensor, "tensor of volumes (default voxels)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "carve", "[STREAM]",
                     "Makes the volumes of a stream solid: full or empty, in one piece, of a size.",
                     options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    if (pad && !size) return cli_usage(&cli, "--pad goes with --size");
    if (size && 2 * pad >= size)
        return cli_usage(&cli, "--pad %u at both ends leaves nothing of %u", (unsigned)pad,
                         (unsigned)size);
    want.side = size;
    want.margin = pad;
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = carve_write(data_operand(operand), &want, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_carve = {"carve", run, "volumes made solid, in one piece, of a size"};
