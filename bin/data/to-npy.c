/* gan-data to-npy: a tensor of a stream as a NumPy array. */
#include "bin/data/data.h"
#include "media/sources/npy.h"

static int run(int argc, char **argv) {
    const char *output = NULL, *name = NULL;
    const Opt options[] = {
        {"name", 'n', OPT_TEXT, "NAME", &name, "tensor to take (default: the only one, or image)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "to-npy", "[STREAM]",
                     "Writes one tensor of a stream as a NumPy array, "
                     "its frames joined.",
                     options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    Output out;
    Error err;
    if ((status = data_start(&out, output))) return status;
    int bad = npy_write(data_operand(operand), name, out.file, out.name, &err);
    return data_finish(&out, bad, &err);
}

const Command command_to_npy = {"to-npy", run, "a tensor of a stream as a NumPy array"};
