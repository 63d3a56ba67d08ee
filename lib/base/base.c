#include "base/base.h"

#include "base/kind.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

int vfail(Error *err, const char *format, va_list ap) {
    vsnprintf(err->text, sizeof err->text, format, ap);
    return -1;
}

int fail(Error *err, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    vfail(err, format, ap);
    va_end(ap);
    return -1;
}

int fail_in(Error *err, const char *format, ...) {
    char head[512];
    Error why = *err;
    va_list ap;
    va_start(ap, format);
    vsnprintf(head, sizeof head, format, ap);
    va_end(ap);
    return fail(err, "%s: %s", head, why.text);
}

bool is_out_of_memory(const Error *err) { return strstr(err->text, "out of memory") != NULL; }

static void (*on_exhausted)(void);

void memory_on_exhausted(void (*end)(void)) { on_exhausted = end; }

void memory_exhausted(void) {
    if (on_exhausted) on_exhausted();
    abort();
}

bool size_mul(size_t a, size_t b, size_t *out) { return !__builtin_mul_overflow(a, b, out); }

bool size_add(size_t a, size_t b, size_t *out) { return !__builtin_add_overflow(a, b, out); }

bool size_product(const size_t *shape, int n, size_t *out) {
    size_t p = 1;
    for (int i = 0; i < n; i++)
        if (!size_mul(p, shape[i], &p)) return false;
    *out = p;
    return true;
}

bool parse_u64(const char *text, uint64_t *out) {
    uint64_t v;
    if (!parse_digits(&text, &v) || *text) return false;
    *out = v;
    return true;
}

bool parse_digits(const char **text, uint64_t *out) {
    const char *p = *text;
    uint64_t v = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        unsigned digit = (unsigned)(*p - '0');
        if (v > (UINT64_MAX - digit) / 10) return false;
        v = 10 * v + digit;
    }
    if (p == *text) return false;
    *text = p;
    *out = v;
    return true;
}

bool parse_bytes(const char *text, uint64_t *out) {
    static const char units[] = "KMGT";
    size_t n = strlen(text);
    const char *unit = n > 1 ? strchr(units, text[n - 1]) : NULL;
    char head[32];
    double number;
    if (!unit) return parse_u64(text, out);
    if (n > sizeof head || strspn(text, "0123456789.") != n - 1) return false;
    memcpy(head, text, n - 1);
    head[n - 1] = 0;
    if (!parse_double(head, &number)) return false;
    number = ldexp(number, 10 * (int)(1 + unit - units));
    if (!(number >= 0 && number < ldexp(1, 63))) return false;
    *out = (uint64_t)number;
    return true;
}

bool parse_double(const char *text, double *out) {
    if (!*text || strchr(" \t\n", *text)) return false;
    char *end;
    double v = strtod(text, &end);
    if (*end) return false;
    *out = v;
    return true;
}

bool parse_range(const char *text, ValueRange *range) {
    char word[64];
    size_t n = strcspn(text, ",");
    if (!text[n] || n >= sizeof word) return false;
    memcpy(word, text, n);
    word[n] = 0;
    range->text = text;
    return parse_double(word, &range->low) && parse_double(text + n + 1, &range->high) &&
           isfinite(range->low) && isfinite(range->high) && range->low < range->high;
}

/* Large blocks ask for large pages, of which the system has to clear and map a five-hundredth as
 * many: most of what the first use of a block costs. */
void *data_alloc(size_t bytes, Error *err) {
    enum { LINE = 64, LARGE_PAGE = 2 << 20 };
    size_t align = bytes >= 2 * (size_t)LARGE_PAGE ? LARGE_PAGE : LINE;
    void *p = NULL;
    if (posix_memalign(&p, align, bytes ? bytes : 1)) p = NULL;
    if (!p) fail(err, "out of memory: %zu bytes asked for", bytes);
#ifdef MADV_HUGEPAGE
    /* but for the end of it, which would be rounded up */
    if (p && align == LARGE_PAGE) madvise(p, bytes & ~(align - 1), MADV_HUGEPAGE);
#endif
    return p;
}

