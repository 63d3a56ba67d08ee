/* gan-data split: a stream in two, at random: to train on, and to test with. */
#include <stdlib.h>

#include "base/random.h"
#include "bin/data/data.h"
#include "media/index.h"

typedef struct {
    uint64_t count, seed, frame;
    double part;
    const char *drawn, *rest;
} Want;

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* How many of n are drawn: at least one, and not all. */
static int count_drawn(const Want *w, const char *path, uint64_t n, uint64_t *count, Error *err) {
    *count = w->count ? w->count : (uint64_t)(w->part * (double)n + 0.5);
    if (*count && *count < n) return 0;
    return fail(err, "%s: %llu of %llu samples would be drawn; both parts need one", path,
                (unsigned long long)*count, (unsigned long long)n);
}

static int write_parts(const Want *w, const Index *x, uint64_t count, Output *out, Error *err) {
    uint64_t n = index_samples(x);
    uint32_t *order = data_alloc((size_t)n * sizeof *order, err);
    if (!order) return -1;
    random_permutation(w->seed, 0, order, (uint32_t)n);
    uint32_t *part[] = {order, order + count};
    size_t size[] = {(size_t)count, (size_t)(n - count)};
    int bad = 0;
    for (int i = 0; i < 2 && !bad; i++) {
        qsort(part[i], size[i], sizeof *order, ascending);
        bad = index_write(x, part[i], size[i], 1, w->frame, out[i].file, out[i].name, err);
    }
    free(order);
    return bad;
}

static int split(const Want *w, const char *path, Output *out, Error *err) {
    Index x;
    uint64_t count;
    if (index_open(&x, path, false, err)) return -1;
    int bad = count_drawn(w, path, index_samples(&x), &count, err);
    if (!bad) bad = write_parts(w, &x, count, out, err);
    index_free(&x);
    return bad;
}

static int check(const Cli *cli, const Want *w) {
    if (!w->drawn || !w->rest) return cli_usage(cli, "expected --output FILE and --rest FILE");
    if ((w->count != 0) == (w->part != 0))
        return cli_usage(cli, "expected either --count or --part");
    return 0;
}

static int run(int argc, char **argv) {
    Want w = {.frame = FRAME_SAMPLES};
    const Opt options[] = {
        {"count", 'n', OPT_U64(1, UINT32_MAX), "N", &w.count, "samples to draw"},
        {"part", 'p', OPT_REAL(1e-9, 1), "P", &w.part, "or the part of them, such as 0.1"},
        {"seed", 0, OPT_U64(0, UINT64_MAX), "S", &w.seed, "of the draw (default 0)"},
        {"rest", 'r', OPT_TEXT, "FILE", &w.rest, "write those that are not drawn there"},
        FRAME_OPTION(&w.frame),
        OUTPUT_OPTION(&w.drawn),
        {0},
    };
    const Cli cli = {DATA_TOOL, "split", "[STREAM]",
                     "Draws samples at random and writes them and the others to two files.",
                     options};
    const char *operand;
    int status;
    Error err;
    Output out[2];
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    if ((status = check(&cli, &w))) return status;
    if ((status = data_start_two(&cli, out, w.drawn, w.rest, "--output and --rest"))) return status;
    return data_finish_two(out, split(&w, data_operand(operand), out, &err), &err);
}

const Command command_split = {"split", run, "a stream in two parts, at random"};
