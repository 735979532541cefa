#define _GNU_SOURCE
#include "quota.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { maximum_groups = 16, path_size = 512 };

static char groups[maximum_groups][path_size];
static int group_count;

static char problem[2 * path_size];

void quota_remove_all(void) {
    while (group_count > 0) rmdir(groups[--group_count]);
}

/// Writes a text to a file of a group; false with the reason noted.
static bool put(const char *group, const char *file, const char *text) {
    char path[path_size + 64];
    snprintf(path, sizeof path, "%s/%s", group, file);
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    bool is_written =
        descriptor >= 0 && write(descriptor, text, strlen(text)) == (ssize_t)strlen(text);
    if (!is_written) snprintf(problem, sizeof problem, "%s: %s", path, strerror(errno));
    if (descriptor >= 0) close(descriptor);
    return is_written;
}

/// Whether groups below the top one have the controller; it is not switched on for the machine.
static bool has_controller(const char *top) {
    char path[path_size + 64], text[256] = "";
    snprintf(path, sizeof path, "%s/cgroup.subtree_control", top);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    ssize_t count = read(descriptor, text, sizeof text - 1);
    close(descriptor);
    bool is_there = false;
    char *word = count > 0 ? strtok(text, " \n") : NULL;
    for (; word; word = strtok(NULL, " \n")) is_there = is_there || !strcmp(word, "cpu");
    return is_there;
}

/// Finds where groups with the controller are made, and whether that is version 1.
static bool find_top(char top[path_size], bool *is_first_version) {
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    bool is_found = false;
    struct mntent *mount;
    while (mounts && !is_found && (mount = getmntent(mounts))) {
        bool is_second = !strcmp(mount->mnt_type, "cgroup2") && has_controller(mount->mnt_dir);
        *is_first_version = !strcmp(mount->mnt_type, "cgroup") && hasmntopt(mount, "cpu");
        is_found = is_second || *is_first_version;
        if (is_found) snprintf(top, path_size, "%s", mount->mnt_dir);
    }
    if (mounts) endmntent(mounts);
    if (!is_found) snprintf(problem, sizeof problem, "no control groups with a cpu controller");
    return is_found;
}

static bool limit_group(const char *group, bool is_first_version, double share) {
    char quota[32], both[64];
    int part = (int)(share * quota_period);
    snprintf(quota, sizeof quota, "%d", part);
    snprintf(both, sizeof both, "%d %d", part, quota_period);
    if (!is_first_version) return put(group, "cpu.max", both);
    char period[32];
    snprintf(period, sizeof period, "%d", quota_period);
    return put(group, "cpu.cfs_period_us", period) && put(group, "cpu.cfs_quota_us", quota);
}

/// Makes a group below the top one, and notes it to be removed.
static const char *make_group(const char *top) {
    if (group_count == maximum_groups) {
        snprintf(problem, sizeof problem, "more than %d control groups", maximum_groups);
        return NULL;
    }
    char *group = groups[group_count];
    int count =
        snprintf(group, path_size, "%s/inlet-bench-%d-%d", top, (int)getpid(), group_count);
    if (count >= path_size || mkdir(group, 0755)) {
        snprintf(problem, sizeof problem, "%s: %s", group, strerror(errno));
        return NULL;
    }
    group_count++;
    return group;
}

int quota_open(double share, const char **reason) {
    char top[path_size], path[path_size + 64];
    bool is_first_version;
    *reason = problem;
    if (!find_top(top, &is_first_version)) return -1;
    const char *group = make_group(top);
    if (!group || !limit_group(group, is_first_version, share)) return -1;
    snprintf(path, sizeof path, "%s/cgroup.procs", group);
    int processes = open(path, O_WRONLY | O_CLOEXEC);
    if (processes < 0) snprintf(problem, sizeof problem, "%s: %s", path, strerror(errno));
    return processes;
}
