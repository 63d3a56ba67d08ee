/* gan-data table: rows of CSV, TSV or JSON to a stream. */
#include "bin/data/data.h"
#include "media/sources/companion.h"

#include <stdlib.h>

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    CompanionWant want = {0};
    Companion table = {0};
    const Opt options[] = {
        {"column", 'c', OPT_LIST, "[NAME=]A,B", &want.columns,
         "tensors of these columns (default: all)"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "table", "FILE",
                     "Makes a stream of a table, a sample of each row: CSV, TSV or JSON lines.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n != 1) return cli_usage(&cli, "expected one file");
    want.path = operands[0];
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = companion_read(&table, &want, &err) ||
              companion_write(&table, frame, out.file, out.name, &err);
    status = data_finish(&out, bad, &err);
    companion_free(&table);
    return status;
}

const Command command_table = {"table", run, "rows of CSV, TSV or JSON to a stream"};
