/* stream-save.c: frames saved at once or not at all, and read back tensor by tensor. */
#include "stream_files.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- saving ---- */

static int files_in_folder(void) {
    char command[300];
    int n = -1;
    snprintf(command, sizeof command, "ls '%s' | wc -l", folder);
    FILE *p = popen(command, "r");
    if (p && fscanf(p, "%d", &n) != 1) n = -1;
    if (p) pclose(p);
    return n;
}

static void test_save(void) {
    Frame f = {0}, g = {0};
    Error err = {""};
    struct stat st;
    const char *path = in_folder("run.st"), *link = in_folder("link.st");
    build(&f, 7);
    umask(027);
    ok(!frame_save(&f, path, &err) && !frame_load(path, &g, &err), "saved and loaded %s", err.text);
    ok(g.bytes == f.bytes && !memcmp(g.data, f.data, f.bytes), "the data is the same");
    ok(!stat(path, &st) && (st.st_mode & 0777) == 0640, "the umask holds");
    chmod(path, 0600);
    if (symlink("run.st", link)) abort();
    frame_set_meta(&f, "gan.steps", "8");
    int before = files_in_folder();
    ok(!frame_save(&f, link, &err) && !lstat(link, &st) && S_ISLNK(st.st_mode),
       "saving through a link keeps the link");
    ok(!frame_load(path, &g, &err) && !strcmp(frame_meta(&g, "gan.steps"), "8"),
       "and replaces the file");
    ok(!stat(path, &st) && (st.st_mode & 0777) == 0600, "with its permissions");
    ok(files_in_folder() == before, "nothing else is left in the folder");
    umask(022);
    frame_free(&f);
    frame_free(&g);
}

