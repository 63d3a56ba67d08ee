/* gan-data mesh: volumes as files of meshes. */
#include "bin/data/data.h"
#include "media/views/solid_write.h"

static int run(int argc, char **argv) {
    uint64_t count = UINT64_MAX;
    bool force = false;
    SolidWant want = {.tensor = "voxels", .threshold = 0.5};
    const Opt options[] = {
        {"count", 'n', OPT_U64(1, UINT64_MAX), "N", &count, "at most N volumes"},
        {"threshold", 0, OPT_REAL(-1e30, 1e30), "T", &want.threshold,
         "full is what is above it (default 0.5)"},
        {"name", 0, OPT_TEXT, "NAME", &want.tensor, "tensor of volumes (default voxels)"},
        {"force", 'f', OPT_FLAG, NULL, &force, "replace the meshes of an earlier run"},
        {0},
    };
    const Cli cli = {DATA_TOOL, "mesh", "DIR [STREAM]",
                     "Writes the volumes of a stream as numbered OFF files of their surfaces.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n < 1 || n > 2) return cli_usage(&cli, "expected a folder, and one stream");
    Error err;
    size_t done = 0;
    const char *path = data_operand(n > 1 ? operands[1] : NULL);
    if (solid_export(path, &want, operands[0], count, force, &done, &err)) return tool_fail(&err);
    tool_say("%zu meshes in %s", done, operands[0]);
    return 0;
}

const Command command_mesh = {"mesh", run, "volumes as files of meshes"};
