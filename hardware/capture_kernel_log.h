// SPDX-License-Identifier: Apache-2.0
// The kernel's ring as `dmesg -x` prints it.
#pragma once

#include <filesystem>
#include <string>

#include "core/error.h"
#include "hardware/kernel_log.h"

namespace rackproof {

/// "kern  :info  : [    5.140900] text\n".
[[nodiscard]] std::string dmesg_line(const KernelRecord& record);

/// Everything that is in the ring now, oldest first; never waits. An Error when it cannot be read.
[[nodiscard]] Expected<std::vector<KernelRecord>> read_ring(const std::filesystem::path& kmsg);

}  // namespace rackproof
