/// AWS Signature Version 4 for one service, as plain C needs it.
///
/// Source: AWS Identity and Access Management User Guide, "Create a signed AWS API request".
#ifndef SIGN_H
#define SIGN_H

#include "scan.h"

#include <time.h>

enum {
    /// The most bytes of a head; the session token is the most of them.
    head_capacity = 8192,
};

/// Reads credentials and region from the environment; the port is that of the host.
void prepare_signing(unsigned port);

/// The moment of the requests that follow.
void sign_at(time_t seconds);

/// Writes the head of a signed POST with this body; returns its length.
size_t signed_head(struct slice body, struct slice trace, char head[head_capacity]);

#endif
