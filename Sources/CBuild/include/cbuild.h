#ifndef CBUILD_H
#define CBUILD_H

/// The commit that the program was built from, or "unknown". It lives for ever.
const char *_Nonnull cbuild_commit(void);

#endif
