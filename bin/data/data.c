#include "bin/data/data.h"
#include "media/regroup.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

int data_start(Output *out, const char *path) {
    Error err;
    int status = tool_output(path, false);
    if (status) return status;
    return output_open(out, path, &err) ? tool_fail(&err) : 0;
}

int data_finish(Output *out, int bad, Error *err) {
    return output_close(out, bad, err) ? tool_fail(err) : 0;
}

/* Leaves what was there. */
static void give_up(Output *out) {
    Error ignored;
    if (output_close(out, 1, &ignored)) return;
}

int data_start_two(const Cli *cli, Output out[2], const char *first, const char *second,
                   const char *names) {
    int status = data_start(&out[0], first);
    if (status) return status;
    if ((status = data_start(&out[1], second))) {
        give_up(&out[0]);
        return status;
    }
    if (!out[0].target || !out[1].target || strcmp(out[0].target, out[1].target)) return 0;
    give_up(&out[1]);
    give_up(&out[0]);
    return cli_usage(cli, "%s name one file", names);
}

int data_finish_two(Output out[2], int bad, Error *err) {
    return data_finish(&out[0], output_close(&out[1], bad, err), err);
}

bool data_size(const char *text, size_t *height, size_t *width) {
    char first[24];
    uint64_t h, w;
    if (!text) return true;
    size_t n = strcspn(text, "x");
    if (n >= sizeof first) return false;
    memcpy(first, text, n);
    first[n] = 0;
    if (!parse_u64(first, &h) || !parse_u64(text[n] ? text + n + 1 : first, &w)) return false;
    *height = h;
    *width = w;
    return h >= 1 && w >= 1 && h <= SIDE_MAX && w <= SIDE_MAX;
}

int data_graph(const Cli *cli, const GraphArgs *a, size_t least, GraphLook *look) {
    enum { HIGH = 120, MOST = 4096 };
    if (!data_size(a->size, &look->height, &look->width) || look->height < HIGH ||
        look->width < least || look->height > MOST || look->width > MOST)
        return cli_usage(cli, "--size: expected %dx%zu to %dx%d, found '%s'", HIGH, least, MOST,
                         MOST, a->size);
    int format = graph_format(a->format, a->output);
    if (format < 0)
        return cli_usage(cli, "--format: expected png, svg or text, found '%s'", a->format);
    look->format = (GraphFormat)format;
    return tool_output(a->output, look->format != GRAPH_PNG);
}

int data_draw(const GraphArgs *a, Str *script, int bad, Error *err) {
    Output out;
    if (bad || output_open(&out, a->output, err)) {
        str_free(script);
        return tool_fail(err);
    }
    bad = gnuplot_run(script, out.file, out.name, err);
    str_free(script);
    return data_finish(&out, bad, err);
}

bool data_one(const Cli *cli, int argc, char **argv, const char *what, const char **from,
              int *status) {
    char **operands;
    int n;
    if (cli_parse(cli, argc, argv, &n, &operands, status)) return true;
    *from = n ? operands[0] : NULL;
    if (n > 1) *status = cli_usage(cli, "expected one %s", what);
    return n > 1;
}

const char *data_operand(const char *from) { return from ? from : tool_input("-"); }

void data_offender(void *to, const char *path, const char *reason) {
    (void)to;
    if (path)
        tool_say("%s: %s", path, reason);
    else
        tool_say("%s", reason);
}

void data_progress(void *to, size_t done, size_t skipped) {
    char note[48] = "";
    if (skipped) snprintf(note, sizeof note, "%zu skipped", skipped);
    progress_update(to, (double)done, note);
}

int data_files_end(const FilesEnd *e, const char *note, Output *out, int bad, Error *err) {
    if (!bad) progress_end(e->bar, (double)e->files, note);
    if (!bad && e->strict && e->skipped)
        bad = fail(err, "%zu of %zu files are no good", e->skipped, e->files);
    else if (!bad && e->skipped)
        tool_say("%zu of %zu files are no good", e->skipped, e->files);
    if (!bad && e->strict && e->rows) bad = fail(err, "%zu rows are no good", e->rows);
    return data_finish(out, bad, err);
}

