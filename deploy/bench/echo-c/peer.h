// What the C server and the C generator have in common: TLS, buffers, the frames of pass-rpc/1.
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEAD_BYTES = 12, HELLO = 1, REQUEST = 2, RESPONSE = 3, PING = 7 };
enum { FLAG_END = 0x01, FLAG_MESSAGE = 0x02, FLAG_ACK = 0x08, FLAG_IDEMPOTENT = 0x10 };
// The protocol's default for the payload, and its bound for the header.
enum { FRAME_BYTES_MAX = (1 << 20) + (16 << 10) + 8 };

struct buffer {
    uint8_t *bytes;
    size_t start, end, capacity;
};

struct frame {
    uint8_t type, flags;
    uint32_t stream;
    const uint8_t *payload;
    size_t header_length, payload_length;
};

enum step { STEP_DONE, STEP_BLOCKED, STEP_ENDED };

struct link {
    int socket;
    SSL *ssl;
    struct buffer in, out;
    bool wants_write;
};

// Prints what went wrong and ends the process.
_Noreturn void fail(const char *what);

// TLS 1.3 with AES-128-GCM, ALPN pass-rpc/1, certificates on both sides, from `deploy/certs`.
SSL_CTX *tls_context(bool is_server, const char *directory);

// Room for `count` more bytes behind the end.
uint8_t *buffer_reserve(struct buffer *buffer, size_t count);

// Appends a frame's fixed part.
void write_head(struct buffer *out, size_t header, size_t payload, uint8_t type, uint8_t flags,
                uint32_t stream);

// Appends HELLO with the default limits.
void write_hello(struct buffer *out);

// Cuts the next whole frame off `in`; its payload lies in the buffer. False: more bytes are needed.
bool next_frame(struct buffer *in, struct frame *frame);

// Reads all that has come, into `in`.
enum step link_read(struct link *link);

// Writes all of `out`, as far as the socket takes it.
enum step link_write(struct link *link);

void link_free(struct link *link);
