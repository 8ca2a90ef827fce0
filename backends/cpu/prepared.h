// SPDX-License-Identifier: Apache-2.0
// Makers of this back end's Prepareds, one file each.
#pragma once

#include <memory>

#include "backends/cpu/node.h"
#include "core/device.h"

namespace rackproof::cpu {

[[nodiscard]] Preparation prepare_gemm(std::shared_ptr<Node> node, const Gemm& gemm);
[[nodiscard]] Preparation prepare_fill(std::shared_ptr<Node> node, const Fill& fill);
[[nodiscard]] Preparation prepare_sweep(std::shared_ptr<Node> node, const Sweep& sweep);
[[nodiscard]] Preparation prepare_copy(std::shared_ptr<Node> node, const Copy& copy);
[[nodiscard]] Preparation prepare_triad(std::shared_ptr<Node> node, const Triad& triad);

}  // namespace rackproof::cpu
