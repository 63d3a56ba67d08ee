#include "tensor/cpu.h"

#include "base/cli.h"

#include <blis.h>
#include <omp.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined __x86_64__
#include <cpuid.h>
#include <xmmintrin.h>
#endif

static const char *const isa_names[ISA_COUNT] = {"portable", "avx2", "avx512"};

/* The choice plus one; 0 until it is made. */
static atomic_int chosen;

const char *isa_name(Isa isa) { return isa_names[isa]; }

/* The widest set the kernels are written for that runs here. The builtins look at CPUID and, with
 * XGETBV, at whether the operating system saves the registers. */
static Isa isa_probe(void) {
#if defined __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        return ISA_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return ISA_AVX2;
#endif
    return ISA_PORTABLE;
}

static Isa isa_lowered(Isa widest) {
    const char *wish = getenv("GAN_ISA");
    for (int i = 0; wish && i < (int)widest; i++)
        if (!strcmp(wish, isa_names[i])) return (Isa)i;
    return widest;
}

Isa cpu_isa(void) {
    int isa = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (!isa) {
        isa = (int)isa_lowered(isa_probe()) + 1;
        atomic_store_explicit(&chosen, isa, memory_order_relaxed);
    }
    return (Isa)(isa - 1);
}

#if defined __x86_64__
/* AMD before Zen 5 is known to BLIS 0.9; so is Intel. */
static bool blis_knows_cpu(void) {
    unsigned a, b, c, d;
    char vendor[13] = "";
    if (!__get_cpuid(0, &a, &b, &c, &d)) return false;
    memcpy(vendor, &b, 4), memcpy(vendor + 4, &d, 4), memcpy(vendor + 8, &c, 4);
    if (!strcmp(vendor, "GenuineIntel")) return true;
    if (strcmp(vendor, "AuthenticAMD") || !__get_cpuid(1, &a, &b, &c, &d)) return false;
    unsigned family = (a >> 8 & 15) + (a >> 20 & 255);
    return family == 0x17 || family == 0x19;
}

/* BLIS picks its AVX-512 kernels only for Intel models whose printed name it can parse, and its
 * generic ones (a fifth of the speed) for any vendor or family it has not met. Its environment
 * variable is a number before version 2 and a name from then on. */
static void blis_choose(void) {
    const char *version = bli_info_get_version_str();
    bool by_name = strtol(version, NULL, 10) >= 2;
    char number[16];
    Isa isa = isa_probe();
    if (isa == ISA_PORTABLE || (isa == ISA_AVX2 && blis_knows_cpu())) return;
    if (strstr(version, "AOCL"))
        return; /* AMD's edition knows its own CPUs and numbers otherwise */
    snprintf(number, sizeof number, "%d",
             (int)(isa == ISA_AVX512 ? BLIS_ARCH_SKX : BLIS_ARCH_HASWELL));
    const char *name = isa == ISA_AVX512 ? "skx" : "haswell";
    setenv("BLIS_ARCH_TYPE", by_name ? name : number, 0);
}
#else
static void blis_choose(void) {}
#endif

/* Decaying moments of units that died would spend their last thousand steps below 1e-38, where each
 * operation takes a hundred cycles. Threads started later inherit the setting. */
static void flush_denormals(void) {
#if defined __x86_64__
    const unsigned flush_results = 0x8000, operands_are_zeros = 0x40;
    _mm_setcsr(_mm_getcsr() | flush_results | operands_are_zeros);
#endif
}

/* What BLIS keeps for each thread: 17 MiB with AVX-512, version 0.9. */
enum { BLIS_KEEPS = 20 << 20 };

typedef struct {
    pthread_mutex_t gate; /* closed until all are there */
    sem_t there;
    atomic_int good;
} Probe;

/* A thread with memory as it will need it, which is not touched. */
static void *be_there(void *to) {
    Probe *p = to;
    void *own = malloc(1024), *large = malloc(BLIS_KEEPS);
    if (own && large) p->good++;
    sem_post(&p->there);
    pthread_mutex_lock(&p->gate);
    pthread_mutex_unlock(&p->gate);
    free(own);
    free(large);
    return NULL;
}

/* How many of `wanted` threads can be there at the same time. OpenMP ends the process when it fails
 * to start one, and BLIS without memory, so that this is tried beforehand. */
