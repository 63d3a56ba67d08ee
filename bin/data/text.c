/* gan-data text: lines of text to a stream. */
#include "media/sources/text.h"
#include "bin/data/data.h"

static int run(int argc, char **argv) {
    const char *output = NULL;
    uint64_t length = 32, symbols = TEXT_SYMBOLS_MAX, frame = FRAME_SAMPLES;
    TextWant want = {0};
    const Opt options[] = {
        {"length", 'l', OPT_U64(1, TEXT_LENGTH_MAX), "N", &length, "symbols of a row (default 32)"},
        {"symbols", 0, OPT_U64(3, TEXT_SYMBOLS_MAX), "N", &symbols,
         "of the alphabet, at most (default 256)"},
        {"alphabet", 0, OPT_TEXT, "STREAM", &want.alphabet, "use this stream's alphabet"},
        {"skip", 0, OPT_U64(0, UINT64_MAX), "N", &want.take.skip, "leave out the first N lines"},
        {"first", 0, OPT_U64(1, UINT64_MAX), "N", &want.take.first, "then take at most N lines"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "text", "FILE",
                     "Makes a stream of the lines of a text, plain or gzip.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n != 1) return cli_usage(&cli, "expected one file");
    want.length = length;
    want.symbols = symbols;
    want.take.per_frame = frame;
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = text_read(operands[0], &want, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_text = {"text", run, "lines of text to a stream"};
