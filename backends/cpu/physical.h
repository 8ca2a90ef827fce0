// SPDX-License-Identifier: Apache-2.0
// Where words lie in physical memory, so that a wrong one can be put on a DIMM.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "backends/cpu/memory.h"
#include "core/device.h"

namespace rackproof::cpu {

/// Physical address of a byte of this process, at this moment (a page that is not locked may move
/// later); 0 when the kernel does not tell, which it does with CAP_SYS_ADMIN only. In a virtual
/// machine it is the guest's. Source: Documentation/admin-guide/mm/pagemap.rst.
[[nodiscard]] std::uint64_t physical_address(const std::byte* at);

/// Notes where the samples lie, which are words of `memory`. Costs a system call a sample.
void locate(std::vector<Miscompare>& samples, const NodeMemory& memory);

}  // namespace rackproof::cpu
