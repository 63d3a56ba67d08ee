/* cli.h: command lines from tables. One table of options drives parsing (getopt_long), --help and
 * the test that holds the man pages against the tools. */
#ifndef GAN_CLI_H
#define GAN_CLI_H

#include "base/base.h"

/* What an option that may be given several times has gathered. */
enum { LIST_MAX = 1024 };
typedef struct {
    const char *items[LIST_MAX];
    size_t count;
} TextList;

typedef enum {
    TAKES_NOTHING, /* bool *    set to true */
    TAKES_U64,     /* uint64_t * */
    TAKES_BYTES,   /* uint64_t * as parse_bytes takes them */
    TAKES_REAL,    /* double *  */
    TAKES_TEXT,    /* const char ** */
    TAKES_LIST,    /* TextList * appended to at each use, LIST_MAX times at most */
    TAKES_PAIRS,   /* TextList * of NAME=VALUE */
    TAKES_RANGE,   /* ValueRange * */
} OptType;

/* What stands in the third column of a table of options: the type and, for numbers, the range that
 * is accepted, bounds included. A number outside is wrong usage and is told here, in one place. */
#define OPT_FLAG TAKES_NOTHING, 0, 0
#define OPT_U64(low, high) TAKES_U64, (double)(low), (double)(high)
#define OPT_BYTES(low, high) TAKES_BYTES, (double)(low), (double)(high)
#define OPT_REAL(low, high) TAKES_REAL, low, high
#define OPT_TEXT TAKES_TEXT, 0, 0
#define OPT_LIST TAKES_LIST, 0, 0
#define OPT_PAIRS TAKES_PAIRS, 0, 0
#define OPT_RANGE TAKES_RANGE, 0, 0

/* Ranges that several tools share. */
enum { THREADS_MAX = 1024, BATCH_MAX = 1 << 24, LIMIT_MAX = 1000 };

typedef struct {
    const char *name; /* long name; a table ends with NULL */
    char letter;      /* short name, or 0 */
    OptType type;
    double low, high; /* of numbers */
    const char *arg;  /* name of the argument in help, or NULL for flags */
    void *to;
    const char *help; /* one line */
} Opt;

typedef struct {
    const char *tool;     /* "gan-data" */
    const char *command;  /* sub-command, or NULL */
    const char *operands; /* "STREAM..." for the usage line */
    const char *summary;  /* one sentence */
    const Opt *options;
} Cli;

/* Parses argv[1..]; --help, --version and wrong usage are handled here: then true is returned and
 * *status holds the exit status. Otherwise false; *operands points at the remaining arguments. */
bool cli_parse(const Cli *cli, int argc, char **argv, int *operand_count, char ***operands,
               int *status);
/* Prints "TOOL: message (see TOOL --help)" and returns EXIT_USAGE. */
int cli_usage(const Cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

typedef struct {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the sub-command's name */
    const char *summary;
} Command;
/* Runs the sub-command named by argv[1]; the table ends with NULL; handles --help and --version of
 * the tool itself. */
int cli_dispatch(const char *tool, const char *summary, const Command *const *commands, int argc,
                 char **argv);

/* Sets the tool's name for messages and prepares the process: standard files that are closed become
 * /dev/null; a signal that ends it, SIGPIPE as well, first removes the temporary files of its
 * outputs; and so does memory that ends (memory_exhausted), with a line and EXIT_BAD. Call first in
 * main. */
void tool_start(const char *tool);
/* One line on standard error, written at once; foreign text in it cannot break it (text_escape). */
void tool_line(const char *text);
/* "TOOL: text" in one line on standard error. */
void tool_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* From now on the tool says nothing, or again what it has to: of processes that do the same one
 * speaks. */
void tool_mute(bool mute);
/* Says err and returns EXIT_BAD. */
MUST_CHECK int tool_fail(const Error *err);
/* To be asked of every output before the work: 0, or an exit status after a message when path
 * cannot be written (output_check), or is standard output (NULL or "-"), which is a terminal, and
 * would get what is no text. */
int tool_output(const char *path, bool text);
/* Returns path. When it is "-" and standard input is a terminal, the first call says that input is
 * waited for. cli_parse asks for all operands; a tool does for what it reads without being told. */
const char *tool_input(const char *path);
/* Says that instead of `cut` threads only `used` will work, unless cut is 0 (cpu_start). */
void tool_threads(int cut, int used);
/* After text on standard output: 0, or EXIT_BAD and a message when it cannot be written. */
int tool_end_text(void);

/* A progress line on standard error: a bar when it is a terminal, otherwise one dated line at most
 * every `quiet` seconds. total 0 means unknown. */
typedef struct {
    const char *what; /* "steps" */
    double total, start, last;
    bool terminal, drawn;
    double quiet;
} Progress;
void progress_start(Progress *p, const char *what, double total, double quiet);
void progress_update(Progress *p, double done, const char *note);
/* Removes the bar, or prints the last line. */
void progress_end(Progress *p, double done, const char *note);

#endif