static void test_save_errors(void) {
    Frame f = {0}, g = {0};
    Error err = {""};
    struct stat st;
    const char *path = in_folder("run.st");
    Bytes old = get_file(path);
    int before = files_in_folder();
    build(&f, 9);
    ok(frame_save(&f, "/dev/full", &err) == -1 && strstr(err.text, "No space"), "%s", err.text);
    ok(!stat("/dev/full", &st) && S_ISCHR(st.st_mode), "/dev/full is still there");
    ok(!frame_save(&f, "/dev/null", &err) && !stat("/dev/null", &st) && S_ISCHR(st.st_mode),
       "devices are written, not replaced");
    ok(frame_save(&f, in_folder("absent/run.st"), &err) == -1 &&
           strstr(err.text, "cannot create in the folder") && strstr(err.text, "No such file"),
       "%s", err.text);
    ok(frame_save(&f, folder, &err) == -1 && strstr(err.text, "Is a directory"), "%s", err.text);

    /* a file size limit stands for a full disk; SIGXFSZ is not of interest */
    pid_t child = fork();
    if (!child) {
        struct rlimit limit = {100, 100};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        _exit(frame_save(&f, path, &err) == -1 && strstr(err.text, "cannot write") ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    Bytes now = get_file(path);
    ok(status == 0 && same_bytes(old, now), "a failed save leaves the old file");
    ok(files_in_folder() == before, "and no other");

    FILE *full = fopen("/dev/full", "wb");
    fputs("x", full);
    ok(stream_finish(full, "out", &err) == -1 && strstr(err.text, "out: cannot write"), "%s",
       err.text);
    Reader *r = reader_open(path, &err);
    must(reader_next_header(r, &g, NULL, &err));
    reader_close(r);
    full = fopen("/dev/null", "wb");
    ok(frame_write(&g, full, "null", &err) == -1 && strstr(err.text, "null: "),
       "a frame without its data: %s", err.text);
    fclose(full);
    free(old.bytes);
    free(now.bytes);
    frame_free(&f);
    frame_free(&g);
}

/* ---- a file's tensors one by one ---- */

typedef struct {
    unsigned char *bytes;
    size_t unit, count; /* elements: of a unit, and taken in all */
    bool good;
} Taken;

static void take_piece(void *context, const Tensor *piece, size_t first) {
    Taken *t = context;
    size_t size = dtype_size(piece->dtype);
    if (piece->count) memcpy(t->bytes + first * size, piece->data, piece->count * size);
#pragma omp critical
    {
        t->count += piece->count;
        t->good &= first % t->unit == 0;
    }
}

static bool read_right(const FrameFile *file, const Tensor *t, const Tensor *expected, size_t unit,
                       Error *err) {
    size_t bytes = t->count * dtype_size(t->dtype);
    Taken taken = {malloc(bytes + 1), unit, 0, true};
    bool good = !frame_read(file, t, unit, take_piece, &taken, err) && taken.good &&
                taken.count == t->count && (!bytes || !memcmp(taken.bytes, expected->data, bytes));
    free(taken.bytes);
    return good;
}

/* A tensor of several pieces among small ones. */
static void build_large(Frame *f) {
    Error err;
    frame_clear(f);
    must(frame_add(f, "a", DT_F32, 1, (size_t[]){3}, &err));
    must(frame_add(f, "large", DT_F32, 2, (size_t[]){301, 999}, &err));
    must(frame_add(f, "nothing", DT_F32, 1, (size_t[]){0}, &err));
    must(frame_add(f, "z", DT_U8, 1, (size_t[]){7}, &err));
    must(frame_allocate(f, &err));
    for (size_t i = 0; i < f->bytes; i++) f->data[i] = (unsigned char)(i * 31 + i / 255);
}

/* Reads every tensor of a frame file and says which were refused, as in "a z". */
static const char *refused(const char *path, const Frame *like, Error *err) {
    static char names[200];
    Frame f = {0};
    FrameFile *file = frame_open(path, &f, err);
    *names = 0;
    for (size_t i = 0; i < f.tensor_count; i++)
        if (!read_right(file, &f.tensors[i], frame_find(like, f.tensors[i].name), 7, err))
            strcat(strcat(names, *names ? " " : ""), f.tensors[i].name);
    frame_close(file);
    frame_free(&f);
    return file ? names : "all";
}

static void test_tensor_reads(void) {
    Frame f = {0}, g = {0};
    Error err = {""};
    const char *path = in_folder("run.st"), *bad = in_folder("cut.st");
    build_large(&f);
    must(frame_save(&f, path, &err));
    ok(!strcmp(refused(path, &f, &err), ""), "every tensor by itself %s", err.text);
    FrameFile *file = frame_open(path, &g, &err);
    ok(file && !frame_find(&g, "large")->data, "a file's data are not read before");
    for (size_t unit = 1; unit < 400000; unit *= 3)
        ok(read_right(file, frame_find(&g, "large"), frame_find(&f, "large"), unit, &err),
           "in units of %zu", unit);

    Bytes b = get_file(path);
    size_t z = b.n - 1, large = b.n - 7 - 5000;
    b.bytes[z] ^= 1;
    put_file(bad, b);
    ok(!strcmp(refused(bad, &f, &err), "z") && strstr(err.text, "tensor 'z' is damaged: checksum"),
       "%s", err.text);
    ok(frame_load(bad, &g, &err) == -1 && strstr(err.text, "tensor 'z' is damaged: checksum"),
       "as a whole: %s", err.text);
    b.bytes[z] ^= 1;
    b.bytes[large] ^= 128;
    put_file(bad, b);
    ok(!strcmp(refused(bad, &f, &err), "large"), "%s", err.text);
    put_file(bad, (Bytes){b.bytes, b.n - 1});
    ok(!strcmp(refused(bad, &f, &err), "all") && strstr(err.text, "data cut short"), "%s",
       err.text);
    b.bytes = realloc(b.bytes, b.n + 1);
    b.bytes[b.n] = 0;
    put_file(bad, (Bytes){b.bytes, b.n + 1});
    ok(!strcmp(refused(bad, &f, &err), "all") && strstr(err.text, "one frame alone"), "%s",
       err.text);
    free(b.bytes);
    frame_close(file);

    /* a file that shrinks after it was opened */
    must(frame_save(&f, bad, &err));
    file = frame_open(bad, &g, &err);
    if (truncate(bad, 5000)) abort();
    ok(file && !read_right(file, frame_find(&g, "large"), frame_find(&f, "large"), 1, &err) &&
           strstr(err.text, "the file has become shorter"),
       "%s", err.text);
    frame_close(file);
    frame_free(&f);
    frame_free(&g);
}

/* Changes text in a file's header; both texts are equally long. */
static void edit_file(const char *from, const char *to, const char *old, const char *new) {
    Bytes b = get_file(from);
    for (size_t i = 0; i + strlen(old) <= b.n; i++)
        if (!memcmp(b.bytes + i, old, strlen(old))) {
            memcpy(b.bytes + i, new, strlen(new));
            break;
        }
    put_file(to, b);
    free(b.bytes);
}

/* Files from before tensors had checksums, and with ones that are wrong. */
static void test_sums(void) {
    Frame f = {0}, g = {0};
    Error err = {""};
    const char *path = in_folder("run.st"), *old = in_folder("cut.st");
    build_large(&f);
    must(frame_save(&f, path, &err));
    edit_file(path, old, "gan.crc32.tensors", "gan_crc32_tensors");
    ok(!strcmp(refused(old, &f, &err), "") && !frame_load(old, &g, &err),
       "no checksums of tensors");
    Bytes b = get_file(old);
    b.bytes[b.n - 5000] ^= 1;
    put_file(old, b);
    free(b.bytes);
    ok(!strcmp(refused(old, &f, &err), "all") && strstr(err.text, ": data is damaged: checksum "),
       "then the frame's is checked: %s", err.text);
    edit_file(path, old, "gan.crc32.tensors\":\"", "gan.crc32.tensors\":\"-");
    ok(!strcmp(refused(old, &f, &err), "all") && strstr(err.text, "not 8 hex digits for each of 4"),
       "%s", err.text);
    ok(frame_load(old, &g, &err) == -1 && strstr(err.text, "not 8 hex digits for each of 4"), "%s",
       err.text);
    edit_file(path, old, "gan.crc32\":\"", "gan.crc32\":\"-");
    ok(frame_load(old, &g, &err) == -1 && strstr(err.text, "not 8 hex digits"), "%s", err.text);
    char *sums = strdup(frame_meta(&f, "gan.crc32.tensors")), right[9] = "";
    memcpy(right, sums, 8);
    edit_file(path, old, sums, strcmp(right, "00000000") ? "00000000" : "11111111");
    ok(!strcmp(refused(old, &f, &err), "a"), "a checksum that is wrong: %s", err.text);
    ok(frame_load(old, &g, &err) == -1 && strstr(err.text, "tensor 'a' is damaged"),
       "is found when all is read: %s", err.text);
    free(sums);
    frame_free(&f);
    frame_free(&g);
}

/* What cannot be read twice is read at once. */
static void test_tensor_pipe(void) {
    Frame f = {0}, g = {0};
    Error err = {""};
    const char *path = in_folder("run.st"), *fifo = in_folder("cut.st");
    build_large(&f);
    must(frame_save(&f, path, &err));
    unlink(fifo);
    if (mkfifo(fifo, 0600)) abort();
    pid_t child = fork();
    if (!child) _exit(frame_save(&f, fifo, &err) ? 1 : 0);
    FrameFile *file = frame_open(fifo, &g, &err);
    waitpid(child, NULL, 0);
    ok(file && read_right(file, frame_find(&g, "large"), frame_find(&f, "large"), 1 << 20, &err),
       "from a pipe %s", err.text);
    frame_close(file);
    frame_free(&f);
    frame_free(&g);
}

/* A frame in memory against a plain model of it, under random operations. */
static void test_model(void) {
    enum { KEYS = 8 };
    char model[KEYS][40] = {{0}};
    bool present[KEYS] = {false};
    Frame f = {0};
    Error err;
    uint32_t state = 12345;
    int good = 1;
    must(frame_add(&f, "x", DT_U8, 1, (size_t[]){3}, &err));
    must(frame_allocate(&f, &err));
    for (int step = 0; step < 2000; step++) {
        state = state * 1664525 + 1013904223;
        int k = (int)(state >> 28) % KEYS, n = (int)(state >> 20) % 39;
        char key[8];
        snprintf(key, sizeof key, "k%d", (k * 5) % KEYS);
        memset(model[k], 'a' + n % 26, (size_t)n);
        model[k][n] = 0;
        present[k] = true;
        frame_set_meta(&f, key, model[k]);
        if (step % 50 == 0) { /* a journey through bytes now and then */
            Bytes b = written(&f);
            good &= frame_parse(b.bytes, b.n, &f, &err) == (ptrdiff_t)b.n;
            free(b.bytes);
        }
        for (int i = 0; i < KEYS; i++) {
            snprintf(key, sizeof key, "k%d", (i * 5) % KEYS);
            const char *v = frame_meta(&f, key);
            good &= present[i] ? v && !strcmp(v, model[i]) : !v;
        }
    }
    ok(good, "metadata agrees with a plain model over 2000 changes");
    frame_free(&f);
}

int main(void) {
    if (!mkdtemp(folder)) return 1;
    test_save();
    test_save_errors();
    test_tensor_reads();
    test_sums();
    test_tensor_pipe();
    test_model();
    static const char *const files[] = {"cut.st", "run.st", "link.st"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) unlink(in_folder(files[i]));
    rmdir(folder);
    return done();
}
