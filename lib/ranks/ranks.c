#include "ranks/ranks.h"

struct Ranks {
    int size, own;
};

int ranks_size(const Ranks *r) { return r ? r->size : 1; }

int ranks_own(const Ranks *r) { return r ? r->own : 0; }

size_t ranks_share(const Ranks *r, int rank, size_t shards, size_t *first) {
    size_t size = (size_t)ranks_size(r), at = (size_t)rank;
    *first = shards * at / size;
    return shards * (at + 1) / size - *first;
}
