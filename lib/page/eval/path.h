/* path.h: how the parameters of layers are called. */
#ifndef GAN_PATH_H
#define GAN_PATH_H

#include "page/eval/value.h"

/* Where layers made now keep their parameters: prefix.0, prefix.1, ... */
typedef struct {
    const char *prefix;
    int next;
} Path;

/* Where a call stands among the layers: its parameters, the layers of its block and its result as a
 * stage are called by it. */
typedef struct {
    int index;        /* of the pipe's stage; -1 outside a pipe, until it takes the next number */
    const char *name; /* given instead of a number, or NULL; "" leaves the component out */
    const Expr *at;   /* the call */
} Place;

/* The paths that calls have taken, within one call of a net; by hash. */
typedef struct Claim {
    const char *path;
    Place by;
    struct Claim *next;
} Claim;
typedef struct {
    Claim **chain;
    size_t chains, count;
} Claims;

/* The path of the layer being run. */
const char *layer_path(Build *b);
/* The path of a call; an error when another call of the page has taken it within the same call of a
 * net and one of the two was given its name. */
const char *place_path(Build *b, Place *p);
/* The name of a tensor of the layer being run, where it has no path of its own (name=""): an error
 * as of place_path. */
void layer_claim(Build *b, const char *tensor);
/* The value of an argument `name`. */
const char *place_name(Build *b, const Expr *at, const Value *v);

#endif
