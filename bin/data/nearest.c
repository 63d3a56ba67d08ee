/* gan-data nearest: samples beside what is nearest to them in another stream. */
#include "bin/data/data.h"
#include "measure/copies.h"
#include "measure/metric.h"

#include <string.h>

static void say_found(const Copies *c, const CopiesWant *w) {
    unsigned long long n = c->samples, equal = c->equal, closer = c->closer;
    if (*c->hidden && !w->table) tool_say("without pictures: %s", c->hidden);
    if (c->one)
        tool_say("%llu of %llu rows are equal to another one", equal, n);
    else
        tool_say("%llu of %llu samples are closer to their nearest row than any other row is to "
                 "it, %llu "
                 "equal to it",
                 closer, n, equal);
}

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    CopiesWant want = {.tensor = "image", .show = "image", .k = 5};
    const Opt options[] = {
        {"neighbours", 'k', OPT_U64(1, 1000), "K", &want.k, "of each sample (default 5)"},
        {"tensor", 't', OPT_TEXT, "NAME", &want.tensor, "tensor to compare (default image)"},
        {"show", 0, OPT_TEXT, "NAME", &want.show, "pictures that go along (default image)"},
        {"range", 0, OPT_RANGE, "LO,HI", &want.range, HELP_RANGE},
        {"sort", 0, OPT_FLAG, NULL, &want.sort, "what is most like a copy first"},
        {"table", 0, OPT_FLAG, NULL, &want.table, "lines of text, not a stream"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "nearest", "SAMPLES REFERENCE",
                     "Puts each sample beside the rows of another stream that are nearest to it.",
                     options};
    char **operands;
    int n, status;
    Error err;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n != 2) return cli_usage(&cli, "expected two streams");
    if (!strcmp(operands[0], "-") && !strcmp(operands[1], "-"))
        return cli_usage(&cli, "only one stream can come from standard input");
    want.per_frame = frame;
    Output out;
    Copies found;
    if ((status = tool_output(output, want.table))) return status;
    if (output_open(&out, output, &err)) return tool_fail(&err);
    int bad = copies_write(operands[0], operands[1], &want, out.file, out.name, &found, &err);
    if ((status = data_finish(&out, bad, &err))) return status;
    say_found(&found, &want);
    return 0;
}

const Command command_nearest = {"nearest", run,
                                 "samples beside what is nearest in another stream"};
