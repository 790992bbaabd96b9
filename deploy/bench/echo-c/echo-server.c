// Echoes pass-rpc/1 calls: the measure of what epoll and libssl allow, with nothing in between.
//
//   echo-server CERTIFICATES [PORT [THREADS]]
//
// CERTIFICATES is the directory of `deploy/certs DIR bench`. Prints its port once it listens. Each
// thread has a listener and an epoll of its own. Any REQUEST is answered with its own payload; no
// message is decoded, no method looked up. Ends after an hour, so that none is left running.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "peer.h"

enum { EVENTS = 256, SECONDS_MAX = 3600 };

static SSL_CTX *context;

static int listen_on(uint16_t *port) {
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons(*port)};
    socklen_t length = sizeof address;
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 1024) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        fail("listen");
    *port = ntohs(address.sin_port);
    return listener;
}

static void watch(int epoll, struct link *link, int operation) {
    struct epoll_event event = {.events = EPOLLIN | (link->wants_write ? EPOLLOUT : 0),
                                .data.ptr = link};
    if (epoll_ctl(epoll, operation, link->socket, &event) != 0) fail("epoll_ctl");
}

static void accept_all(int epoll, int listener) {
    for (;;) {
        int on = 1, socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) return;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct link *link = calloc(1, sizeof *link);
        if (link == NULL || (link->ssl = SSL_new(context)) == NULL ||
            SSL_set_fd(link->ssl, socket) != 1)
            fail("SSL_new");
        SSL_set_accept_state(link->ssl);
        link->socket = socket;
        write_hello(&link->out);
        watch(epoll, link, EPOLL_CTL_ADD);
    }
}

static void answer(struct link *link) {
    struct frame frame;
    while (next_frame(&link->in, &frame)) {
        switch (frame.type) {
        case HELLO: continue;
        case REQUEST:
            write_head(&link->out, 0, frame.payload_length, RESPONSE, FLAG_MESSAGE, frame.stream);
            break;
        case PING:
            if (frame.flags & FLAG_ACK) continue;
            write_head(&link->out, 0, frame.payload_length, PING, FLAG_ACK, 0);
            break;
        default: fail("a frame that this server does not know");
        }
        memcpy(link->out.bytes + link->out.end, frame.payload, frame.payload_length);
        link->out.end += frame.payload_length;
    }
}

// Reads, answers and writes; false when the connection has ended.
static bool serve(int epoll, struct link *link) {
    if (!SSL_is_init_finished(link->ssl)) {
        int result = SSL_do_handshake(link->ssl);
        if (result != 1) return SSL_get_error(link->ssl, result) == SSL_ERROR_WANT_READ;
    }
    if (link_read(link) == STEP_ENDED) return false;
    answer(link);
    enum step step = link_write(link);
    if (step == STEP_ENDED) return false;
    if (link->wants_write != (step == STEP_BLOCKED)) {
        link->wants_write = step == STEP_BLOCKED;
        watch(epoll, link, EPOLL_CTL_MOD);
    }
    return true;
}

static void *run(void *listener_pointer) {
    int listener = *(int *)listener_pointer, epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event events[EVENTS] = {{.events = EPOLLIN, .data.ptr = NULL}};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &events[0]) != 0) fail("epoll");
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        if (count < 0 && errno != EINTR) fail("epoll_wait");
        for (int index = 0; index < count; index++) {
            struct link *link = events[index].data.ptr;
            if (link == NULL)
                accept_all(epoll, listener);
            else if (!serve(epoll, link))
                link_free(link);
        }
    }
}

int main(int count, char **arguments) {
    if (count < 2) {
        fprintf(stderr, "usage: echo-server CERTIFICATES [PORT [THREADS]]\n");
        return 2;
    }
    uint16_t port = count > 2 ? (uint16_t)atoi(arguments[2]) : 0;
    int threads = count > 3 ? atoi(arguments[3]) : 1;
    if (threads < 1 || threads > 64) threads = 1;
    signal(SIGPIPE, SIG_IGN);
    alarm(SECONDS_MAX);
    context = tls_context(true, arguments[1]);
    int listeners[64];
    for (int index = 0; index < threads; index++) listeners[index] = listen_on(&port);
    printf("%d\n", port);
    fflush(stdout);
    pthread_t thread;
    for (int index = 1; index < threads; index++)
        if (pthread_create(&thread, NULL, run, &listeners[index]) != 0) fail("thread");
    run(&listeners[0]);
}
