#include "media/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

struct Source {
    gzFile gz;     /* zlib passes plain files through */
    uint64_t size; /* of a regular file; UINT64_MAX otherwise */
    char *name;
    uint64_t at;
};

Source *source_fd(int fd, const char *name, Error *err) {
    Source *s = calloc(1, sizeof *s);
    if (s) s->name = strdup(name);
    if (s && s->name) s->gz = gzdopen(fd, "rb");
    if (s && s->gz) {
        struct stat st;
        bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
        s->size = regular ? (uint64_t)st.st_size : UINT64_MAX;
        gzbuffer(s->gz, 1 << 17);
        return s;
    }
    close(fd);
    if (s) free(s->name);
    free(s);
    fail(err, "%s: out of memory", name);
    return NULL;
}

Source *source_open(const char *path, Error *err) {
    bool std = !strcmp(path, "-");
    int fd = std ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fail(err, "%s: cannot open: %s", path, strerror(errno));
        return NULL;
    }
    return source_fd(fd, std ? "standard input" : path, err);
}

void source_close(Source *s) {
    if (!s) return;
    gzclose_r(s->gz);
    free(s->name);
    free(s);
}

const char *source_name(const Source *s) { return s->name; }
uint64_t source_at(const Source *s) { return s->at; }

static int read_error(Source *s, Error *err) {
    int code;
    const char *text = gzerror(s->gz, &code);
    if (code == Z_ERRNO) text = strerror(errno);
    if (code == Z_BUF_ERROR) text = "compressed data is cut short";
    return fail(err, "%s: byte %" PRIu64 ": %s", s->name, s->at, text);
}

int source_read(Source *s, void *to, size_t n, const char *what, Error *err) {
    unsigned char *p = to;
    for (size_t left = n; left;) {
        unsigned part = left < 1u << 30 ? (unsigned)left : 1u << 30;
        int got = gzread(s->gz, p, part);
        if (got < 0) return read_error(s, err);
        if (got == 0) {
            int code;
            gzerror(s->gz, &code);
            if (code != Z_OK && code != Z_STREAM_END) return read_error(s, err);
            return fail(err, "%s: byte %" PRIu64 ": ends inside %s: %zu more bytes expected",
                        s->name, s->at, what, left);
        }
        p += got;
        left -= (size_t)got;
        s->at += (uint64_t)got;
    }
    return 0;
}

int source_expect(Source *s, uint64_t n, const char *what, Error *err) {
    enum { DEFLATE_MOST = 1040 }; /* gzip cannot do better than 1032:1 */
    if (s->size == UINT64_MAX) return 0;
    uint64_t most = s->size;
    if (!gzdirect(s->gz) && most <= UINT64_MAX / DEFLATE_MOST) most *= DEFLATE_MOST;
    uint64_t left = most > s->at ? most - s->at : 0;
    if (n <= left) return 0;
    return fail(err, "%s: byte %" PRIu64 ": %s need %" PRIu64 " bytes, %s%" PRIu64 " follow",
                s->name, s->at, what, n, gzdirect(s->gz) ? "" : "at most ", left);
}

int source_skip(Source *s, uint64_t n, const char *what, Error *err) {
    unsigned char block[65536];
    while (n) {
        size_t part = n < sizeof block ? (size_t)n : sizeof block;
        if (source_read(s, block, part, what, err)) return -1;
        n -= part;
    }
    return 0;
}

int source_more(Source *s, Error *err) {
    int c = gzgetc(s->gz);
    if (c >= 0) {
        gzungetc(c, s->gz);
        return 1;
    }
    int code;
    gzerror(s->gz, &code);
    return code != Z_OK && code != Z_STREAM_END ? read_error(s, err) : 0;
}

int source_end(Source *s, Error *err) {
    int more = source_more(s, err);
    if (more > 0)
        return fail(err, "%s: byte %" PRIu64 ": more bytes follow, expected the end of the file",
                    s->name, s->at);
    return more;
}
