/* params.h: parameters and buffers of layers, as entries of the store. */
#ifndef GAN_PARAMS_H
#define GAN_PARAMS_H

#include "page/eval/value.h"
#include "page/store.h"

/* An `init` statement of the page; its value is found when it is first asked for. */
typedef struct {
    const Statement *statement;
    bool known;
    Value value;
} InitRule;

/* The store's entry of that name, see store_get; an error of the page when it is declared
 * otherwise. It has no data yet. */
Entry *build_entry(Build *b, const Expr *at, const char *name, EntryKind kind, EntryLayout layout,
                   int rank, const size_t *shape, Init init);
/* The entry of an average, of the name given, that follows a tensor of its net. */
Entry *average_entry(Build *b, const Expr *at, const char *name, Entry *source);
/* The same of what a net or block keeps; under the name of an average it is that of the average. */
Entry *own_entry(Build *b, const Expr *at, const char *name, EntryKind kind, EntryLayout layout,
                 int rank, const size_t *shape, Init init);
/* Parameter `path.suffix`; fans are for the default initialisation. */
Node *layer_param(Build *b, const Expr *at, const char *layer, const char *suffix,
                  EntryLayout layout, int rank, const size_t *shape, const char *role,
                  const Value *init, size_t fan_in, size_t fan_out);
/* A buffer of a layer (running statistics). */
State *layer_buffer(Build *b, const Expr *at, const char *layer, const char *suffix, int rank,
                    const size_t *shape, double initial);
/* The initialiser a distribution or number stands for. */
Init init_from(Build *b, const Expr *at, const Value *v, size_t fan_in, size_t fan_out);
/* Whether the weights of a net lie in another file: then it is as while sampling wherever it is
 * used.
 */
bool net_frozen(const Build *b, const char *net);
/* Whether a tensor is that one, or one of the net of that name. */
bool name_belongs(const char *tensor, const char *name);
bool entry_belongs(const Entry *e, const char *name);

#endif
