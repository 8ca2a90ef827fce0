// SPDX-License-Identifier: Apache-2.0
#include "hardware/nvml/readings.h"

#include <fmt/format.h>

#include <utility>

namespace rackproof::nvml {
namespace {

// Our arguments are constants of the header: a driver that finds one invalid is older than it.
bool is_missing(nvmlReturn_t code) {
  return is_unsupported(code) || code == NVML_ERROR_INVALID_ARGUMENT;
}

Reading::State state_of(nvmlReturn_t code) {
  if (code == NVML_SUCCESS) return Reading::State::value;
  return is_missing(code) ? Reading::State::unsupported : Reading::State::error;
}

}  // namespace

Reading& Readings::add(std::string_view name, Unit unit, const Answer& answer) {
  Reading& reading = readings_.emplace_back();
  reading.sensor = fmt::format("nvml.{}.{}", card_.bdf, name);
  reading.unit = unit;
  reading.state = state_of(answer.code);
  if (answer.ok()) reading.value = answer.value;
  reading.detail =
      answer.ok() ? answer.detail : error_text(card_.api(), answer.call.c_str(), answer.code);
  if (lost_.empty() && is_lost(answer.code)) lost_ = reading.detail;
  return reading;
}

void Readings::gauge(std::string_view name, Unit unit, const Answer& answer) {
  add(name, unit, answer);
}

void Readings::counter(std::string_view name, Unit unit, const Answer& answer) {
  add(name, unit, answer).counter = true;
}

void Readings::from_zero(std::string_view name, const Answer& answer) {
  if (answer.ok() && begun_.emplace(name).second && answer.value > 0) {
    counter(name, Unit::count, answer.scaled(0));
  }
  counter(name, Unit::count, answer);
}

void Readings::flag(std::string_view name, Answer answer) {
  answer.value = answer.value == 0 ? 0 : 1;
  from_zero(name, answer);
}

void Readings::fell(std::string_view name, Answer active) {
  const std::string was = fmt::format("{} was", name);
  if (active.ok() && active.value != 0) begun_.insert(was);
  active.value = active.value == 0 && begun_.contains(was) ? 1 : 0;
  flag(name, active);
}

void Readings::unsupported(std::string_view name, std::string why) {
  readings_.push_back({.sensor = fmt::format("nvml.{}.{}", card_.bdf, name),
                       .state = Reading::State::unsupported,
                       .detail = std::move(why)});
}

}  // namespace rackproof::nvml
