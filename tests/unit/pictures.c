/* Pictures: codecs, how they lie, colours, resizing. */
#include "media/picture/codec.h"
#include "media/picture/resize.h"
#include "tap.h"

#include <jpeglib.h>
#include <png.h>

static Error err;

/* ---- codecs ---------------------------------------------------------------------------------- */

/* What a writer puts into a temporary file, in memory to be freed. */
static unsigned char *slurp(FILE *f, size_t *n) {
    *n = (size_t)ftell(f);
    unsigned char *bytes = malloc(*n + 1);
    rewind(f);
    if (fread(bytes, 1, *n, f) != *n) abort();
    fclose(f);
    return bytes;
}

static void paint(Picture *p, size_t height, size_t width, int channels) {
    if (picture_shape(p, height, width, channels, &err)) abort();
    for (size_t i = 0; i < height * width * (size_t)channels; i++)
        p->pixels[i] = (unsigned char)(i * 37 + i / 7);
}

static bool same(const Picture *a, const Picture *b) {
    return a->height == b->height && a->width == b->width && a->channels == b->channels &&
           !memcmp(a->pixels, b->pixels, a->height * a->width * (size_t)a->channels);
}

static unsigned char *png_bytes(const Picture *p, size_t *n) {
    FILE *f = tmpfile();
    if (!f || png_encode(p, f, "test", &err)) abort();
    return slurp(f, n);
}

/* How many proper prefixes of a file are taken for good. */
static size_t good_prefixes(const unsigned char *bytes, size_t n) {
    size_t good = 0;
    Picture p = {0};
    for (size_t k = 0; k < n; k++) good += !picture_decode(bytes, k, NULL, &p, &err);
    picture_free(&p);
    return good;
}

static void test_png(void) {
    for (int c = 1; c <= 4; c++) {
        Picture in = {0}, out = {0};
        size_t n;
        paint(&in, 5, 9, c);
        unsigned char *bytes = png_bytes(&in, &n);
        ok(!picture_decode(bytes, n, NULL, &out, &err) && same(&in, &out),
           "PNG of %d channels comes back the same", c);
        if (c == 3) ok(!good_prefixes(bytes, n), "no PNG cut short is taken for good");
        bytes[n / 2] ^= 0x40;
        ok(picture_decode(bytes, n, NULL, &out, &err), "a damaged PNG is refused: %s", err.text);
        free(bytes);
        picture_free(&in);
        picture_free(&out);
    }
    /* IHDR of 1048576 x 256, properly summed, and nothing else */
    static const unsigned char huge[] = {
        0x89, 'P',  'N',  'G', '\r', '\n', 0x1a, '\n', 0,   0,   0,   13,   'I',  'H',  'D',
        'R',  0,    0x10, 0,   0,    0,    0,    1,    0,   8,   2,   0,    0,    0,    0x1e,
        0x86, 0x0d, 0x0d, 0,   0,    0,    0,    'I',  'D', 'A', 'T', 0x35, 0xaf, 0x06, 0x1e};
    Picture out = {0};
    ok(picture_decode(huge, sizeof huge, NULL, &out, &err), "a huge PNG is refused: %s", err.text);
    picture_free(&out);
}

/* An EXIF block that says nothing but an orientation, with JPEG's mark; returns its length. */
static size_t exif_block(unsigned char *to, int orientation, bool big) {
    static const unsigned char little[] =
        "Exif\0\0II*\0\10\0\0\0\1\0\x12\1\3\0\1\0\0\0\0\0\0\0\0\0\0";
    static const unsigned char other[] =
        "Exif\0\0MM\0*\0\0\0\10\0\1\1\x12\0\3\0\0\0\1\0\0\0\0\0\0\0";
    enum { LENGTH = 32, VALUE = 24 };
    memcpy(to, big ? other : little, LENGTH);
    to[VALUE + big] = (unsigned char)orientation;
    return LENGTH;
}

