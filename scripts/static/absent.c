// What glibc can only do with shared objects of the machine it runs on, answered here with "no".
//
// A static executable that looks a name up through glibc loads NSS modules at run time, and may
// crash where another glibc is installed. c-ares resolves names in this one. By defining these
// names, nothing of glibc's own is linked for them: that path does not exist. Addresses are no names:
// libpq is given those that libcurl has found, and reads them by getaddrinfo.
//
// Also absent, in place of functions of Swift's runtime: the names of Unicode scalars, 0.5 MB of
// tables that nothing here asks for; and the search for a program that prints backtraces, which
// takes 9 system calls before main and ends the process where /proc is not mounted.

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

// The one answer of getaddrinfo, which freeaddrinfo gives back as a whole.
struct address {
    struct addrinfo info;
    struct sockaddr_storage storage;
};

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict result) {
    *result = NULL;
    if (node == NULL || service == NULL) return EAI_FAIL;
    struct address *address = calloc(1, sizeof *address);
    if (address == NULL) return EAI_MEMORY;
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address->storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->storage;
    const in_port_t port = htons((uint16_t)strtoul(service, NULL, 10));
    if (inet_pton(AF_INET, node, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = port;
        address->info.ai_addrlen = sizeof *v4;
    } else if (inet_pton(AF_INET6, node, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = port;
        address->info.ai_addrlen = sizeof *v6;
    } else {
        free(address);
        return EAI_NONAME;
    }
    address->info.ai_family = address->storage.ss_family;
    address->info.ai_socktype = hints != NULL ? hints->ai_socktype : SOCK_STREAM;
    address->info.ai_protocol = hints != NULL ? hints->ai_protocol : 0;
    address->info.ai_addr = (struct sockaddr *)&address->storage;
    *result = &address->info;
    return 0;
}

void freeaddrinfo(struct addrinfo *list) { free(list); }

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

// Who runs the program, and where its home is: libpq would look for files there.
int getpwuid_r(uid_t user, struct passwd *restrict buffer, char *restrict text, size_t count,
               struct passwd **restrict result) {
    (void)user, (void)buffer, (void)text, (void)count;
    *result = NULL;
    return 0;
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
