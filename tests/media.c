/* Pictures, resizing, the parsers of data sets, regrouping and batching. */
#include "media/batch.h"
#include "media/datasets.h"
#include "media/npy.h"
#include "media/paths.h"
#include "media/random.h"
#include "media/resize.h"
#include "media/rows.h"
#include "media/sheet.h"
#include "tap.h"

#include <jpeglib.h>

#include <unistd.h>

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
    free(bytes);
    gradient(&in, 16, 1);
    bytes = jpeg_bytes(&in, JCS_GRAYSCALE, &n);
    ok(!picture_decode(bytes, n, NULL, &out, &err) && out.channels == 1, "grey JPEG");
    free(bytes);
    gradient(&in, 16, 4);
    bytes = jpeg_bytes(&in, JCS_CMYK, &n);
    ok(!picture_decode(bytes, n, NULL, &out, &err) && out.channels == 3, "CMYK JPEG becomes RGB");
    for (size_t i = 2; i < n; i++) { /* nothing to assert but that it lives */
        bytes[i] ^= 0xff;
        picture_decode(bytes, n, NULL, &out, &err);
        bytes[i] ^= 0xff;
    }
    ok(1, "JPEG survives damage of every byte");
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
    {"P5", 0, NULL, 0, 0, 0},
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

static void test_convert(void) {
    Picture p = {0};
    static const unsigned char rgba[8] = {255, 0, 0, 255, 0, 0, 0, 0};
    picture_shape(&p, 1, 2, 4, &err);
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
            Box all = {0, 0, in.height, in.width};
            if (picture_resize(&r, &in, all, h, w, FILTER_TRIANGLE, out, &err)) abort();
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
            Box box = {1, 2, 30, 6};
            if (picture_resize(&r, &in, box, side, side, (Filter)f, out, &err)) abort();
            for (size_t i = 0; i < side * side * 3; i++) bad += out[i] != 200;
        }
        ok(!bad, "filter %d keeps a flat picture flat", f);
    }
    paint(&in, 8, 8, 1);
    Box half = {0, 0, 8, 8};
    if (picture_resize(&r, &in, half, 4, 4, FILTER_BOX, out, &err)) abort();
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

/* ---- data sets ------------------------------------------------------------------------------- */

static void test_idx(void) {
    static const struct {
        const char *bytes;
        size_t n;
        int want; /* result of idx_parse */
        size_t need;
    } cases[] = {
        {"\0\0\x08\x01\0\0\1\0", 8, 8, 8},
        {"\0\0\x08\x03\0\0\0\2\0\0\0\3\0\0\0\4", 16, 16, 16},
        {"\0\0\x08", 3, 0, 4},
        {"\0\0\x08\x02\0\0\0\1", 8, 0, 12},
        {"\0\1\x08\x01\0\0\1\0", 8, -1, 0},
        {"\0\0\x08\x00", 4, -1, 0},
        {"\0\0\x08\x09", 4, -1, 0},
        {"\0\0\x08\x01\0\0\0\0", 8, -1, 0},
        {"\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16, -1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Idx idx;
        size_t need;
        int got = idx_parse((const unsigned char *)cases[i].bytes, cases[i].n, &idx, &need, &err);
        ok(got == cases[i].want && (got < 0 || need == cases[i].need), "IDX header %zu%s%s", i,
           got < 0 ? ": " : "", got < 0 ? err.text : "");
    }
}

static void test_npy(void) {
    static const struct {
        const char *text;
        int rank; /* -1: refused */
        DType dtype;
    } cases[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }    \n", 2, DT_F32},
        {"{'descr':'|u1','fortran_order':False,'shape':(7,)}", 1, DT_U8},
        {"{\"shape\": (), 'fortran_order': False, 'descr': '>i8'}", 0, DT_I64},
        {"{'descr': '|b1', 'fortran_order': True, 'shape': (7,), }", 1, DT_BOOL},
        {"{'descr': '<f8', 'fortran_order': True, 'shape': (7, 2), }", -1, 0},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (7,), }", -1, 0},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (7,), }", -1, 0},
        {"{'descr': '<U3', 'fortran_order': False, 'shape': (7,), }", -1, 0},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (7,), }", -1, 0},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (7), }", -1, 0},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-7,), }", -1, 0},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,2,3,4,5,6,7,8,9), }", -1, 0},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", -1, 0},
        {"{'descr': '<f4', 'fortran_order': False}", -1, 0},
        {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (7,)}", -1, 0},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (7,), 'more': 1}", -1, 0},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (7,)} + exit()", -1, 0},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (7,)}", -1, 0},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (7,", -1, 0},
        {"{'descr': '<f4\\n', 'fortran_order': False, 'shape': (7,)}", -1, 0},
        {"", -1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Npy npy;
        int bad = npy_parse(cases[i].text, strlen(cases[i].text), &npy, &err);
        ok(cases[i].rank < 0 ? bad
                             : !bad && npy.rank == cases[i].rank && npy.dtype == cases[i].dtype,
           ".npy header %zu%s%s", i, bad ? ": " : "", bad ? err.text : "");
    }
}

