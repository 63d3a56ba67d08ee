/* cpu.h: which instruction sets to use, decided once at start. */
#ifndef GAN_CPU_H
#define GAN_CPU_H

#include "base/base.h"

typedef enum { ISA_PORTABLE, ISA_AVX2, ISA_AVX512, ISA_COUNT } Isa;

/* Call at the start of main, before any product. Chooses BLIS's kernel family by CPU features when
 * the library would fall back to its generic one (BLIS_ARCH_TYPE; never overrides what the user has
 * set), keeps BLIS single-threaded inside our own parallel loops, sets the number of threads
 * (0: OMP_NUM_THREADS, what a batch system gives a task, or the number of cores), and lets denormal
 * numbers be zero. More threads than THREADS_MAX or than the system lets this process start are
 * cut: then the number that was asked for is returned, otherwise 0. */
int cpu_start(int threads);
/* BLIS ends the process when there is no memory for the panels it packs, which it asks for at each
 * thread's first large product and keeps. This makes it do so, after a look at whether there is as
 * much (else memory_exhausted): for tools that compute for long, before they begin. The threads
 * it starts take none of the signals that ask a process to stop. */
void cpu_reserve(void);
/* Call first in main of a tool that computes for long: the program starts itself once more with
 * what libraries read when they are loaded, unless the user has set it. Waiting OpenMP threads spin
 * shortly (GOMP_SPINCOUNT, OMP_WAIT_POLICY), which on a machine that has other work costs several
 * times what it saves; and the heap asks for large pages (GLIBC_TUNABLES), without which weights
 * that are read at strides of kilobytes cost a tenth of an iteration. */
void cpu_settings(char **argv);
/* The widest set this CPU and the operating system support, or what GAN_ISA=portable|avx2|avx512
 * in the environment lowers it to. */
Isa cpu_isa(void);
/* By Isa, what is compiled once for each: EACH_ISA(name_) are name_portable and so on, so far as
 * this kind of machine has them; cpu_isa() is one of those. */
#if defined __x86_64__
#define EACH_ISA(name) \
    { name##portable, name##avx2, name##avx512 }
#else
#define EACH_ISA(name) \
    { name##portable }
#endif
const char *isa_name(Isa isa);
/* One line for --version: "avx512, BLIS skx, 2 threads". */
void cpu_describe(char *buf, size_t size);
int cpu_threads(void);
/* What products are made by: "BLIS 0.9.0 skx", and how convolutions are, if the user has set it. */
void cpu_products(char *buf, size_t size);

#endif
