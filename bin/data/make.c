/* gan-data make: made-up data: points, pictures, clips, volumes, words. */
#include "bin/data/data.h"
#include "media/sources/made.h"

#include <math.h>
#include <string.h>

/* Numbers that are asked for, or 0. */
typedef struct {
    uint64_t size, palettes, modes, words, topics, tags, features, frames, directions;
} Counts;

static size_t either(uint64_t asked, size_t usual) { return asked ? (size_t)asked : usual; }

/* What was not asked for is as the kind has it. */
static void set_usual(MadeWant *w, const Counts *n, const MadeWant *usual) {
    if (isnan(w->radius)) w->radius = usual->radius;
    if (isnan(w->spacing)) w->spacing = usual->spacing;
    if (isnan(w->sigma)) w->sigma = usual->sigma;
    if (isnan(w->rotate)) w->rotate = usual->rotate;
    if (isnan(w->zoom)) w->zoom = usual->zoom;
    if (isnan(w->move)) w->move = usual->move;
    w->size = either(n->size, usual->size);
    w->palettes = either(n->palettes, usual->palettes);
    w->modes = either(n->modes, usual->modes);
    w->words = either(n->words, usual->words);
    w->topics = either(n->topics, usual->topics);
    w->tags = either(n->tags, usual->tags);
    w->features = either(n->features, usual->features);
    w->frames = either(n->frames, usual->frames);
    w->directions = either(n->directions, usual->directions);
}

static const MadeKind *kind_named(const char *name) {
    for (const MadeKind *k = made_kinds; k->name; k++)
        if (!strcmp(k->name, name)) return k;
    return NULL;
}

/* 0, or the exit status when a number is given that means nothing for the kind. */
static int check_idle(const Cli *cli, const MadeKind *kind, const MadeWant *w, const Counts *n) {
    const MadeWant *u = &kind->usual;
    const struct {
        const char *name;
        bool given, means;
    } options[] = {
        {"size", n->size != 0, u->size != 0},
        {"palettes", n->palettes != 0, u->palettes != 0},
        {"modes", n->modes != 0, u->modes != 0},
        {"radius", !isnan(w->radius), u->radius > 0},
        {"spacing", !isnan(w->spacing), u->spacing > 0},
        {"sigma", !isnan(w->sigma), u->sigma > 0 || kind->noise},
        {"rotate", !isnan(w->rotate), u->rotate > 0},
        {"zoom", !isnan(w->zoom), u->zoom > 0},
        {"move", !isnan(w->move), u->move > 0},
        {"words", n->words != 0, u->words != 0},
        {"topics", n->topics != 0, u->topics != 0},
        {"tags", n->tags != 0, u->tags != 0},
        {"features", n->features != 0, u->features != 0},
        {"frames", n->frames != 0, u->frames != 0},
        {"directions", n->directions != 0, u->directions != 0},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].given && !options[i].means)
            return cli_usage(cli, "--%s means nothing for %s", options[i].name, kind->name);
    return 0;
}

static int unknown(const Cli *cli, const char *name) {
    Str list = {0};
    for (const MadeKind *k = made_kinds; k->name; k++)
        str_printf(&list, "%s%s", k == made_kinds ? "" : k[1].name ? ", " : " or ", k->name);
    int status = cli_usage(cli, "expected %s, found '%s'", list.text, name);
    str_free(&list);
    return status;
}

static int write(const Cli *cli, const MadeKind *kind, const MadeWant *want, const char *output) {
    Output out;
    Error err;
    if (made_check(kind, want, &err)) return cli_usage(cli, "%s: %s", kind->name, err.text);
    int status = data_start(&out, output);
    if (status) return status;
    return data_finish(&out, made_write(kind, want, out.file, out.name, &err), &err);
}

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t frame = FRAME_SAMPLES;
    Counts counts = {0};
    MadeWant want = {.count = 10000,
                     .radius = NAN,
                     .spacing = NAN,
                     .sigma = NAN,
                     .rotate = NAN,
                     .zoom = NAN,
                     .move = NAN};
    const Opt options[] = {
        {"count", 'n', OPT_U64(1, UINT64_MAX), "N", &want.count, "samples (default 10000)"},
        {"seed", 0, OPT_U64(0, UINT64_MAX), "S", &want.seed,
         "another seed, other samples (default 0)"},
        {"size", 's', OPT_U64(1, FRAME_SAMPLES_MAX), "S", &counts.size,
         "side of images (shapes 32, digits 28, sprites 64), of solids (32) and of clips (16, "
         "curves 64); numbers of a word vector (32)"},
        {"palettes", 0, OPT_U64(1, UINT32_MAX), "K", &counts.palettes,
         "shapes: each in so many palettes, a class in each (1)"},
        {"modes", 0, OPT_U64(1, UINT32_MAX), "K", &counts.modes,
         "ring: Gaussians on it (8); grid: a side (5)"},
        {"radius", 0, OPT_REAL(0, 1e30), "R", &want.radius, "ring: of the circle (2)"},
        {"spacing", 0, OPT_REAL(0, 1e30), "D", &want.spacing, "grid: between neighbours (2)"},
        {"sigma", 0, OPT_REAL(0, 1e30), "S", &want.sigma,
         "deviation of each Gaussian (0.02, grid 0.05), of features (0.3), noise on digits (0)"},
        {"rotate", 0, OPT_REAL(0, 1e3), "A", &want.rotate,
         "at most so many radians (digits 0.1, shapes pi)"},
        {"zoom", 0, OPT_REAL(0, 0.9), "Z", &want.zoom,
         "digits: at most so much larger or smaller (0.1)"},
        {"move", 0, OPT_REAL(0, 1e3), "M", &want.move, "digits: at most so many pixels of 28 (1)"},
        {"words", 0, OPT_U64(1, UINT32_MAX), "N", &counts.words,
         "tags: words in the vocabulary (200)"},
        {"topics", 0, OPT_U64(1, UINT32_MAX), "N", &counts.topics, "tags: topics (20)"},
        {"tags", 0, OPT_U64(1, UINT32_MAX), "N", &counts.tags,
         "tags: words that belong to a topic (5)"},
        {"frames", 't', OPT_U64(1, 1 << 16), "T", &counts.frames, "of a clip (16)"},
        {"directions", 0, OPT_U64(1, 4), "K", &counts.directions,
         "clips: shapes move right, down, left, up: the first K (4, curves 2)"},
        {"features", 0, OPT_U64(1, UINT32_MAX), "N", &counts.features,
         "tags: numbers of a feature vector (64)"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "make",
                     "ring|grid|shapes|digits|solids|sprites|movers|hues|scenes|curves|tags|"
                     "vocabulary",
                     "Makes data up.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n != 1) return cli_usage(&cli, "expected the kind of data");
    const MadeKind *kind = kind_named(operands[0]);
    if (!kind) return unknown(&cli, operands[0]);
    if ((status = check_idle(&cli, kind, &want, &counts))) return status;
    want.per_frame = frame;
    set_usual(&want, &counts, &kind->usual);
    return write(&cli, kind, &want, output);
}

const Command command_make = {"make", run,
                              "made-up data: points, shapes, digits, solids, moving shapes, tags"};
