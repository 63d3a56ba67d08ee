/* started.h: what the environment tells of how a process was started. */
#ifndef GAN_STARTED_H
#define GAN_STARTED_H

#include "base/base.h"

/* Whether a launcher of MPI has started it together with others. */
bool started_with_others(void);
/* What is to be said where it has not: nothing, or that srun has started several that do not know
 * of each other. */
MUST_CHECK int started_alone(Error *err);

#endif
