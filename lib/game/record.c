#include "game/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void header(const Game *g, Str *s) {
    str_printf(s, "step\tseconds\tsamples_per_second");
    for (int i = 0; i < game_figures(g); i++) str_printf(s, "\t%s", game_figure_name(g, i));
    str_printf(s, "\n");
}

/* Where the rows up to `step` end. */
static int find_end(FILE *f, const char *path, const char *head, uint64_t step, long *end,
                    Error *err) {
    char *line = NULL;
    size_t capacity = 0;
    ssize_t n = getline(&line, &capacity, f);
    *end = 0;
    if (n > 0 && strcmp(line, head)) {
        free(line);
        return fail(err, "%s: line 1: the columns are not those of this page", path);
    }
    if (n > 0) *end = ftell(f);
    while ((n = getline(&line, &capacity, f)) > 0 && line[n - 1] == '\n') {
        if (strtoumax(line, NULL, 10) > step) break;
        *end = ftell(f);
    }
    free(line);
    return 0;
}

/* Positions a log's file after its row of `step`. */
static int cut(Record *r, const char *head, uint64_t step, long *end, Error *err) {
    if (find_end(r->file, r->path, head, step, end, err)) return -1;
    if (ftruncate(fileno(r->file), *end) || fseek(r->file, 0, SEEK_END))
        return fail(err, "%s: cannot cut the log: %s", r->path, strerror(errno));
    return 0;
}

int record_open(Record *r, const char *path, const Game *g, uint64_t step, Error *err) {
    *r = (Record){.path = path, .start = now_seconds()};
    struct stat st;
    bool exists = stat(path, &st) == 0, file = !exists || S_ISREG(st.st_mode);
    if (!strcmp(path, "-"))
        r->file = stdout, file = false;
    else
        r->file = fopen(path, exists && file ? "r+" : "w");
    if (!r->file) return fail(err, "%s: cannot open: %s", path, strerror(errno));
    Str head = {0};
    long end = 0;
    header(g, &head);
    /* pipes and devices hold no earlier rows */
    int bad = exists && file ? cut(r, head.text, step, &end, err) : 0;
    if (!bad && end == 0) fputs(head.text, r->file);
    str_free(&head);
    if (bad) fclose(r->file);
    return bad;
}

int record_row(Record *r, const Game *g, uint64_t step, double samples_per_second, Error *err) {
    fprintf(r->file, "%" PRIu64 "\t%.3f\t%.1f", step, now_seconds() - r->start, samples_per_second);
    for (int i = 0; i < game_figures(g); i++) fprintf(r->file, "\t%.6g", (double)game_figure(g, i));
    fputc('\n', r->file);
    if (fflush(r->file)) return fail(err, "%s: cannot write: %s", r->path, strerror(errno));
    return 0;
}

int record_close(Record *r, Error *err) {
    if (fclose(r->file)) return fail(err, "%s: cannot write: %s", r->path, strerror(errno));
    return 0;
}
