// SPDX-License-Identifier: Apache-2.0
// Stands for the CUDA back end where it was not built, and says why.
#include "core/device.h"

namespace rackproof {
namespace {

[[maybe_unused]] const bool kRegistered = register_backend(
    {.name = "cuda",
     .discover = [](const std::string&) -> Expected<std::vector<std::unique_ptr<Device>>> {
       throw Absent{"this program was built without it: there was no nvcc"};
     }});

}  // namespace
}  // namespace rackproof
