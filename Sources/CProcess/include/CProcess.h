#ifndef INLET_CPROCESS_H
#define INLET_CPROCESS_H

#include <sys/types.h>

/// Starts a program in a process group of its own, killed by the kernel when the calling thread
/// ends. posix_spawn cannot ask for that.
///
/// Its standard input is empty, its output and errors go to the descriptor. Returns the process id,
/// or a negated errno, that of a failed execve included. One thread calls this: two would hand each
/// other's pipes down to their children.
pid_t cprocess_spawn(const char *path, const char *directory, int output, char *const *arguments,
                     char *const *environment);

/// Makes a pipe that children do not inherit by themselves, and whose reads do not wait. Returns 0 or
/// a negated errno.
int cprocess_pipe(int *input, int *output);

/// Waits for a process to end: its exit status, or the negated number of the signal that ended it.
int cprocess_wait(pid_t process);

/// Keeps SIGINT, SIGTERM and SIGHUP pending for the functions below, in this and all later threads;
/// SIGHUP only if the process was not started to ignore it. A write to a closed pipe fails from then on,
/// and does not end the process.
int cprocess_hold_stop_signals(void);

/// Returns when a held signal has come.
void cprocess_wait_for_stop(void);

/// Waits for a held signal for so long at most; returns its number, or 0 when none has come.
int cprocess_wait_for_stop_up_to(long milliseconds);

#endif
