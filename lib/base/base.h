/* base.h: errors, checked arithmetic, arenas and strings, used by every other layer.
 *
 * Errors. A function that can fail takes an Error as its last argument and returns -1 (or NULL)
 * after writing one line of text into it; 0 (or a pointer) means success. Nothing in lib/ exits or
 * prints an error; bin/ does. */
#ifndef GAN_BASE_H
#define GAN_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GAN_VERSION "0.1.0"

/* Exit statuses shared by all tools (gan-tools(7)). */
enum {
    EXIT_BAD = 1,         /* bad input or a failed operation */
    EXIT_USAGE = 2,       /* wrong usage */
    EXIT_DIVERGED = 4,    /* a cost or a parameter is no longer finite; the checkpoint is kept */
    EXIT_INTERRUPTED = 5, /* stopped by a signal after saving */
    EXIT_DATA_ENDED = 6,  /* the data ended before the steps asked for; what was played is saved */
    EXIT_STOPPED = 7,     /* the page stopped the game; the checkpoint is kept as it was saved */
};

/* Before the declaration of a function that can fail: whoever calls it must look at what it
 * returns. */
#define MUST_CHECK __attribute__((warn_unused_result))

typedef struct {
    char text[1024];
} Error;

/* Formats into err and returns -1, so that a caller can write `return fail(err, ...)`. */
int fail(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
int vfail(Error *err, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
/* Puts `format...: ` in front of what err already says; returns -1. */
int fail_in(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Products and sums of sizes; true when the result fits, false on overflow (out is untouched). */
bool size_mul(size_t a, size_t b, size_t *out);
bool size_add(size_t a, size_t b, size_t *out);
/* Product of n extents. */
bool size_product(const size_t *shape, int n, size_t *out);

/* Whole-string number parsing: false unless all of text is one number in range. */
bool parse_u64(const char *text, uint64_t *out);
/* The number that stands at *text, digits alone, of a list such as "3,5-7"; *text moves behind it.
 * False, and *text stays, where there is none or it is too large. */
bool parse_digits(const char **text, uint64_t *out);
bool parse_double(const char *text, double *out);
/* Bytes: a number, or one and K, M, G or T, that many times 1024 to the power of 1 to 4. */
bool parse_bytes(const char *text, uint64_t *out);
/* "LO,HI", LO < HI. Where it isn't given, the text is NULL and the numbers are equal. */
typedef struct {
    const char *text;
    double low, high;
} ValueRange;
/* False when the text is none. */
bool parse_range(const char *text, ValueRange *range);

/* Copies text so that it stays one line and cannot steer a terminal: control characters and what is
 * no UTF-8 become \n, \t, \r or \xHH. At most size (8 or more) bytes with the end; where that is
 * too few the copy ends in "...". Returns its length. */
size_t text_escape(char *out, size_t size, const char *text);
/* Whether text is well-formed UTF-8 at its beginning, of n > 0 bytes: how many the first character
 * takes, and which it is; 0 when it is none. */
size_t utf8_next(const char *text, size_t n, uint32_t *code);

/* `make DEBUG=1` looks at what must hold, whatever it costs. */
#ifdef GAN_DEBUG
enum { DEBUG_BUILD = 1 };
#else
enum { DEBUG_BUILD = 0 };
#endif

/* Memory that is not there. What is as large as data say is asked for with data_alloc or the like,
 * and failure is an Error. For small things, a string or a name, no caller could do anything about
 * it: then memory_exhausted is called, which calls what memory_on_exhausted was given, or abort().
 * That function must not return nor allocate; bin/ gives one that says so in one line and exits
 * (tool_start). */
_Noreturn void memory_exhausted(void);
void memory_on_exhausted(void (*end)(void));

/* Whether err tells of memory that was not there: such messages say "out of memory". */
MUST_CHECK bool is_out_of_memory(const Error *err);

/* malloc for blocks whose size comes from data: NULL and a message when there is no memory. Data
 * blocks are aligned to 64 bytes; release with free(). n may be 0. */
MUST_CHECK void *data_alloc(size_t bytes, Error *err);

/* Makes room for n items of `size` bytes in an array that grows: items points to its pointer, NULL
 * at first, and *capacity is how many it has room for. -1 and "out of memory for N WHAT" leave both
 * as they are. */
MUST_CHECK int array_room(void *items, size_t *capacity, size_t n, size_t size, const char *what,
                          Error *err);

/* Bytes of memory that the machine has. */
size_t machine_memory(void);

/* A Trap turns an error deep inside a recursive build (parsing, graph construction) into one jump
 * to the function that set it. Everything allocated on the way lives in an arena, so nothing
 * leaks. Use: if (setjmp(trap.env)) return -1; */
typedef struct {
    jmp_buf env;
    Error *err;
} Trap;
_Noreturn void trap_fail(Trap *trap, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An arena hands out zeroed memory that is released all at once. */
typedef struct Arena Arena;
/* trap may be NULL: then a failed arena allocation ends in memory_exhausted(). */
Arena *arena_new(Trap *trap);
void arena_free(Arena *a);
/* All it has taken from the system. */
size_t arena_bytes(const Arena *a);
/* Everything handed out after the mark was set is taken back; the memory stays the arena's. */
typedef struct {
    struct Chunk *chunk;
    size_t used;
} ArenaMark;
ArenaMark arena_mark(const Arena *a);
void arena_rewind(Arena *a, ArenaMark mark);
/* Zeroed, 16-byte aligned. */
void *arena_alloc(Arena *a, size_t bytes);
/* The same, but NULL when there is no memory. *a may be NULL: then it becomes a new arena. */
void *arena_try_alloc(Arena **a, size_t bytes);
char *arena_strdup(Arena *a, const char *s);
char *arena_strndup(Arena *a, const char *s, size_t n);
char *arena_printf(Arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define arena_new_array(a, type, n) ((type *)arena_array_((a), sizeof(type), (n)))
void *arena_array_(Arena *a, size_t size, size_t n);

/* A growing string of bytes, always terminated. Zero-initialise; release with str_free. */
typedef struct {
    char *text;
    size_t length, capacity;
} Str;
void str_append(Str *s, const char *bytes, size_t n);
void str_printf(Str *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends text made fit for one line of a terminal, as text_escape does, whole. */
void str_escape(Str *s, const char *text);
void str_free(Str *s);

/* A whole file (path "-" is standard input) into a terminated buffer to be freed by the caller.
 * wanted NULL: any bytes. Otherwise it says what text is wanted ("a page"); then a byte order mark
 * is left out, and other kinds of files, and bytes that are 0, are refused. */
MUST_CHECK int read_file(const char *path, size_t limit, const char *wanted, char **text,
                         size_t *length, Error *err);

/* How messages name the input at path: "-" is standard input. */
const char *input_name(const char *path);
/* A descriptor to be closed that reads it; -1 and a message on failure. */
MUST_CHECK int input_open(const char *path, Error *err);
/* Writes n bytes: 0, or -1 and errno. Async-signal-safe. */
int write_fully(int fd, const void *bytes, size_t n);
/* Reads the n bytes of a file from *at on, which moves behind those that were read: 0, an errno, or
 * -1 where the file ends. */
MUST_CHECK int read_all_at(int fd, void *to, size_t n, uint64_t *at);

/* Wall-clock seconds from an arbitrary start (monotonic). */
double now_seconds(void);

#endif
