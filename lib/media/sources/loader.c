#include "media/sources/loader.h"

#include "media/sources/archive.h"

#include "media/picture/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

enum { FILE_MAX = 1 << 30 };

void loader_free(Loader *l) {
    free(l->bytes);
    if (l->zip) zip_discard(l->zip);
    *l = (Loader){0};
}

static int make_room(Loader *l, uint64_t size, Error *err) {
    if (size > FILE_MAX)
        return fail(err, "%llu bytes, at most %d are accepted", (unsigned long long)size, FILE_MAX);
    if (size <= l->capacity) return 0;
    free(l->bytes);
    l->capacity = 0;
    l->bytes = data_alloc((size_t)size, err);
    if (!l->bytes) return -1;
    l->capacity = (size_t)size;
    return 0;
}

/* Where bytes come from: both return how many, fewer than n at the end only, or -1 and a message.
 */
typedef struct {
    int fd;
    zip_file_t *member;
} From;

static ptrdiff_t take(const From *from, unsigned char *to, size_t n, Error *err) {
    size_t got = 0;
    while (got < n) {
        zip_int64_t k = from->member ? zip_fread(from->member, to + got, n - got)
                                     : read(from->fd, to + got, n - got);
        if (k < 0 && !from->member && errno == EINTR) continue;
        if (k < 0)
            return fail(err, "cannot read: %s",
                        from->member ? archive_problem(zip_file_get_error(from->member))
                                     : strerror(errno));
        if (!k) break;
        got += (size_t)k;
    }
    return (ptrdiff_t)got;
}

static int take_all(Loader *l, const From *from, uint64_t size, size_t *n, Error *err) {
    unsigned char more;
    if (make_room(l, size, err)) return -1;
    size_t head = size < PICTURE_HEAD ? (size_t)size : PICTURE_HEAD;
    ptrdiff_t got = take(from, l->bytes, head, err);
    if (got < 0 || (!l->any && picture_expect(l->bytes, (size_t)got, err))) return -1;
    ptrdiff_t rest = take(from, l->bytes + got, (size_t)size - (size_t)got, err);
    if (rest < 0) return -1;
    *n = (size_t)(got + rest);
    if (*n != size) return fail(err, "cut short: %zu of %zu bytes", *n, (size_t)size);
    /* an archive's checksum is compared at the end */
    return from->member && take(from, &more, 1, err) < 0 ? -1 : 0;
}

static int read_plain(Loader *l, const char *path, size_t *n, Error *err) {
    From from = {.fd = path_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)};
    struct stat st;
    if (from.fd < 0) return fail(err, "cannot open: %s", strerror(errno));
    int bad = 0;
    if (fstat(from.fd, &st) || !S_ISREG(st.st_mode))
        bad = fail(err, "not a regular file");
    else
        bad = take_all(l, &from, (uint64_t)st.st_size, n, err);
    close(from.fd);
    return bad;
}

static int open_archive(Loader *l, const char *archive, Error *err) {
    if (l->zip && l->archive == archive) return 0;
    if (l->zip) zip_discard(l->zip);
    struct stat st;
    l->zip = archive_open(archive, err);
    l->archive = archive;
    l->archive_size = stat(archive, &st) ? 0 : (uint64_t)st.st_size;
    return l->zip ? 0 : -1;
}

static int read_member(Loader *l, const FilePath *path, size_t *n, Error *err) {
    zip_stat_t st;
    if (open_archive(l, path->archive, err)) return -1;
    if (zip_stat_index(l->zip, path->member, 0, &st) || !(st.valid & ZIP_STAT_SIZE))
        return fail(err, "the archive is damaged");
    if (st.size / DEFLATE_MOST > l->archive_size)
        return fail(err, "claims %llu bytes in an archive of %llu", (unsigned long long)st.size,
                    (unsigned long long)l->archive_size);
    From from = {.member = zip_fopen_index(l->zip, path->member, 0)};
    if (!from.member) return fail(err, "cannot read: %s", archive_problem(zip_get_error(l->zip)));
    int bad = take_all(l, &from, st.size, n, err);
    zip_fclose(from.member);
    return bad;
}

int loader_read(Loader *l, const FilePath *path, size_t *n, Error *err) {
    if (path->reason) return fail(err, "%s", path->reason);
    return path->archive ? read_member(l, path, n, err) : read_plain(l, path->path, n, err);
}
