#include "media/sources/source.h"
#include "media/regroup.h"
#include "media/sources/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>

enum { BLOCK = 1 << 16 };

struct Source {
    gzFile gz;  /* zlib passes plain files through; or NULL: */
    zip_t *zip; /* the archive, and in it */
    zip_file_t *member;
    unsigned char head[KIND_HEAD]; /* how it begins, once it has been read from, */
    size_t head_size;              /* of so many bytes */
    bool started, failed;
    unsigned char one;          /* a byte that was looked at later */
    const unsigned char *ahead; /* what was looked at and not delivered, */
    size_t ahead_size;          /* of so many bytes */
    uint64_t size;              /* of a regular file or a member; UINT64_MAX otherwise */
    int fd;                     /* gz's, */
    uint64_t start;             /* and where it stood at first */
    char *name;
    uint64_t at;
};

Source *source_open(const char *path, Error *err) {
    const char *name = input_name(path);
    int fd = input_open(path, err);
    if (fd < 0) return NULL;
    struct stat st;
    bool known = !fstat(fd, &st);
    if (known && S_ISDIR(st.st_mode)) {
        kind_refuse_folder(path, "a file", err);
        close(fd);
        return NULL;
    }
    Source *s = calloc(1, sizeof *s);
    if (s) s->name = strdup(name);
    if (s && s->name) s->gz = gzdopen(fd, "rb");
    if (s && s->gz) {
        off_t start = lseek(fd, 0, SEEK_CUR);
        s->size = known && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : UINT64_MAX;
        s->start = start > 0 ? (uint64_t)start : 0;
        s->fd = fd;
        gzbuffer(s->gz, 1 << 17);
        return s;
    }
    close(fd);
    if (s) free(s->name);
    free(s);
    fail(err, "%s: out of memory", name);
    return NULL;
}

Source *source_member(zip_t *archive, uint64_t index, const char *path, Error *err) {
    Source *s = calloc(1, sizeof *s);
    Str name = {0};
    zip_stat_t st = {0};
    const char *member = zip_get_name(archive, index, ZIP_FL_ENC_RAW);
    str_printf(&name, "%s: %s", path, member ? member : "a member");
    if (!s) {
        fail(err, "%s: out of memory", path);
        zip_discard(archive);
        str_free(&name);
        return NULL;
    }
    *s = (Source){.zip = archive, .size = UINT64_MAX, .name = name.text};
    if (!zip_stat_index(archive, index, 0, &st) && st.valid & ZIP_STAT_SIZE) s->size = st.size;
    if (st.valid & ZIP_STAT_COMP_SIZE && st.comp_method == ZIP_CM_DEFLATE &&
        s->size / DEFLATE_MOST > st.comp_size)
        s->size = st.comp_size * DEFLATE_MOST; /* the directory exaggerates */
    s->member = zip_fopen_index(archive, index, 0);
    if (s->member) return s;
    fail(err, "%s: cannot open: %s", s->name, archive_problem(zip_get_error(archive)));
    source_close(s);
    return NULL;
}

Source *source_in_archive(const char *path, const char *member, Error *err) {
    zip_t *z = archive_open(path, err);
    zip_int64_t at = z ? zip_name_locate(z, member, ZIP_FL_ENC_GUESS) : -1;
    if (at >= 0) return source_member(z, (uint64_t)at, path, err);
    if (z) fail(err, "%s: no member %s", path, member);
    if (z) zip_discard(z);
    return NULL;
}

void source_close(Source *s) {
    if (!s) return;
    if (s->gz) gzclose_r(s->gz);
    if (s->member) zip_fclose(s->member);
    if (s->zip) zip_discard(s->zip);
    free(s->name);
    free(s);
}

const char *source_name(const Source *s) { return s->name; }
uint64_t source_at(const Source *s) { return s->at; }

static int read_error(Source *s, Error *err) {
    const char *text;
    int code = 0;
    s->failed = true;
    if (s->gz)
        text = gzerror(s->gz, &code);
    else
        text = archive_problem(zip_file_get_error(s->member));
    if (s->gz && code == Z_ERRNO) text = strerror(errno);
    if (s->gz && code == Z_BUF_ERROR) text = "compressed data is cut short";
    if (s->gz && code == Z_DATA_ERROR) { /* zlib puts a name of its own in front */
        const char *reason = strstr(text, ": ");
        return fail(err, "%s: byte %" PRIu64 ": the gzip data are damaged: %s", s->name, s->at,
                    reason ? reason + 2 : text);
    }
    return fail(err, "%s: byte %" PRIu64 ": %s", s->name, s->at, text);
}

/* At most n bytes; 0 at the end, -1 on an error. */
static int64_t read_raw(Source *s, unsigned char *to, size_t n, Error *err) {
    unsigned part = n < 1u << 30 ? (unsigned)n : 1u << 30;
    int64_t got = s->gz ? gzread(s->gz, to, part) : zip_fread(s->member, to, part);
    int code = Z_OK;
    if (got == 0 && s->gz) gzerror(s->gz, &code);
    return got < 0 || (code != Z_OK && code != Z_STREAM_END) ? read_error(s, err) : got;
}

