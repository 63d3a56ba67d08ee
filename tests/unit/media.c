/* The parsers of data sets, regrouping and batching. */
#include "base/random.h"
#include "media/arrange/batch.h"
#include "media/regroup.h"
#include "media/sources/datasets.h"
#include "media/sources/npy.h"
#include "media/sources/paths.h"
#include "media/views/sheet.h"
#include "tap.h"

#include <unistd.h>

static Error err;

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
        {"{'descr': '<f8', 'fortran_order': True, 'shape': (7, 2), }", 2, DT_F64},
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
    for (int i = 0; i < 5; i++)
        p.items[p.count++] = (FilePath){.path = names[i], .below = names[i] + 2};
    paths_sort(&p);
    ok(!classes_take(&c, &p, &err) && c.count == 3 && !strcmp(c.names[0], "ant") &&
           !strcmp(c.names[1], "cat") && !strcmp(c.names[2], "cats"),
       "classes are the sorted first folders");
    ok(class_of(&c, &p.items[0]) == 0 && class_of(&c, &p.items[1]) == 1 &&
           class_of(&c, &p.items[3]) == 2 && class_of(&c, &p.items[4]) == -1,
       "each file finds its class");
    char *json = classes_json(&c, "folder name", &err);
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
    must(frame_add(f, "id", DT_I64, 1, &n, &err));
    must(frame_add(f, "wide", DT_U8, 2, wide, &err));
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
        if (!frame.tensor_count) continue; /* says that nothing is left */
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
    test_idx();
    test_npy();
    test_classes();
    test_regroup();
    test_batch();
    test_permutation();
    return done();
}
