#include "media/views/movie.h"

#include "base/child.h"
#include "media/ffmpeg.h"
#include "media/regroup.h"
#include "media/views/numbered.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { PATIENCE = 600, OPTIONS_MAX = 12 }; /* seconds until a frame is taken */

/* Colours of half resolution want even sides. */
#define EVEN "pad=w='2*ceil(iw/2)':h='2*ceil(ih/2)':color=white,format=yuv420p"
#define PALETTE \
    "format=rgb24,split[a][b];[a]palettegen=reserve_transparent=0[p];[b][p]paletteuse=dither=none"

static const struct {
    const char *name, *ending, *filter, *muxer;
    const char *options[OPTIONS_MAX];
} formats[MOVIE_FORMATS] = {
    [MOVIE_MP4] = {"mp4",
                   "mp4",
                   EVEN,
                   "mp4",
                   {"-c:v", "libx264", "-crf", "16", "-preset", "medium", "-movflags",
                    "+faststart"}},
    [MOVIE_WEBM] = {"webm",
                    "webm",
                    EVEN,
                    "webm",
                    {"-c:v", "libvpx-vp9", "-crf", "20", "-b:v", "0", "-deadline", "good",
                     "-cpu-used", "3"}},
    [MOVIE_GIF] = {"gif", "gif", PALETTE, "gif", {"-c:v", "gif", "-loop", "0"}},
    [MOVIE_APNG] =
        {"apng", "apng", "null", "apng", {"-c:v", "apng", "-plays", "0", "-pred", "mixed"}},
    [MOVIE_FRAMES] = {"frames", "", NULL, NULL, {0}},
    [MOVIE_SHEET] = {"sheet", "png", NULL, NULL, {0}},
};

MovieFormat movie_format(const char *name, const char *path) {
    const char *dot = path ? strrchr(path, '.') : NULL;
    for (int k = 0; k < MOVIE_FORMATS; k++)
        if (name ? !strcmp(name, formats[k].name) : dot && !strcasecmp(dot + 1, formats[k].ending))
            return (MovieFormat)k;
    return MOVIE_FORMATS;
}

/* ---- encoding ---- */

/* FFmpeg on its way from frames to a film, which it writes into a file that it can seek in. */
typedef struct {
    Process ffmpeg;
    int film; /* descriptor, or -1 */
    bool running;
} Encoder;

static int encoder_start(Encoder *e, const MovieWant *want, const Picture *frame, Error *err) {
    static const char *const pixels[5] = {NULL, "gray", NULL, "rgb24", "rgba"};
    char size[48], rate[32];
    snprintf(size, sizeof size, "%zux%zu", frame->width, frame->height);
    snprintf(rate, sizeof rate, "%.9g", want->fps);
    const char *argv[64] = {"ffmpeg",
                            "-nostdin",
                            "-hide_banner",
                            "-v",
                            "error",
                            "-y",
                            "-f",
                            "rawvideo",
                            "-pixel_format",
                            pixels[frame->channels],
                            "-video_size",
                            size,
                            "-framerate",
                            rate,
                            "-i",
                            "pipe:0",
                            "-threads",
                            "1",
                            "-vf",
                            formats[want->format].filter,
                            "-map_metadata",
                            "-1",
                            "-fflags",
                            "+bitexact",
                            "-flags:v",
                            "+bitexact"};
    size_t n = 0;
    while (argv[n]) n++;
    for (const char *const *o = formats[want->format].options; *o; o++) argv[n++] = *o;
    argv[n++] = "-f";
    argv[n++] = formats[want->format].muxer;
    argv[n] = "file:/dev/stdout";
    if ((e->film = temporary_fd(err)) < 0) return -1;
    if (process_start(&e->ffmpeg, argv, -1, e->film, PATIENCE, err)) return -1;
    e->running = true;
    return 0;
}

/* The film is whole, or this is why not. */
static int encoder_finish(Encoder *e, Error *err) {
    Process *p = &e->ffmpeg;
    return process_end(p, err) ||
                   ffmpeg_judge(p->said, p->status, lseek(e->film, 0, SEEK_END) <= 0, "film", err)
               ? -1
               : 0;
}

static int encoder_frame(Encoder *e, const Picture *frame, Error *err) {
    size_t bytes = frame->height * frame->width * (size_t)frame->channels;
    if (!process_write(&e->ffmpeg, frame->pixels, bytes, err)) return 0;
    Error why; /* what FFmpeg says tells more */
    if (!process_end(&e->ffmpeg, &why) &&
        ffmpeg_judge(e->ffmpeg.said, e->ffmpeg.status, true, "film", &why))
        *err = why;
    return -1;
}

