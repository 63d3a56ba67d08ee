/* cpu.h: which instruction sets to use, decided once at start. */
#ifndef GAN_CPU_H
#define GAN_CPU_H

#include "base/base.h"

typedef enum { ISA_PORTABLE, ISA_AVX2, ISA_AVX512, ISA_COUNT } Isa;

/* Call at the start of main, before any product. Chooses BLIS's kernel family by CPU features when
 * the library would fall back to its generic one (BLIS_ARCH_TYPE; never overrides what the user has
 * set), keeps BLIS single-threaded inside our own parallel loops, and sets the number of threads
 * (0: OMP_NUM_THREADS or the number of cores). */
void cpu_start(int threads);
/* The widest set this CPU and the operating system support, or what GAN_ISA=portable|avx2|avx512
 * in the environment lowers it to. */
Isa cpu_isa(void);
const char *isa_name(Isa isa);
/* One line for --version: "avx512, BLIS skx, 2 threads". */
void cpu_describe(char *buf, size_t size);
int cpu_threads(void);

#endif
