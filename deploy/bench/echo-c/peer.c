#include "peer.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What one read of the socket may bring; libssl decrypts records from it one by one.
enum { READ_BYTES = 64 << 10, RECORD_BYTES = 16 << 10 };

_Noreturn void fail(const char *what) {
    perror(what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static const uint8_t protocol[] = "\x0apass-rpc/1";

static int select_protocol(SSL *ssl, const uint8_t **chosen, uint8_t *length, const uint8_t *offered,
                           unsigned int offered_length, void *unused) {
    (void)ssl;
    (void)unused;
    return SSL_select_next_proto((uint8_t **)chosen, length, protocol, sizeof protocol - 1, offered,
                                 offered_length) == OPENSSL_NPN_NEGOTIATED
               ? SSL_TLSEXT_ERR_OK
               : SSL_TLSEXT_ERR_ALERT_FATAL;
}

SSL_CTX *tls_context(bool is_server, const char *directory) {
    char authority[4096], certificate[4096], key[4096];
    snprintf(authority, sizeof authority, "%s/ca.pem", directory);
    snprintf(certificate, sizeof certificate, "%s/bench.pem", directory);
    snprintf(key, sizeof key, "%s/bench.key", directory);
    SSL_CTX *context = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
    if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1 ||
        SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_load_verify_locations(context, authority, NULL) != 1)
        fail("certificates");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One read of the socket brings as many records as have come, not a head and then a body.
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, READ_BYTES);
    if (is_server) {
        SSL_CTX_set_alpn_select_cb(context, select_protocol, NULL);
        SSL_CTX_set_session_id_context(context, protocol, sizeof protocol - 1);
        SSL_CTX_set_num_tickets(context, 1);
    } else if (SSL_CTX_set_alpn_protos(context, protocol, sizeof protocol - 1) != 0) {
        fail("ALPN");
    }
    return context;
}

uint8_t *buffer_reserve(struct buffer *buffer, size_t count) {
    if (buffer->start == buffer->end) buffer->start = buffer->end = 0;
    if (buffer->capacity - buffer->end < count && buffer->start > 0) {
        memmove(buffer->bytes, buffer->bytes + buffer->start, buffer->end - buffer->start);
        buffer->end -= buffer->start;
        buffer->start = 0;
    }
    if (buffer->capacity - buffer->end < count) {
        size_t capacity = buffer->capacity > 0 ? buffer->capacity : 4096;
        while (capacity - buffer->end < count) capacity *= 2;
        buffer->bytes = realloc(buffer->bytes, capacity);
        if (buffer->bytes == NULL) fail("memory");
        buffer->capacity = capacity;
    }
    return buffer->bytes + buffer->end;
}

static void put32(uint8_t *at, uint32_t value) {
    value = __builtin_bswap32(value);
    memcpy(at, &value, 4);
}

static uint32_t get32(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, 4);
    return __builtin_bswap32(value);
}

void write_head(struct buffer *out, size_t header, size_t payload, uint8_t type, uint8_t flags,
                uint32_t stream) {
    uint8_t *head = buffer_reserve(out, HEAD_BYTES + header + payload);
    put32(head, (uint32_t)(8 + header + payload));
    head[4] = type;
    head[5] = flags;
    head[6] = (uint8_t)(header >> 8);
    head[7] = (uint8_t)header;
    put32(head + 8, stream);
    out->end += HEAD_BYTES;
}

void write_hello(struct buffer *out) {
    // magic (fixed32) and version of pass.rpc.v1.Hello
    static const uint8_t header[] = {0x0d, 0x53, 0x53, 0x41, 0x50, 0x10, 1};
    write_head(out, sizeof header, 0, HELLO, 0, 0);
    memcpy(out->bytes + out->end, header, sizeof header);
    out->end += sizeof header;
}

bool next_frame(struct buffer *in, struct frame *frame) {
    size_t count = in->end - in->start;
    if (count < HEAD_BYTES) return false;
    const uint8_t *head = in->bytes + in->start;
    uint32_t length = get32(head);
    frame->type = head[4];
    frame->flags = head[5];
    frame->header_length = (size_t)(head[6] << 8 | head[7]);
    frame->stream = get32(head + 8);
    if (length < 8 + frame->header_length || length > FRAME_BYTES_MAX) fail("a frame's length");
    if (count < 4 + (size_t)length) return false;
    frame->payload = head + HEAD_BYTES + frame->header_length;
    frame->payload_length = length - 8 - frame->header_length;
    in->start += 4 + (size_t)length;
    return true;
}

enum step link_read(struct link *link) {
    for (;;) {
        uint8_t *room = buffer_reserve(&link->in, RECORD_BYTES);
        size_t count = 0;
        ERR_clear_error();
        int result =
            SSL_read_ex(link->ssl, room, link->in.capacity - link->in.end, &count);
        if (result != 1)
            return SSL_get_error(link->ssl, result) == SSL_ERROR_WANT_READ ? STEP_BLOCKED
                                                                           : STEP_ENDED;
        link->in.end += count;
        // The socket is empty as far as is known: epoll tells when it is not.
        if (!SSL_has_pending(link->ssl)) return STEP_DONE;
    }
}

enum step link_write(struct link *link) {
    while (link->out.start < link->out.end) {
        size_t count = 0, left = link->out.end - link->out.start;
        ERR_clear_error();
        int result = SSL_write_ex(link->ssl, link->out.bytes + link->out.start,
                                  left < RECORD_BYTES ? left : RECORD_BYTES, &count);
        if (result != 1)
            return SSL_get_error(link->ssl, result) == SSL_ERROR_WANT_WRITE ? STEP_BLOCKED
                                                                            : STEP_ENDED;
        link->out.start += count;
    }
    return STEP_DONE;
}

void link_free(struct link *link) {
    SSL_free(link->ssl);
    close(link->socket);
    free(link->in.bytes);
    free(link->out.bytes);
    free(link);
}
