/* gan-data graph: a graph of text files to a stream. */
#include "bin/data/data.h"
#include "media/graphs/edges.h"

#include <string.h>

static void say(const char *path, const EdgesReport *r) {
    if (r->loops + r->repeated)
        tool_say(
            "%s: %llu links from a node to itself and %llu that were there before are left out",
            input_name(path), (unsigned long long)r->loops, (unsigned long long)r->repeated);
    if (r->alone)
        tool_say("%s: no link of %llu nodes that have features or a class", input_name(path),
                 (unsigned long long)r->alone);
}

static int run(int argc, char **argv) {
    const char *output = NULL, *names = NULL;
    EdgesWant want = {0};
    const Opt options[] = {
        {"features", 'f', OPT_TEXT, "FILE", &want.features, "features of nodes"},
        {"labels", 'l', OPT_TEXT, "FILE", &want.labels, "classes of nodes"},
        {"nodes", 'n', OPT_U64(2, GRAPH_NODES_MAX), "N", &want.nodes,
         "nodes, when the last ones are in no file"},
        {"names", 'N', OPT_TEXT, "FILE", &names,
         "nodes and classes are words; write nodes' names there, a line each"},
        {"both", 'b', OPT_FLAG, NULL, &want.both, "each link in both directions"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "graph", "EDGES",
                     "Makes a stream of a graph: lines of two nodes, features and classes.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n != 1) return cli_usage(&cli, "expected one file of links");
    want.edges = operands[0];
    if (names && !strcmp(names, "-")) return cli_usage(&cli, "--names: expected a file");
    if (names && same_file(names, operands[0]))
        return cli_usage(&cli, "--names names the file of links");
    Output out[2];
    Error err;
    EdgesReport report;
    status = names ? data_start_two(&cli, out, output, names, "--output and --names")
                   : data_start(&out[0], output);
    if (status) return status;
    if (names) want.names = out[1].file, want.names_name = out[1].name;
    int bad = edges_read(&want, out[0].file, out[0].name, &report, &err);
    status = names ? data_finish_two(out, bad, &err) : data_finish(&out[0], bad, &err);
    if (status) return status;
    say(want.edges, &report);
    return 0;
}

const Command command_graph = {"graph", run, "lines of links, features and classes to a stream"};