static void encoder_stop(Encoder *e) {
    if (e->running) process_stop(&e->ffmpeg);
    if (e->film >= 0) close(e->film);
    *e = (Encoder){.film = -1};
}

/* ---- films ---- */

typedef struct {
    const MovieWant *want;
    const char *output; /* a file, or a folder */
    Tiles tiles;
    unsigned char *bytes; /* [clips, frames] tiles of a film of all */
    size_t held, room;
    Picture canvas;
    Encoder encoder;
    size_t film, frame; /* numbers of those that are written next */
    bool begun;         /* the folder is there */
} Movie;

static size_t tile_size(const Movie *m) {
    return m->tiles.height * m->tiles.width * (size_t)m->tiles.tile_channels;
}

/* Makes the canvas of that many tiles, white. */
static int make_canvas(Movie *m, size_t rows, size_t columns, Error *err) {
    const SheetWant *w = &m->want->tiles;
    Picture *c = &m->canvas;
    if (w->scale > PICTURE_SIDE_MAX || w->gap > PICTURE_SIDE_MAX || rows > PICTURE_SIDE_MAX ||
        columns > PICTURE_SIDE_MAX)
        return fail(err, "%s: scale, gap or number of tiles is too large", m->tiles.path);
    size_t height = rows * (m->tiles.height * w->scale + w->gap) - w->gap;
    size_t width = columns * (m->tiles.width * w->scale + w->gap) - w->gap;
    if (tiles_fit(height, width, err)) return fail_in(err, "%s", m->tiles.path);
    if (picture_shape(c, height, width, m->tiles.tile_channels, err)) return -1;
    memset(c->pixels, 255, height * width * (size_t)c->channels);
    return 0;
}

static bool makes_folder(const MovieWant *w) { return w->format == MOVIE_FRAMES || w->each; }

/* Once the first film or frame is there. */
static int begin_folder(Movie *m, Error *err) {
    const MovieWant *w = m->want;
    if (m->begun || !makes_folder(w)) return 0;
    m->begun = true;
    return numbered_folder(m->output, err) ||
                   numbered_clear(m->output, NUMBERED_FILMS, w->force, err)
               ? -1
               : 0;
}

/* The canvas is the next frame. */
static int put_frame(Movie *m, Error *err) {
    const MovieWant *w = m->want;
    if (w->format != MOVIE_FRAMES) {
        if (!m->encoder.running && encoder_start(&m->encoder, w, &m->canvas, err)) return -1;
        m->frame++;
        return encoder_frame(&m->encoder, &m->canvas, err);
    }
    if (begin_folder(m, err)) return -1;
    Str path = {0};
    if (w->each)
        str_printf(&path, "%s/%06zu-%03zu.png", m->output, m->film, m->frame++);
    else
        str_printf(&path, "%s/%06zu.png", m->output, m->frame++);
    int bad = numbered_save(&m->canvas, path.text, err);
    str_free(&path);
    return bad;
}

static int copy_film(int from, FILE *to, const char *name, Error *err) {
    unsigned char block[1 << 14];
    uint64_t at = 0;
    for (ssize_t k = 1; k > 0; at += (uint64_t)k) {
        k = pread(from, block, sizeof block, (off_t)at);
        if (k < 0) return fail(err, "cannot read the film: %s", strerror(errno));
        errno = 0;
        if (k && fwrite(block, 1, (size_t)k, to) != (size_t)k)
            return fail(err, "%s: cannot write: %s", name, strerror(errno ? errno : EIO));
    }
    return 0;
}

/* Behind the last frame of a film. */
static int end_film(Movie *m, Error *err) {
    const MovieWant *w = m->want;
    Str path = {0};
    Output out;
    m->frame = 0;
    m->film++;
    if (w->format == MOVIE_FRAMES) return 0;
    if (encoder_finish(&m->encoder, err) || begin_folder(m, err)) return -1;
    if (w->each)
        str_printf(&path, "%s/%06zu.%s", m->output, m->film - 1, formats[w->format].name);
    else
        str_printf(&path, "%s", m->output ? m->output : "-");
    int bad = output_open(&out, path.text, err);
    if (!bad) bad = output_close(&out, copy_film(m->encoder.film, out.file, out.name, err), err);
    encoder_stop(&m->encoder);
    str_free(&path);
    return bad;
}

/* ---- from clips to films ---- */

