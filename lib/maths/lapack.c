#include "maths/lapack.h"

#include <lapacke.h>
#include <stdio.h>

/* Takes the place of the library's own, which prints on standard output, where our data go. Callers
 * look at the value that is returned. */
void LAPACKE_xerbla(const char *name, lapack_int info);
void LAPACKE_xerbla(const char *name, lapack_int info) { (void)name, (void)info; }

bool lapack_out_of_memory(long info) {
    return info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR;
}

int lapack_check(long info, Error *err, const char *format, ...) {
    char text[sizeof err->text];
    va_list ap;
    if (!info) return 0;
    if (lapack_out_of_memory(info)) return fail(err, "out of memory");
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    return fail(err, "%s", text);
}
