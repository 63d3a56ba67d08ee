/* isas.h: runs the same checks once for every instruction set this machine has, each in a process
 * of its own because the choice is made once a process. */
#ifndef ISAS_H
#define ISAS_H

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "tensor/cpu.h"

/* How far the test points have come, shared by the processes. */
typedef struct {
    int count, failed;
} IsasTap;

/* What this machine has, whatever the environment wishes; asked in a process of its own, too. */
static inline Isa isas_widest(void) {
    int status = 0;
    unsetenv("GAN_ISA");
    pid_t child = fork();
    if (child == 0) _exit((int)cpu_isa());
    if (child > 0) waitpid(child, &status, 0);
    return (Isa)WEXITSTATUS(status);
}

static inline void isas_child(Isa isa, void (*checks)(const char *isa), IsasTap *shared) {
    setenv("GAN_ISA", isa_name(isa), 1);
    cpu_start(0);
    if (ok(cpu_isa() == isa, "GAN_ISA=%s is obeyed", isa_name(isa))) checks(isa_name(isa));
    *shared = (IsasTap){tap_count, tap_failed};
    exit(0);
}

static inline int isas_run(void (*checks)(const char *isa)) {
    IsasTap *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return 1;
    Isa widest = isas_widest();
    for (int isa = ISA_PORTABLE; isa <= (int)widest; isa++) {
        int status = -1;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) isas_child((Isa)isa, checks, shared);
        if (child < 0 || waitpid(child, &status, 0) < 0) return 1;
        tap_count = shared->count, tap_failed = shared->failed;
        if (status) return ok(0, "%s: the process ended well", isa_name((Isa)isa)), done();
    }
    munmap(shared, sizeof *shared);
    return done();
}

/* A small generator, the same everywhere. */
static inline unsigned isas_random(unsigned *state, unsigned below) {
    *state = *state * 1664525U + 1013904223U;
    return (unsigned)((unsigned long long)(*state >> 8) * below >> 24);
}

/* Values in [-1, 1), and memory that holds nothing but NaN before it is written. */
static inline float *isas_values(size_t n, unsigned seed) {
    float *v = malloc((n + 1) * sizeof *v);
    for (size_t i = 0; v && i < n; i++)
        v[i] = (float)(int)isas_random(&seed, 1U << 20) / (1 << 19) - 1;
    return v ? v : (abort(), NULL);
}

static inline void *isas_blank(size_t bytes) {
    void *p = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!p) abort();
    memset(p, 0xFF, (bytes + 127) / 64 * 64);
    return p;
}

/* Whether nothing was written past the end of such memory. */
static inline int isas_intact(const void *p, size_t bytes) {
    const unsigned char *byte = p;
    for (size_t i = bytes; i < (bytes + 127) / 64 * 64; i++)
        if (byte[i] != 0xFF) return 0;
    return 1;
}

#endif
