/* hold.h: one process at a time on a file. A hold is an advisory lock (flock) on an open file; it
 * ends when the descriptor is closed, so also when the process dies, however it does. */
#ifndef GAN_HOLD_H
#define GAN_HOLD_H

#include "base/base.h"

/* Locks the open file fd without waiting. 0: locked, or the file system has no locks. -1: another
 * process has it, which err names: "run.st: in use by process 4711 (gan-step run.st)". */
MUST_CHECK int hold_fd(int fd, const char *path, Error *err);
/* Opens and locks the file that path names, which another process may be replacing at the time. A
 * descriptor to be closed, or -1 and err; also when there is no such file. */
MUST_CHECK int hold_path(const char *path, Error *err);
/* Whether another process holds the file at path; then -1 and err as above. A file that is not
 * there, or cannot be opened, is held by nobody. */
MUST_CHECK int hold_check(const char *path, Error *err);

#endif
