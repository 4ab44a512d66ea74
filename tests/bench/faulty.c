/* Makes writing fail, or the process die, at a chosen call: preloaded into a process whose writes below one folder it
   counts. What happens at which call stands in a small file that is shared with whoever watches: FAULTY_CONTROL.
   Where there is a FAULTY_SYNCED, it holds each file as it was when it was synced last: what a loss of power leaves.

   cc -shared -fPIC -O2 -o faulty.so faulty.c -ldl */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* error: 0: SIGKILL; -1: half of a write, or ENOSPC. what: the call that was hit last */
struct control { long calls, from, until, error, hits; char what[216]; };

static struct control *control;
static const char *folder, *synced;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAULTY_CONTROL");
    folder = getenv("FAULTY_FOLDER");
    synced = getenv("FAULTY_SYNCED");
    int fd = path && folder ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *shared = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared != MAP_FAILED) control = shared;
    close(fd);
}

/* 0: go on; else what is to happen, as in the control; SIGKILL comes here. */
static long fault_at(const char *call, const char *path) {
    if (!control || !path || strncmp(path, folder, strlen(folder))) return 0;
    long number = __atomic_add_fetch(&control->calls, 1, __ATOMIC_SEQ_CST);
    if (number < control->from || number >= control->until) return 0;
    __atomic_add_fetch(&control->hits, 1, __ATOMIC_SEQ_CST);
    snprintf(control->what, sizeof control->what, "%s %s", call, path + strlen(folder));
    if (control->error == 0) kill(getpid(), SIGKILL);
    return control->error;
}

static long fault(const char *call, int fd) {
    char link[64], path[PATH_MAX];
    if (!control) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fault_at(call, path);
}

static int kept(int result, int fd) {
    char link[64], path[PATH_MAX], whole[2 * PATH_MAX], part[2 * PATH_MAX + 8], block[65536];
    if (result || !control || !synced) return result;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1), size;
    if (length < 0) return result;
    path[length] = 0;
    const char *name = strrchr(path, '/');
    if (strncmp(path, folder, strlen(folder)) || !name || !*name) return result;
    snprintf(whole, sizeof whole, "%s%s", synced, name);
    snprintf(part, sizeof part, "%s.part", whole);
    int to = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    /* Of the descriptor itself: to close another of the same file would end this process's locks on it. */
    for (off_t at = 0; to >= 0 && (size = pread(fd, block, sizeof block, at)) > 0; at += size)
        if (write(to, block, (size_t)size) != size) abort();
    if (to >= 0) close(to), rename(part, whole);
    return result;
}

#define REAL(result, name, ...) ((result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))
/* half: the size of a write, of which half is done; 0 where that makes no sense */
#define DO(happens, real, half)                                                                                        \
    long error = happens;                                                                                              \
    if (error == -1 && (half) > 1) { size = (half) / 2; return real; }                                                 \
    if (error) { errno = error == -1 ? ENOSPC : (int)error; return -1; }                                               \
    return real;

#define WRITES_AT(name, offset)                                                                                        \
    ssize_t name(int fd, const void *data, size_t size, offset at) {                                                   \
        DO(fault(#name, fd), REAL(ssize_t, name, int, const void *, size_t, offset)(fd, data, size, at), size)         \
    }
WRITES_AT(pwrite, off_t)
WRITES_AT(pwrite64, off64_t)

ssize_t write(int fd, const void *data, size_t size) {
    DO(fault("write", fd), REAL(ssize_t, write, int, const void *, size_t)(fd, data, size), size)
}

#define SENDS(name, offset)                                                                                            \
    ssize_t name(int to, int fd, offset *at, size_t size) {                                                            \
        DO(fault(#name, to), REAL(ssize_t, name, int, int, offset *, size_t)(to, fd, at, size), size)                  \
    }
SENDS(sendfile, off_t)
SENDS(sendfile64, off64_t)

#define OF_FILE(name)                                                                                                  \
    int name(int fd) { size_t size = 0; DO(fault(#name, fd), kept(REAL(int, name, int)(fd), fd), size) }
OF_FILE(fsync)
OF_FILE(fdatasync)

#define CUTS(name, offset)                                                                                             \
    int name(int fd, offset length) {                                                                                  \
        size_t size = 0;                                                                                               \
        DO(fault(#name, fd), REAL(int, name, int, offset)(fd, length), size)                                           \
    }
CUTS(ftruncate, off_t)
CUTS(ftruncate64, off64_t)

#define OPENS(name)                                                                                                    \
    int name(const char *path, int flags, ...) {                                                                       \
        size_t size = 0;                                                                                               \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;                                      \
        va_end(rest);                                                                                                  \
        DO(flags & (O_CREAT | O_TRUNC) ? fault_at(#name, path) : 0,                                                    \
           REAL(int, name, const char *, int, ...)(path, flags, mode), size)                                           \
    }
OPENS(open)
OPENS(open64)

int unlink(const char *path) {
    size_t size = 0;
    DO(fault_at("unlink", path), REAL(int, unlink, const char *)(path), size)
}

int mkdir(const char *path, mode_t mode) {
    size_t size = 0;
    DO(fault_at("mkdir", path), REAL(int, mkdir, const char *, mode_t)(path, mode), size)
}

#define NAMES(name)                                                                                                    \
    int name(const char *from, const char *to) {                                                                       \
        size_t size = 0;                                                                                               \
        DO(fault_at(#name, to), REAL(int, name, const char *, const char *)(from, to), size)                           \
    }
NAMES(link)
NAMES(rename)
