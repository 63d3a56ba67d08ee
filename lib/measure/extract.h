/* extract.h: features of pictures by a network, which is the checkpoint of a page. */
#ifndef GAN_EXTRACT_H
#define GAN_EXTRACT_H

#include "measure/metric.h"
#include "measure/provenance.h"

/* The options of every metric that can look through a network; all may be NULL. */
typedef struct {
    const char *net;      /* a checkpoint */
    const char *protocol; /* of measure/protocol.h; "page" when NULL */
    const char *feature;  /* an expression of the page; what the metric asks for when NULL */
} NetOptions;
/* Their lines in a table of options; `field` is the NetOptions in the metric's struct. */
/* clang-format off */
#define NET_OPTION_LINES(type, field)                                                              \
    {"net", 0, OPT_TEXT, "CHECKPOINT", offsetof(type, field.net),                                  \
     "look at images through this network", false},                                                \
    {"protocol", 0, OPT_TEXT, "NAME", offsetof(type, field.protocol),                              \
     "how images reach it, see gan-eval(1); also METRIC:NAME", false},                             \
    {"feature", 0, OPT_TEXT, "EXPR", offsetof(type, field.feature),                                \
     "what of the network's page is looked at", false}
/* clang-format on */

/* A network compiled for minibatches of a fixed size, so that a feature does not depend on how the
 * stream was cut. */
typedef struct Extractor Extractor;
/* *out is NULL when o names no network. `usual` is the feature when o names none. */
int extractor_open(const NetOptions *o, const char *usual, Extractor **out, Error *err);
void extractor_close(Extractor *e); /* NULL allowed */
const Provenance *extractor_provenance(const Extractor *e);
/* Whether a frame holds what the network reads. */
bool extractor_wants(const Extractor *e, const Frame *in);
/* The tensor the network reads becomes `feature` F32 [N, ...] in out; tensors of as many samples,
 * such as labels, go along. `source` names the stream in messages. U8 is taken by the protocol;
 * floats, with the protocol "page", as they are. */
int extractor_run(Extractor *e, const Frame *in, const char *source, Frame *out, Error *err);

/* A whole metric: opens the network, if o names one, for the time that `measure` takes. */
typedef int NetMeasure(const void *options, Extractor *e, char **inputs, Results *out, Error *err);
int extractor_measure(const NetOptions *o, const char *usual, NetMeasure *measure,
                      const void *options, char **inputs, Results *out, Error *err);

#endif
