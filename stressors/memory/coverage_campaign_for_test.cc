// SPDX-License-Identifier: Apache-2.0
#include "stressors/memory/coverage_campaign_for_test.h"

#include <atomic>
#include <stdexcept>

#include "core/oracle.h"

namespace rackproof {
namespace {

class Unrecorded : public Recorder {
 public:
  void window(const WindowRecord&) override {}
  void phase(Phase) override {}
  Clock::time_point barrier() override { return Clock::now(); }
};

StepSettings one_pass(const StressorInfo& stressor, std::uint64_t seed) {
  StepSettings settings;
  settings.step = "coverage/" + std::to_string(seed);  // the data's seed derives from it
  settings.device = "cells";
  settings.stressor = std::string(stressor.name);
  settings.params = {{"memory", "100 %"}};
  if (stressor.param("hold") != nullptr) settings.params["hold"] = "0 s";
  settings.passes = 1;
  return settings;
}

// Which of the values x and y tell apart faults of the class on the same cells.
bool has_x(CellDefect defect) { return defect != CellDefect::af_alias; }
bool has_y(CellDefect defect) { return is_coupling(defect) && defect != CellDefect::cfin; }

void add_values(std::vector<CellFault>& faults, CellFault fault) {
  for (const bool x : {false, true}) {
    for (const bool y : {false, true}) {
      if ((x && !has_x(fault.defect)) || (y && !has_y(fault.defect))) continue;
      fault.x = x;
      fault.y = y;
      faults.push_back(fault);
    }
  }
}

// The decoder's faults concern words, which their first cells stand for.
std::uint32_t places(CellDefect defect, CellShape shape) {
  return is_decoder(defect) ? shape.words : shape.cells();
}
std::uint32_t place(CellDefect defect, CellShape shape, std::uint32_t n) {
  return is_decoder(defect) ? n * shape.bits : n;
}
bool has_aggressor(CellDefect defect) {
  return is_coupling(defect) || defect == CellDefect::af_alias || defect == CellDefect::af_multi;
}

std::vector<CellFault> on_one_place(CellDefect defect, CellShape shape) {
  std::vector<CellFault> faults;
  for (std::uint32_t n = 0; n < places(defect, shape); ++n) {
    const std::uint32_t cell = place(defect, shape, n);
    add_values(faults, {defect, cell, cell});
  }
  return faults;
}

CellFault drawn_pair(CellDefect defect, CellShape shape, std::uint64_t draw, bool one_word) {
  const std::uint32_t victim = static_cast<std::uint32_t>(mix64(draw) % shape.cells());
  const std::uint64_t other = mix64(draw + 1);
  const std::uint32_t first = victim / shape.bits * shape.bits, bit = victim % shape.bits;
  if (one_word) {
    const auto step = static_cast<std::uint32_t>(1 + other % (shape.bits - 1));
    return {defect, victim, first + (bit + step) % shape.bits};
  }
  const auto step = static_cast<std::uint32_t>(1 + other % (shape.words - 1)) * shape.bits;
  const auto other_bit = static_cast<std::uint32_t>((other >> 32) % shape.bits);
  return {defect, victim, (first + step) % shape.cells() + other_bit};
}

}  // namespace

MemoryTest registered(const std::string& stressor, MarchOrder (*order)(std::uint64_t words)) {
  const StressorInfo* info = find_stressor(stressor);
  if (info == nullptr) throw std::invalid_argument("no stressor " + stressor);
  return {stressor, *info, order};
}

void run_pass(const MemoryTest& test, Device& device, std::uint64_t seed) {
  Unrecorded recorder;
  const std::atomic<bool> stop{false};
  run_step(device, test.stressor, one_pass(test.stressor, seed), recorder, stop);
}

std::vector<char> found_by(const MemoryTest& test, CellOrder order, CellShape shape,
                           const std::vector<CellFault>& faults, std::uint64_t seed) {
  const MarchOrder fused = test.order == nullptr ? MarchOrder{} : test.order(shape.words);
  CellDevice device(shape, faults, order, seed, fused);
  run_pass(test, device, seed);
  return device.found();
}

std::vector<CellFault> every_fault(CellDefect defect, CellShape shape) {
  if (!has_aggressor(defect)) return on_one_place(defect, shape);
  std::vector<CellFault> faults;
  const std::uint32_t count = places(defect, shape);
  for (std::uint32_t v = 0; v < count; ++v) {
    for (std::uint32_t a = 0; a < count; ++a) {
      if (a != v) add_values(faults, {defect, place(defect, shape, v), place(defect, shape, a)});
    }
  }
  return faults;
}

std::vector<CellFault> some_faults(CellDefect defect, CellShape shape, std::uint64_t pairs,
                                   std::uint64_t seed) {
  if (!is_coupling(defect)) return every_fault(defect, shape);
  std::vector<CellFault> faults;
  for (std::uint64_t i = 0; i < pairs; ++i)
    add_values(faults, drawn_pair(defect, shape, pattern_word(seed, i), i % 2 == 0));
  return faults;
}

std::vector<CellFault> good_memories(CellShape shape) {
  std::vector<CellFault> memories;
  for (std::uint32_t word = 0; word < shape.words; ++word)
    memories.push_back({CellDefect::none, word * shape.bits, word * shape.bits});
  return memories;
}

}  // namespace rackproof
