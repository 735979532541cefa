#ifndef INLET_CYAML_SHIM_H
#define INLET_CYAML_SHIM_H

#include <yaml.h>

#endif