/* Looks at how the source begins. */
static int start(Source *s, Error *err) {
    if (s->started) return 0;
    s->started = true;
    int64_t got = 1;
    while (got > 0 && s->head_size < sizeof s->head) {
        got = read_raw(s, s->head + s->head_size, sizeof s->head - s->head_size, err);
        if (got > 0) s->head_size += (size_t)got;
    }
    s->ahead = s->head;
    s->ahead_size = s->head_size;
    return got < 0 ? -1 : 0;
}

static int64_t read_some(Source *s, unsigned char *to, size_t n, Error *err) {
    if (start(s, err)) return -1;
    if (!s->ahead_size) return read_raw(s, to, n, err);
    if (n > s->ahead_size) n = s->ahead_size;
    memcpy(to, s->ahead, n);
    s->ahead += n;
    s->ahead_size -= n;
    return (int64_t)n;
}

int source_refuse(Source *s, KindText welcome, const char *wanted, Error *err) {
    Error ignored;
    if (s->failed || start(s, &ignored)) return 0; /* of that the reader is told, or has been */
    bool packed = s->gz && !gzdirect(s->gz);
    if (!kind_refuse(s->head, s->head_size, welcome, NULL, wanted, err)) return 0;
    return fail_in(err, "%s%s", s->name, packed ? ", unpacked" : "");
}

int source_skip_mark(Source *s, Error *err) {
    if (start(s, err)) return -1;
    if (s->ahead_size < 3 || memcmp(s->ahead, "\xef\xbb\xbf", 3)) return 0;
    s->ahead += 3;
    s->ahead_size -= 3;
    s->at += 3;
    return 0;
}

int source_read(Source *s, void *to, size_t n, const char *what, Error *err) {
    unsigned char *p = to;
    for (size_t left = n; left;) {
        int64_t got = read_some(s, p, left, err);
        if (got < 0) return -1;
        if (got == 0)
            return fail(err, "%s: byte %" PRIu64 ": ends inside %s: %zu more bytes expected",
                        s->name, s->at, what, left);
        p += got;
        left -= (size_t)got;
        s->at += (uint64_t)got;
    }
    return 0;
}

int source_text(Source *s, size_t limit, char **text, size_t *n, Error *err) {
    size_t capacity = 0;
    char *all = NULL;
    *n = 0;
    for (int64_t got = 1; got > 0; *n += (size_t)got) {
        if (*n > limit)
            got = fail(err, "%s: larger than %zu bytes", s->name, limit);
        else if (array_room(&all, &capacity, *n + BLOCK, 1, "bytes", err))
            got = fail_in(err, "%s", s->name);
        else
            got = read_some(s, (unsigned char *)all + *n, capacity - *n - 1, err);
        if (got >= 0) continue;
        free(all);
        return -1;
    }
    s->at += *n;
    all[*n] = 0;
    *text = all;
    return 0;
}

int source_expect(Source *s, uint64_t n, const char *what, Error *err) {
    if (s->size == UINT64_MAX) return 0;
    uint64_t most = s->size > s->start ? s->size - s->start : 0;
    bool packed = s->gz && !gzdirect(s->gz);
    if (packed && most <= UINT64_MAX / DEFLATE_MOST) most *= DEFLATE_MOST;
    uint64_t left = most > s->at ? most - s->at : 0;
    if (n <= left) return 0;
    return fail(err, "%s: byte %" PRIu64 ": %s need %" PRIu64 " bytes, %s%" PRIu64 " follow",
                s->name, s->at, what, n, packed ? "at most " : "", left);
}

int source_pass(Source *s, uint64_t n, int to, const char *what, Error *err) {
    unsigned char block[BLOCK];
    while (n) {
        size_t part = n < sizeof block ? (size_t)n : sizeof block;
        if (source_read(s, block, part, what, err)) return -1;
        if (to >= 0 && write_fully(to, block, part))
            return fail(err, "temporary copy of %s: %s", s->name, strerror(errno));
        n -= part;
    }
    return 0;
}

int source_file(Source *s, uint64_t n, uint64_t *at, Error *err) {
    bool plain = s->gz && s->size != UINT64_MAX && gzdirect(s->gz);
    int fd = plain ? dup(s->fd) : temporary_fd(err);
    if (fd < 0) return plain ? fail(err, "%s: %s", s->name, strerror(errno)) : -1;
    *at = plain ? s->start + s->at : 0;
    int bad = plain ? 0 : source_pass(s, n, fd, "the array", err);
    if (plain && gzseek(s->gz, (off_t)n - (off_t)s->ahead_size, SEEK_CUR) < 0)
        bad = read_error(s, err);
    if (plain) s->ahead_size = 0;
    if (plain) s->at += n;
    if (!bad) return fd;
    close(fd);
    return -1;
}

int source_more(Source *s, Error *err) {
    if (start(s, err)) return -1;
    if (s->ahead_size) return 1;
    int64_t got = read_raw(s, &s->one, 1, err);
    if (got > 0) {
        s->ahead = &s->one;
        s->ahead_size = 1;
    }
    return (int)got;
}

int source_end(Source *s, Error *err) {
    int more = source_more(s, err);
    if (more > 0)
        return fail(err, "%s: byte %" PRIu64 ": more bytes follow, expected the end of the file",
                    s->name, s->at);
    return more;
}
