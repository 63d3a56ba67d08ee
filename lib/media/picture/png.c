/* png.c: PNG in and out through libpng, with its errors turned into ours. */
#include "media/picture/codec.h"

#include <errno.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

typedef struct {
    const unsigned char *bytes;
    size_t n, at;
    const DecodeHint *hint;
    Picture *out;
    png_structp png;
    png_infop info;
    png_bytep *rows;
    Trap trap;
} Job;

static void on_error(png_structp png, png_const_charp text) {
    trap_fail(png_get_error_ptr(png), "PNG: %s", text);
}
static void on_warning(png_structp png, png_const_charp text) { (void)png, (void)text; }

static png_voidp on_malloc(png_structp png, png_alloc_size_t n) {
    void *p = malloc(n);
    if (!p) trap_fail(png_get_mem_ptr(png), "PNG: out of memory");
    return p;
}
static void on_free(png_structp png, png_voidp p) {
    (void)png;
    free(p);
}

static void on_read(png_structp png, png_bytep to, png_size_t n) {
    Job *j = png_get_io_ptr(png);
    if (n > j->n - j->at) trap_fail(&j->trap, "PNG: cut short after %zu bytes", j->n);
    memcpy(to, j->bytes + j->at, n);
    j->at += n;
}

static void ask_for_8_bits(png_structp png, png_infop info) {
    int type = png_get_color_type(png, info);
    if (png_get_bit_depth(png, info) == 16) png_set_scale_16(png);
    if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (type == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png, info) < 8)
        png_set_expand_gray_1_2_4_to_8(png);
    if (png_get_valid(png, info, PNG_INFO_tRNS)) png_set_tRNS_to_alpha(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

/* Bytes that hold the file's own numbers. */
static int ask_for_indices(Job *j) {
    int type = png_get_color_type(j->png, j->info), depth = png_get_bit_depth(j->png, j->info);
    if (type != PNG_COLOR_TYPE_PALETTE && type != PNG_COLOR_TYPE_GRAY)
        return fail(j->trap.err, "PNG: %s, expected indices: a palette, or grey",
                    type == PNG_COLOR_TYPE_GRAY_ALPHA ? "grey with transparency" : "colours");
    if (depth > j->hint->index)
        return fail(j->trap.err,
                    "PNG: 16-bit grey, expected indices of at most 8 bits (or --index16)");
    if (depth == 16) png_set_swap(j->png);
    png_set_packing(j->png);
    png_set_interlace_handling(j->png);
    png_read_update_info(j->png, j->info);
    return 0;
}

/* Of the chunk eXIf. The library would take memory on the word of the chunk's length. */
static int orientation(const Job *j) {
    for (size_t at = 8; j->n - at >= 12;) {
        const unsigned char *chunk = j->bytes + at;
        size_t n = png_get_uint_32(chunk);
        if (n > j->n - at - 12) return 0;
        if (!memcmp(chunk + 4, "eXIf", 4))
            return crc32(0, chunk + 4, (unsigned)n + 4) == png_get_uint_32(chunk + 8 + n)
                       ? exif_orientation(chunk + 8, n)
                       : 0;
        at += 12 + n;
    }
    return 0;
}

/* Numbers of one byte, in the second half of the row, become those of two. */
static void widen(unsigned char *row, size_t width) {
    for (size_t x = 0; x < width; x++) {
        row[2 * x] = row[width + x];
        row[2 * x + 1] = 0;
    }
}

static int decode(Job *j) {
    if (setjmp(j->trap.env)) return -1;
    j->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &j->trap, on_error, on_warning,
                                      &j->trap, on_malloc, on_free);
    j->info = j->png ? png_create_info_struct(j->png) : NULL;
    if (!j->info) return fail(j->trap.err, "PNG: out of memory");
    png_set_read_fn(j->png, j, on_read);
    png_set_user_limits(j->png, PICTURE_SIDE_MAX, PICTURE_SIDE_MAX);
    png_set_chunk_malloc_max(j->png, 8 << 20);
    /* text, colour profiles and the like are passed over unread */
    png_set_keep_unknown_chunks(j->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(j->png, j->info);
    size_t h = png_get_image_height(j->png, j->info), w = png_get_image_width(j->png, j->info);
    /* deflate cannot do better than 1032:1, so a small file cannot be a huge picture */
    if (h * png_get_rowbytes(j->png, j->info) / 1040 > j->n)
        return fail(j->trap.err, "PNG: claims %zux%zu pixels in %zu bytes", w, h, j->n);
    if (!j->hint->index)
        ask_for_8_bits(j->png, j->info);
    else if (ask_for_indices(j))
        return -1;
    int channels = j->hint->index == 16 ? 2 : png_get_channels(j->png, j->info);
    if (picture_shape(j->out, h, w, channels, j->trap.err)) return -1;
    size_t row = w * (size_t)j->out->channels, read = png_get_rowbytes(j->png, j->info);
    bool narrow = j->hint->index == 16 && 2 * read == row; /* numbers of one byte */
    if (read != row && !narrow) return fail(j->trap.err, "PNG: unexpected row size");
    j->rows = malloc(h * sizeof *j->rows);
    if (!j->rows) return fail(j->trap.err, "PNG: out of memory");
    for (size_t y = 0; y < h; y++) j->rows[y] = j->out->pixels + y * row + (row - read);
    png_read_image(j->png, j->rows);
    for (size_t y = 0; narrow && y < h; y++) widen(j->out->pixels + y * row, w);
    png_read_end(j->png, NULL);
    j->out->orientation = orientation(j);
    return 0;
}

int png_decode(const Codec *c, const unsigned char *bytes, size_t n, const DecodeHint *hint,
               Picture *out, Error *err) {
    (void)c;
    Job j = {.bytes = bytes, .n = n, .hint = hint, .out = out, .trap = {.err = err}};
    int bad = decode(&j);
    png_destroy_read_struct(&j.png, &j.info, NULL);
    free(j.rows);
    return bad;
}

typedef struct {
    const Picture *picture;
    FILE *out;
    const char *name;
    png_structp png;
    png_infop info;
    Trap trap;
} Save;

static void on_write(png_structp png, png_bytep from, png_size_t n) {
    Save *s = png_get_io_ptr(png);
    if (fwrite(from, 1, n, s->out) != n)
        trap_fail(&s->trap, "%s: cannot write: %s", s->name, strerror(errno));
}
static void on_flush(png_structp png) { (void)png; }

static int encode(Save *s) {
    static const int types[5] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                 PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
    const Picture *p = s->picture;
    if (setjmp(s->trap.env)) return -1;
    s->png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &s->trap, on_error, on_warning,
                                       &s->trap, on_malloc, on_free);
    s->info = s->png ? png_create_info_struct(s->png) : NULL;
    if (!s->info) return fail(s->trap.err, "%s: out of memory", s->name);
    png_set_write_fn(s->png, s, on_write, on_flush);
    png_set_user_limits(s->png, PICTURE_SIDE_MAX, PICTURE_SIDE_MAX);
    png_set_IHDR(s->png, s->info, (png_uint_32)p->width, (png_uint_32)p->height, 8,
                 types[p->channels], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(s->png, s->info);
    size_t row = p->width * (size_t)p->channels;
    for (size_t y = 0; y < p->height; y++) png_write_row(s->png, p->pixels + y * row);
    png_write_end(s->png, NULL);
    return 0;
}

int png_encode(const Picture *p, FILE *out, const char *name, Error *err) {
    Save s = {.picture = p, .out = out, .name = name, .trap = {.err = err}};
    int bad = encode(&s);
    png_destroy_write_struct(&s.png, &s.info);
    return bad;
}
