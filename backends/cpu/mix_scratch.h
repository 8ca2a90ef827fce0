// SPDX-License-Identifier: Apache-2.0
// Memory for the kernels of Mix beside the words that they make.
#pragma once

#include <hwy/aligned_allocator.h>

#include <cstddef>

#include "core/error.h"

namespace rackproof::cpu {

template <class T>
using Scratch = hwy::AlignedFreeUniquePtr<T[]>;

/// `count` elements that are not set yet, aligned to 64 bytes and more. Throws DeviceError when
/// there is not enough memory.
template <class T>
[[nodiscard]] Scratch<T> scratch(std::size_t count) {
  auto memory = hwy::AllocateAligned<T>(count);
  if (!memory) throw DeviceError("compute.mix: out of memory");
  return memory;
}

}  // namespace rackproof::cpu
