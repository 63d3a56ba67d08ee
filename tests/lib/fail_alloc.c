/* fail_alloc.c: a library for LD_PRELOAD in which the n-th allocation of a program fails.
 *
 * FAIL_AT=N       that one fails, the others do not
 * FAIL_FROM=N     that one and all after it fail
 * FAIL_COUNT=FILE how many there were is written there at the end
 *
 * Counted is what the program asks for from its first allocation on, by itself or by way of the C
 * library, jansson, zlib, libpng and so on. Not counted is what comes before the program begins,
 * nor what the libraries of `exempt` ask for: BLIS ends the process with abort() when it gets
 * nothing, OpenMP with a line and a status of its own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

static const char *const exempt[] = {"libblis", "libgomp", "ld-linux", "libgfortran"};
static atomic_ulong count;
static atomic_bool begun;
static unsigned long at, from;
static const void *program; /* where it lies in memory; NULL until this library is set up */

static unsigned long number(const char *name) {
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void start(void) {
    Dl_info info;
    at = number("FAIL_AT");
    from = number("FAIL_FROM");
    if (dladdr((const void *)getauxval(AT_ENTRY), &info)) program = info.dli_fbase;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAIL_COUNT");
    unsigned long n = count;
    FILE *f = path ? fopen(path, "w") : NULL;
    if (!f) return;
    fprintf(f, "%lu\n", n);
    fclose(f);
}

static bool fails(const void *caller) {
    Dl_info info;
    if (!program || !dladdr(caller, &info)) return false;
    if (info.dli_fbase == program) begun = true;
    if (!begun) return false;
    for (size_t i = 0; i < sizeof exempt / sizeof *exempt; i++)
        if (strstr(info.dli_fname, exempt[i])) return false;
    unsigned long n = ++count;
    if (n != at && !(from && n >= from)) return false;
    errno = ENOMEM;
    return true;
}

#define CALLER __builtin_return_address(0)

void *malloc(size_t n) { return fails(CALLER) ? NULL : __libc_malloc(n); }

void *calloc(size_t n, size_t size) { return fails(CALLER) ? NULL : __libc_calloc(n, size); }

void *realloc(void *p, size_t n) { return fails(CALLER) ? NULL : __libc_realloc(p, n); }

void *aligned_alloc(size_t align, size_t n) {
    return fails(CALLER) ? NULL : __libc_memalign(align, n);
}

int posix_memalign(void **p, size_t align, size_t n) {
    *p = fails(CALLER) ? NULL : __libc_memalign(align, n);
    return *p ? 0 : ENOMEM;
}
