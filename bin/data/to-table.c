/* gan-data to-table: numbers of a stream as lines of text. */
#include "bin/data/data.h"
#include "media/views/table_write.h"

static int run(int argc, char **argv) {
    const char *output = NULL;
    TextList names = {0};
    bool bare = false;
    const Opt options[] = {
        {"name", 'n', OPT_LIST, "NAME", &names, "tensors to take, in this order (default: all)"},
        {"bare", 0, OPT_FLAG, NULL, &bare, "no line of names"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "to-table", "[STREAM]",
                     "Writes the numbers of a stream as tab-separated lines, one a sample.",
                     options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    Output out;
    Error err;
    if (output_open(&out, output, &err)) return tool_fail(&err); /* a terminal can show text */
    int bad = table_write(data_operand(operand), &names, bare, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_to_table = {"to-table", run, "numbers of a stream as lines of text"};
