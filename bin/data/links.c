/* gan-data links: the links of a graph that are shown, those to choose by, and those to test by. */
#include "media/graphs/links.h"
#include "bin/data/data.h"

static int check(const Cli *cli, const LinksWant *w, const char *shown, const char *test) {
    if (!shown || !test) return cli_usage(cli, "expected --output FILE and --test FILE");
    if (w->valid + w->test >= 1) return cli_usage(cli, "the two parts leave no links to be shown");
    return 0;
}

static int run(int argc, char **argv) {
    LinksWant want = {.valid = 0.05, .test = 0.1};
    const char *shown = NULL, *test = NULL;
    const Opt options[] = {
        {"test", 0, OPT_TEXT, "FILE", &test, "write the pairs to test by there"},
        {"valid-part", 0, OPT_REAL(1e-9, 1), "P", &want.valid,
         "part of the links to choose by (default 0.05)"},
        {"test-part", 0, OPT_REAL(1e-9, 1), "P", &want.test,
         "part of them to test by (default 0.1)"},
        {"seed", 0, OPT_U64(0, UINT64_MAX), "S", &want.seed, "of the draws (default 0)"},
        OUTPUT_OPTION(&shown),
        {0},
    };
    const Cli cli = {DATA_TOOL, "links", "[GRAPH]",
                     "Holds out links of a graph, and draws as many pairs that are none.", options};
    const char *operand;
    int status;
    Error err;
    Output out[2];
    if (data_one(&cli, argc, argv, "graph", &operand, &status)) return status;
    if ((status = check(&cli, &want, shown, test))) return status;
    if ((status = data_start_two(&cli, out, shown, test, "--output and --test"))) return status;
    int bad = links_split(data_operand(operand), &want, (LinksOut){out[0].file, out[0].name},
                          (LinksOut){out[1].file, out[1].name}, &err);
    return data_finish_two(out, bad, &err);
}

const Command command_links = {"links", run, "links of a graph to show, to choose and to test by"};
