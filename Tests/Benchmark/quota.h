/// A part of one core for one program, by a control group, as Lambda gives it.
#ifndef QUOTA_H
#define QUOTA_H

#include <stdbool.h>

enum {
    /// In which the program may run for its part, in microseconds; Lambda's is as long.
    quota_period = 20000,
};

/// Makes a control group in which programs have `share` of a core: by `cpu.max`, or by what it is
/// called where the controller is mounted as version 1.
///
/// Returns the descriptor to which a process writes `0` to enter; -1 with the reason in `reason`,
/// which has a line for people.
int quota_open(double share, const char **reason);

/// Removes all groups; the processes in them have ended.
void quota_remove_all(void);

#endif
