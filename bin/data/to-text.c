/* gan-data to-text: rows of symbols as lines of text. */
#include "bin/data/data.h"
#include "media/sources/text.h"

static int run(int argc, char **argv) {
    const char *output = NULL, *name = NULL, *alphabet = NULL;
    const Opt options[] = {
        {"name", 'n', OPT_TEXT, "NAME", &name, "tensor to take (default: text, or the only one)"},
        {"alphabet", 0, OPT_TEXT, "STREAM", &alphabet, "use this stream's alphabet"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "to-text", "[STREAM]", "Writes rows of symbols as lines of text.",
                     options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    Output out;
    Error err;
    if (output_open(&out, output, &err)) return tool_fail(&err); /* a terminal can show text */
    int bad = text_write(data_operand(operand), name, alphabet, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_to_text = {"to-text", run, "rows of symbols as lines of text"};
