/* gan-data project: a direction without what others have of it. */
#include "bin/data/data.h"
#include "media/arrange/directions.h"

static int run(int argc, char **argv) {
    const char *output = NULL;
    ProjectWant want = {0};
    const Opt options[] = {
        {"of", 0, OPT_TEXT, "NAME", &want.of, "the direction, by its name or number"},
        {"on", 0, OPT_TEXT, "LIST", &want.on, "directions it is to be orthogonal to"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "project", "[DIRECTIONS]",
                     "Takes from a direction its projection on others.", options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    if (!want.of || !want.on) return cli_usage(&cli, "expected --of NAME and --on LIST");
    Output out;
    Error err;
    ProjectReport report;
    if ((status = data_start(&out, output))) return status;
    int bad = project_write(data_operand(operand), &want, out.file, out.name, &report, &err);
    if ((status = data_finish(&out, bad, &err))) return status;
    tool_say("%.3g of its length is left", report.kept);
    if (report.rank < report.conditions)
        tool_say("%zu of %zu conditions depend on the others", report.conditions - report.rank,
                 report.conditions);
    return 0;
}

const Command command_project = {"project", run, "a direction, orthogonal to others"};
