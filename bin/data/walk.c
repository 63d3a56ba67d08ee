/* gan-data walk: latents moved along a direction. */
#include "bin/data/data.h"
#include "media/arrange/directions.h"

#include <string.h>

/* "2" or "2-5" */
static bool parse_layers(const char *text, WalkWant *w) {
    uint64_t first, last;
    if (!parse_digits(&text, &first)) return false;
    last = first;
    if (*text == '-' && (text++, !parse_digits(&text, &last))) return false;
    w->first = (size_t)first;
    w->last = (size_t)last;
    return !*text && first <= last;
}

static int run(int argc, char **argv) {
    const char *output = NULL, *layers = NULL;
    uint64_t steps = 10;
    WalkWant want = {.tensor = "z", .from = -3, .to = 3, .last = SIZE_MAX};
    const Opt options[] = {
        {"directions", 'd', OPT_TEXT, "FILE", &want.directions, "a stream of directions"},
        {"along", 'a', OPT_TEXT, "NAME", &want.along, "which of them, by its name or number"},
        {"from", 0, OPT_REAL(-1e30, 1e30), "T", &want.from, "the first step (default -3)"},
        {"to", 0, OPT_REAL(-1e30, 1e30), "T", &want.to, "the last (default 3)"},
        {"steps", 'n', OPT_U64(1, 1 << 20), "N", &steps, "of each latent (default 10)"},
        {"relative", 'r', OPT_FLAG, NULL, &want.relative,
         "steps are from the latent, not from the boundary"},
        {"layers", 0, OPT_TEXT, "A-B", &layers, "only these of a latent with layers"},
        {"normalise", 0, OPT_FLAG, NULL, &want.normalise, "latents get length sqrt(d)"},
        {"name", 0, OPT_TEXT, "NAME", &want.tensor, "the tensor of latents (default z)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "walk", "[STREAM]",
                     "Moves latents along a direction, step by step.", options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    if (!want.directions) return cli_usage(&cli, "expected --directions FILE");
    if (layers && !parse_layers(layers, &want))
        return cli_usage(&cli, "--layers: expected such as 2 or 0-7, found '%s'", layers);
    const char *path = data_operand(operand);
    if (!strcmp(path, "-") && !strcmp(want.directions, "-"))
        return cli_usage(&cli, "only one stream can come from standard input");
    want.steps = (size_t)steps;
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = walk_write(path, &want, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_walk = {"walk", run, "latents moved along a direction"};
