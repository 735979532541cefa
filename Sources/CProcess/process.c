#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int cprocess_pipe(int *input, int *output) {
    int ends[2];
    if (pipe(ends) != 0) return -errno;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *input = ends[0];
    *output = ends[1];
    return 0;
}

// Becomes the program, in the child; writes errno to `report` if it cannot.
//
// Between fork and execve: only calls that are safe in a signal handler.
static _Noreturn void become(const char *path, const char *directory, int output, int report,
                             pid_t parent, char *const *arguments, char *const *environment) {
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    signal(SIGPIPE, SIG_DFL);
    int empty = open("/dev/null", O_RDONLY);
    if (empty >= 0 && dup2(empty, 0) >= 0 && dup2(output, 1) >= 0 && dup2(output, 2) >= 0
        && chdir(directory) == 0) {
        // Descriptors of other connections must not outlive them here.
        for (int descriptor = 3; descriptor < 1024; descriptor++) {
            if (descriptor != report) close(descriptor);
        }
        sigprocmask(SIG_SETMASK, &none, NULL);
        execve(path, arguments, environment);
    }
    const int failure = errno;
    while (write(report, &failure, sizeof failure) < 0 && errno == EINTR) {}
    _exit(127);
}

pid_t cprocess_spawn(const char *path, const char *directory, int output, char *const *arguments,
                     char *const *environment) {
    int report[2];
    if (pipe(report) != 0) return -errno;
    fcntl(report[0], F_SETFD, FD_CLOEXEC);
    fcntl(report[1], F_SETFD, FD_CLOEXEC);
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0) become(path, directory, output, report[1], parent, arguments, environment);
    const int forkFailure = errno;
    close(report[1]);
    if (child < 0) {
        close(report[0]);
        return -forkFailure;
    }
    setpgid(child, child);
    int failure = 0;
    ssize_t count;
    do count = read(report[0], &failure, sizeof failure);
    while (count < 0 && errno == EINTR);
    close(report[0]);
    if (count <= 0) return child;
    waitpid(child, NULL, 0);
    return -failure;
}

int cprocess_wait(pid_t process) {
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {}
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static sigset_t stop_signals(void) {
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    // What nohup has started outlives its terminal.
    struct sigaction hangup;
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) sigaddset(&stop, SIGHUP);
    return stop;
}

int cprocess_hold_stop_signals(void) {
    const sigset_t stop = stop_signals();
    signal(SIGPIPE, SIG_IGN);
    return pthread_sigmask(SIG_BLOCK, &stop, NULL);
}

void cprocess_wait_for_stop(void) {
    const sigset_t stop = stop_signals();
    int number;
    while (sigwait(&stop, &number) != 0) {}
}

int cprocess_wait_for_stop_up_to(long milliseconds) {
    const sigset_t stop = stop_signals();
    const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    const int number = sigtimedwait(&stop, NULL, &time);
    return number > 0 ? number : 0;
}
