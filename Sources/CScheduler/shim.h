#pragma once

// The system call by which a thread tells the scheduler of Linux how long it likes to run at a
// time; the C library has no function for it, and Swift cannot import `syscall`.

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>

long syscall(long number, ...);

// Source: sched_setattr(2), the first version of the structure.
struct CScheduler_attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

// Asks for slices of so many nanoseconds for the calling thread; 0, or why it was refused.
static inline int CScheduler_set_slice(uint64_t nanoseconds) {
    struct CScheduler_attributes attributes = {0};
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0)) return errno;
    attributes.runtime = nanoseconds;
    return syscall(SYS_sched_setattr, 0, &attributes, 0) ? errno : 0;
}
