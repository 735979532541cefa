#ifndef INLET_CMALLOC_H
#define INLET_CMALLOC_H

#include <malloc.h>

/// Lets every thread allocate from the first one's arena; 1 when the C library does so.
static inline int cmalloc_use_one_arena(void) { return mallopt(M_ARENA_MAX, 1); }

#endif
