#ifndef INLET_CCRASH_H
#define INLET_CCRASH_H

#include <stdbool.h>
#include <stdint.h>

/// Reports crashes (SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT) to the Runtime API.
///
/// The report is made by the crashing thread, inside the signal handler, with system calls only:
/// after a crash no lock, no allocation and no library can be trusted. The process then ends by the
/// same signal. This is C because a Swift function gives no such guarantee.
///
/// `address` is IPv4, in network byte order; a host name must be resolved by the caller. Returns
/// false when the handlers could not be installed.
bool ccrash_install(uint32_t address, uint16_t port);

/// Gives the calling thread a stack of its own for the handler, so that an overflow of its normal
/// stack can be reported. Each thread that handles events calls it once, for its whole life.
bool ccrash_prepare_thread(void);

/// Names the event that the calling thread is handling; crashes until `ccrash_end` are its failure.
///
/// Both are copied, and cut at 200 bytes; `invocation_id` may be NULL.
void ccrash_begin(const char *request_id, const char *invocation_id);

/// The calling thread has posted its answer, or will not: crashes are nobody's failure.
void ccrash_end(void);

#endif
