/* gan-data plot: curves of a log, drawn by gnuplot. */
#include "media/views/plot.h"
#include "bin/data/data.h"

static int run(int argc, char **argv) {
    const char *output = NULL, *format = NULL, *size = "540x960";
    uint64_t smooth = 1;
    PlotWant want = {.x = "step"};
    const Opt options[] = {
        {"columns", 'c', OPT_TEXT, "A,B", &want.columns, "columns to draw (default: all)"},
        {"x", 'x', OPT_TEXT, "NAME", &want.x, "column of the abscissa (default step)"},
        {"smooth", 0, OPT_U64(1, 1 << 24), "N", &smooth, "mean over N rows"},
        {"log", 0, OPT_FLAG, NULL, &want.logarithmic, "logarithmic ordinate"},
        {"size", 's', OPT_TEXT, "HxW", &size, "of the picture (default 540x960)"},
        {"format", 'f', OPT_TEXT, "NAME", &format,
         "png, svg or text (default: by the file's ending)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "plot", "[LOG]",
                     "Draws the columns of a tab-separated log as curves.", options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "log", &operand, &status)) return status;
    if (!data_size(size, &want.height, &want.width) || want.height < 120 || want.width < 160 ||
        want.height > 4096 || want.width > 4096)
        return cli_usage(&cli, "--size: expected 120x160 to 4096x4096, found '%s'", size);
    want.smooth = smooth;
    int as = graph_format(format, output);
    if (as < 0) return cli_usage(&cli, "--format: expected png, svg or text, found '%s'", format);
    want.format = (GraphFormat)as;
    Output out;
    Error err;
    Str script = {0};
    if ((status = tool_output(output, want.format != GRAPH_PNG))) return status;
    if (output_open(&out, output, &err)) return tool_fail(&err);
    int bad = plot_script(data_operand(operand), &want, &script, &err);
    if (!bad) bad = gnuplot_run(&script, out.file, out.name, &err);
    str_free(&script);
    return data_finish(&out, bad, &err);
}

const Command command_plot = {"plot", run, "curves of a log, drawn by gnuplot"};