static void test_classes(void) {
    static const char *const names[] = {"x/cat/1", "x/cat/2", "x/cats/1", "x/ant/deep/1", "x/lone"};
    Paths p = {0};
    Classes c, back;
    p.arena = arena_new(NULL);
    p.items = calloc(5, sizeof *p.items);
    for (int i = 0; i < 5; i++) p.items[p.count++] = (Path){names[i], names[i] + 2};
    paths_sort(&p);
    ok(!classes_take(&c, &p, &err) && c.count == 3 && !strcmp(c.names[0], "ant") &&
           !strcmp(c.names[1], "cat") && !strcmp(c.names[2], "cats"),
       "classes are the sorted first folders");
    ok(class_of(&c, &p.items[0]) == 0 && class_of(&c, &p.items[1]) == 1 &&
           class_of(&c, &p.items[3]) == 2 && class_of(&c, &p.items[4]) == -1,
       "each file finds its class");
    char *json = classes_json(&c, &err);
    ok(json && !strcmp(json, "[\"ant\",\"cat\",\"cats\"]") &&
           !classes_parse(&back, json, p.arena, &err) && back.count == 3 &&
           !strcmp(back.names[2], "cats"),
       "class names go to JSON and back");
    ok(classes_parse(&back, "[1]", p.arena, &err), "other JSON is refused");
    free(json);
    paths_free(&p);
}

/* ---- samples ----------------------------------------------------------------------------------*/

/* A frame of `n` samples whose ids count up from *next. */
static void id_frame(Frame *f, size_t n, int64_t *next) {
    size_t wide[] = {n, 3};
    frame_clear(f);
    frame_add(f, "id", DT_I64, 1, &n, &err);
    frame_add(f, "wide", DT_U8, 2, wide, &err);
    frame_set_meta(f, "gan.classes", "[]");
    if (frame_allocate(f, &err)) abort();
    int64_t *id = frame_find(f, "id")->data;
    unsigned char *w = frame_find(f, "wide")->data;
    for (size_t i = 0; i < n; i++) {
        id[i] = *next;
        for (int k = 0; k < 3; k++) *w++ = (unsigned char)(*next * 3 + k);
        ++*next;
    }
}

typedef struct {
    int64_t id[4096];
    size_t count, frames, sizes[4096];
    bool sound; /* `wide` goes with `id`, and metadata is there */
} Got;

static void collect(FILE *f, Got *g) {
    Frame frame = {0};
    fflush(f);
    rewind(f);
    Reader *r = reader_fd(dup(fileno(f)), "test", &err);
    *g = (Got){.sound = true};
    while (reader_next(r, &frame, &err) > 0) {
        Tensor *id = frame_find(&frame, "id"), *wide = frame_find(&frame, "wide");
        if (!frame_meta(&frame, "gan.classes")) g->sound = false;
        g->sizes[g->frames++] = id->count;
        for (size_t i = 0; i < id->count; i++) {
            int64_t v = ((int64_t *)id->data)[i];
            for (size_t k = 0; k < 3; k++)
                if (((unsigned char *)wide->data)[3 * i + k] != (unsigned char)(v * 3 + (int)k))
                    g->sound = false;
            g->id[g->count++] = v;
        }
    }
    reader_close(r);
    frame_free(&frame);
    fclose(f);
}

static void test_regroup(void) {
    Random rnd = random_at(7, USE_POINTS, 0);
    int bad = 0;
    static Got got;
    for (int round = 0; round < 40; round++) {
        size_t size = random_below(&rnd, 9), expected = 0;
        FILE *out = tmpfile();
        Regroup g;
        Frame f = {0};
        int64_t next = 0, wanted[4096];
        regroup_start(&g, size, out, "test");
        for (int i = 0; i < 12; i++) {
            int64_t first = next;
            size_t n = random_below(&rnd, 12), from = random_below(&rnd, 6);
            size_t count = random_below(&rnd, 2) ? SIZE_MAX : random_below(&rnd, 6);
            id_frame(&f, n, &next);
            bad |= regroup_add(&g, &f, from, count, &err);
            for (size_t k = from; k < n && k - from < count; k++)
                wanted[expected++] = first + (int64_t)k;
        }
        bad |= regroup_end(&g, false, &err);
        collect(out, &got);
        bad |= !got.sound || got.count != expected ||
               memcmp(got.id, wanted, expected * sizeof *wanted);
        for (size_t i = 0; size && i + 1 < got.frames; i++) bad |= got.sizes[i] != size;
        frame_free(&f);
    }
    ok(!bad, "regrouped samples are those of a plain list, in frames of the size asked for");
}

static char stream_path[] = "/tmp/gan-media-test.XXXXXX";

