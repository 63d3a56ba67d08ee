#include "bin/data/data.h"

#include <stdio.h>
#include <string.h>

int data_start(Output *out, const char *path) {
    Error err;
    int status = tool_output(path, false);
    if (status) return status;
    return output_open(out, path, &err) ? tool_fail(&err) : 0;
}

int data_finish(Output *out, int bad, Error *err) {
    return output_close(out, bad, err) ? tool_fail(err) : 0;
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

const char *data_operand(int n, char **operands) { return n ? operands[0] : tool_input("-"); }

void data_offender(void *to, const char *path, const char *reason) {
    (void)to;
    tool_say("%s: %s", path, reason);
}

void data_progress(void *to, size_t done, size_t skipped) {
    char note[48] = "";
    if (skipped) snprintf(note, sizeof note, "%zu skipped", skipped);
    progress_update(to, (double)done, note);
}

int data_classes(Classes *c, Paths *paths, uint64_t skip, uint64_t first, Error *err) {
    char doubt[1024];
    if (classes_take(c, paths, err)) return -1;
    if (classes_doubt(c, paths, doubt, sizeof doubt)) tool_say("%s", doubt);
    paths_limit(paths, skip, first);
    size_t held = classes_held(c, paths);
    if (held < c->count)
        tool_say("the %zu files that are taken are of %zu of %zu classes", paths->count, held,
                 c->count);
    return 0;
}

int data_framing(const Cli *cli, FramingArgs *a) {
    static const char *const alphas[] = {"drop", "keep", "white"};
    Framing *f = &a->framing;
    if (!data_size(a->size, &f->height, &f->width))
        return cli_usage(cli, DATA_SIDES, "size", a->size);
    if (!data_size(a->crop, &f->crop_height, &f->crop_width))
        return cli_usage(cli, DATA_SIDES, "crop", a->crop);
    if (a->filter && !filter_named(a->filter, &f->filter))
        return cli_usage(cli,
                         "--filter: expected triangle, nearest, box, bicubic or lanczos, found "
                         "'%s'",
                         a->filter);
    if (f->grey && a->rgb) return cli_usage(cli, "--grey and --rgb exclude each other");
    size_t k = 0;
    while (a->alpha && k < 3 && strcmp(a->alpha, alphas[k])) k++;
    if (k == 3)
        return cli_usage(cli, "--alpha: expected drop, keep or white, found '%s'", a->alpha);
    f->alpha = (Alpha)k;
    return 0;
}
