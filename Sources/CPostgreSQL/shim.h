#ifndef INLET_CPOSTGRESQL_SHIM_H
#define INLET_CPOSTGRESQL_SHIM_H

#include <libpq-fe.h>

#endif
