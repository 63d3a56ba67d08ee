#include "media/film/film.h"

#include "base/kind.h"
#include "media/ffmpeg.h"
#include "media/picture/codec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE = 300 }; /* seconds between frames */

/* ---- what a file is ---- */

static bool holds(const unsigned char *head, size_t n, const char *text) {
    size_t length = strlen(text);
    for (size_t i = 0; i + length <= n; i++)
        if (!memcmp(head + i, text, length)) return true;
    return false;
}

/* Lists of other files: FFmpeg would open whatever they name. */
static bool is_list(const unsigned char *head, size_t n) {
    static const char *const marks[] = {"#EXTM3U", "ffconcat version", "<MPD", "<Composition"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (holds(head, n, marks[i])) return true;
    return false;
}

/* A still picture; PNG may hold several as well. */
static bool is_still(const unsigned char *head, size_t n) {
    const Codec *c = codec_of(head, n);
    return c && strcmp(c->name, "GIF") != 0 && !(!strcmp(c->name, "PNG") && holds(head, n, "acTL"));
}

static int expect_film(const unsigned char *head, size_t n, Error *err) {
    static const char wanted[] = "a film or a strip of frames";
    if (is_list(head, n)) return fail(err, "this is a list of other files, expected %s", wanted);
    if (n && kind_is_seen(head, n)) return 0;
    return kind_refuse(head, n, KIND_NO_TEXT, NULL, wanted, err);
}

/* The last n bytes at most, or -1. */
static ptrdiff_t tail(int fd, uint64_t size, unsigned char *to, size_t n) {
    if (n > size) n = (size_t)size;
    return pread(fd, to, n, (off_t)(size - n));
}

static bool ogg_ends(const unsigned char *bytes, size_t n) {
    for (size_t i = n < 27 ? 0 : n - 26; i-- > 0;)
        if (!memcmp(bytes + i, "OggS", 4)) return bytes[i + 5] & 4;
    return false;
}

/* FFmpeg takes what it finds of some formats, and leaves it at that. */
static int expect_end(int fd, const unsigned char *head, size_t n, Error *err) {
    struct stat st;
    unsigned char last[1 << 16];
    if (fstat(fd, &st)) return fail(err, "cannot read: %s", strerror(errno));
    uint64_t size = (uint64_t)st.st_size, claimed = size;
    bool riff = n > 8 && !memcmp(head, "RIFF", 4), gif = n > 6 && !memcmp(head, "GIF8", 4);
    bool ogg = n > 4 && !memcmp(head, "OggS", 4), good = true;
    bool png = n > 4 && !memcmp(head, "\x89PNG", 4);
    bool packets = n > 376 && head[0] == 'G' && head[188] == 'G' && head[376] == 'G'; /* MPEG */
    if (riff)
        claimed = 8 + (head[4] | (uint64_t)head[5] << 8 | (uint64_t)head[6] << 16 |
                       (uint64_t)head[7] << 24);
    if (packets) claimed = (size + 187) / 188 * 188;
    if (size < claimed)
        return fail(err, "cut short: %llu of %llu bytes", (unsigned long long)size,
                    (unsigned long long)claimed);
    ptrdiff_t k = gif || ogg || png ? tail(fd, size, last, sizeof last) : 0;
    if (k < 0) return fail(err, "cannot read: %s", strerror(errno));
    if (ogg) good = ogg_ends(last, (size_t)k);
    if (png) good = holds(last, (size_t)k, "IEND\xae\x42\x60\x82");
    while (gif && k && !last[k - 1]) k--;
    if (gif) good = k && last[k - 1] == ';';
    return good ? 0 : fail(err, "cut short: its end is not there");
}

/* ---- strips ---- */

/* The whole file is in the loader, n bytes of it. */
static int open_strip(Film *f, size_t n, Error *err) {
    const Framing *framing = f->want->framing;
    Picture *p = &f->picture;
    if (picture_decode(f->loader.bytes, n, NULL, p, err) ||
        picture_convert(p, framing->grey, framing->alpha, err))
        return -1;
    size_t shorter = p->height < p->width ? p->height : p->width;
    size_t longer = p->height < p->width ? p->width : p->height;
    if (longer % shorter)
        return fail(err, "%zux%zu pixels are no strip of square frames", p->width, p->height);
    f->side = shorter;
    f->count = longer / shorter;
    return 0;
}

/* ---- FFmpeg ---- */

/* Pixels become squares by growing one of their sides; times are of no matter any more, but must
 * grow. */
#define SQUARE                                                                                    \
    "scale=w='if(gt(sar,1),min(iw*sar+0.5,1048576),iw)':h='if(lt(sar,1),min(ih/sar+0.5,1048576)," \
    "ih)':flags=bicubic+accurate_rnd+full_chroma_int,setsar=1,setpts=N*1000/TB"

static int start(Film *f, int in, const char *filters, bool frames, Error *err) {
    char pixels[24];
    Str all = {0};
    snprintf(pixels, sizeof pixels, "%d", PICTURE_PIXELS_MAX);
    if (f->want->fps > 0) str_printf(&all, "fps=fps=%.9g,", f->want->fps);
    str_printf(&all, SQUARE ",%s", filters);
    const char *const argv[] = {
        "ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-xerror", "-protocol_whitelist",
        "file", "-max_pixels", pixels, "-i", FFMPEG_STDIN, "-map", "0:V:0", "-vf", all.text,
        /* every frame once, or as the filter fps has it */
        "-fps_mode", "passthrough", "-c:v", frames ? "pam" : "wrapped_avframe", "-f",
        frames ? "image2pipe" : "null", frames ? "pipe:1" : "-", NULL};
    int bad = process_start(&f->ffmpeg, argv, in, -1, PATIENCE, err);
    str_free(&all);
    f->running = !bad;
    return bad;
}

/* How it begins, of at most KIND_HEAD bytes. A file that is not in an archive is open in *fd. */
static int look(Film *f, const FilePath *path, unsigned char *head, size_t *n, int *fd,
                Error *err) {
    struct stat st;
    if (path->reason) return fail(err, "%s", path->reason);
    if (path->archive) {
        f->loader.any = true;
        if (loader_read(&f->loader, path, n, err)) return -1;
        memcpy(head, f->loader.bytes, *n < KIND_HEAD ? *n : KIND_HEAD);
        return 0;
    }
    *fd = path_open(path->path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0) return fail(err, "cannot open: %s", strerror(errno));
    if (fstat(*fd, &st) || !S_ISREG(st.st_mode)) return fail(err, "not a regular file");
    ssize_t k = pread(*fd, head, KIND_HEAD, 0);
    if (k < 0) return fail(err, "cannot read: %s", strerror(errno));
    *n = (size_t)k;
    return 0;
}

static int open_with(Film *f, const FilePath *path, const char *filters, bool frames, int *fd,
                     Error *err) {
    unsigned char head[KIND_HEAD];
    size_t n = 0;
    if (look(f, path, head, &n, fd, err)) return -1;
    size_t known = n < KIND_HEAD ? n : KIND_HEAD;
    if (expect_film(head, known, err)) return -1;
    if (is_still(head, known)) {
        if (!frames) return 0;
        if (!path->archive && loader_read(&f->loader, path, &n, err)) return -1;
        return open_strip(f, n, err);
    }
    if (path->archive && (*fd = memory_file(f->loader.bytes, n, err)) < 0) return -1;
    return expect_end(*fd, head, known, err) ? -1 : start(f, *fd, filters, frames, err);
}

static int open_file(Film *f, const FilePath *path, const FilmWant *want, const char *filters,
                     bool frames, Error *err) {
    int fd = -1;
    film_close(f);
    f->want = want;
    int bad = open_with(f, path, filters, frames, &fd, err);
    if (fd >= 0) close(fd);
    if (bad) film_close(f);
    return bad;
}

int film_open(Film *f, const FilePath *path, const FilmWant *want, Error *err) {
    bool clear = want->framing->alpha != ALPHA_DROP;
    return open_file(f, path, want, clear ? "format=rgba" : "format=rgb24", true, err);
}

int film_filter(Film *f, const FilePath *path, const FilmWant *want, const char *filters,
                Error *err) {
    return open_file(f, path, want, filters, false, err);
}

void film_close(Film *f) {
    if (f->running) process_stop(&f->ffmpeg);
    f->running = false;
    f->seen = f->count = 0;
}

void film_free(Film *f) {
    film_close(f);
    picture_free(&f->picture);
    loader_free(&f->loader);
}

/* ---- frames ---- */

#define HEADER_END "ENDHDR\n"
enum { HEADER_LEAST = 59, HEADER_MOST = 128 }; /* bytes: of 1x1 RGB; FFmpeg writes none longer */

/* Reads a number behind `word`; moves *text behind the line's end. */
static bool take_number(const char **text, const char *word, size_t *out) {
    uint64_t v;
    size_t n = strlen(word);
    if (strncmp(*text, word, n) != 0) return false;
    *text += n;
    if (!parse_digits(text, &v) || **text != '\n' || v > PICTURE_PIXELS_MAX) return false;
    ++*text;
    *out = (size_t)v;
    return true;
}

bool film_header(const char *text, size_t n, size_t shape[3]) {
    char copy[HEADER_MOST + 1];
    const char *at = copy;
    size_t most;
    if (n > HEADER_MOST) return false;
    memcpy(copy, text, n);
    copy[n] = 0;
    if (strncmp(at, "P7\n", 3) != 0) return false;
    at += 3;
    return take_number(&at, "WIDTH ", &shape[1]) && take_number(&at, "HEIGHT ", &shape[0]) &&
           take_number(&at, "DEPTH ", &shape[2]) && take_number(&at, "MAXVAL ", &most) &&
           most == 255 && (shape[2] == 3 || shape[2] == 4) && !strncmp(at, "TUPLTYPE RGB", 12);
}

/* It has ended, or gives something else. `whole`: between two frames. */
static int end(Film *f, bool whole, Error *err) {
    Process *p = &f->ffmpeg;
    if (process_end(p, err)) return -1;
    if (ffmpeg_judge(p->said, p->status, !f->seen && whole, "frames", err)) return -1;
    return whole ? 0 : fail(err, "ffmpeg gives no frame behind %zu", f->seen);
}

static int next_frame(Film *f, Error *err) {
    char header[HEADER_MOST];
    size_t n = 0, shape[3];
    const size_t mark = sizeof HEADER_END - 1;
    do {
        size_t part = n ? 1 : HEADER_LEAST;
        ptrdiff_t k = n + part <= HEADER_MOST ? process_read(&f->ffmpeg, header + n, part, err) : 0;
        if (k < 0) return -1;
        if ((size_t)k < part) return end(f, !n && !k, err);
        n += part;
    } while (memcmp(header + n - mark, HEADER_END, mark) != 0);
    if (!film_header(header, n, shape)) return end(f, false, err);
    Picture *p = &f->picture;
    if (picture_shape(p, shape[0], shape[1], (int)shape[2], err)) return -1;
    size_t bytes = shape[0] * shape[1] * shape[2];
    ptrdiff_t got = process_read(&f->ffmpeg, p->pixels, bytes, err);
    if (got < 0) return -1;
    if ((size_t)got < bytes) return end(f, false, err);
    const Framing *framing = f->want->framing;
    return picture_convert(p, framing->grey, framing->alpha, err) ? -1 : 1;
}

int film_next(Film *f, Box *frame, Error *err) {
    Picture *p = &f->picture;
    if (f->count) {
        bool wide = p->width > p->height;
        size_t at = f->seen * f->side;
        *frame = (Box){wide ? 0 : at, wide ? at : 0, f->side, f->side};
        return f->seen < f->count ? (f->seen++, 1) : 0;
    }
    int more = f->running ? next_frame(f, err) : 0;
    *frame = (Box){0, 0, p->height, p->width};
    if (more > 0) f->seen++;
    return more;
}
