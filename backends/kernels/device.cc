// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "backends/kernels/memory.h"
#include "backends/kernels/prepared.h"

namespace rackproof::kernels {
namespace {

struct Prepare {
  std::shared_ptr<Card> card;
  Preparation operator()(const Gemm& gemm) const { return prepare_gemm(card, gemm); }
  Preparation operator()(const Fill& fill) const { return prepare_fill(card, fill); }
  Preparation operator()(const Check& check) const { return prepare_check(card, check); }
  Preparation operator()(const Sweep& sweep) const { return prepare_sweep(card, sweep); }
  Preparation operator()(const Stripe& stripe) const { return prepare_stripe(card, stripe); }
  Preparation operator()(const Copy& copy) const { return prepare_copy(card, copy); }
  Preparation operator()(const Triad& triad) const { return prepare_triad(card, triad); }
  Preparation operator()(const Mix& mix) const { return prepare_mix(card, mix); }
  Preparation operator()(const Reduce& reduce) const { return prepare_reduce(card, reduce); }
};

std::uint64_t round_up(std::uint64_t size_bytes) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max() - 63;
  return (std::clamp<std::uint64_t>(size_bytes, 1, kMost) + 63) / 64 * 64;
}

}  // namespace

Region KernelDevice::allocate(std::uint64_t size_bytes, Place place) {
  const std::uint64_t rounded = round_up(size_bytes);
  return {std::make_shared<Memory>(card_, rounded, place), rounded};
}

std::variant<Region, Unsupported> KernelDevice::allocate_host(std::uint64_t size_bytes, Place place,
                                                              Numa numa) {
  if (numa == Numa::any) return allocate(size_bytes, place);
  const auto node =
      host::choose_node(card_->host().nodes, card_->id(), card_->info().numa_node, numa);
  if (const auto* none = std::get_if<Unsupported>(&node)) return *none;
  const std::uint64_t rounded = round_up(size_bytes);
  try {
    return Region{std::make_shared<Memory>(card_, rounded, place, std::get<host::HostNode>(node)),
                  rounded};
  } catch (const Refused& refused) {
    return Unsupported{fmt::format("{}: {}", card_->id(), refused.reason)};
  } catch (const host::NotPlaced& refused) {
    return Unsupported{fmt::format("{}: {}", card_->id(), refused.reason)};
  }
}

std::variant<std::string, Unsupported> KernelDevice::collective_id() {
  try {
    return card_->driver().collective_id();
  } catch (const Refused& refused) {
    return Unsupported{fmt::format("{}: {}", card_->id(), refused.reason)};
  }
}

Preparation KernelDevice::prepare(const Workload& workload) {
  if (const std::string& refusal = card_->traits().refusal; !refusal.empty())
    return Unsupported{fmt::format("{}: {}", card_->id(), refusal)};
  try {
    return std::visit(Prepare{card_}, workload);
  } catch (const Refused& refused) {
    return Unsupported{fmt::format("{}: {}", card_->id(), refused.reason)};
  }
}

}  // namespace rackproof::kernels
