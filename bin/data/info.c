/* gan-data info: what streams and checkpoints hold. */
#include "media/views/info.h"
#include "bin/data/data.h"
#include "stream/stream.h"

#include <stdio.h>

static int run(int argc, char **argv) {
    bool page = false;
    const char *meta = NULL;
    bool stats = false;
    const Opt options[] = {
        {"stats", 's', OPT_FLAG, NULL, &stats, "least, largest and mean value"},
        {"page", 'p', OPT_FLAG, NULL, &page, "print the text of a checkpoint's page alone"},
        {"meta", 'm', OPT_TEXT, "KEY", &meta, "print the value of this metadata key alone"},
        {0},
    };
    const Cli cli = {DATA_TOOL, "info", "[STREAM]...",
                     "Says what streams and checkpoints hold, and "
                     "verifies them.",
                     options};
    char **operands, *none[] = {"-"};
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (!n) {
        operands = none;
        tool_input("-");
        n = 1;
    }
    if (page) meta = "gan.page";
    for (int i = 0; i < n; i++) {
        Error err;
        Str text = {0};
        int bad = meta ? info_meta(operands[i], meta, &text, &err)
                       : info_text(operands[i], stats, &text, &err);
        if (bad) {
            status = tool_fail(&err);
        } else {
            fwrite(text.text ? text.text : "", 1, text.length, stdout);
            if (meta && (!text.length || text.text[text.length - 1] != '\n')) putchar('\n');
        }
        str_free(&text);
    }
    Error err;
    if (stream_finish(stdout, "standard output", &err)) return tool_fail(&err);
    return status;
}

const Command command_info = {"info", run, "what streams and checkpoints hold"};
