/* gan-data plot: curves of a log as PNG. */
#include "media/views/plot.h"
#include "bin/data/data.h"

static int run(int argc, char **argv) {
    const char *output = NULL, *size = "540x960";
    uint64_t smooth = 1;
    PlotWant want = {.x = "step"};
    const Opt options[] = {
        {"columns", 'c', OPT_TEXT, "A,B", &want.columns, "columns to draw (default: all)"},
        {"x", 'x', OPT_TEXT, "NAME", &want.x, "column of the abscissa (default step)"},
        {"smooth", 0, OPT_U64(1, 1 << 24), "N", &smooth, "mean over N rows"},
        {"log", 0, OPT_FLAG, NULL, &want.logarithmic, "logarithmic ordinate"},
        {"size", 's', OPT_TEXT, "HxW", &size, "of the picture (default 540x960)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "plot", "[LOG]",
                     "Draws the columns of a tab-separated log as curves.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n > 1) return cli_usage(&cli, "expected one log");
    if (!data_size(size, &want.height, &want.width) || want.height < 120 || want.width < 160 ||
        want.height > 4096 || want.width > 4096)
        return cli_usage(&cli, "--size: expected 120x160 to 4096x4096, found '%s'", size);
    want.smooth = smooth;
    Output out;
    Error err;
    Picture p = {0};
    if ((status = data_start(&out, output))) return status;
    int bad = plot_draw(data_operand(n, operands), &want, &p, &err);
    if (!bad) bad = png_encode(&p, out.file, out.name, &err);
    picture_free(&p);
    return data_finish(&out, bad, &err);
}

const Command command_plot = {"plot", run, "curves of a log as PNG"};
