// SPDX-License-Identifier: Apache-2.0
// Makers of this back end's Prepareds.
#pragma once

#include <memory>

#include "backends/kernels/card.h"
#include "core/device.h"

namespace rackproof::kernels {

[[nodiscard]] Preparation prepare_gemm(std::shared_ptr<Card> card, const Gemm& gemm);
[[nodiscard]] Preparation prepare_fill(std::shared_ptr<Card> card, const Fill& fill);
[[nodiscard]] Preparation prepare_check(std::shared_ptr<Card> card, const Check& check);
[[nodiscard]] Preparation prepare_sweep(std::shared_ptr<Card> card, const Sweep& sweep);
[[nodiscard]] Preparation prepare_stripe(std::shared_ptr<Card> card, const Stripe& stripe);
[[nodiscard]] Preparation prepare_copy(std::shared_ptr<Card> card, const Copy& copy);
[[nodiscard]] Preparation prepare_triad(std::shared_ptr<Card> card, const Triad& triad);
[[nodiscard]] Preparation prepare_mix(std::shared_ptr<Card> card, const Mix& mix);
[[nodiscard]] Preparation prepare_reduce(std::shared_ptr<Card> card, const Reduce& reduce);

}  // namespace rackproof::kernels
