/* gan-data batch: a stream to minibatches: shuffled, in epochs, in shards. */
#include "media/arrange/batch.h"
#include "bin/data/data.h"

#include <string.h>

/* "0/4": the first of four. */
static bool parse_shard(const char *text, uint64_t *i, uint64_t *n) {
    char first[24];
    size_t length = strcspn(text, "/");
    if (!text[length] || length >= sizeof first) return false;
    memcpy(first, text, length);
    first[length] = 0;
    return parse_u64(first, i) && parse_u64(text + length + 1, n) && *i < *n && *n <= 1 << 20;
}

static int run(int argc, char **argv) {
    const char *output = NULL, *shard = "0/1", *from = NULL;
    uint64_t size = 0, together = 0;
    bool endless = false;
    BatchWant want = {.epochs = 1};
    const Opt options[] = {
        {"size", 's', OPT_U64(1, FRAME_SAMPLES_MAX), "B", &size, "samples a frame"},
        {"shuffle", 0, OPT_FLAG, NULL, &want.shuffle, "a new order for each epoch"},
        {"seed", 0, OPT_U64(0, UINT64_MAX), "S", &want.seed, "of the orders (default 0)"},
        {"epochs", 'e', OPT_U64(1, UINT64_MAX), "E", &want.epochs,
         "passes over the data (default 1)"},
        {"endless", 0, OPT_FLAG, NULL, &endless, "until the reader stops"},
        {"drop-last", 0, OPT_FLAG, NULL, &want.drop_last,
         "leave out an epoch's smaller last frame"},
        {"together", 0, OPT_U64(1, FRAME_SAMPLES_MAX), "N", &together,
         "N samples of one label become one, with an axis more"},
        {"shard", 0, OPT_TEXT, "I/N", &shard, "every N-th sample of the order, from the I-th on"},
        {"from", 0, OPT_TEXT, "CHECKPOINT", &from, "go on after the frames this run has consumed"},
        {"trust", 0, OPT_FLAG, NULL, &want.trust, "do not verify checksums first"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "batch", "[STREAM]", "Makes minibatches of a stream.", options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    if (!size) return cli_usage(&cli, "expected --size B");
    if (!parse_shard(shard, &want.shard, &want.shards))
        return cli_usage(&cli, "--shard: expected I/N with I below N, found '%s'", shard);
    want.size = size;
    want.together = together;
    if (endless) want.epochs = UINT64_MAX;
    Output out;
    Error err;
    if (from && batch_consumed(from, &want.start, &err)) return tool_fail(&err);
    if ((status = data_start(&out, output))) return status;
    int bad = batch_write(data_operand(operand), &want, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_batch = {"batch", run,
                               "a stream to minibatches: shuffled, in epochs, in shards"};
