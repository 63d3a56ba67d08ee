/* gan-data maps: pictures that are maps of labels, made labels. */
#include "media/arrange/maps.h"
#include "bin/data/data.h"

/* "255,11": numbers that are no label */
static bool take_other(const char *text, MapsWant *want) {
    for (const char *at = text;; at++) {
        uint64_t v;
        if (!parse_digits(&at, &v) || v >= MAPS_NUMBERS) return false;
        want->other[v] = true;
        if (!*at) return true;
        if (*at != ',') return false;
    }
}

static int run(int argc, char **argv) {
    const char *output = NULL, *other = NULL;
    uint64_t labels = 0;
    MapsWant want = {0};
    const Opt options[] = {
        {"classes", 'c', OPT_U64(1, MAPS_NUMBERS - 1), "N", &labels, "labels are below it"},
        {"other", 0, OPT_TEXT, "LIST", &other, "numbers that are no label: they become N"},
        {"palette", 'p', OPT_TEXT, "FILE", &want.palette,
         "colours and names of labels: red, green, blue and a name a line"},
        {"draw", 'd', OPT_FLAG, NULL, &want.draw, "draw labels in the colours of the palette"},
        {"name", 0, OPT_TEXT, "NAME", &want.tensor,
         "tensor of the maps (default image, to draw segment)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "maps", "[STREAM]",
                     "Makes labels of the maps of a stream, which are numbers or colours.",
                     options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    want.labels = labels;
    if (want.draw && !want.palette) return cli_usage(&cli, "--draw goes with --palette");
    if (other && (want.draw || (!labels && !want.palette)))
        return cli_usage(&cli, "--other goes with --classes or --palette");
    if (other && !take_other(other, &want))
        return cli_usage(&cli,
                         "--other: expected numbers from 0 to %d with commas between, found '%s'",
                         MAPS_NUMBERS - 1, other);
    if (!want.tensor) want.tensor = want.draw ? "segment" : "image";
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = maps_write(data_operand(operand), &want, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_maps = {"maps", run, "pictures that are maps of labels, made labels"};
