// SPDX-License-Identifier: Apache-2.0
// What nvcc made of backends/kernels, embedded: machine code for some chips, PTX for later ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rackproof::cuda {

struct Program {
  std::string_view name;
  std::string_view image;  ///< a fatbin
};
/// All of them, as cmake/Cuda.cmake lists them.
[[nodiscard]] const std::vector<Program>& programs();
/// Its image; empty: there is none.
[[nodiscard]] std::string_view program_named(std::string_view name);

}  // namespace rackproof::cuda
