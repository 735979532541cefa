/// Events as a REST API sends them to Inlet.
#ifndef EVENTS_H
#define EVENTS_H

#include "stage.h"

/// `GET /health`.
struct event health_event(void);

/// A track call of some 600 bytes; calls of different numbers differ.
struct event track_event(int number);

/// A batch of track calls as they are usual.
struct event batch_event(int count);

/// A batch of track calls that are short enough for 2,500 of them to fit in a request.
struct event short_batch_event(int count);

/// A batch whose body has just under this many bytes.
struct event large_event(size_t bytes);

/// A track call without its event's name, which is answered with 400.
struct event invalid_event(void);

#endif
