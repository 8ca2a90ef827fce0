// SPDX-License-Identifier: Apache-2.0
#include "stressors/memory/cell_device_for_test.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "core/oracle.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 3> kOrders{"word by word", "sweep by sweep", "any order"};

// What a workload does to one word: nothing, or an access with this value.
struct Access {
  bool touched = false, write = false;
  std::uint64_t word = 0;
};

struct AccessTo {
  const RunFor& how;
  std::uint64_t index;

  Access operator()(const Fill& fill) const {
    return {true, true, content_word(fill.what, how.pattern, index)};
  }
  Access operator()(const Check& check) const {
    return {true, false, content_word(check.what, how.pattern, index)};
  }
  Access operator()(const Sweep& sweep) const {
    const bool in_half =
        how.address_bit < 0 || (index >> how.address_bit & 1) == static_cast<unsigned>(how.half);
    return {in_half, sweep.op.kind == MarchOp::Kind::write, sweep.op.word};
  }
  Access operator()(const Stripe& stripe) const {
    const bool own = index % kStripe == stripe.phase;
    return {own != stripe.others, stripe.kind == MarchOp::Kind::write,
            stripe_word(how.pattern, stripe.phase, stripe.inverted)};
  }
  template <class Other>
  Access operator()(const Other&) const {
    throw std::logic_error("cells do not run this workload");
  }
};

bool supported(const Workload& work) {
  return std::holds_alternative<Fill>(work) || std::holds_alternative<Check>(work) ||
         std::holds_alternative<Sweep>(work) || std::holds_alternative<Stripe>(work);
}

}  // namespace

std::string_view name(CellOrder order) { return kOrders.at(static_cast<std::size_t>(order)); }

class CellDevice::Ready : public Prepared {
 public:
  Ready(CellDevice& device, Workload workload) : device_(device), workload_(std::move(workload)) {}
  Burst run(const RunFor& how) override {
    Burst burst;
    burst.iterations = 1;
    burst.miscompares = device_.take(workload_, how);
    burst.start = burst.end = Clock::now();
    return burst;
  }
  std::unique_ptr<ArmedFault> arm(const Fault&) override { return nullptr; }

 private:
  CellDevice& device_;
  Workload workload_;
};

CellDevice::CellDevice(CellShape shape, const std::vector<CellFault>& faults, CellOrder order,
                       std::uint64_t seed, const MarchOrder& fused)
    : shape_(shape), order_(order), seed_(seed), found_(faults.size()) {
  info_.id = "cells";
  info_.allocatable_bytes = shape.words * 8ULL;
  memories_.reserve(faults.size());
  for (const CellFault& fault : faults)
    memories_.emplace_back(fault, shape, pattern_word(seed, memories_.size()));
  if (order != CellOrder::word_by_word) return;
  for (const MarchVisit& visit : fused) {
    const auto& steps = visit.element.steps;
    elements_.push_back({{steps.begin(), steps.end()}, visit.element.down});
  }
}

Preparation CellDevice::prepare(const Workload& workload) {
  if (!supported(workload)) return Unsupported{"cells only hold words"};
  ++prepared_;
  return std::make_unique<Ready>(*this, workload);
}

CellDevice::Pass CellDevice::pass_of(const Workload& workload, const RunFor& how) const {
  Pass pass;
  for (std::uint64_t word = 0; word < shape_.words; ++word) {
    const Access access = std::visit(AccessTo{how, word}, workload);
    pass.write = access.write;
    pass.touched.push_back(access.touched ? 1 : 0);
    pass.words.push_back(access.word);
  }
  return pass;
}

std::uint64_t CellDevice::take(const Workload& workload, const RunFor& how) {
  if (const auto* sweep = std::get_if<Sweep>(&workload))
    sweeps_.push_back({sweep->op, how.address_bit, how.half});
  waiting_.push_back(pass_of(workload, how));
  const auto& touched = waiting_.back().touched;
  (waiting_.back().write ? words_written_ : words_read_) +=
      static_cast<std::uint64_t>(std::count(touched.begin(), touched.end(), 1));
  if (elements_.empty()) return execute(false);
  if (!element_complete(workload)) return 0;
  const bool down = elements_[element_].down;
  element_ = (element_ + 1) % elements_.size();
  return execute(down);
}

bool CellDevice::element_complete(const Workload& workload) {
  const auto& steps = elements_[element_].steps;
  const auto* sweep = std::get_if<Sweep>(&workload);
  if (sweep == nullptr || sweep->op.kind != steps[waiting_.size() - 1].kind)
    throw std::logic_error("the sweeps do not follow the order whose elements are to be joined");
  return waiting_.size() == steps.size();
}

// The words that no memory keeps behave, so that only two of each memory need be gone through.
std::uint64_t CellDevice::execute(bool down) {
  std::uint64_t newly = 0;
  for (std::size_t i = 0; i < memories_.size(); ++i) {
    if (found_[i] != 0) continue;
    CellMemory& memory = memories_[i];
    std::array<std::uint32_t, 2> words{memory.victim_word(), memory.aggressor_word()};
    if (aggressor_first(memory, i, down)) std::swap(words[0], words[1]);
    bool wrong = reads_wrong(memory, words[0]);
    if (words[0] != words[1]) wrong = reads_wrong(memory, words[1]) || wrong;
    found_[i] = wrong ? 1 : 0;
    newly += wrong ? 1 : 0;
  }
  ++executed_;
  waiting_.clear();
  return newly;
}

bool CellDevice::aggressor_first(const CellMemory& memory, std::size_t index, bool down) const {
  const std::uint64_t victim = memory.victim_word(), aggressor = memory.aggressor_word();
  if (order_ != CellOrder::any_order) return down ? aggressor > victim : aggressor < victim;
  const std::uint64_t lot = mix64(seed_ + pattern_word(executed_, index));
  return pattern_word(lot, aggressor) < pattern_word(lot, victim);
}

bool CellDevice::reads_wrong(CellMemory& memory, std::uint32_t word) const {
  bool wrong = false;
  for (const Pass& pass : waiting_) {
    if (pass.touched[word] == 0) continue;
    if (pass.write) {
      memory.write(word, pass.words[word]);
    } else {
      wrong = memory.read(word) != (pass.words[word] & memory.mask()) || wrong;
    }
  }
  return wrong;
}

}  // namespace rackproof
