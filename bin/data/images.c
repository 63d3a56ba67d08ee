/* gan-data images: folders and archives of pictures to a stream. */
#include "bin/data/data.h"

#include <stdio.h>

static int run_images(Paths *paths, const ImagesWant *want, const char *path, bool strict) {
    Error err;
    Output out;
    Progress bar;
    size_t skipped = 0;
    int status = data_start(&out, path);
    if (status) return status;
    size_t lacking = want->table ? data_unused(want->table) : 0;
    progress_start(&bar, "files", (double)paths->count, 30);
    ImagesReport report = {&bar, data_offender, data_progress};
    int bad = images_write(paths, want, &report, out.file, out.name, &skipped, &err);
    char note[48];
    snprintf(note, sizeof note, "%zu skipped", skipped);
    FilesEnd end = {&bar, paths->count, skipped, lacking, strict};
    return data_files_end(&end, note, &out, bad, &err);
}

typedef struct {
    FramingArgs framing;
    FilesArgs files;
    const char *output;
    uint64_t frame;
    bool index, wide;
    ImagesWant want;
} Args;

/* What the options say of the pictures; 0, or an exit status. */
static int check_pictures(const Cli *cli, Args *a) {
    ImagesWant *w = &a->want;
    FramingArgs *f = &a->framing;
    if (a->index && a->wide) return cli_usage(cli, "--index and --index16 exclude each other");
    w->index = a->wide ? 16 : a->index ? 8 : 0;
    f->framing.filter = w->index ? FILTER_NEAREST : FILTER_TRIANGLE;
    int status = data_framing(cli, f);
    if (status) return status;
    if (w->index && f->framing.pad)
        return cli_usage(cli, "--index and --index16 exclude --pad, whose zeros would be a label");
    if (w->index && (f->framing.grey || f->rgb || f->alpha))
        return cli_usage(cli, "--index and --index16 exclude --grey, --rgb and --alpha");
    if (w->index && f->framing.filter != FILTER_NEAREST)
        return cli_usage(cli,
                         "indices cannot be mixed: --index and --index16 have --filter nearest");
    w->framing = f->framing;
    w->per_frame = a->frame;
    return 0;
}

static int read_all(Args *a, int n, char **operands) {
    FilesArgs *f = &a->files;
    Error err;
    int bad = data_files(f, n, operands, &err);
    if (f->companion.path) a->want.table = &f->table;
    if (f->labels && f->paths.count) a->want.classes = &f->classes;
    int status = bad ? tool_fail(&err) : run_images(&f->paths, &a->want, a->output, f->strict);
    data_files_free(f);
    return status;
}

static int run(int argc, char **argv) {
    Args a = {.frame = FRAME_SAMPLES, .files.companion.files = true};
    const Opt options[] = {
        FRAMING_OPTIONS(&a.framing),
        {"index", 0, OPT_FLAG, NULL, &a.index, "the indices of label maps as they are"},
        {"index16", 0, OPT_FLAG, NULL, &a.wide, "the same, of up to 16 bits"},
        FILES_OPTIONS(&a.files, 't'),
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
    if ((status = data_files_check(&cli, &a.files, n, operands))) return status;
    if ((status = tool_output(a.output, false))) return status;
    return read_all(&a, n, operands);
}

const Command command_images = {"images", run, "folders and archives of pictures to a stream"};
