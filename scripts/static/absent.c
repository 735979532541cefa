// What glibc can only do with shared objects of the machine it runs on, answered here with "no".
//
// A static executable that looks a name up through glibc loads NSS modules at run time, and may
// crash where another glibc is installed. c-ares resolves names in this one. By defining these
// names, nothing of glibc's own is linked for them: that path does not exist.
//
// Also absent, in place of functions of Swift's runtime: the names of Unicode scalars, 0.5 MB of
// tables that nothing here asks for; and the search for a program that prints backtraces, which
// takes 9 system calls before main and ends the process where /proc is not mounted.

#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <stdint.h>

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict result) {
    (void)node, (void)service, (void)hints;
    *result = NULL;
    return EAI_FAIL;
}

void freeaddrinfo(struct addrinfo *list) { (void)list; }

const char *gai_strerror(int code) {
    (void)code;
    return "not in this program";
}

int getnameinfo(const struct sockaddr *restrict address, socklen_t length, char *restrict host,
                socklen_t host_length, char *restrict service, socklen_t service_length,
                int flags) {
    (void)address, (void)length, (void)host, (void)host_length, (void)service;
    (void)service_length, (void)flags;
    return EAI_FAIL;
}

struct hostent *gethostbyname(const char *name) {
    (void)name;
    return NULL;
}

struct servent *getservbyname(const char *name, const char *protocol) {
    (void)name, (void)protocol;
    return NULL;
}

int getservbyport_r(int port, const char *restrict protocol, struct servent *restrict buffer,
                    char *restrict text, size_t count, struct servent **restrict result) {
    (void)port, (void)protocol, (void)buffer, (void)text, (void)count;
    *result = NULL;
    return ENOENT;
}

void *dlopen(const char *file, int mode) {
    (void)file, (void)mode;
    return NULL;
}

void *dlsym(void *restrict handle, const char *restrict name) {
    (void)handle, (void)name;
    return NULL;
}

int dlclose(void *handle) {
    (void)handle;
    return -1;
}

char *dlerror(void) { return "not in this program"; }

// In place of swift_copyAuxiliaryExecutablePath: no program of that name.
char *absent_program(const char *name) {
    (void)name;
    return NULL;
}

// In place of _swift_stdlib_getScalarName: how many bytes of a name were written.
intptr_t absent_scalar_name(uint32_t scalar, uint8_t *buffer, intptr_t capacity) {
    (void)scalar, (void)buffer, (void)capacity;
    return 0;
}
