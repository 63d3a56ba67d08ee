/* stream.c: frames built, written, read back, cut and damaged.
 *
 * Without arguments: the tests. `write FILE` writes two frames for another reader to check;
 * `corpus FOLDER` writes the table of cases as seeds for the fuzzer. */
#include "../fuzz/stream_cases.h"
#include "stream_files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN
#endif
#endif

static void append_length(Bytes *b, uint64_t length) {
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(length >> 8 * i);
    append(b, bytes, 8);
}

static Bytes case_bytes(const StreamCase *c) {
    Bytes b = {0};
    uint64_t length = strlen(c->header);
    if (c->length && *c->length != '-') parse_u64(c->length, &length);
    if (!c->length || *c->length != '-') append_length(&b, length);
    append(&b, c->header, strlen(c->header));
    for (size_t i = 0; i < c->data; i++) append(&b, &(unsigned char){(unsigned char)i}, 1);
    return b;
}
/* ---- types ---- */

static void test_numbers(void) {
    static const struct {
        DType type;
        uint64_t bits;
        double value;
    } n[] = {
        {DT_BOOL, 1, 1},
        {DT_BOOL, 0, 0},
        {DT_U8, 255, 255},
        {DT_I8, 255, -1},
        {DT_I16, 0x8000, -32768},
        {DT_U16, 0x8000, 32768},
        {DT_F16, 0x3c00, 1},
        {DT_F16, 0xc000, -2},
        {DT_F16, 0x7bff, 65504},
        {DT_F16, 0x0001, 0x1p-24},
        {DT_F16, 0x83ff, -0x1.ff8p-15},
        {DT_F16, 0x0400, 0x1p-14},
        {DT_F16, 0x7c00, INFINITY},
        {DT_BF16, 0x3f80, 1},
        {DT_BF16, 0xc049, -3.140625},
        {DT_I32, 0xffffffff, -1},
        {DT_U32, 0xffffffff, 4294967295.0},
        {DT_F32, 0x3fc00000, 1.5},
        {DT_F64, 0x3ff8000000000000, 1.5},
        {DT_I64, UINT64_MAX, -1},
        {DT_U64, 1ull << 63, 0x1p63},
    };
    for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
        unsigned char room[24] = {0};
        /* at an odd address, second element */
        Tensor t = {.dtype = n[i].type, .rank = 1, .shape = {2}, .count = 2, .data = room + 1};
        memcpy(room + 1 + dtype_size(n[i].type), &n[i].bits, dtype_size(n[i].type));
        float one = -99;
        tensor_to_float(&t, 1, 1, &one);
        ok(tensor_get(&t, 1) == n[i].value && one == (float)n[i].value, "%s %#" PRIx64 " is %g",
           dtype_name(n[i].type), n[i].bits, n[i].value);
    }
    unsigned char nan16[2] = {0x01, 0x7e};
    Tensor t = {.dtype = DT_F16, .count = 1, .data = nan16};
    ok(isnan(tensor_get(&t, 0)), "F16 NaN");
    char text[200];
    ok(!strcmp(shape_text(2, (size_t[]){64, 3}, text, sizeof text), "[64,3]"), "shape_text");
    ok(!strcmp(shape_text(0, NULL, text, sizeof text), "[]"), "shape_text of a scalar");
    ok(!strcmp(shape_text(2, (size_t[]){64, 3}, text, 4), "[64"), "shape_text keeps to its room");
}

/* ---- building ---- */

