/* gan-data plot: curves of a log, drawn by gnuplot. */
#include "media/views/plot.h"
#include "bin/data/data.h"

static int run(int argc, char **argv) {
    GraphArgs graph = {.size = "540x960"};
    uint64_t smooth = 1;
    PlotWant want = {.x = "step"};
    const Opt options[] = {
        {"columns", 'c', OPT_TEXT, "A,B", &want.columns, "columns to draw (default: all)"},
        {"x", 'x', OPT_TEXT, "NAME", &want.x, "column of the abscissa (default step)"},
        {"smooth", 0, OPT_U64(1, 1 << 24), "N", &smooth, "mean over N rows"},
        {"log", 0, OPT_FLAG, NULL, &want.logarithmic, "logarithmic ordinate"},
        GRAPH_OPTIONS(&graph, "HxW", "of the picture (default 540x960)"),
        {0},
    };
    const Cli cli = {DATA_TOOL, "plot", "[LOG]",
                     "Draws the columns of a tab-separated log as curves.", options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "log", &operand, &status)) return status;
    if ((status = data_graph(&cli, &graph, 160, &want.look))) return status;
    want.smooth = smooth;
    Error err;
    Str script = {0};
    int bad = plot_script(data_operand(operand), &want, &script, &err);
    return data_draw(&graph, &script, bad, &err);
}

const Command command_plot = {"plot", run, "curves of a log, drawn by gnuplot"};
