// SPDX-License-Identifier: Apache-2.0
#include "runner/planner_deadlines.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace rackproof {
namespace {

constexpr double kSlowRate = 1e9;      // B/s or OP/s, where a device names no nominal
constexpr double kSilence_s = 30;      // of a step under load
constexpr double kDrillSilence_s = 2;  // of a drill whose answer is missing as planned
constexpr double kDrillDeadline_s = 300;
constexpr double kPassesDeadline_s = 600;  // at least, for work by passes
constexpr double kPrepare_s = 120;         // compiling, allocating, touching memory

double number_of(const Params& params, const AnyParam& param, Unit unit) {
  return parse_as(params.at(std::string(name(param))), unit).value_or(0);
}

// Bytes that one iteration goes through: a share of the device's memory, or sizes given in bytes.
double working_bytes(const StepDraft& draft, const DeviceInfo& device) {
  double bytes = 0;
  for (const AnyParam& param : draft.info->params) {
    if (const auto* share = std::get_if<Fraction>(&param); share && share->name == "memory") {
      const auto whole = static_cast<double>(device.allocatable_bytes);
      bytes += whole * number_of(draft.step.params, param, Unit::ratio);
    }
    if (const auto* size = std::get_if<Param>(&param); size && size->unit == Unit::byte) {
      bytes += number_of(draft.step.params, param, Unit::byte);
    }
  }
  return bytes;
}

// Of a whole number, or of the one that it is like; 0 where the stressor has none of that name.
double whole_number(const StepDraft& draft, std::string_view wanted) {
  const AnyParam* param = draft.info->param(wanted);
  const auto* number = param == nullptr ? nullptr : std::get_if<Param>(param);
  if (number == nullptr) return 0;
  const bool alike =
      !number->like.empty() && draft.step.params.at(std::string(wanted)) == number->like;
  return alike ? whole_number(draft, number->like)
               : number_of(draft.step.params, *param, number->unit);
}

// Operations of one product of matrices, which are square unless the stressor has a depth.
double gemm_operations(const StepDraft& draft) {
  const double size = whole_number(draft, "size");
  const bool deep = draft.info->param("depth") != nullptr;
  return 2 * size * size * (deep ? whole_number(draft, "depth") : size);
}

double rate_of(const DeviceInfo& device, const std::string& peak) {
  const auto nominal = device.nominals.find(peak);
  const bool usable = nominal != device.nominals.end() && std::isfinite(nominal->second);
  return usable && nominal->second > 0 ? nominal->second : kSlowRate;
}

// A complete March SS has 22 operations; it runs once for each address bit and once for each of the
// 7 backgrounds of a 64-bit word. Source: Hamdioui, van de Goor & Rodgers 2002 (March SS).
double sweeps_per_pass(double bytes) {
  const auto words = static_cast<std::uint64_t>(std::min(bytes / 8, 1e18));
  return 22.0 * (static_cast<double>(std::bit_width(words)) + 7);
}

double slowest_iteration_s(const StepDraft& draft) {
  double slowest = 0;
  for (const DeviceInfo* d : draft.devices) slowest = std::max(slowest, iteration_s(draft, *d));
  return slowest;
}

// How long the parameters say that a pass waits (memory.retention's "hold").
double waits_s(const StepDraft& draft) {
  double sum = 0;
  for (const AnyParam& param : draft.info->params) {
    const auto* wait = std::get_if<Param>(&param);
    if (wait != nullptr && wait->unit == Unit::second)
      sum += number_of(draft.step.params, param, Unit::second);
  }
  return sum;
}

double slowest_pass_s(const StepDraft& draft) {
  double slowest = 0;
  for (const DeviceInfo* d : draft.devices) {
    const double pass_s = sweeps_per_pass(working_bytes(draft, *d)) * iteration_s(draft, *d);
    slowest = std::max(slowest, pass_s);
  }
  return slowest + waits_s(draft);
}

}  // namespace

double iteration_s(const StepDraft& draft, const DeviceInfo& device) {
  double slowest = 0;
  for (const Metric& metric : draft.info->metrics) {
    const std::string peak = peak_key(metric, draft.step.params);
    if (peak.empty()) continue;
    const bool gemm = peak.starts_with("gemm.");
    const double work = gemm ? gemm_operations(draft) : working_bytes(draft, device);
    slowest = std::max(slowest, work / rate_of(device, peak));
  }
  return slowest;
}

void set_deadlines(StepDraft& draft, const std::optional<double>& wanted) {
  PlannedStep& step = draft.step;
  step.silence_s = std::max(kSilence_s, 10 * slowest_iteration_s(draft));
  const double timed =
      std::max(1.25 * step.duration_s + kPrepare_s, step.duration_s + 4 * step.silence_s);
  const double passes = static_cast<double>(step.passes);
  const double by_passes = std::max(kPassesDeadline_s, 4 * passes * slowest_pass_s(draft));
  step.deadline_s = wanted.value_or(step.passes > 0 ? by_passes : timed);
}

void set_drill_deadlines(StepDraft& draft) {
  draft.step.silence_s = std::max(kDrillSilence_s, 10 * slowest_iteration_s(draft));
  draft.step.deadline_s = std::max(kDrillDeadline_s, 30 * draft.step.silence_s);
}

}  // namespace rackproof
