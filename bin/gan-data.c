/* gan-data: brings data in as tensor streams, arranges it, looks at it, and takes it out again. Its
 * commands are the files of bin/data/, of which make writes the list. */
#include "bin/data/data.h"

#define COMMAND(name) extern const Command command_##name;
#include "data_commands.inc"
#undef COMMAND

static const Command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "data_commands.inc"
#undef COMMAND
    NULL,
};

int main(int argc, char **argv) {
    tool_start(DATA_TOOL);
    return cli_dispatch(DATA_TOOL, "Brings data in as tensor streams, arranges it, looks at it.",
                        commands, argc, argv);
}
