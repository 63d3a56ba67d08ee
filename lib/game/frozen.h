/* frozen.h: nets whose weights stay in files of their own (`frozen NET from FILE`), which a
 * checkpoint knows by name and SHA-256. */
#ifndef GAN_FROZEN_H
#define GAN_FROZEN_H

#include "game/model.h"

/* Lets the model's store find such weights when a page asks for them; to be called once its page
 * and settings are known. A file is looked for where its name says, then beside the checkpoint.
 * What a checkpoint says of them is m->frozen. */
void frozen_start(Model *m);

#endif
