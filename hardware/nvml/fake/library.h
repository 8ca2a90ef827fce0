// SPDX-License-Identifier: Apache-2.0
// The state behind the fake's functions. Thread-safe: a stalled call blocks no other.
#pragma once

#include <string>
#include <utility>

#include "hardware/nvml/fake/script.h"

namespace rackproof::nvml_fake {

/// Reads the script that RACKPROOF_FAKE_NVML names, unless it has been read since the last close().
[[nodiscard]] nvmlReturn_t open();
void close();

/// A word of the script's head, or what stands for it.
[[nodiscard]] std::string system_word(const std::string& key, const std::string& otherwise);
[[nodiscard]] std::size_t gpus();
/// Null: no such index or handle.
[[nodiscard]] Gpu* gpu_at(std::size_t index);
[[nodiscard]] Gpu* gpu_of(nvmlDevice_t device);
[[nodiscard]] nvmlDevice_t handle_of(const Gpu& gpu);

/// The next value of a key of this card, after its pause.
[[nodiscard]] Outcome next(nvmlDevice_t device, const std::string& key);

/// The same into `out`, where it is no error.
template <class Out>
[[nodiscard]] nvmlReturn_t give(nvmlDevice_t device, const std::string& key, Out* out) {
  const Outcome outcome = next(device, key);
  if (outcome.code == NVML_SUCCESS) *out = static_cast<Out>(outcome.number);
  return outcome.code;
}

/// A text with its final zero.
[[nodiscard]] nvmlReturn_t give_text(const std::string& text, char* out, unsigned length);

}  // namespace rackproof::nvml_fake
