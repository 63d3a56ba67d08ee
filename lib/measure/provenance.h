/* provenance.h: where feature rows came from. Two sets are compared only when it is the same. */
#ifndef GAN_PROVENANCE_H
#define GAN_PROVENANCE_H

#include "measure/result.h"
#include "stream/stream.h"

typedef struct {
    char protocol[32]; /* of measure/protocol.h; "features" for rows that say nothing of it */
    char net[96];      /* the network's page, or empty */
    char weights[65];  /* SHA-256 of its checkpoint, in hex, or empty */
    char feature[96];  /* the expression evaluated, or empty */
} Provenance;

/* From and to the metadata gan.protocol, gan.net, gan.weights, gan.feature of a frame. One that
 * names none has the protocol "features". */
void provenance_read(const Frame *f, Provenance *out);
void provenance_write(const Provenance *p, Frame *f);
/* An error naming both paths and what differs. A set that names nothing but its features agrees
 * only with another such set. */
MUST_CHECK int provenance_same(const char *path_a, const Provenance *a, const char *path_b,
                               const Provenance *b, Error *err);
/* The fields protocol, net, weights and feature of a result; empty ones are left out. */
void provenance_report(const Provenance *p, Results *out);

#endif
