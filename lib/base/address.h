/* address.h: numbers of things, by their addresses. */
#ifndef GAN_ADDRESS_H
#define GAN_ADDRESS_H

#include "base/base.h"

/* Zero-initialise, with the arena it grows in. */
typedef struct {
    Arena *arena;
    const void **key;
    int *number;
    size_t size, count;
} AddressTable;

/* The number of what lies at an address; -1 where none was given. */
int address_number(const AddressTable *t, const void *key);
void address_give(AddressTable *t, const void *key, int number);

#endif
