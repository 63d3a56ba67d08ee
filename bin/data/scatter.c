/* gan-data scatter: points coloured by label, drawn by gnuplot. */
#include "media/views/scatter.h"
#include "bin/data/data.h"

static int run(int argc, char **argv) {
    GraphArgs graph = {.size = "720x720"};
    ScatterWant want = {.name = "point", .label = "label", .dot = 5};
    const Opt options[] = {
        {"tensor", 't', OPT_TEXT, "NAME", &want.name, "the points (default point)"},
        {"label", 'l', OPT_TEXT, "NAME", &want.label, "the labels (default label)"},
        {"dot", 0, OPT_REAL(1, 100), "D", &want.dot, "diameter of a point in pixels (default 5)"},
        GRAPH_OPTIONS(&graph, "S|HxW", "of the picture (default 720)"),
        {0},
    };
    const Cli cli = {DATA_TOOL, "scatter", "[STREAM]",
                     "Draws points of a plane, coloured by label.", options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    if ((status = data_graph(&cli, &graph, 120, &want.look))) return status;
    Error err;
    Str script = {0};
    int bad = scatter_script(data_operand(operand), &want, &script, &err);
    return data_draw(&graph, &script, bad, &err);
}

const Command command_scatter = {"scatter", run, "points coloured by label, drawn by gnuplot"};
