#include "game/record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hold.h"

/* What is kept of rows that cannot be written. */
enum { PENDING_MAX = 16 << 20 };

static void header(const Game *g, Str *s) {
    str_printf(s, "step\tseconds\tsamples_per_second");
    for (int i = 0; i < game_figures(g); i++) str_printf(s, "\t%s", game_figure_name(g, i));
    str_printf(s, "\n");
}

/* ---- what is there already ---- */

typedef struct {
    uint64_t end;       /* of the rows that stay */
    uint64_t rows, cut; /* that stay, and whole ones of later steps */
    uint64_t last;      /* step of the last row that stays */
    bool damaged;       /* something follows that is no row */
} Found;

static size_t count_tabs(const char *line, size_t n) {
    size_t tabs = 0;
    for (size_t i = 0; i < n; i++) tabs += line[i] == '\t';
    return tabs;
}

/* A whole row: as many cells as the header, no bytes that a power cut left, a step after `last`. */
static bool parse_row(const char *line, size_t n, size_t tabs, const Found *f, uint64_t *step) {
    char *end;
    if (!n || line[n - 1] != '\n' || memchr(line, 0, n) || count_tabs(line, n) != tabs)
        return false;
    errno = 0;
    *step = strtoumax(line, &end, 10);
    return *line >= '0' && *line <= '9' && !errno && *end == '\t' && (!f->rows || *step > f->last);
}

static void read_rows(FILE *file, size_t tabs, uint64_t step, Found *f) {
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t n; (n = getline(&line, &capacity, file)) > 0;) {
        uint64_t at;
        if (!parse_row(line, (size_t)n, tabs, f, &at)) {
            f->damaged = !f->cut || line[n - 1] == '\n';
            break;
        }
        if (at > step) {
            f->cut++;
            continue;
        }
        f->end += (uint64_t)n;
        f->last = at;
        f->rows++;
    }
    free(line);
}

/* Whether a first line is the start of the header, and then nothing or zeros. */
static bool begins_header(const char *line, size_t n, const char *head) {
    size_t k = 0;
    while (k < n && line[k] && line[k] == head[k]) k++;
    while (k < n && !line[k]) k++;
    return k == n;
}

static int read_log(const Record *r, const char *head, uint64_t step, Found *f, Error *err) {
    int fd = dup(r->fd);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    if (!file) {
        if (fd >= 0) close(fd);
        return fail(err, "%s: cannot read: %s", r->path, strerror(errno));
    }
    char *line = NULL;
    size_t capacity = 0;
    int bad = 0;
    errno = 0;
    ssize_t n = getline(&line, &capacity, file);
    if (n > 0 && !strcmp(line, head) && (size_t)n == strlen(head)) {
        f->end = (uint64_t)n;
        read_rows(file, count_tabs(head, (size_t)n), step, f);
    } else if (n > 0 && !begins_header(line, (size_t)n, head)) {
        bad = fail(err, "%s: line 1: the columns are not those of this page", r->path);
    } else {
        f->damaged = n > 0;
    }
    if (!bad && ferror(file)) bad = fail(err, "%s: cannot read: %s", r->path, strerror(errno));
    free(line);
    fclose(file);
    return bad;
}

/* Leaves the rows up to `step`; says what else there was. */
static int go_on(Record *r, const char *head, uint64_t step, Error *note, Error *err) {
    Found f = {0};
    if (read_log(r, head, step, &f, err)) return -1;
    if (ftruncate(r->fd, (off_t)f.end))
        return fail(err, "%s: cannot cut the log: %s", r->path, strerror(errno));
    r->end = f.end;
    if (f.damaged && f.rows)
        fail(note, "%s: damaged after the row of step %" PRIu64 ", cut off there", r->path, f.last);
    else if (f.damaged)
        fail(note, "%s: holds no whole row, begun anew", r->path);
    else if (f.cut)
        fail(note, "%s: %" PRIu64 " row%s of steps after %" PRIu64 " cut off", r->path, f.cut,
             f.cut == 1 ? "" : "s", step);
    return 0;
}

