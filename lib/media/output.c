#include "media/output.h"

#include "stream/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot_open(const char *path, Error *err) {
    return fail(err, "%s: cannot open: %s", path, strerror(errno));
}

static int open_beside(Output *o, const char *path, Error *err) {
    int n = snprintf(o->temporary, sizeof o->temporary, "%s.XXXXXX", path);
    int fd = -1;
    errno = ENAMETOOLONG;
    if (n < (int)sizeof o->temporary) fd = mkstemp(o->temporary);
    if (fd < 0) return cannot_open(path, err);
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(fd, 0666 & ~mask) == 0) o->file = fdopen(fd, "wb");
    if (o->file) return 0;
    cannot_open(path, err);
    close(fd);
    unlink(o->temporary);
    return -1;
}

int output_open(Output *o, const char *path, Error *err) {
    *o = (Output){.file = stdout, .name = "standard output"};
    if (!path || !strcmp(path, "-")) return 0;
    struct stat st;
    o->name = path;
    o->file = NULL;
    if (lstat(path, &st) || S_ISREG(st.st_mode)) return open_beside(o, path, err);
    o->file = fopen(path, "wb");
    return o->file ? 0 : cannot_open(path, err);
}

int output_close(Output *o, int bad, Error *err) {
    if (bad)
        fclose(o->file);
    else
        bad = stream_finish(o->file, o->name, err);
    if (!bad && *o->temporary && rename(o->temporary, o->name))
        bad = fail(err, "%s: cannot replace: %s", o->name, strerror(errno));
    if (bad && *o->temporary) unlink(o->temporary);
    return bad;
}
