// SPDX-License-Identifier: Apache-2.0
// Makers of this back end's Prepareds, one file each.
#pragma once

#include <memory>

#include "backends/cpu/node.h"
#include "backends/cpu/word_kernels.h"
#include "core/device.h"

namespace rackproof::cpu {

[[nodiscard]] Preparation prepare_gemm(std::shared_ptr<Node> node, const Gemm& gemm);
[[nodiscard]] Preparation prepare_fill(std::shared_ptr<Node> node, const Fill& fill);
[[nodiscard]] Preparation prepare_check(std::shared_ptr<Node> node, const Check& check);
[[nodiscard]] Preparation prepare_sweep(std::shared_ptr<Node> node, const Sweep& sweep);
[[nodiscard]] Preparation prepare_stripe(std::shared_ptr<Node> node, const Stripe& stripe);
/// `kernels`: what moves and checks the words.
[[nodiscard]] Preparation prepare_copy(std::shared_ptr<Node> node, const Copy& copy,
                                       const WordKernels& kernels = word_kernels());
[[nodiscard]] Preparation prepare_triad(std::shared_ptr<Node> node, const Triad& triad);
[[nodiscard]] Preparation prepare_mix(std::shared_ptr<Node> node, const Mix& mix);

}  // namespace rackproof::cpu
