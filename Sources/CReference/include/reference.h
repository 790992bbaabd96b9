#pragma once

#include <stddef.h>

/* Text files of this folder, as they are, without an end mark. */

const unsigned char *reference_trades_start(void);
size_t reference_trades_bytes(void);

const unsigned char *reference_communes_start(void);
size_t reference_communes_bytes(void);
