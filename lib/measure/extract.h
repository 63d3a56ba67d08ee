/* extract.h: features of pictures by a network, which is the checkpoint of a page. */
#ifndef GAN_EXTRACT_H
#define GAN_EXTRACT_H

#include "measure/provenance.h"

/* What is said of a network on the command line; all may be NULL. */
typedef struct {
    const char *net;      /* a checkpoint */
    const char *protocol; /* of measure/protocol.h; "page" when NULL */
    const char *feature;  /* an expression of the page; what the metric asks for when NULL */
} NetOptions;

/* A network compiled for minibatches of a fixed size, so that a feature does not depend on how the
 * stream was cut. */
typedef struct Extractor Extractor;
/* *out is NULL when o names no network. `usual` is the feature when o names none. */
MUST_CHECK int extractor_open(const NetOptions *o, const char *usual, Extractor **out, Error *err);
void extractor_close(Extractor *e); /* NULL allowed */
const Provenance *extractor_provenance(const Extractor *e);
/* The tensor that the network reads, and whether a frame holds it. */
const char *extractor_tensor(const Extractor *e);
/* The range of the page's data. */
void extractor_range(const Extractor *e, double *low, double *high);
bool extractor_wants(const Extractor *e, const Frame *in);
/* The tensor the network reads becomes `feature` F32 [N, ...] in out; tensors of as many samples,
 * such as labels, go along. `source` names the stream in messages. U8 is taken by the protocol;
 * floats, with the protocol "page", as they are. */
MUST_CHECK int extractor_run(Extractor *e, const Frame *in, const char *source, Frame *out,
                             Error *err);

#endif
