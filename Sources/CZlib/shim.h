#ifndef INLET_CZLIB_SHIM_H
#define INLET_CZLIB_SHIM_H

#include <zlib.h>

/// inflateInit2 is a macro. 16 + MAX_WBITS takes the gzip wrapper, and only that.
static inline int czlib_inflate_init_gzip(z_stream *stream) {
    return inflateInit2(stream, 16 + MAX_WBITS);
}

#endif
