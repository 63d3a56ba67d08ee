/* gan-data voxels: files of shapes to a stream of volumes. */
#include "media/sources/voxels.h"
#include "bin/data/data.h"

#include <stdio.h>

static int write_out(const Paths *paths, const VoxelsWant *want, const char *path, bool strict) {
    Error err;
    Output out;
    Progress bar;
    size_t skipped = 0;
    int status = data_start(&out, path);
    if (status) return status;
    progress_start(&bar, "shapes", (double)paths->count, 30);
    ImagesReport report = {&bar, data_offender, data_progress};
    int bad = voxels_write(paths, want, &report, out.file, out.name, &skipped, &err);
    char note[48];
    snprintf(note, sizeof note, "%zu skipped", skipped);
    FilesEnd end = {&bar, paths->count, skipped, 0, strict};
    return data_files_end(&end, note, &out, bad, &err);
}

typedef struct {
    const char *output, *under, *pictures;
    bool labels, strict;
    VoxelsWant want;
} Args;

static int read_all(Args *a, int n, char **operands) {
    Paths paths = {0}, pictures = {0};
    Classes classes;
    Error err;
    int bad = 0, status;
    for (int i = 0; !bad && i < n; i++) bad = paths_add(&paths, operands[i], &err);
    if (a->under) voxels_under(&paths, a->under);
    paths_sort(&paths);
    if (!bad && a->pictures && !(bad = paths_add(&pictures, a->pictures, &err))) {
        paths_sort(&pictures);
        a->want.pictures = &pictures;
    }
    if (!bad && a->labels && paths.count) {
        bad = classes_take(&classes, &paths, &err);
        a->want.classes = &classes;
    }
    status = bad ? tool_fail(&err) : write_out(&paths, &a->want, a->output, a->strict);
    paths_free(&paths);
    paths_free(&pictures);
    return status;
}

static int run(int argc, char **argv) {
    Args a = {0};
    uint64_t size = 64, pad = 0, picture = 256, frame = FRAME_SAMPLES;
    const Opt options[] = {
        {"size", 's', OPT_U64(1, 645), "S", &size, "voxels a side of the cube (default 64)"},
        {"pad", 0, OPT_U64(0, 322), "P", &pad, "empty voxels at both ends of it (default 0)"},
        {"hollow", 0, OPT_FLAG, NULL, &a.want.hollow, "do not fill the surfaces of meshes"},
        LABELS_OPTION(&a.labels),
        {"under", 0, OPT_TEXT, "NAME", &a.under,
         "only files in folders of that name, such as train"},
        {"pictures", 0, OPT_TEXT, "PATH", &a.pictures, "each shape with the pictures of it there"},
        {"picture-size", 0, OPT_U64(1, SIDE_MAX), "S", &picture,
         "pixels a side of those (default 256)"},
        STRICT_OPTION(&a.strict, "file"),
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&a.output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "voxels", "PATH...",
                     "Makes a stream of volumes of .binvox files and meshes in OFF.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (!n) return cli_usage(&cli, "expected a folder or file");
    if (2 * pad >= size)
        return cli_usage(&cli, "--pad %u at both ends leaves nothing of %u", (unsigned)pad,
                         (unsigned)size);
    a.want.side = size;
    a.want.margin = pad;
    a.want.picture = picture;
    a.want.per_frame = frame;
    if ((status = tool_output(a.output, false))) return status;
    return read_all(&a, n, operands);
}

const Command command_voxels = {"voxels", run, ".binvox files and meshes to a stream of volumes"};