int array_room(void *items, size_t *capacity, size_t n, size_t size, const char *what, Error *err) {
    enum { FIRST = 64 };
    size_t more = *capacity < SIZE_MAX / 2 && 2 * *capacity > n ? 2 * *capacity : n, bytes;
    void *array;
    if (n <= *capacity) return 0;
    if (more < FIRST) more = FIRST;
    memcpy(&array, items, sizeof array);
    array = size_mul(more, size, &bytes) ? realloc(array, bytes) : NULL;
    if (!array) return fail(err, "out of memory for %zu %s", more, what);
    memcpy(items, &array, sizeof array);
    *capacity = more;
    return 0;
}

size_t machine_memory(void) {
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (size_t)pages * (size_t)size : SIZE_MAX;
}

void trap_fail(Trap *trap, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    vfail(trap->err, format, ap);
    va_end(ap);
    longjmp(trap->env, 1);
}

typedef struct Chunk {
    struct Chunk *next;
    size_t used, size;
    _Alignas(16) char bytes[];
} Chunk;

struct Arena {
    Chunk *chunks;
    Trap *trap;
    size_t bytes;
};

static _Noreturn void arena_exhausted(Trap *trap) {
    if (trap) trap_fail(trap, "out of memory");
    memory_exhausted();
}

Arena *arena_new(Trap *trap) {
    Arena *a = calloc(1, sizeof *a);
    if (!a) arena_exhausted(trap);
    a->trap = trap;
    return a;
}

