// SPDX-License-Identifier: Apache-2.0
// One program of backends/kernels as CUDA C++; the build names its file and its options.
#include "backends/cuda/kernels/dialect.cuh"

#include "backends/kernels/pattern.cl"
#include "backends/kernels/ledger.cl"
#include RACKPROOF_PROGRAM