static void test_build(void) {
    Frame f = {0};
    Error err;
    build(&f, 1);
    static const char *const order[] = {"label",        "scalar", "a.weight", "b.weight", "nothing",
                                        "\xc3\xa9\"\\", "brain",  "b.half",   "image",    "flag"};
    int good = f.tensor_count == 10;
    for (size_t i = 0; i < f.tensor_count && good; i++) good = !strcmp(f.tensors[i].name, order[i]);
    ok(good, "tensors are in the reference writer's order");
    good = 1;
    for (size_t i = 0; i < f.tensor_count; i++)
        good &= (uintptr_t)f.tensors[i].data % dtype_size(f.tensors[i].dtype) == 0;
    ok(good && (uintptr_t)f.data % 64 == 0, "each tensor is aligned for its type");
    ok(!strcmp(frame_meta(&f, "gan.steps"), "1") && !frame_meta(&f, "gan"), "metadata is found");
    frame_set_meta(&f, "gan.steps", "a longer value than before");
    frame_set_meta(&f, "gan.steps", "2");
    ok(!strcmp(frame_meta(&f, "gan.steps"), "2") && f.meta_count == 2, "metadata is replaced");
    char long_text[1000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = 0;
    frame_set_metaf(&f, "long", "%s!", long_text);
    ok(strlen(frame_meta(&f, "long")) == sizeof long_text, "long formatted metadata is whole");

    size_t shape[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    ok(frame_add(&f, "image", DT_U8, 1, shape, &err) < 0 && strstr(err.text, "already"),
       "a name twice: %s", err.text);
    ok(frame_add(&f, "x", DT_U8, 9, shape, &err) < 0, "rank 9: %s", err.text);
    ok(frame_add(&f, "a\nb", DT_U8, 1, shape, &err) < 0, "control character refused");
    ok(frame_add(&f, "__metadata__", DT_U8, 1, shape, &err) < 0, "%s", err.text);
    ok(frame_add(&f, "x", DT_F64, 2, (size_t[]){1ull << 40, 1ull << 40}, &err) < 0, "%s", err.text);
    must(frame_add(&f, "\xff", DT_U8, 1, shape, &err));
    must(frame_allocate(&f, &err));
    FILE *null = fopen("/dev/null", "wb");
    ok(frame_write(&f, null, "null", &err) < 0 && strstr(err.text, "UTF-8"),
       "names that are not UTF-8 are not written");
    fclose(null);
    frame_free(&f);
}

/* ---- the table ---- */

static void check_case(const StreamCase *c) {
    Frame f = {0};
    Error err = {""};
    Bytes b = case_bytes(c);
    ptrdiff_t used = frame_parse(b.bytes, b.n, &f, &err);
    if (!c->expected) {
        bool good = ok(used == (ptrdiff_t)b.n, "%s: accepted", c->name);
        if (!good) diag("%s", err.text);
        /* as it came it may be in another order, but once written it stays */
        Bytes once = written(&f);
        ok(frame_parse(once.bytes, once.n, &f, &err) == (ptrdiff_t)once.n, "%s: reads back",
           c->name);
        Bytes twice = written(&f);
        ok(same_bytes(once, twice), "%s: write, read, write gives the same bytes", c->name);
        free(once.bytes);
        free(twice.bytes);
    } else {
        if (!ok(used == -1 && strstr(err.text, c->expected) && !strchr(err.text, '\n'), "%s: %s",
                c->name, err.text))
            diag("expected '%s'", c->expected);
        /* the same from a pipe, where nothing is known in advance */
        int ends[2];
        if (pipe(ends) || write(ends[1], b.bytes, b.n) != (ssize_t)b.n) abort();
        close(ends[1]);
        Reader *r = reader_fd(ends[0], "pipe", &err);
        ok(reader_next(r, &f, &err) == -1 && strstr(err.text, c->expected), "%s: in a pipe",
           c->name);
        reader_close(r);
    }
    frame_free(&f);
    free(b.bytes);
}

/* Headers too long for the table. */
static void test_long_headers(void) {
    Frame f = {0};
    Error err;
    size_t n = 16 << 20;
    char *json = malloc(n + 1);
    memset(json, ' ', n);
    memcpy(json, "{}", 2);
    Bytes b = {0};
    append_length(&b, n);
    append(&b, json, n);
    ok(frame_parse(b.bytes, b.n, &f, &err) == (ptrdiff_t)b.n, "a header of 16 MiB is read");
    free(b.bytes);

    b = (Bytes){0};
    append_length(&b, 1 << 20);
    memset(json, '{', n);
    append(&b, json, 1 << 20);
    ok(frame_parse(b.bytes, b.n, &f, &err) == -1 &&
           strstr(err.text, "nesting deeper than 3 levels"),
       "a megabyte of braces: %s", err.text);
    free(b.bytes);

    b = (Bytes){0};
    memcpy(json, "{\"a\":{", 6);
    for (size_t i = 6; i + 1 < n; i += 2) memcpy(json + i, "1,", 2);
    append_length(&b, n);
    append(&b, json, n);
    ok(frame_parse(b.bytes, b.n, &f, &err) == -1 && strstr(err.text, "values"),
       "a flood of values: %s", err.text);
    free(b.bytes);

    b = (Bytes){0};
    size_t k = (size_t)sprintf(json, "{\"%01025d\":{%s}}", 7,
                               "\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]");
    append_length(&b, k);
    append(&b, json, k + 1);
    ok(frame_parse(b.bytes, b.n, &f, &err) == -1 && strstr(err.text, "longer than 1024"), "%s",
       err.text);
    free(b.bytes);
    free(json);
    frame_free(&f);
}

/* Every cut of two frames, and every byte of the first one damaged, is noticed or harmless. */
static void test_cuts(void) {
    Frame f = {0};
    Error err;
    build(&f, 3);
    Bytes b = written(&f);
    size_t bad = 0;
    for (size_t n = 1; n < b.n; n++) {
        unsigned char *exact = malloc(n); /* so that a sanitizer sees reads past the end */
        memcpy(exact, b.bytes, n);
        bad += frame_parse(exact, n, &f, &err) != -1 || !strstr(err.text, "cut short");
        free(exact);
    }
    ok(!bad, "each of %zu cuts of a frame is an error", b.n - 1);
    size_t data = f.bytes;
    must(frame_parse(b.bytes, b.n, &f, &err));
    data = f.bytes;
    bad = 0;
    for (size_t i = 0; i < b.n; i++) {
        b.bytes[i] ^= 1;
        ptrdiff_t used = frame_parse(b.bytes, b.n, &f, &err);
        if (i >= b.n - data) bad += used != -1 || !strstr(err.text, "damaged");
        b.bytes[i] ^= 1;
    }
    ok(!bad, "each of %zu damaged bytes of data is noticed", data);
    ok(frame_parse(b.bytes, 0, &f, &err) == 0, "no bytes are no frame");
    free(b.bytes);
    frame_free(&f);
}

/* ---- files and pipes ---- */
/* Five frames of differing size, in a file. */
static const char *write_five(void) {
    const char *path = in_folder("five.st");
    Frame f = {0};
    Error err;
    FILE *out = fopen(path, "wb");
    for (int i = 0; i < 5; i++) {
        frame_clear(&f);
        must(frame_add(&f, "x", DT_F32, 2, (size_t[]){(size_t)i + 1, 100}, &err));
        must(frame_allocate(&f, &err));
        ((float *)f.tensors[0].data)[0] = (float)i;
        if (frame_write(&f, out, path, &err)) diag("%s", err.text);
    }
    ok(!stream_finish(out, path, &err), "five frames are written");
    frame_free(&f);
    return path;
}

static void check_five(Reader *r, const char *how) {
    Frame f = {0};
    Error err = {""};
    int good = 1, i = 0, rc;
    for (; (rc = reader_next(r, &f, &err)) == 1; i++)
        good &= f.tensors[0].shape[0] == (size_t)i + 1 && tensor_get(f.tensors, 0) == i;
    ok(good && i == 5 && !rc && reader_frames(r) == 5, "five frames from %s %s", how, err.text);
    ok(reader_next(r, &f, &err) == 0, "and the end again");
    frame_free(&f);
    reader_close(r);
}

/* A reader of a pipe that another process fills with the file, in crumbs. */
static Reader *through_pipe(const char *path, pid_t *child) {
    int ends[2];
    Error err;
    if (pipe(ends)) abort();
    *child = fork();
    if (!*child) {
        Bytes b = get_file(path);
        close(ends[0]);
        for (size_t at = 0, n; at < b.n; at += n) {
            n = b.n - at < 997 ? b.n - at : 997;
            if (write(ends[1], b.bytes + at, n) != (ssize_t)n) _exit(1);
        }
        free(b.bytes);
        _exit(0);
    }
    close(ends[1]);
    return reader_fd(ends[0], "pipe", &err);
}

static void check_headers(Reader *r, const char *path, const char *how) {
    Frame f = {0};
    Error err = {""};
    Bytes b = get_file(path);
    uint64_t at;
    int good = 1, i = 0, rc;
    for (; (rc = reader_next_header(r, &f, &at, &err)) == 1; i++) {
        float first = -1;
        good &= f.tensors[0].shape[0] == (size_t)i + 1 && !f.tensors[0].data;
        if (at + 4 <= b.n) memcpy(&first, b.bytes + at, 4);
        good &= first == (float)i;
    }
    ok(good && i == 5 && rc == 0, "headers and data positions of %s %s", how, err.text);
    frame_free(&f);
    free(b.bytes);
    reader_close(r);
}

static void test_files(void) {
    Error err;
    pid_t child;
    const char *path = write_five();
    check_five(reader_open(path, &err), "a file");
    check_five(through_pipe(path, &child), "a pipe");
    waitpid(child, NULL, 0);
    check_headers(reader_open(path, &err), path, "a file");
    check_headers(through_pipe(path, &child), path, "a pipe");
    waitpid(child, NULL, 0);

    /* a descriptor that stands at the second frame */
    Frame f = {0};
    uint64_t at;
    Reader *r = reader_open(path, &err);
    must(reader_next_header(r, &f, &at, &err));
    size_t second = at + f.bytes;
    reader_close(r);
    int fd = open(path, O_RDONLY);
    lseek(fd, (off_t)second, SEEK_SET);
    r = reader_fd(fd, "rest", &err);
    ok(reader_next(r, &f, &err) == 1 && f.tensors[0].shape[0] == 2, "reading from the middle");
    ok(lseek(fd, 0, SEEK_CUR) % 4 == 0 && reader_next_header(r, &f, &at, &err) == 1 &&
           (off_t)(at + f.bytes) == lseek(fd, 0, SEEK_CUR),
       "nothing is read ahead of the frames delivered");
    reader_close(r);

    ok(!reader_open(in_folder("absent"), &err), "%s", err.text);
    ok(!reader_open(folder, &err), "%s", err.text);
    frame_free(&f);
}

static void test_file_errors(void) {
    Frame f = {0};
    Error err;
    const char *path = in_folder("five.st"), *cut = in_folder("cut.st");
    Bytes b = get_file(path);
    char expected[300];
    b.n -= 100;
    put_file(cut, b);
    Reader *r = reader_open(cut, &err);
    int i = 0, rc;
    while ((rc = reader_next(r, &f, &err)) == 1) i++;
    snprintf(expected, sizeof expected, "%s: frame 5, byte ", cut);
    ok(rc < 0 && i == 4 && strstr(err.text, expected) == err.text &&
           strstr(err.text, "data cut short: 1900 of 2000 bytes"),
       "%s", err.text);
    ok(reader_next(r, &f, &err) == -1 && strstr(err.text, "reading has failed before"),
       "after an error: %s", err.text);
    reader_close(r);
    r = reader_open(cut, &err);
    for (i = 0; (rc = reader_next_header(r, &f, NULL, &err)) == 1;) i++;
    ok(rc < 0 && i == 4, "skipping finds it too: %s", err.text);
    reader_close(r);

    r = reader_open(path, &err);
    reader_limit(r, 800);
    for (i = 0; (rc = reader_next(r, &f, &err)) == 1;) i++;
    ok(rc < 0 && i == 2 && strstr(err.text, "data of 1200 bytes, expected at most 800"), "%s",
       err.text);
    reader_close(r);

    ok(frame_load(path, &f, &err) == -1 && strstr(err.text, "expected one frame alone"), "%s",
       err.text);
    b.n = 0;
    put_file(cut, b);
    ok(frame_load(cut, &f, &err) == -1 && strstr(err.text, "cut.st: "), "%s", err.text);
    r = reader_open(cut, &err);
    ok(reader_next(r, &f, &err) == 0, "an empty file is an empty stream");
    reader_close(r);
    free(b.bytes);
    frame_free(&f);
}

/* A header that claims 10 GiB and sends nothing must not make the reader take 10 GiB. */
static void test_claims(void) {
#ifdef WITH_ASAN
    ok(1, "claims of memory # SKIP under the address sanitizer");
#else
    pid_t child = fork();
    if (!child) {
        struct rlimit limit = {1 << 30, 1 << 30};
        Frame f = {0};
        Error err = {""};
        const StreamCase *c = stream_cases;
        while (strcmp(c->name, "data-claimed")) c++;
        Bytes b = case_bytes(c);
        int ends[2];
        if (setrlimit(RLIMIT_AS, &limit) || pipe(ends)) _exit(2);
        if (write(ends[1], b.bytes, b.n) != (ssize_t)b.n) _exit(2);
        close(ends[1]);
        Reader *r = reader_fd(ends[0], "pipe", &err);
        bool good = reader_next(r, &f, &err) == -1 && strstr(err.text, "cut short");
        reader_close(r);
        frame_free(&f);
        free(b.bytes);
        _exit(good ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    ok(status == 0, "10 GiB claimed and not sent: refused within 1 GiB of memory");
#endif
}

/* More than one step of growth, through a pipe. */
static void test_growth(void) {
    Frame f = {0};
    Error err = {""};
    size_t n = (size_t)150 << 20;
    int ends[2];
    if (pipe(ends)) abort();
    pid_t child = fork();
    if (!child) {
        close(ends[0]);
        must(frame_add(&f, "x", DT_U8, 1, &n, &err));
        must(frame_allocate(&f, &err));
        f.data[n - 1] = 9;
        FILE *out = fdopen(ends[1], "wb");
        _exit(frame_write(&f, out, "pipe", &err) || stream_finish(out, "pipe", &err));
    }
    close(ends[1]);
    Reader *r = reader_fd(ends[0], "pipe", &err);
    ok(reader_next(r, &f, &err) == 1 && f.bytes == n && f.data[n - 1] == 9 && !f.data[0],
       "150 MiB through a pipe %s", err.text);
    reader_close(r);
    waitpid(child, NULL, 0);
    frame_free(&f);
}

static void test_reuse(void) {
    Error err;
    Frame f = {0};
    build(&f, 1);
    Bytes b = written(&f);
    must(frame_parse(b.bytes, b.n, &f, &err));
    const void *data = f.data, *tensors = f.tensors;
    int good = 1;
    for (int i = 0; i < 3; i++) {
        good &= frame_parse(b.bytes, b.n, &f, &err) > 0;
        good &= f.data == data && f.tensors == tensors;
    }
    ok(good, "a frame read again keeps its memory");
    ok(frame_parse(b.bytes, b.n - 1, &f, &err) == -1 && !f.tensor_count && !f.bytes,
       "a frame is empty after an error");
    free(b.bytes);
    frame_free(&f);
}
/* ---- */

static int write_sample(const char *path) {
    Frame f = {0};
    Error err;
    FILE *out = fopen(path, "wb");
    if (!out) return 1;
    int rc = 0;
    for (int i = 1; i <= 2 && !rc; i++) {
        build(&f, i);
        for (size_t k = 0; k < 6; k++)
            ((float *)frame_find(&f, "a.weight")->data)[k] = (float)k / 4 - (float)i;
        rc = frame_write(&f, out, path, &err);
    }
    frame_free(&f);
    return rc || stream_finish(out, path, &err) ? 1 : 0;
}

static int write_corpus(const char *where) {
    for (size_t i = 0; i < sizeof stream_cases / sizeof *stream_cases; i++) {
        char path[512];
        Bytes b = case_bytes(&stream_cases[i]);
        snprintf(path, sizeof path, "%s/%s", where, stream_cases[i].name);
        bool good = put_file(path, b);
        free(b.bytes);
        if (!good) return 1;
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "write")) return write_sample(argv[2]);
    if (argc == 3 && !strcmp(argv[1], "corpus")) return write_corpus(argv[2]);
    if (!mkdtemp(folder)) return 1;
    test_numbers();
    test_build();
    for (size_t i = 0; i < sizeof stream_cases / sizeof *stream_cases; i++)
        check_case(&stream_cases[i]);
    test_long_headers();
    test_cuts();
    test_files();
    test_file_errors();
    test_claims();
    test_growth();
    test_reuse();
    static const char *const files[] = {"five.st", "cut.st"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) unlink(in_folder(files[i]));
    rmdir(folder);
    return done();
}
