/* lapack.h: what a routine of LAPACK says of how it went. */
#ifndef GAN_LAPACK_H
#define GAN_LAPACK_H

#include "base/base.h"

/* 0 when info is 0. Otherwise -1 with the message, or with "out of memory" where that is what info
 * says: LAPACKE allocates its work space itself. */
int lapack_check(long info, Error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool lapack_out_of_memory(long info);

#endif
