#include "base/address.h"

/* Where a key is, or the empty place where it would be; the size is a power of 2. */
static size_t place_of(const AddressTable *t, const void *key) {
    uint64_t hash = (uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15U;
    size_t at = (size_t)(hash >> 32) & (t->size - 1);
    while (t->key[at] && t->key[at] != key) at = (at + 1) & (t->size - 1);
    return at;
}

int address_number(const AddressTable *t, const void *key) {
    if (!t->count) return -1;
    size_t at = place_of(t, key);
    return t->key[at] ? t->number[at] : -1;
}

static void grow(AddressTable *t) {
    AddressTable old = *t;
    t->size = old.size ? 2 * old.size : 64;
    t->key = arena_new_array(t->arena, const void *, t->size);
    t->number = arena_new_array(t->arena, int, t->size);
    for (size_t i = 0; i < old.size; i++)
        if (old.key[i]) {
            size_t at = place_of(t, old.key[i]);
            t->key[at] = old.key[i];
            t->number[at] = old.number[i];
        }
}

void address_give(AddressTable *t, const void *key, int number) {
    if (2 * (t->count + 1) > t->size) grow(t);
    size_t at = place_of(t, key);
    t->count += !t->key[at];
    t->key[at] = key;
    t->number[at] = number;
}
