#define _GNU_SOURCE /* memmem */
#include "media/ffmpeg.h"

#include <string.h>
#include <sys/wait.h>

/* What FFmpeg says of notes beside the pictures is no reason to do without them. */
static bool harmless(const char *line, size_t n) {
    static const char *const notes[] = {"Exif", "EXIF", "ICC", "APP fields", "QT chapter"};
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (memmem(line, n, notes[i], strlen(notes[i]))) return true;
    return false;
}

/* The first line it said that matters, without the part's name and address, or the name that it
 * has for the file, in front of it; NULL: none. */
static const char *complaint(char *said) {
    static const char file[] = FFMPEG_STDIN ": ";
    for (char *line = said; *line;) {
        size_t n = strcspn(line, "\n");
        char *next = line + n + (line[n] != 0);
        line[n] = 0;
        if (n && !harmless(line, n)) {
            char *end = *line == '[' ? strstr(line, "] ") : NULL;
            if (end) return end + 2;
            return strncmp(line, file, sizeof file - 1) ? line : line + sizeof file - 1;
        }
        line = next;
    }
    return NULL;
}

int ffmpeg_judge(char *said, int status, bool none, const char *wanted, Error *err) {
    const char *why = complaint(said);
    if (why && strstr(why, "matches no streams")) return fail(err, "holds no pictures");
    if (why) return fail(err, "ffmpeg: %.300s", why);
    if (WIFSIGNALED(status)) return fail(err, "ffmpeg was ended by signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) || none)
        return fail(err, "ffmpeg gives no %s (exit status %d)", wanted, WEXITSTATUS(status));
    return 0;
}