void arena_free(Arena *a) {
    if (!a) return;
    for (Chunk *c = a->chunks, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    free(a);
}

size_t arena_bytes(const Arena *a) { return a->bytes; }

ArenaMark arena_mark(const Arena *a) {
    return (ArenaMark){a->chunks, a->chunks ? a->chunks->used : 0};
}

/* Of the later chunks the first is kept, so that what is done again and again allocates nothing. */
void arena_rewind(Arena *a, ArenaMark mark) {
    for (Chunk *c = a->chunks; c != mark.chunk && c->next != mark.chunk; c = a->chunks) {
        a->chunks = c->next;
        a->bytes -= c->size;
        free(c);
    }
    for (Chunk *c = a->chunks; c; c = c == mark.chunk ? NULL : c->next) {
        size_t used = c == mark.chunk ? mark.used : 0;
        memset(c->bytes + used, 0, c->used - used);
        c->used = used;
    }
}

void *arena_try_alloc(Arena **arena, size_t bytes) {
    if (!*arena && !(*arena = calloc(1, sizeof **arena))) return NULL;
    Arena *a = *arena;
    if (bytes > SIZE_MAX / 2) return NULL;
    bytes = (bytes + 15) & ~(size_t)15;
    if (!a->chunks || a->chunks->size - a->chunks->used < bytes) {
        size_t size = bytes > 65536 ? bytes : 65536;
        Chunk *c = calloc(1, sizeof *c + size);
        if (!c) return NULL;
        c->size = size;
        c->next = a->chunks;
        a->chunks = c;
        a->bytes += size;
    }
    void *p = a->chunks->bytes + a->chunks->used;
    a->chunks->used += bytes;
    return p;
}

void *arena_alloc(Arena *a, size_t bytes) {
    void *p = arena_try_alloc(&a, bytes);
    if (!p) arena_exhausted(a->trap);
    return p;
}

void *arena_array_(Arena *a, size_t size, size_t n) {
    size_t bytes;
    if (!size_mul(size, n, &bytes)) arena_exhausted(a->trap);
    return arena_alloc(a, bytes);
}

char *arena_strndup(Arena *a, const char *s, size_t n) {
    char *p = arena_alloc(a, n + 1);
    memcpy(p, s, n);
    return p;
}

char *arena_strdup(Arena *a, const char *s) { return arena_strndup(a, s, strlen(s)); }

char *arena_printf(Arena *a, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    char *p = arena_alloc(a, (size_t)n + 1);
    va_start(ap, format);
    vsnprintf(p, (size_t)n + 1, format, ap);
    va_end(ap);
    return p;
}

static void str_reserve(Str *s, size_t extra) {
    size_t need = s->length + extra + 1;
    if (need <= s->capacity) return;
    size_t capacity = s->capacity ? s->capacity : 64;
    while (capacity < need) capacity *= 2;
    char *text = realloc(s->text, capacity);
    if (!text) memory_exhausted();
    s->text = text;
    s->capacity = capacity;
}

void str_append(Str *s, const char *bytes, size_t n) {
    str_reserve(s, n);
    memcpy(s->text + s->length, bytes, n);
    s->length += n;
    s->text[s->length] = 0;
}

void str_printf(Str *s, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    str_reserve(s, (size_t)n);
    va_start(ap, format);
    vsnprintf(s->text + s->length, (size_t)n + 1, format, ap);
    va_end(ap);
    s->length += (size_t)n;
}

void str_escape(Str *s, const char *text) {
    size_t room = 4 * strlen(text) + 8; /* a byte becomes \xHH at most */
    str_reserve(s, room);
    s->length += text_escape(s->text + s->length, room, text);
}

void str_free(Str *s) {
    free(s->text);
    *s = (Str){0};
}

/* All of f, or what is larger than the limit by a block at most. */
static void read_all(FILE *f, size_t limit, Str *s) {
    char block[65536];
    size_t n;
    str_append(s, "", 0);
    while (s->length <= limit && (n = fread(block, 1, sizeof block, f)) > 0)
        str_append(s, block, n);
}

static int expect_text(const char *name, const char *wanted, Str *s, Error *err) {
    size_t head = s->length < KIND_HEAD ? s->length : KIND_HEAD;
    if (kind_refuse(s->text, head, KIND_PLAIN_TEXT, name, wanted, err)) return -1;
    const char *zero = memchr(s->text, 0, s->length);
    if (zero)
        return fail(err, "%s: byte %zu is 0, expected %s, which is text", name,
                    (size_t)(zero - s->text), wanted);
    if (s->length < 3 || memcmp(s->text, "\xef\xbb\xbf", 3)) return 0;
    s->length -= 3;
    memmove(s->text, s->text + 3, s->length + 1);
    return 0;
}

int read_file(const char *path, size_t limit, const char *wanted, char **text, size_t *length,
              Error *err) {
    bool std = !strcmp(path, "-");
    const char *name = input_name(path);
    FILE *f = std ? stdin : fopen(path, "rb");
    if (!f) return fail(err, "%s: cannot open: %s", path, strerror(errno));
    Str s = {0};
    read_all(f, limit, &s);
    int why = ferror(f) ? errno : 0, bad = 0;
    if (!std) fclose(f);
    if (why == EISDIR)
        bad = kind_refuse_folder(name, wanted ? wanted : "a file", err);
    else if (why)
        bad = fail(err, "%s: cannot read: %s", name, strerror(why));
    else if (wanted)
        bad = expect_text(name, wanted, &s, err);
    if (!bad && s.length > limit) bad = fail(err, "%s: larger than %zu bytes", name, limit);
    if (bad) {
        str_free(&s);
        return -1;
    }
    *text = s.text;
    *length = s.length;
    return 0;
}

const char *input_name(const char *path) { return strcmp(path, "-") ? path : "standard input"; }

int input_open(const char *path, Error *err) {
    int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC)
                               : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    return fd >= 0 ? fd : fail(err, "%.400s: cannot open: %s", input_name(path), strerror(errno));
}

int write_fully(int fd, const void *bytes, size_t n) {
    for (const char *at = bytes; n;) {
        ssize_t k = write(fd, at, n);
        if (k < 0 && errno == EINTR) continue;
        if (k <= 0) return -1;
        at += k;
        n -= (size_t)k;
    }
    return 0;
}

int read_all_at(int fd, void *to, size_t n, uint64_t *at) {
    for (char *p = to; n;) {
        ssize_t k = pread(fd, p, n, (off_t)*at);
        if (k < 0 && errno == EINTR) continue;
        if (k <= 0) return k ? errno : -1;
        p += k;
        *at += (uint64_t)k;
        n -= (size_t)k;
    }
    return 0;
}

double now_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