/* One image as a frame of its own. */
static int put_image(Movie *m, const Tensor *t, size_t i, Error *err) {
    if (array_room(&m->bytes, &m->room, 1, tile_size(m), "tiles", err)) return -1;
    tiles_draw(&m->tiles, t, i, 0, m->bytes);
    if (make_canvas(m, 1, 1, err)) return -1;
    tiles_paint(&m->tiles, m->bytes, &m->canvas, 0, 0);
    return put_frame(m, err);
}

/* A film for each clip; or of pictures, as long as there are any. */
static int put_singly(Movie *m, const Tensor *t, size_t *count, Error *err) {
    size_t length = m->tiles.length ? m->tiles.length : 1;
    for (size_t i = 0; i < t->shape[0] / length && *count < m->want->tiles.count; i++, ++*count) {
        for (size_t k = 0; k < length; k++)
            if (put_image(m, t, i * length + k, err)) return -1;
        if (m->tiles.length && end_film(m, err)) return -1;
    }
    return 0;
}

/* Keeps clips for a film of all of them. */
static int hold(Movie *m, const Tensor *t, size_t *count, Error *err) {
    size_t length = m->tiles.length, bytes = tile_size(m);
    for (size_t i = 0; i < t->shape[0] / length && *count < m->want->tiles.count; i++, ++*count)
        for (size_t k = 0; k < length; k++) {
            if (array_room(&m->bytes, &m->room, m->held + 1, bytes, "tiles", err)) return -1;
            tiles_draw(&m->tiles, t, i * length + k, 0, m->bytes + m->held++ * bytes);
        }
    return 0;
}

static int put_tiled(Movie *m, size_t count, Error *err) {
    const SheetWant *w = &m->want->tiles;
    size_t length = m->tiles.length, columns = w->columns, bytes = tile_size(m);
    if (!columns)
        for (columns = 1; columns * columns < count;) columns++;
    if (columns > count) columns = count;
    if (make_canvas(m, (count + columns - 1) / columns, columns, err)) return -1;
    for (size_t k = 0; k < length; k++) {
        for (size_t i = 0; i < count; i++)
            tiles_paint(&m->tiles, m->bytes + (i * length + k) * bytes, &m->canvas,
                        i / columns * (m->tiles.height * w->scale + w->gap),
                        i % columns * (m->tiles.width * w->scale + w->gap));
        if (put_frame(m, err)) return -1;
    }
    return end_film(m, err);
}

/* A line of frames for each clip. */
static int put_sheet(Movie *m, size_t count, Error *err) {
    const SheetWant *w = &m->want->tiles;
    Output out;
    if (make_canvas(m, count, m->tiles.length, err)) return -1;
    for (size_t i = 0; i < m->held; i++)
        tiles_paint(&m->tiles, m->bytes + i * tile_size(m), &m->canvas,
                    i / m->tiles.length * (m->tiles.height * w->scale + w->gap),
                    i % m->tiles.length * (m->tiles.width * w->scale + w->gap));
    if (output_open(&out, m->output, err)) return -1;
    return output_close(&out, png_encode(&m->canvas, out.file, out.name, err), err);
}

static int write_all(Movie *m, size_t *count, Error *err) {
    const Tensor *t;
    const MovieWant *w = m->want;
    int more = 1;
    while (more > 0 && *count < w->tiles.count) {
        more = tiles_next(&m->tiles, &t, err);
        if (more <= 0) break;
        bool single = w->each || !m->tiles.length;
        if (!m->tiles.length && (w->each || w->format == MOVIE_SHEET))
            more = fail(err, "%s: tensor %s is no clips, expected [N,T,H,W,C]", m->tiles.path,
                        m->tiles.name);
        else if (single ? put_singly(m, t, count, err) : hold(m, t, count, err))
            more = -1;
    }
    if (more < 0) return -1;
    if (!*count) return fail(err, "%s: the stream holds no clips", m->tiles.path);
    if (!m->tiles.length) return end_film(m, err);
    if (w->format == MOVIE_SHEET) return put_sheet(m, *count, err);
    return w->each ? 0 : put_tiled(m, *count, err);
}

int movie_write(const char *path, const MovieWant *want, const char *output, size_t *count,
                Error *err) {
    Movie m = {.want = want, .output = output, .encoder.film = -1};
    *count = 0;
    bool early = makes_folder(want) && !want->force; /* before an hour of work */
    int bad = early ? numbered_clear(output, NUMBERED_FILMS, false, err) : 0;
    if (!bad) {
        bad = tiles_open(&m.tiles, path, &want->tiles, err) || write_all(&m, count, err);
        tiles_close(&m.tiles);
    }
    encoder_stop(&m.encoder);
    picture_free(&m.canvas);
    free(m.bytes);
    return bad ? -1 : 0;
}
