#include "cbuild.h"

// Package.swift defines it: only this file and the link depend on it.
const char *cbuild_commit(void) { return INLET_COMMIT; }
