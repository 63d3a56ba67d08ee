/* gan-data pick: samples of a stream by number or by class. */
#include "bin/data/data.h"
#include "media/arrange/choose.h"

#include <string.h>

static int check(const Cli *cli, const PickWant *w, const char *path) {
    bool classes = w->labels || w->balance;
    if (classes == (w->rows != NULL))
        return cli_usage(cli, "expected either --rows, or --label or --balance");
    if (w->rows && !*w->rows) return cli_usage(cli, "expected --rows LIST or --rows FILE");
    if (w->each && !w->balance) return cli_usage(cli, "--count goes with --balance");
    if (w->rows && !strcmp(w->rows, "-") && !strcmp(path, "-"))
        return cli_usage(cli, "only one of stream and rows can come from standard input");
    return 0;
}

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    PickWant want = {.repeat = 1, .tensor = "label"};
    const Opt options[] = {
        {"rows", 'r', OPT_TEXT, "LIST|FILE", &want.rows,
         "samples by number: 3,10-19, or a file of such"},
        {"label", 'l', OPT_TEXT, "LIST", &want.labels,
         "samples of these classes: cat,dog or 0,3-5"},
        {"balance", 'b', OPT_FLAG, NULL, &want.balance, "equally many of each class"},
        {"count", 'n', OPT_U64(1, UINT32_MAX), "N", &want.each,
         "of each class (default: as the smallest has)"},
        {"seed", 0, OPT_U64(0, UINT64_MAX), "S", &want.seed,
         "which of a class are taken (default 0)"},
        {"name", 0, OPT_TEXT, "NAME", &want.tensor, "tensor of the labels (default label)"},
        {"repeat", 0, OPT_U64(1, UINT64_MAX), "N", &want.repeat, "each sample N times (default 1)"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "pick", "[STREAM]",
                     "Passes the samples that are listed, or those of some classes.", options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    const char *path = data_operand(operand);
    if ((status = check(&cli, &want, path))) return status;
    want.per_frame = frame;
    Output out;
    Error err;
    PickReport report;
    if ((status = data_start(&out, output))) return status;
    int bad = pick_write(path, &want, out.file, out.name, &report, &err);
    if ((status = data_finish(&out, bad, &err)) || !want.balance) return status;
    tool_say("%llu samples of each of %llu classes%s%s", (unsigned long long)report.each,
             (unsigned long long)report.classes, *report.absent ? "; none of " : "", report.absent);
    return 0;
}

const Command command_pick = {"pick", run, "samples of a stream by number or by class"};
