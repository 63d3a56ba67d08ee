/* source.h: bytes from a plain or gzip file, from standard input or from a member of a zip archive,
 * read front to back. Errors name the source and the byte (of the uncompressed text). */
#ifndef GAN_SOURCE_H
#define GAN_SOURCE_H

#include "base/kind.h"

struct zip;
typedef struct Source Source;

/* path "-" is standard input. NULL and a message on failure. */
MUST_CHECK Source *source_open(const char *path, Error *err);
/* Member `index` of an archive, which is taken over (closed also on failure). */
MUST_CHECK Source *source_member(struct zip *archive, uint64_t index, const char *path, Error *err);
/* The same by the member's name. */
MUST_CHECK Source *source_in_archive(const char *path, const char *member, Error *err);
void source_close(Source *s);
const char *source_name(const Source *s);
/* Bytes delivered so far. */
uint64_t source_at(const Source *s);
/* When the beginning of the source says that it is another kind of file, fails and says which
 * (base/kind.h). 0: nothing is known against it. Reads nothing that would not be delivered. */
int source_refuse(Source *s, KindText welcome, const char *wanted, Error *err);
/* Passes over a byte order mark of UTF-8, if the source begins with one. Call before any read. */
MUST_CHECK int source_skip_mark(Source *s, Error *err);
/* Exactly n bytes into to; what names them in the message when the source ends before that. */
MUST_CHECK int source_read(Source *s, void *to, size_t n, const char *what, Error *err);
/* All that follows, at most `limit` bytes, as a terminated text to be freed by the caller. */
MUST_CHECK int source_text(Source *s, size_t limit, char **text, size_t *n, Error *err);
/* Like source_read but writes to the descriptor `to`; -1: discards. */
MUST_CHECK int source_pass(Source *s, uint64_t n, int to, const char *what, Error *err);
/* An error when it is plain from the file's size that n more bytes do not follow: to be asked
 * before memory is taken on a header's word. Nothing is known of pipes. Call after a first read. */
MUST_CHECK int source_expect(Source *s, uint64_t n, const char *what, Error *err);
/* A descriptor to be closed of a regular file that has the next n bytes from *at on, which the
 * source passes over: its own file where they lie in it as they are, otherwise a temporary copy. -1
 * on failure. Call after a first read. */
MUST_CHECK int source_file(Source *s, uint64_t n, uint64_t *at, Error *err);
/* 1: at least one more byte follows (none is consumed), 0: the end, -1: error. */
MUST_CHECK int source_more(Source *s, Error *err);
/* An error unless the source ends here; also verifies gzip's own checksum. */
MUST_CHECK int source_end(Source *s, Error *err);

#endif
