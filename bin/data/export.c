/* gan-data export: a stream's images as PNG files. */
#include "bin/data/data.h"
#include "media/views/sheet.h"

static int run(int argc, char **argv) {
    uint64_t count = UINT64_MAX;
    bool labels = false, force = false;
    SheetWant want = {.scale = 1};
    const Opt options[] = {
        {"labels", 'l', OPT_FLAG, NULL, &labels, "a sub-folder for each label"},
        {"count", 'n', OPT_U64(1, UINT64_MAX), "N", &count, "at most N images"},
        {"name", 0, OPT_TEXT, "NAME", &want.name, "tensor to take (default image)"},
        {"normalise", 0, OPT_FLAG, NULL, &want.stretch, "stretch each image from black to white"},
        {"force", 'f', OPT_FLAG, NULL, &force, "replace an earlier export's images"},
        {0},
    };
    const Cli cli = {DATA_TOOL, "export", "DIR [STREAM]",
                     "Writes the images of a stream as numbered "
                     "PNG files.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n < 1 || n > 2) return cli_usage(&cli, "expected a folder, and one stream");
    want.count = count;
    Error err;
    size_t done = 0;
    const char *path = data_operand(n > 1 ? operands[1] : NULL);
    int bad = export_write(path, &want, operands[0], labels, force, &done, &err);
    if (bad) return tool_fail(&err);
    tool_say("%zu images in %s", done, operands[0]);
    return 0;
}

const Command command_export = {"export", run, "a stream's images as PNG files"};
