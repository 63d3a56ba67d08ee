/* gan-data images: folders and archives of pictures to a stream. */
#include "bin/data/data.h"
#include "media/regroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The rows of the table that no file belongs to: the first ones, and how many they are. */
static size_t tell_unused(const Companion *table) {
    enum { SHOWN = 10 };
    size_t row = 0, line, count = 0;
    const char *path = table->grid.path;
    for (const char *file; (file = companion_unused(table, &row, &line)); count++)
        if (count < SHOWN)
            tool_say(table->grid.entries ? "%s: entry %zu: no file '%s'" : "%s:%zu: no file '%s'",
                     path, line, file);
    if (count) tool_say("%s: %zu of %zu rows have no file", path, count, table->rows);
    return count;
}

static int run_images(Paths *paths, const ImagesWant *want, const char *path, bool strict) {
    Error err;
    Output out;
    Progress bar;
    size_t skipped = 0;
    int status = data_start(&out, path);
    if (status) return status;
    size_t lacking = want->table ? tell_unused(want->table) : 0;
    progress_start(&bar, "files", (double)paths->count, 30);
    ImagesReport report = {&bar, data_offender, data_progress};
    int bad = images_write(paths, want, &report, out.file, out.name, &skipped, &err);
    char note[48];
    snprintf(note, sizeof note, "%zu skipped", skipped);
    if (!bad) progress_end(&bar, (double)paths->count, note);
    /* a file that is replaced is to stay what it was */
    if (!bad && strict && skipped)
        bad = fail(&err, "%zu of %zu files are no good", skipped, paths->count);
    else if (!bad && skipped)
        tool_say("%zu of %zu files are no good", skipped, paths->count);
    if (!bad && strict && lacking) bad = fail(&err, "%zu rows have no file", lacking);
    return data_finish(&out, bad, &err);
}

/* An operand that an earlier --labels or a slip of the hand makes of a table. */
static bool is_table(const char *path) {
    static const char *const endings[] = {".csv", ".tsv", ".json", ".jsonl"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (!strcasecmp(dot, endings[i])) return is_seekable(path);
    return false;
}

typedef struct {
    FramingArgs framing;
    const char *output;
    bool strict, labels;
    uint64_t frame, first, skip;
    ImagesWant want;
    CompanionWant companion;
} Args;

/* What the options say of the pictures; 0, or an exit status. */
static int check_pictures(const Cli *cli, Args *a) {
    ImagesWant *w = &a->want;
    FramingArgs *f = &a->framing;
    f->framing.filter = w->index ? FILTER_NEAREST : FILTER_TRIANGLE;
    int status = data_framing(cli, f);
    if (status) return status;
    if (w->index && (f->framing.grey || f->rgb || f->alpha))
        return cli_usage(cli, "--index excludes --grey, --rgb and --alpha");
    if (w->index && f->framing.filter != FILTER_NEAREST)
        return cli_usage(cli,
                         "--index: indices cannot be mixed, only --filter nearest is possible");
    w->framing = f->framing;
    w->per_frame = a->frame;
    return 0;
}

static int check_table(const Cli *cli, const Args *a, int n, char **operands) {
    if (!a->companion.path && (a->companion.key || a->companion.columns.count))
        return cli_usage(cli, "--column and --key go with --table");
    for (int i = 0; i < n; i++)
        if (is_table(operands[i]))
            return cli_usage(cli, "%s is no picture: --table %s takes labels from it", operands[i],
                             operands[i]);
    return 0;
}

static int read_all(Args *a, int n, char **operands) {
    Paths paths = {0};
    Companion table = {0};
    Classes classes;
    Error err;
    bool tabled = a->companion.path;
    int bad = tabled ? companion_read(&table, &a->companion, &err) : 0;
    for (int i = 0; !bad && i < n; i++) bad = paths_add(&paths, operands[i], &err);
    paths_sort(&paths);
    if (!bad && tabled) bad = companion_match(&table, &paths, &err);
    if (!bad && tabled) a->want.table = &table;
    if (!bad && a->labels && paths.count) {
        bad = data_classes(&classes, &paths, a->skip, a->first, &err);
        a->want.classes = &classes;
    } else {
        paths_limit(&paths, a->skip, a->first);
    }
    int status = bad ? tool_fail(&err) : run_images(&paths, &a->want, a->output, a->strict);
    paths_free(&paths);
    companion_free(&table);
    return status;
}

static int run(int argc, char **argv) {
    Args a = {.frame = FRAME_SAMPLES, .companion.files = true};
    ImagesWant *w = &a.want;
    const Opt options[] = {
        FRAMING_OPTIONS(&a.framing),
        {"index", 0, OPT_FLAG, NULL, &w->index, "the indices of label maps as they are"},
        {"labels", 'l', OPT_FLAG, NULL, &a.labels, "label by sub-folder"},
        {"table", 't', OPT_TEXT, "FILE", &a.companion.path,
         "classes or numbers by file name: CSV, TSV, JSON"},
        {"column", 'c', OPT_LIST, "[NAME=]A,B", &a.companion.columns,
         "tensors of these columns (default: all)"},
        {"key", 0, OPT_TEXT, "COLUMN", &a.companion.key, "column that names the files"},
        {"strict", 0, OPT_FLAG, NULL, &a.strict, "exit 1 when any file or row is no good"},
        {"skip", 0, OPT_U64(0, UINT64_MAX), "N", &a.skip, "leave out the first N files"},
        {"first", 0, OPT_U64(0, UINT64_MAX), "N", &a.first, "then take at most N files"},
        FRAME_OPTION(&a.frame),
        OUTPUT_OPTION(&a.output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "images", "PATH...",
                     "Makes a stream of the pictures under folders and in archives.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (!n) return cli_usage(&cli, "expected a folder or file");
    if ((status = check_pictures(&cli, &a))) return status;
    if ((status = check_table(&cli, &a, n, operands))) return status;
    if ((status = tool_output(a.output, false))) return status;
    return read_all(&a, n, operands);
}

const Command command_images = {"images", run, "folders and archives of pictures to a stream"};
