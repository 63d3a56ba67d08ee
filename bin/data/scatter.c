/* gan-data scatter: points coloured by label, drawn by gnuplot. */
#include "media/views/scatter.h"
#include "bin/data/data.h"

static int run(int argc, char **argv) {
    const char *output = NULL, *format = NULL, *size = "720x720";
    ScatterWant want = {.name = "point", .label = "label", .dot = 5};
    const Opt options[] = {
        {"tensor", 't', OPT_TEXT, "NAME", &want.name, "the points (default point)"},
        {"label", 'l', OPT_TEXT, "NAME", &want.label, "the labels (default label)"},
        {"dot", 0, OPT_REAL(1, 100), "D", &want.dot, "diameter of a point in pixels (default 5)"},
        {"size", 's', OPT_TEXT, "S|HxW", &size, "of the picture (default 720)"},
        {"format", 'f', OPT_TEXT, "NAME", &format,
         "png, svg or text (default: by the file's ending)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "scatter", "[STREAM]",
                     "Draws points of a plane, coloured by label.", options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    if (!data_size(size, &want.height, &want.width) || want.height < 120 || want.width < 120 ||
        want.height > 4096 || want.width > 4096)
        return cli_usage(&cli, "--size: expected 120x120 to 4096x4096, found '%s'", size);
    int as = graph_format(format, output);
    if (as < 0) return cli_usage(&cli, "--format: expected png, svg or text, found '%s'", format);
    want.format = (GraphFormat)as;
    Output out;
    Error err;
    Str script = {0};
    if ((status = tool_output(output, want.format != GRAPH_PNG))) return status;
    if (output_open(&out, output, &err)) return tool_fail(&err);
    int bad = scatter_script(data_operand(operand), &want, &script, &err);
    if (!bad) bad = gnuplot_run(&script, out.file, out.name, &err);
    str_free(&script);
    return data_finish(&out, bad, &err);
}

const Command command_scatter = {"scatter", run, "points coloured by label, drawn by gnuplot"};