static unsigned char *jpeg_bytes(const Picture *p, J_COLOR_SPACE space, size_t *n) {
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr trouble;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    j.err = jpeg_std_error(&trouble);
    jpeg_create_compress(&j);
    jpeg_mem_dest(&j, &bytes, &size);
    j.image_width = (JDIMENSION)p->width;
    j.image_height = (JDIMENSION)p->height;
    j.input_components = p->channels;
    j.in_color_space = space;
    jpeg_set_defaults(&j);
    jpeg_set_quality(&j, 95, TRUE);
    jpeg_start_compress(&j, TRUE);
    if (p->orientation > 1) {
        unsigned char exif[64];
        jpeg_write_marker(&j, JPEG_APP0 + 1, (const JOCTET *)"http://ns.adobe.com/xap/1.0/", 29);
        unsigned length = (unsigned)exif_block(exif, p->orientation, p->orientation & 1);
        jpeg_write_marker(&j, JPEG_APP0 + 1, exif, length);
    }
    while (j.next_scanline < j.image_height) {
        JSAMPROW row = p->pixels + j.next_scanline * p->width * (size_t)p->channels;
        jpeg_write_scanlines(&j, &row, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    *n = size;
    return bytes;
}

static void gradient(Picture *p, size_t side, int channels) {
    if (picture_shape(p, side, side, channels, &err)) abort();
    for (size_t y = 0; y < side; y++)
        for (size_t x = 0; x < side; x++)
            for (int c = 0; c < channels; c++)
                p->pixels[(y * side + x) * (size_t)channels + (size_t)c] =
                    (unsigned char)((c == 0   ? x
                                     : c == 1 ? y
                                              : (x + y) / 2) *
                                    255 / side);
}

static int farthest(const Picture *a, const Picture *b) {
    int most = 0;
    for (size_t i = 0; i < a->height * a->width * (size_t)a->channels; i++) {
        int d = abs(a->pixels[i] - b->pixels[i]);
        if (d > most) most = d;
    }
    return most;
}

static void test_jpeg(void) {
    Picture in = {0}, out = {0};
    size_t n;
    gradient(&in, 64, 3);
    unsigned char *bytes = jpeg_bytes(&in, JCS_RGB, &n);
    ok(!picture_decode(bytes, n, NULL, &out, &err) && out.channels == 3 && farthest(&in, &out) < 16,
       "JPEG comes back nearly the same");
    ok(!good_prefixes(bytes, n - 2), "no JPEG cut short is taken for good: %s", err.text);
    DecodeHint hint = {.least_height = 16, .least_width = 10, .grey = true};
    ok(!picture_decode(bytes, n, &hint, &out, &err) && out.height == 16 && out.width == 16 &&
           out.channels == 1,
       "the decoder shrinks as far as it may, and drops colour");
    size_t frame = 2; /* past the marks before the frame's, which has precision, height and width */
    while (bytes[frame + 1] != 0xc0) frame += 2 + bytes[frame + 2] * 256u + bytes[frame + 3];
    memcpy(bytes + frame + 5, (unsigned char[]){0x1f, 0xff, 0x7f, 0xff}, 4);
    ok(picture_decode(bytes, n, NULL, &out, &err) &&
           strstr(err.text, "claims 32767x8191 pixels in "),
       "what a JPEG claims to be is not believed: %s", err.text);
    free(bytes);
    gradient(&in, 16, 1);
    bytes = jpeg_bytes(&in, JCS_GRAYSCALE, &n);
    ok(!picture_decode(bytes, n, NULL, &out, &err) && out.channels == 1, "grey JPEG");
    free(bytes);
    gradient(&in, 16, 4);
    bytes = jpeg_bytes(&in, JCS_CMYK, &n);
    ok(!picture_decode(bytes, n, NULL, &out, &err) && out.channels == 3, "CMYK JPEG becomes RGB");
    size_t unsaid = 0;
    for (size_t i = 2; i < n; i++) {
        bytes[i] ^= 0xff;
        err.text[0] = 0;
        unsaid += picture_decode(bytes, n, NULL, &out, &err) && !err.text[0];
        bytes[i] ^= 0xff;
    }
    ok(!unsaid, "a damaged CMYK JPEG is refused with a message or decoded");
    free(bytes);
    picture_free(&in);
    picture_free(&out);
}

static const struct {
    const char *text;
    size_t n;           /* 0: strlen */
    const char *pixels; /* NULL: must be refused */
    size_t height, width;
    int channels;
} pnms[] = {
    {"P2\n3 1\n255\n0 7 255\n", 0, "\0\7\xff", 1, 3, 1},
    {"P2 # grey\n# two\n 1 2 # size\n100\n# data\n50 100", 0, "\x80\xff", 2, 1, 1},
    {"P3 1 1 15 15 0 1", 0, "\xff\0\x11", 1, 1, 3},
    {"P5\n2 1\n255\nAB", 0, "AB", 1, 2, 1},
    {"P5 2 1 65535\n\xff\xff\x80\x00", 16 + 1, "\xff\x80", 1, 2, 1},
    {"P6\n1 1\n255\nABC trailing", 0, "ABC", 1, 1, 3},
    {"P5\n2 1\n255\nA", 0, NULL, 0, 0, 0},
    {"P5\n0 1\n255\n", 0, NULL, 0, 0, 0},
    {"P5\n1 1\n0\nA", 0, NULL, 0, 0, 0},
    {"P5\n1 1\n65536\nAA", 0, NULL, 0, 0, 0},
    {"P5\n-1 1\n255\nA", 0, NULL, 0, 0, 0},
    {"P5\n99999999999999999999 1\n255\nA", 0, NULL, 0, 0, 0},
    {"P5\n1000000 1000000\n255\nA", 0, NULL, 0, 0, 0},
    {"P2\n2 1\n9\n3", 0, NULL, 0, 0, 0},
    {"P2\n2 1\n9\n3 10", 0, NULL, 0, 0, 0},
    {"P2\n1 1\n9\n# only a comment", 0, NULL, 0, 0, 0},
    {"P5 1 1 3 \x04", 0, NULL, 0, 0, 0},
    {"P7\n1 1\n255\nA", 0, NULL, 0, 0, 0},
    {"P7\nWIDTH 1\n# grey\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\nAB", 0,
     "AB", 1, 1, 2},
    {"P7\nMAXVAL 65535\nDEPTH 4\nHEIGHT 1\nWIDTH 1\nENDHDR\nAABBCCDD", 0, "ABCD", 1, 1, 4},
    {"P7\nMAXVAL 1\nDEPTH 1\nHEIGHT 1\nWIDTH 2\nENDHDR\n\1\1", 0, "\xff\xff", 1, 2, 1},
    {"P7\nMAXVAL 255\nDEPTH 5\nHEIGHT 1\nWIDTH 1\nENDHDR\nABCDE", 0, NULL, 0, 0, 0},
    {"P7\nMAXVAL 255\nHEIGHT 1\nWIDTH 1\nENDHDR\nABCDE", 0, NULL, 0, 0, 0},
    {"P7\nMAXVAL 255\nDEPTH 1\nHEIGHT 1\nENDHDR\nABCDE", 0, NULL, 0, 0, 0},
    {"P7\nDEPTH 1\nHEIGHT 1\nWIDTH 1\nENDHDR\nABCDE", 0, NULL, 0, 0, 0},
    {"P7\nMAXVAL 255\nDEPTH 1\nHEIGHT 2\nWIDTH 1\nENDHDR\nA", 0, NULL, 0, 0, 0},
    {"P7\nMAXVAL 255\nDEPTH 1\nHEIGHT 2\nWIDTH 1\n", 0, NULL, 0, 0, 0},
    {"P5", 0, NULL, 0, 0, 0},
    {"P7\n# a comment to the end", 0, NULL, 0, 0, 0},
};

static void test_pnm(void) {
    for (size_t i = 0; i < sizeof pnms / sizeof *pnms; i++) {
        Picture p = {0};
        size_t n = pnms[i].n ? pnms[i].n : strlen(pnms[i].text);
        int bad = picture_decode((const unsigned char *)pnms[i].text, n, NULL, &p, &err);
        if (!pnms[i].pixels)
            ok(bad, "PNM case %zu is refused: %s", i, bad ? err.text : "");
        else
            ok(!bad && p.height == pnms[i].height && p.width == pnms[i].width &&
                   p.channels == pnms[i].channels &&
                   !memcmp(p.pixels, pnms[i].pixels, p.height * p.width * (size_t)p.channels),
               "PNM case %zu", i);
        picture_free(&p);
    }
}

/* A PNG as it comes from elsewhere: any type and depth, rows as they are stored. */
typedef struct {
    int type, depth, width, height, orientation;
    const unsigned char *rows;
    size_t row;
} Foreign;

static unsigned char *foreign_png(const Foreign *w, size_t *n) {
    FILE *f = tmpfile();
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!f || !info || setjmp(png_jmpbuf(png))) abort();
    png_init_io(png, f);
    png_set_IHDR(png, info, (png_uint_32)w->width, (png_uint_32)w->height, w->depth, w->type,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    static const png_color colours[4] = {{9, 8, 7}, {200, 0, 0}, {0, 200, 0}, {0, 0, 200}};
    if (w->type == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, colours, 4);
    unsigned char exif[64];
    if (w->orientation)
        png_set_eXIf_1(png, info, (png_uint_32)exif_block(exif, w->orientation, true) - 6,
                       exif + 6);
    png_write_info(png, info);
    for (int y = 0; y < w->height; y++) png_write_row(png, w->rows + (size_t)y * w->row);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return slurp(f, n);
}

/* What of "abc/def" is seen upright for each orientation: six pixels, the first rows' width. */
static const struct {
    const char *pixels;
    size_t width;
} upright[9] = {{"abcdef", 3}, {"abcdef", 3}, {"cbafed", 3}, {"fedcba", 3}, {"defabc", 3},
                {"adbecf", 2}, {"daebfc", 2}, {"fcebda", 2}, {"cfbead", 2}};

static void test_orientation(void) {
    enum { BLOCK = 16 };
    Picture blocks = {0}, out = {0};
    if (picture_shape(&blocks, 2 * BLOCK, 3 * BLOCK, 1, &err)) abort();
    for (size_t y = 0; y < blocks.height; y++)
        for (size_t x = 0; x < blocks.width; x++)
            blocks.pixels[y * blocks.width + x] = (unsigned char)(40 * (y / BLOCK * 3 + x / BLOCK));
    for (int o = 1; o <= 8; o++) {
        size_t n, width = upright[o].width;
        Foreign w = {PNG_COLOR_TYPE_GRAY, 8, 3, 2, o, (const unsigned char *)"abcdef", 3};
        unsigned char *bytes = foreign_png(&w, &n);
        ok(!picture_decode(bytes, n, NULL, &out, &err) && out.width == width &&
               out.height == 6 / width && !memcmp(out.pixels, upright[o].pixels, 6),
           "PNG of orientation %d is put upright", o);
        free(bytes);
        blocks.orientation = o;
        bytes = jpeg_bytes(&blocks, JCS_GRAYSCALE, &n);
        bool good = !picture_decode(bytes, n, NULL, &out, &err) && out.width == width * BLOCK &&
                    out.height == 6 / width * BLOCK;
        for (size_t i = 0; good && i < 6; i++) {
            size_t y = i / width * BLOCK + BLOCK / 2, x = i % width * BLOCK + BLOCK / 2;
            good = abs(out.pixels[y * out.width + x] - 40 * (upright[o].pixels[i] - 'a')) < 6;
        }
        ok(good, "and JPEG");
        DecodeHint hint = {.least_height = 6 / width * BLOCK / 4, .least_width = width * BLOCK / 4};
        ok(!picture_decode(bytes, n, &hint, &out, &err) && out.width == width * BLOCK / 4 &&
               out.height == 6 / width * BLOCK / 4,
           "which is shrunk by what is upright");
        free(bytes);
    }
    picture_free(&blocks);
    picture_free(&out);
}

static void put_box(Str *s, const char *type, const char *data, size_t n) {
    for (int i = 3; i >= 0; i--) str_append(s, &(char){(char)((n + 8) >> 8 * i)}, 1);
    str_append(s, type, 4);
    str_append(s, data, n);
}

/* A HEIF file of no picture: ftyp, and meta with the turns and mirrors that are not negative. */
static int heif_with(int turns, int mirror) {
    Str list = {0}, properties = {0}, meta = {0}, file = {0};
    put_box(&list, "ispe", "\0\0\0\0\0\0\0\1\0\0\0\1", 12);
    if (turns >= 0) put_box(&list, "irot", &(char){(char)turns}, 1);
    if (mirror >= 0) put_box(&list, "imir", &(char){(char)mirror}, 1);
    put_box(&properties, "ipco", list.text, list.length);
    str_append(&meta, "\0\0\0\0", 4);
    put_box(&meta, "hdlr", "pict", 4);
    put_box(&meta, "iprp", properties.text, properties.length);
    put_box(&file, "ftyp", "avif\0\0\0\0", 8);
    put_box(&file, "meta", meta.text, meta.length);
    unsigned char *bytes = (unsigned char *)file.text;
    int found = heif_orientation(bytes, file.length);
    for (size_t n = 0; n < file.length; n++) { /* no cut reads beyond its end, says a sanitizer */
        unsigned char *exact = malloc(n + !n);
        memcpy(exact, bytes, n);
        heif_orientation(exact, n);
        free(exact);
    }
    str_free(&list), str_free(&properties), str_free(&meta), str_free(&file);
    return found;
}

/* Turns a picture of "abc/def" as HEIF says: quarters against the clock, then top and bottom (0) or
 * left and right (1) change places. */
static void turn_slowly(char *p, size_t *height, size_t *width, int turns, int mirror) {
    char q[6];
    for (; turns > 0; turns--) {
        for (size_t y = 0; y < *width; y++)
            for (size_t x = 0; x < *height; x++)
                q[y * *height + x] = p[x * *width + *width - 1 - y];
        memcpy(p, q, 6);
        size_t was = *height;
        *height = *width;
        *width = was;
    }
    for (size_t y = 0; mirror >= 0 && y < *height; y++)
        for (size_t x = 0; x < *width; x++)
            q[y * *width + x] =
                mirror ? p[y * *width + *width - 1 - x] : p[(*height - 1 - y) * *width + x];
    if (mirror >= 0) memcpy(p, q, 6);
}

static void test_orientation_of_others(void) {
    int bad = 0;
    for (int turns = -1; turns < 4; turns++)
        for (int mirror = -1; mirror < 2; mirror++) {
            char p[] = "abcdef";
            size_t height = 2, width = 3;
            turn_slowly(p, &height, &width, turns, mirror);
            int o = heif_with(turns, mirror);
            bad += o < 1 || memcmp(p, upright[o].pixels, 6) || upright[o].width != width;
        }
    ok(!bad, "HEIF's turns and mirrors");
    unsigned char file[256], exif[64];
    for (int o = 1; o <= 8; o++) {
        /* TIFF: the directory is far behind */
        size_t n = exif_block(exif, o, o & 1) - 6, at = 200;
        memset(file, 0, sizeof file);
        memcpy(file, exif + 6, 4);
        file[o & 1 ? 7 : 4] = (unsigned char)at;
        memcpy(file + at, exif + 6 + 8, n - 8);
        bad += tiff_orientation(file, at + n - 8) != o;
        for (size_t cut = 0; cut < at + 14; cut++) bad += tiff_orientation(file, cut) != 0;
        /* WebP: a chunk of odd length goes before, the block with JPEG's mark or without */
        n += o > 4 ? 6 : 0;
        memcpy(file, "RIFF\0\0\0\0WEBPVP8L\3\0\0\0abc\0EXIF\0\0\0\0", 32);
        file[28] = (unsigned char)n;
        memcpy(file + 32, exif + (o > 4 ? 0 : 6), n);
        bad += webp_orientation(file, 32 + n) != o;
        for (size_t cut = 0; cut < 32 + n; cut++) bad += webp_orientation(file, cut) != 0;
    }
    ok(!bad, "TIFF's and WebP's EXIF");
}

static void test_index(void) {
    static const struct {
        Foreign png;
        const char *expected; /* NULL: refused */
    } cases[] = {
        {{PNG_COLOR_TYPE_PALETTE, 2, 5, 1, 0, (const unsigned char *)"\x1b\x40", 2}, "\0\1\2\3\1"},
        {{PNG_COLOR_TYPE_PALETTE, 8, 3, 2, 6, (const unsigned char *)"\0\1\2\3\2\1", 3},
         "\3\0\2\1\1\2"},
        {{PNG_COLOR_TYPE_GRAY, 1, 5, 1, 0, (const unsigned char *)"\xb0", 1}, "\1\0\1\1\0"},
        {{PNG_COLOR_TYPE_GRAY, 4, 3, 1, 0, (const unsigned char *)"\x1f\x30", 2}, "\1\xf\3"},
        {{PNG_COLOR_TYPE_GRAY, 8, 2, 1, 0, (const unsigned char *)"\1\xfe", 2}, "\1\xfe"},
        {{PNG_COLOR_TYPE_GRAY, 16, 1, 1, 0, (const unsigned char *)"\0\1", 2}, NULL},
        {{PNG_COLOR_TYPE_RGB, 8, 1, 1, 0, (const unsigned char *)"\0\1\2", 3}, NULL},
        {{PNG_COLOR_TYPE_GRAY_ALPHA, 8, 1, 1, 0, (const unsigned char *)"\1\2", 2}, NULL},
    };
    static const char *const pnm[][2] = {{"P5 2 1 7 \1\7", "\1\7"},
                                         {"P2 2 1 7 3 7", "\3\7"},
                                         {"P6 1 1 255 abc", NULL},
                                         {"P2 1 1 300 299", NULL}};
    Picture out = {0};
    DecodeHint hint = {.index = 8};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n, area = (size_t)(cases[i].png.width * cases[i].png.height);
        unsigned char *bytes = foreign_png(&cases[i].png, &n);
        int bad = picture_decode(bytes, n, &hint, &out, &err);
        ok(cases[i].expected ? !bad && out.channels == 1 && out.height * out.width == area &&
                                   !memcmp(out.pixels, cases[i].expected, area)
                             : bad && strstr(err.text, "expected indices"),
           "indices %zu%s%s", i, bad ? ": " : "", bad ? err.text : "");
        free(bytes);
    }
    for (size_t i = 0; i < sizeof pnm / sizeof *pnm; i++) {
        int bad =
            picture_decode((const unsigned char *)pnm[i][0], strlen(pnm[i][0]), &hint, &out, &err);
        ok(pnm[i][1] ? !bad && out.channels == 1 && !memcmp(out.pixels, pnm[i][1], 2)
                     : bad && strstr(err.text, "expected indices"),
           "indices in PNM %zu%s%s", i, bad ? ": " : "", bad ? err.text : "");
    }
    size_t n;
    if (picture_shape(&out, 8, 8, 1, &err)) abort();
    unsigned char *bytes = jpeg_bytes(&out, JCS_GRAYSCALE, &n);
    ok(picture_decode(bytes, n, &hint, &out, &err) && strstr(err.text, "JPEG"), "JPEG has none: %s",
       err.text);
    free(bytes);
    picture_free(&out);
}

static void test_convert(void) {
    Picture p = {0};
    static const unsigned char rgba[8] = {255, 0, 0, 255, 0, 0, 0, 0};
    must(picture_shape(&p, 1, 2, 4, &err));
    memcpy(p.pixels, rgba, 8);
    ok(!picture_convert(&p, false, ALPHA_WHITE, &err) && p.channels == 3 &&
           !memcmp(p.pixels, "\xff\0\0\xff\xff\xff", 6),
       "alpha over white");
    ok(!picture_convert(&p, true, ALPHA_DROP, &err) && p.channels == 1 &&
           !memcmp(p.pixels, "\x4c\xff", 2),
       "grey of red is 76");
    ok(!picture_convert(&p, false, ALPHA_KEEP, &err) && p.channels == 4 &&
           !memcmp(p.pixels, "\x4c\x4c\x4c\xff\xff\xff\xff\xff", 8),
       "grey to colour, opaque");
    picture_free(&p);
}

/* ---- resizing -------------------------------------------------------------------------------- */

/* The definition, sample by sample: sum over all pixels of a separable tent. */
static double tent_at(const Picture *p, double sy, double sx, size_t y, size_t x, int c) {
    double cy = ((double)y + 0.5) * sy, cx = ((double)x + 0.5) * sx, sum = 0, weight = 0;
    for (size_t i = 0; i < p->height; i++)
        for (size_t k = 0; k < p->width; k++) {
            double wy = 1 - fabs((double)i + 0.5 - cy) / fmax(sy, 1);
            double wx = 1 - fabs((double)k + 0.5 - cx) / fmax(sx, 1);
            if (wy <= 0 || wx <= 0) continue;
            sum += wy * wx * p->pixels[(i * p->width + k) * (size_t)p->channels + (size_t)c];
            weight += wy * wx;
        }
    return sum / weight;
}

/* The kernels at a half, one, one and a half: their closed forms, Keys' with a = -1/2. */
static void test_kernels(void) {
    static const double want[FILTER_COUNT][3] = {
        [FILTER_TRIANGLE] = {0.5, 0, 0},
        [FILTER_BICUBIC] = {0.5625, 0, -0.0625},
        [FILTER_LANCZOS] = {0.6079271018540267, 0, -0.1350949115231170},
    };
    for (int f = FILTER_TRIANGLE; f < FILTER_COUNT; f++) {
        double far = 0;
        for (int i = 0; i < 3; i++)
            for (int side = -1; side <= 1; side += 2)
                far =
                    fmax(far, fabs(filter_at((ResizeFilter)f, side * 0.5 * (i + 1)) - want[f][i]));
        ok(far < 1e-12, "kernel %d at halves", f);
    }
}

static void test_resize(void) {
    Resizer r = {0};
    Picture in = {0};
    unsigned char out[40 * 40 * 4];
    static const size_t sizes[][2] = {{7, 5}, {20, 30}, {40, 40}, {1, 1}, {13, 17}, {3, 40}};
    for (int c = 1; c <= 4; c++) {
        paint(&in, 20, 17, c);
        double worst = 0;
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            size_t h = sizes[i][0], w = sizes[i][1];
            Scaling all = scaling_of((Box){0, 0, in.height, in.width}, h, w);
            if (picture_resize(&r, &in, &all, FILTER_TRIANGLE, out, &err)) abort();
            for (size_t k = 0; k < h * w * (size_t)c; k++) {
                size_t x = k / (size_t)c % w, y = k / (size_t)c / w;
                double v =
                    tent_at(&in, 20.0 / (double)h, 17.0 / (double)w, y, x, (int)(k % (size_t)c));
                worst = fmax(worst, fabs(v - out[k]));
            }
        }
        ok(worst < 0.51, "triangle filter, %d channels: within rounding of its definition (%.3f)",
           c, worst);
    }
    if (picture_shape(&in, 33, 9, 3, &err)) abort();
    memset(in.pixels, 200, 33 * 9 * 3);
    for (int f = 0; f < FILTER_COUNT; f++) {
        int bad = 0;
        for (size_t side = 1; side <= 40; side += 3) {
            Scaling part = scaling_of((Box){1, 2, 30, 6}, side, side);
            if (picture_resize(&r, &in, &part, (ResizeFilter)f, out, &err)) abort();
            for (size_t i = 0; i < side * side * 3; i++) bad += out[i] != 200;
        }
        ok(!bad, "filter %d keeps a flat picture flat", f);
    }
    paint(&in, 8, 8, 1);
    Scaling half = scaling_of((Box){0, 0, 8, 8}, 4, 4);
    if (picture_resize(&r, &in, &half, FILTER_BOX, out, &err)) abort();
    int bad = 0;
    for (size_t y = 0; y < 4; y++)
        for (size_t x = 0; x < 4; x++) {
            const unsigned char *p = in.pixels + 16 * y + 2 * x;
            bad += fabs((p[0] + p[1] + p[8] + p[9]) / 4.0 - out[4 * y + x]) > 0.5;
        }
    ok(!bad, "box filter by two is the mean of four");
    Picture wide = {.height = 100, .width = 300};
    Box b = box_of_aspect(&wide, 1, 2);
    ok(b.y == 0 && b.x == 50 && b.height == 100 && b.width == 200, "the centre of that ratio");
    b = box_of_aspect(&wide, 1000, 1);
    ok(b.width == 1 && b.height == 100, "an extreme ratio leaves a line");
    picture_free(&in);
    resizer_free(&r);
}

static void test_kept(void) {
    static const size_t sides[] = {8, 5, 11};
    Resizer r = {0};
    Picture in = {0};
    unsigned char whole[11 * 11], out[4 * 3];
    int bad = 0;
    paint(&in, 8, 8, 1);
    for (int i = 0; i < 3; i++) {
        Scaling to = scaling_of((Box){0, 0, 8, 8}, sides[i], sides[i]);
        if (picture_resize(&r, &in, &to, FILTER_BICUBIC, whole, &err)) abort();
        to.kept = (Box){1, 2, 4, 3};
        if (picture_resize(&r, &in, &to, FILTER_BICUBIC, out, &err)) abort();
        for (size_t y = 0; y < 4; y++)
            bad += memcmp(out + 3 * y, whole + (1 + y) * sides[i] + 2, 3) != 0;
    }
    ok(!bad, "what is kept is a part of the whole");
    picture_free(&in);
    resizer_free(&r);
}

int main(void) {
    test_png();
    test_jpeg();
    test_pnm();
    test_orientation();
    test_orientation_of_others();
    test_index();
    test_convert();
    test_kernels();
    test_resize();
    test_kept();
    return done();
}
