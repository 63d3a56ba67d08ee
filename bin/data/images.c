/* gan-data images: folders of PNG, JPEG, PNM files to a stream. */
#include "media/images.h"
#include "bin/data/data.h"

#include <stdio.h>
#include <string.h>

static void on_offender(void *to, const char *path, const char *reason) {
    (void)to;
    tool_say("%s: %s", path, reason);
}

static void on_note(void *to, const char *text) {
    (void)to;
    tool_say("%s", text);
}

static void on_progress(void *to, size_t done, size_t skipped) {
    char note[48] = "";
    if (skipped) snprintf(note, sizeof note, "%zu skipped", skipped);
    progress_update(to, (double)done, note);
}

static int run_images(Paths *paths, const ImagesWant *want, const char *path, bool strict) {
    Error err;
    Output out;
    Progress bar;
    size_t skipped = 0;
    int status = data_start(&out, path);
    if (status) return status;
    progress_start(&bar, "files", (double)paths->count, 30);
    ImagesReport report = {&bar, on_offender, on_note, on_progress};
    int bad = images_write(paths, want, &report, out.file, out.name, &skipped, &err);
    char note[48];
    snprintf(note, sizeof note, "%zu skipped", skipped);
    if (!bad) progress_end(&bar, (double)paths->count, note);
    status = data_finish(&out, bad, &err);
    if (skipped) tool_say("%zu of %zu files are no good", skipped, paths->count);
    return status ? status : strict && skipped ? EXIT_BAD : 0;
}

static int run(int argc, char **argv) {
    const char *size = NULL, *crop = NULL, *filter = NULL, *alpha = NULL, *output = NULL;
    bool rgb = false, strict = false;
    uint64_t frame = FRAME_SAMPLES, first = 0, skip = 0;
    ImagesWant w = {0};
    const Opt options[] = {
        {"size", 's', OPT_TEXT, "S|HxW", &size, "cut to this shape's ratio and resize"},
        {"crop", 0, OPT_TEXT, "S|HxW", &crop, "cut this centre out first"},
        {"stretch", 0, OPT_FLAG, NULL, &w.stretch, "resize without cutting"},
        {"filter", 0, OPT_TEXT, "NAME", &filter,
         "triangle (default), nearest, box, bicubic, lanczos"},
        {"grey", 'g', OPT_FLAG, NULL, &w.grey, "one channel"},
        {"rgb", 0, OPT_FLAG, NULL, &rgb, "three channels (default)"},
        {"index", 0, OPT_FLAG, NULL, &w.index, "the indices of label maps as they are"},
        {"alpha", 0, OPT_TEXT, "HOW", &alpha, "drop (default), keep, or white: lay over white"},
        {"labels", 'l', OPT_FLAG, NULL, &w.labels, "label by sub-folder"},
        {"strict", 0, OPT_FLAG, NULL, &strict, "exit 1 when any file is no good"},
        {"skip", 0, OPT_U64(0, UINT64_MAX), "N", &skip, "leave out the first N files"},
        {"first", 0, OPT_U64(0, UINT64_MAX), "N", &first, "then take at most N files"},
        FRAME_OPTION(&frame),
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "images", "PATH...",
                     "Makes a stream of the PNG, JPEG and PNM files "
                     "under folders.",
                     options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (!n) return cli_usage(&cli, "expected a folder or file");
    if (!data_size(size, &w.height, &w.width))
        return cli_usage(&cli, "--size: expected 64 or 48x64, found '%s'", size);
    if (!data_size(crop, &w.crop_height, &w.crop_width))
        return cli_usage(&cli, "--crop: expected 64 or 48x64, found '%s'", crop);
    w.filter = w.index ? FILTER_NEAREST : FILTER_TRIANGLE;
    if (filter && !filter_named(filter, &w.filter))
        return cli_usage(&cli, "--filter: found '%s'", filter);
    if (w.grey && rgb) return cli_usage(&cli, "--grey and --rgb exclude each other");
    if (w.index && (w.grey || rgb || alpha))
        return cli_usage(&cli, "--index excludes --grey, --rgb and --alpha");
    if (w.index && w.filter != FILTER_NEAREST)
        return cli_usage(&cli,
                         "--index: indices cannot be mixed, only --filter nearest is possible");
    static const char *const alphas[] = {"drop", "keep", "white"};
    size_t a = 0;
    while (alpha && a < 3 && strcmp(alpha, alphas[a])) a++;
    if (a == 3) return cli_usage(&cli, "--alpha: found '%s'", alpha);
    w.alpha = (Alpha)a;
    w.per_frame = frame;

    Paths paths = {0};
    Error err;
    int bad = 0;
    for (int i = 0; !bad && i < n; i++) bad = paths_add(&paths, operands[i], &err);
    paths_sort(&paths);
    paths_limit(&paths, skip, first);
    status = bad ? tool_fail(&err) : run_images(&paths, &w, output, strict);
    paths_free(&paths);
    return status;
}

const Command command_images = {"images", run, "folders of PNG, JPEG, PNM files to a stream"};