static void make_stream(void) {
    static const size_t sizes[] = {5, 1, 17, 30, 47};
    Frame f = {0};
    int64_t next = 0;
    FILE *out = fdopen(mkstemp(stream_path), "wb");
    for (int i = 0; i < 5; i++) {
        id_frame(&f, sizes[i], &next);
        if (frame_write(&f, out, "test", &err)) abort();
    }
    fclose(out);
    frame_free(&f);
}

static int batch(const BatchWant *w, Got *got) {
    FILE *out = tmpfile();
    int bad = batch_write(stream_path, w, out, "test", &err);
    collect(out, got);
    return bad;
}

static int by_value(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool each_once(int64_t *id, size_t n) {
    qsort(id, n, sizeof *id, by_value);
    for (size_t i = 0; i < n; i++)
        if (id[i] != (int64_t)i) return false;
    return true;
}

static void test_batch(void) {
    static Got all, part;
    make_stream();
    BatchWant plain = {.size = 8, .epochs = 2, .shards = 1};
    ok(!batch(&plain, &all) && all.sound && all.count == 200 && all.frames == 26 &&
           all.sizes[12] == 4 && all.id[0] == 0 && all.id[99] == 99 && all.id[100] == 0,
       "two epochs in order");
    BatchWant w = {.size = 8, .epochs = 3, .shards = 1, .shuffle = true, .seed = 5};
    batch(&w, &all);
    ok(all.sound && all.count == 300 && memcmp(all.id, all.id + 100, 800) &&
           memcmp(all.id + 100, all.id + 200, 800),
       "each epoch has an order of its own");
    int bad = 0;
    for (w.start = 0; w.start <= 40; w.start++) {
        size_t skipped = 0;
        for (size_t i = 0; i < w.start && i < all.frames; i++) skipped += all.sizes[i];
        bad |= batch(&w, &part) || part.count != 300 - skipped ||
               memcmp(part.id, all.id + skipped, part.count * sizeof *part.id);
    }
    ok(!bad, "a run that starts at any frame goes on as the whole run did");
    ok(each_once(all.id, 100) && each_once(all.id + 100, 100) && each_once(all.id + 200, 100),
       "each epoch visits every sample once");
    w = (BatchWant){.size = 8, .epochs = 1, .shards = 3, .shuffle = true, .seed = 5};
    static int64_t joined[100];
    size_t n = 0;
    for (w.shard = 0; w.shard < 3; w.shard++) {
        batch(&w, &part);
        memcpy(joined + n, part.id, part.count * sizeof *part.id);
        n += part.count;
    }
    ok(n == 100 && each_once(joined, 100), "the shards share the samples out");
    w = (BatchWant){.size = 8, .epochs = 2, .shards = 1, .drop_last = true};
    ok(!batch(&w, &part) && part.frames == 24 && part.sizes[11] == 8 && part.id[96] == 0,
       "the smaller last frame can be left out");
    w = (BatchWant){.size = 200, .epochs = 2, .shards = 1, .drop_last = true};
    ok(batch(&w, &part), "no frame at all is an error: %s", err.text);
    FILE *f = fopen(stream_path, "r+b");
    fseek(f, -1, SEEK_END);
    int c = fgetc(f);
    fseek(f, -1, SEEK_END);
    fputc(c ^ 1, f);
    fclose(f);
    ok(batch(&plain, &part) && strstr(err.text, "checksum"), "damage is noticed: %s", err.text);
    plain.trust = true;
    ok(!batch(&plain, &part), "unless the stream is trusted");
    if (truncate(stream_path, 900)) abort();
    ok(batch(&plain, &part), "a stream cut short is refused: %s", err.text);
    unlink(stream_path);
}

static void test_permutation(void) {
    static uint32_t order[1000];
    static int64_t wide[1000];
    random_permutation(1, 2, order, 1000);
    for (int i = 0; i < 1000; i++) wide[i] = order[i];
    ok(each_once(wide, 1000), "a permutation is one");
    int count[5][5] = {{0}}, bad = 0;
    for (uint64_t e = 0; e < 5000; e++) {
        random_permutation(3, e, order, 5);
        for (int i = 0; i < 5; i++) count[i][order[i]]++;
    }
    for (int i = 0; i < 25; i++) bad += abs(count[i / 5][i % 5] - 1000) > 150; /* 5 deviations */
    ok(!bad, "every number is equally likely at every place");
    double sum = 0, square = 0;
    Random r = random_at(1, USE_POINTS, 1);
    for (int i = 0; i < 20000; i++) {
        double v = random_normal(&r);
        sum += v;
        square += v * v;
    }
    ok(fabs(sum / 20000) < 0.03 && fabs(square / 20000 - 1) < 0.05, "normal numbers are normal");
}

int main(void) {
    test_png();
    test_jpeg();
    test_pnm();
    test_convert();
    test_resize();
    test_idx();
    test_npy();
    test_classes();
    test_regroup();
    test_batch();
    test_permutation();
    return done();
}
