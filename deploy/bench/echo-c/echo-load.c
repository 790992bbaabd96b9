// Calls pass.rpc.v1.Echo/Unary in a closed loop, with as little work of its own as can be, so that
// servers are compared under the same load.
//
//   echo-load CERTIFICATES PORT CONNECTIONS IN_FLIGHT BYTES SECONDS [SERVER_PID]
//
// Prints one line of JSON with the names that `rpc-bench client --json` uses. One thread. Each
// answer's payload is compared with what was sent. Latency counts from the call's being written to
// the answer's being cut from what was read.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

// In flight on one connection at most: the protocol's default.
enum { STREAMS_MAX = 256, EVENTS = 256 };
// 128 buckets for each power of two of nanoseconds: under 1 % wrong.
enum { BUCKET_BITS = 7, BUCKETS = 64 << BUCKET_BITS };

struct lane {
    struct link link;
    uint32_t next_stream;
    // When each call was written, by its number among the last ones.
    uint64_t sent[STREAMS_MAX * 2];
};

static uint8_t *request;
static size_t header_length, payload_length;
static uint64_t measure_from, measure_until, calls, latencies[BUCKETS];

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static size_t bucket(uint64_t value) {
    if (value < 1 << BUCKET_BITS) return value;
    int shift = 63 - __builtin_clzll(value) - BUCKET_BITS;
    return ((size_t)(shift + 1) << BUCKET_BITS) + ((value >> shift) & ((1 << BUCKET_BITS) - 1));
}

static double percentile_us(double share) {
    uint64_t rank = (uint64_t)((double)calls * share), seen = 0;
    for (size_t index = 0; index < BUCKETS; index++) {
        seen += latencies[index];
        if (seen <= rank) continue;
        size_t shift = index >> BUCKET_BITS, low = index & ((1 << BUCKET_BITS) - 1);
        double value = shift == 0 ? (double)low
                                  : (double)(low + (1 << BUCKET_BITS)) * (double)(1ull << (shift - 1));
        return value / 1000;
    }
    return 0;
}

static size_t put_varint(uint8_t *at, uint64_t value) {
    size_t count = 0;
    for (; value >= 0x80; value >>= 7) at[count++] = (uint8_t)value | 0x80;
    at[count++] = (uint8_t)value;
    return count;
}

// RequestHeader{path, timeout_us: 10 s} and EchoMessage{body}, as a client of ours writes them.
static void make_request(size_t bytes) {
    static const char path[] = "pass.rpc.v1.Echo/Unary";
    request = malloc(bytes + 128);
    if (request == NULL) fail("memory");
    size_t end = 0;
    request[end++] = 0x0a;
    end += put_varint(request + end, sizeof path - 1);
    memcpy(request + end, path, sizeof path - 1);
    end += sizeof path - 1;
    request[end++] = 0x10;
    end += put_varint(request + end, 9999990);
    header_length = end;
    if (bytes > 0) {
        request[end++] = 0x0a;
        end += put_varint(request + end, bytes);
    }
    for (size_t index = 0; index < bytes; index++) request[end++] = (uint8_t)index;
    payload_length = end - header_length;
}

static void write_request(struct lane *lane, uint64_t time) {
    write_head(&lane->link.out, header_length, payload_length, REQUEST,
               FLAG_MESSAGE | FLAG_END | FLAG_IDEMPOTENT, lane->next_stream);
    memcpy(lane->link.out.bytes + lane->link.out.end, request, header_length + payload_length);
    lane->link.out.end += header_length + payload_length;
    lane->sent[lane->next_stream / 2 % (STREAMS_MAX * 2)] = time;
    lane->next_stream += 2;
}

static struct lane *open_lane(SSL_CTX *context, uint16_t port) {
    struct lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL) fail("memory");
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons(port)};
    int on = 1, socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0 || connect(socket_, (struct sockaddr *)&address, sizeof address) != 0)
        fail("connect");
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    lane->link.socket = socket_;
    lane->link.ssl = SSL_new(context);
    lane->next_stream = 1;
    if (lane->link.ssl == NULL || SSL_set_fd(lane->link.ssl, socket_) != 1 ||
        SSL_connect(lane->link.ssl) != 1)
        fail("handshake");
    write_hello(&lane->link.out);
    if (fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK) != 0) fail("fcntl");
    return lane;
}

// Takes the answers that have come, and sends the next call for each.
static void turn(struct lane *lane) {
    if (link_read(&lane->link) == STEP_ENDED) fail("the server closed the connection");
    uint64_t time = now();
    struct frame frame;
    while (next_frame(&lane->link.in, &frame)) {
        if (frame.type == HELLO) continue;
        if (frame.type == PING) fail("a PING while calls are answered");
        if (frame.type != RESPONSE || frame.flags != FLAG_MESSAGE || frame.header_length != 0 ||
            frame.payload_length != payload_length ||
            memcmp(frame.payload, request + header_length, payload_length) != 0)
            fail("an answer that is not what was sent");
        uint64_t sent = lane->sent[frame.stream / 2 % (STREAMS_MAX * 2)];
        if (sent >= measure_from && time < measure_until) {
            calls++;
            latencies[bucket(time - sent)]++;
        }
        if (time < measure_until) write_request(lane, time);
    }
}

