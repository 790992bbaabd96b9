#pragma once

/* For Swift, protobuf-c's own types stay those of their own module. */
#if __has_feature(modules)
#pragma clang module import CProtobufC
#endif
#include "google/protobuf/compiler/plugin.pb-c.h"
#include "google/protobuf/descriptor.pb-c.h"
#include "pass/rpc/v1/options.pb-c.h"
