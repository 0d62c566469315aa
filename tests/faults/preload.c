/* Stands between a server of a history and the C library (LD_PRELOAD): its clock is wrong, and its disk
 * refuses, as a file of sixteen bytes says, which the test writes and every process maps. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct held {
    volatile int64_t seconds; /* that the wall clock is ahead */
    volatile int64_t refuses; /* whether nothing gets onto the disk */
};

static struct held right;
static struct held *held = &right;
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_gettimeofday)(struct timeval *, void *);
static time_t (*real_time)(time_t *);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("HELD_BY_TEST");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    real_gettimeofday = dlsym(RTLD_NEXT, "gettimeofday");
    real_time = dlsym(RTLD_NEXT, "time");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    if (file >= 0) {
        void *mapped = mmap(NULL, sizeof(struct held), PROT_READ, MAP_SHARED, file, 0);
        if (mapped != MAP_FAILED)
            held = mapped;
        close(file);
    }
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
    int done = real_clock_gettime ? real_clock_gettime(clock, at) : -1;
    if (done == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        at->tv_sec += held->seconds;
    return done;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
    int done = real_gettimeofday ? real_gettimeofday(at, zone) : -1;
    if (done == 0)
        at->tv_sec += held->seconds;
    return done;
}

time_t time(time_t *at)
{
    time_t now = (real_time ? real_time(NULL) : 0) + held->seconds;
    if (at)
        *at = now;
    return now;
}

static int refused(void)
{
    if (held->refuses)
        errno = EIO;
    return held->refuses != 0;
}

int fsync(int file)
{
    return refused() || !real_fsync ? -1 : real_fsync(file);
}

int fdatasync(int file)
{
    return refused() || !real_fdatasync ? -1 : real_fdatasync(file);
}
