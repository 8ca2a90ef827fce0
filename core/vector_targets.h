// SPDX-License-Identifier: Apache-2.0
// Which instruction sets vector code is compiled for; to be included before Highway's headers.
#pragma once

#define HWY_WANT_AVX3_DL 1
// SVE's vectors have no size at compile time, so they cannot stand in structs and arrays; such CPUs
// take the NEON kernels.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