// Processor seconds of a process.
static double cpu_seconds(int id) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", id);
    FILE *file = fopen(path, "r");
    if (file == NULL) fail(path);
    size_t count = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[count] = 0;
    unsigned long user = 0, system = 0;
    char *end = strrchr(text, ')');
    if (end == NULL ||
        sscanf(end, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        fail(path);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

// The count of malloc-count.so; negative if the process does not run under it.
static double allocations(int id) {
    const char *directory = getenv("MALLOC_COUNT_DIR");
    if (directory == NULL) return -1;
    char path[4096];
    uint64_t count = 0;
    snprintf(path, sizeof path, "%s/%d", directory, id);
    FILE *file = fopen(path, "r");
    if (file == NULL) return -1;
    bool is_whole = fread(&count, sizeof count, 1, file) == 1;
    fclose(file);
    return is_whole ? (double)count : -1;
}

struct usage {
    double own_cpu, server_cpu, server_allocations;
};

static struct usage usage(int server) {
    return (struct usage){.own_cpu = cpu_seconds(getpid()),
                          .server_cpu = server > 0 ? cpu_seconds(server) : 0,
                          .server_allocations = server > 0 ? allocations(server) : -1};
}

static void report(struct usage before, struct usage after, double seconds, int server) {
    double count = (double)calls, own = after.own_cpu - before.own_cpu;
    printf("{\"calls_per_second\":%.0f,\"p50_us\":%.2f,\"p99_us\":%.2f", count / seconds,
           percentile_us(0.50), percentile_us(0.99));
    printf(",\"client_cpu_us_per_call\":%.2f,\"client_cores\":%.2f", own * 1e6 / count,
           own / seconds);
    double cpu = after.server_cpu - before.server_cpu;
    if (server > 0)
        printf(",\"server_cpu_us_per_call\":%.2f,\"server_cores\":%.2f", cpu * 1e6 / count,
               cpu / seconds);
    if (before.server_allocations >= 0)
        printf(",\"server_allocations_per_call\":%.2f",
               (after.server_allocations - before.server_allocations) / count);
    printf("}\n");
}

int main(int count, char **arguments) {
    if (count < 7) {
        fprintf(stderr,
                "usage: echo-load CERTIFICATES PORT CONNECTIONS IN_FLIGHT BYTES SECONDS [PID]\n");
        return 2;
    }
    int connections = atoi(arguments[3]), in_flight = atoi(arguments[4]);
    double seconds = atof(arguments[6]);
    int server = count > 7 ? atoi(arguments[7]) : 0;
    if (connections < 1 || in_flight < 1 || in_flight > STREAMS_MAX || seconds <= 0) return 2;
    SSL_CTX *context = tls_context(false, arguments[1]);
    make_request((size_t)atoi(arguments[5]));
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    measure_from = now() + 3600ull * 1000000000;
    measure_until = measure_from;
    for (int index = 0; index < connections; index++) {
        struct lane *lane = open_lane(context, (uint16_t)atoi(arguments[2]));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = lane};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, lane->link.socket, &event) != 0) fail("epoll_ctl");
        for (int call = 0; call < in_flight; call++) write_request(lane, 0);
        if (link_write(&lane->link) != STEP_DONE) fail("the first write");
    }
    measure_from = now() + 1000000000;
    measure_until = measure_from + (uint64_t)(seconds * 1e9);
    struct usage before = {0};
    bool is_measuring = false;
    struct epoll_event events[EVENTS];
    while (now() < measure_until) {
        if (!is_measuring && now() >= measure_from) {
            is_measuring = true;
            before = usage(server);
        }
        int ready = epoll_wait(epoll, events, EVENTS, 100);
        for (int index = 0; index < ready; index++) {
            struct lane *lane = events[index].data.ptr;
            turn(lane);
            // The server always reads: its buffers take what is under way.
            enum step step = link_write(&lane->link);
            if (step == STEP_ENDED) fail("the server closed the connection");
            bool waits = step == STEP_BLOCKED;
            if (waits == lane->link.wants_write) continue;
            lane->link.wants_write = waits;
            struct epoll_event event = {.events = EPOLLIN | (waits ? EPOLLOUT : 0),
                                        .data.ptr = lane};
            if (epoll_ctl(epoll, EPOLL_CTL_MOD, lane->link.socket, &event) != 0) fail("epoll_ctl");
        }
    }
    report(before, usage(server), seconds, server);
}
