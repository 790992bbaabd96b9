#include "reference.h"

/* Compiled in, so that a process needs no file beside it. */
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char trades[] = {
#embed "trades.txt"
};

static const unsigned char communes[] = {
#embed "communes.txt"
};

const unsigned char *reference_trades_start(void) { return trades; }
size_t reference_trades_bytes(void) { return sizeof trades; }

const unsigned char *reference_communes_start(void) { return communes; }
size_t reference_communes_bytes(void) { return sizeof communes; }