/* ---- which files ---- */

static int take_classes(FilesArgs *a, Error *err) {
    char doubt[1024];
    Classes *c = &a->classes;
    Paths *paths = &a->paths;
    if (classes_take(c, paths, err)) return -1;
    if (classes_doubt(c, paths, doubt, sizeof doubt)) tool_say("%s", doubt);
    paths_limit(paths, a->skip, a->first);
    size_t held = classes_held(c, paths);
    if (held < c->count)
        tool_say("the %zu files that are taken are of %zu of %zu classes", paths->count, held,
                 c->count);
    return 0;
}

int data_files(FilesArgs *a, int n, char **operands, Error *err) {
    bool tabled = a->companion.path;
    Paths *paths = &a->paths;
    if (tabled && companion_read(&a->table, &a->companion, err)) return -1;
    for (int i = 0; i < n; i++)
        if (paths_add(paths, operands[i], err)) return -1;
    paths_sort(paths);
    if (tabled && companion_match(&a->table, paths, err)) return -1;
    if (a->labels && paths->count) return take_classes(a, err);
    paths_limit(paths, a->skip, a->first);
    return 0;
}

void data_files_free(FilesArgs *a) {
    paths_free(&a->paths);
    companion_free(&a->table);
}

size_t data_unused(const Companion *table) {
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

/* An operand that an earlier --labels or a slip of the hand makes of a table. */
static bool is_table(const char *path) {
    static const char *const endings[] = {".csv", ".tsv", ".json", ".jsonl"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (!strcasecmp(dot, endings[i])) return is_seekable(path);
    return false;
}

int data_files_check(const Cli *cli, const FilesArgs *a, int n, char **operands) {
    const CompanionWant *w = &a->companion;
    if (!w->path && (w->key || w->columns.count))
        return cli_usage(cli, "--column and --key go with --table");
    for (int i = 0; i < n; i++)
        if (is_table(operands[i]))
            return cli_usage(cli, "%s is no %s: --table %s takes labels from it", operands[i],
                             w->parts ? "film" : "picture", operands[i]);
    return 0;
}

/* ---- how pictures are cut ---- */

int data_framing(const Cli *cli, FramingArgs *a) {
    static const char *const alphas[] = {"drop", "keep", "white"};
    Framing *f = &a->framing;
    if (!data_size(a->size, &f->height, &f->width))
        return cli_usage(cli, DATA_SIDES, "size", a->size);
    if (!data_size(a->crop, &f->crop_height, &f->crop_width))
        return cli_usage(cli, DATA_SIDES, "crop", a->crop);
    if (!data_size(a->then, &f->then_height, &f->then_width))
        return cli_usage(cli, DATA_SIDES, "then-crop", a->then);
    if (f->height && (f->then_height > f->height || f->then_width > f->width))
        return cli_usage(cli, "--then-crop: %s does not fit into --size %s", a->then, a->size);
    if (a->filter && !filter_named(a->filter, &f->filter))
        return cli_usage(cli,
                         "--filter: expected triangle, nearest, box, bicubic or lanczos, found "
                         "'%s'",
                         a->filter);
    if (f->pad && (!f->height || f->stretch || f->then_height))
        return cli_usage(cli, "--pad goes with --size, and without --stretch and --then-crop");
    if (f->grey && a->rgb) return cli_usage(cli, "--grey and --rgb exclude each other");
    size_t k = 0;
    while (a->alpha && k < 3 && strcmp(a->alpha, alphas[k])) k++;
    if (k == 3)
        return cli_usage(cli, "--alpha: expected drop, keep or white, found '%s'", a->alpha);
    f->alpha = (Alpha)k;
    return 0;
}
