// SPDX-License-Identifier: Apache-2.0
#include "backends/cuda/programs.h"

namespace rackproof::cuda {

std::string_view program_named(std::string_view name) {
  for (const Program& program : programs()) {
    if (program.name == name) return program.image;
  }
  return {};
}

}  // namespace rackproof::cuda