/* ---- writing ---- */

static int cannot_write(const Record *r, Error *err) {
    return fail(err, "%s: cannot write: %s", r->path, strerror(errno ? errno : EIO));
}

/* Writes to the end of a file, or to a pipe or device; the number of bytes, or -1. */
static ssize_t write_some(const Record *r, size_t done) {
    const char *text = r->pending.text + done;
    size_t n = r->pending.length - done;
    ssize_t k;
    do k = r->file ? pwrite(r->fd, text, n, (off_t)(r->end + done)) : write(r->fd, text, n);
    while (k < 0 && errno == EINTR);
    return k;
}

/* A file gets all that is pending or nothing. */
static int flush(Record *r, Error *err) {
    size_t done = 0, n = r->pending.length;
    if (r->gone || !n) return 0;
    while (done < n) {
        ssize_t k = write_some(r, done);
        if (k <= 0) break;
        done += (size_t)k;
    }
    int error = errno;
    if (done == n) {
        r->end += n;
        r->pending.length = 0;
        return 0;
    }
    if (r->file) {
        if (ftruncate(r->fd, (off_t)r->end)) done = 0; /* pwrite will overwrite what is there */
    } else {
        r->pending.length -= done;
        memmove(r->pending.text, r->pending.text + done, r->pending.length);
    }
    if (!r->file && error == EPIPE) {
        r->gone = true;
        return fail(err, "%s: nobody reads the log any more: it ends here, the game goes on",
                    r->path);
    }
    if (r->pending.length > PENDING_MAX) {
        r->pending.length = 0;
        return fail(err, "%s: cannot write: %s; the rows that were kept for it are lost", r->path,
                    strerror(error));
    }
    errno = error;
    return cannot_write(r, err);
}

int record_open(Record *r, const char *path, const Game *g, uint64_t step, Error *note,
                Error *err) {
    bool standard = !strcmp(path, "-");
    *r = (Record){.path = standard ? "standard output" : path, .fd = -1, .start = now_seconds()};
    struct stat st;
    note->text[0] = 0;
    /* (a pipe is opened for writing alone: it has no reader otherwise to go away) */
    bool pipe = !standard && !stat(path, &st) && !S_ISREG(st.st_mode);
    r->fd = standard ? dup(STDOUT_FILENO)
                     : open(path, (pipe ? O_WRONLY : O_RDWR | O_CREAT) | O_CLOEXEC, 0666);
    if (r->fd < 0) return fail(err, "%s: cannot open: %s", path, strerror(errno));
    Str head = {0};
    header(g, &head);
    int bad = fstat(r->fd, &st) ? fail(err, "%s: %s", path, strerror(errno)) : 0;
    r->file = !bad && !standard && S_ISREG(st.st_mode);
    if (r->file) bad = hold_fd(r->fd, path, err);
    if (!bad && r->file) bad = go_on(r, head.text, step, note, err);
    if (!bad && !r->end) str_append(&r->pending, head.text, head.length);
    str_free(&head);
    if (!bad) bad = flush(r, err);
    if (bad) {
        close(r->fd);
        str_free(&r->pending);
    }
    return bad;
}

int record_row(Record *r, const Game *g, uint64_t step, double samples_per_second, Error *err) {
    if (r->gone) return 0;
    str_printf(&r->pending, "%" PRIu64 "\t%.3f\t%.1f", step, now_seconds() - r->start,
               samples_per_second);
    for (int i = 0; i < game_figures(g); i++)
        str_printf(&r->pending, "\t%.9g", (double)game_figure(g, i));
    str_printf(&r->pending, "\n");
    return flush(r, err);
}

int record_sync(Record *r, Error *err) {
    if (flush(r, err)) return -1;
    return r->file && fdatasync(r->fd) && errno != EINVAL ? cannot_write(r, err) : 0;
}

int record_close(Record *r, Error *err) {
    int bad = flush(r, err);
    if (close(r->fd) && !bad && !r->gone) bad = cannot_write(r, err);
    str_free(&r->pending);
    return r->gone ? 0 : bad;
}