static int threads_possible(int wanted) {
    pthread_t thread[THREADS_MAX];
    Probe p = {.gate = PTHREAD_MUTEX_INITIALIZER};
    int n = 0;
    sem_init(&p.there, 0, 0);
    pthread_mutex_lock(&p.gate);
    while (n < wanted && !pthread_create(&thread[n], NULL, be_there, &p)) n++;
    for (int i = 0; i < n; i++)
        while (sem_wait(&p.there)) continue;
    pthread_mutex_unlock(&p.gate);
    for (int i = 0; i < n; i++) pthread_join(thread[i], NULL);
    return p.good;
}

/* Of what the system has to give, no more than half where it falls short: data and the user's other
 * processes need the rest. */
static int set_threads(int threads) {
    int wanted = threads > 0 ? threads : omp_get_max_threads(), used = wanted;
    if (wanted < 1 || wanted > THREADS_MAX) used = THREADS_MAX;
    int others = used - 1, possible = threads_possible(others);
    if (possible < others) used = 1 + possible / 2;
    omp_set_num_threads(used);
    return used == wanted ? 0 : wanted;
}

/* Cores that Slurm gives each task, where the user has said nothing; else 0. */
static int threads_of_task(void) {
    const char *cores = getenv("SLURM_CPUS_PER_TASK");
    long n = cores && !getenv("OMP_NUM_THREADS") ? strtol(cores, NULL, 10) : 0;
    return n > 0 && n <= THREADS_MAX ? (int)n : 0;
}

int cpu_start(int threads) {
    flush_denormals();
    blis_choose();
    /* also by environment, for what BLIS reads when it starts */
    setenv("BLIS_NUM_THREADS", "1", 1);
    bli_init();
    bli_thread_set_num_threads(1);
    cpu_isa();
    return set_threads(threads ? threads : threads_of_task());
}

/* Threads that are started from now on leave all signals but their own faults to the first: where
 * one of them takes SIGTERM the first may read on, and be stopped by its terminal before the
 * handler runs. Returns what was set before. */
static sigset_t hold_signals(void) {
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    sigset_t held, before;
    sigfillset(&held);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&held, faults[i]);
    pthread_sigmask(SIG_BLOCK, &held, &before);
    return before;
}

void cpu_reserve(void) {
    enum { SIDE = 256, MATRIX = SIDE * SIDE }; /* large enough to be packed */
    float *from = calloc(MATRIX, sizeof *from);
    if (!from) memory_exhausted();
    sigset_t before = hold_signals();
#pragma omp parallel
    {
        float *to = malloc(MATRIX * sizeof *to);
        void *probe = malloc(BLIS_KEEPS);
        if (!to || !probe) memory_exhausted();
#pragma omp barrier
        free(probe);
#pragma omp barrier
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, SIDE, SIDE, SIDE, 1.0F, from, SIDE,
                    from, SIDE, 0.0F, to, SIDE);
        free(to);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    free(from);
}

int cpu_threads(void) { return omp_get_max_threads(); }

void cpu_describe(char *buf, size_t size) {
    bli_init();
    snprintf(buf, size, "%s, BLIS %s, %d thread%s", isa_name(cpu_isa()),
             bli_arch_string(bli_arch_query_id()), cpu_threads(), cpu_threads() == 1 ? "" : "s");
}

void cpu_products(char *buf, size_t size) {
    const char *conv = getenv("GAN_CONV");
    bli_init();
    snprintf(buf, size, "BLIS %s %s%s%s", bli_info_get_version_str(),
             bli_arch_string(bli_arch_query_id()), conv ? ", convolutions " : "", conv ? conv : "");
}

/* Whether it was not set. */
static bool give(const char *variable, const char *value) {
    if (getenv(variable)) return false;
    setenv(variable, value, 1);
    return true;
}

void cpu_settings(char **argv) {
    bool spin = !getenv("OMP_WAIT_POLICY") && give("GOMP_SPINCOUNT", "20000");
    bool pages = give("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
    /* by its own path, which gives the process its name; where this fails the run is slower, not
     * wrong */
    char path[4096];
    ssize_t n = spin || pages ? readlink("/proc/self/exe", path, sizeof path - 1) : -1;
    if (n < 0) return;
    path[n] = 0;
    execv(path, argv);
}
