// SPDX-License-Identifier: Apache-2.0
// NVLinks of a card: which are up, and the errors of each as far as its generation counts them.
#include <fmt/format.h>

#include <algorithm>

#include "hardware/nvml/groups.h"

namespace rackproof::nvml {
namespace {

constexpr unsigned kMostLinks = 64;  // 18 today; a number that makes no sense must not cost time

// Up to Hopper the first three, from Blackwell on the others.
constexpr struct {
  const char* name;
  unsigned field;
} kFields[] = {
    {"replays", NVML_FI_DEV_NVLINK_ERROR_DL_REPLAY},
    {"recoveries", NVML_FI_DEV_NVLINK_ERROR_DL_RECOVERY},
    {"crc_errors", NVML_FI_DEV_NVLINK_ERROR_DL_CRC},
    {"malformed", NVML_FI_DEV_NVLINK_COUNT_MALFORMED_PACKET_ERRORS},
    {"overruns", NVML_FI_DEV_NVLINK_COUNT_BUFFER_OVERRUN_ERRORS},
    {"receive_errors", NVML_FI_DEV_NVLINK_COUNT_RCV_ERRORS},
    {"remote_errors", NVML_FI_DEV_NVLINK_COUNT_RCV_REMOTE_ERRORS},
    {"integrity_errors", NVML_FI_DEV_NVLINK_COUNT_LOCAL_LINK_INTEGRITY_ERRORS},
    {"discards", NVML_FI_DEV_NVLINK_COUNT_XMIT_DISCARDS},
    {"recovered", NVML_FI_DEV_NVLINK_COUNT_LINK_RECOVERY_SUCCESSFUL_EVENTS},
    {"not_recovered", NVML_FI_DEV_NVLINK_COUNT_LINK_RECOVERY_FAILED_EVENTS},
};

constexpr struct {
  const char* name;
  nvmlNvLinkErrorCounter_t counter;
} kCounters[] = {
    {"crc_flit_errors", NVML_NVLINK_ERROR_DL_CRC_FLIT},
    {"crc_data_errors", NVML_NVLINK_ERROR_DL_CRC_DATA},
    {"ecc_errors", NVML_NVLINK_ERROR_DL_ECC_DATA},
};

Answer state_of(const Card& card, unsigned link) {
  nvmlEnableState_t active = NVML_FEATURE_DISABLED;
  Answer answer{.call = "nvmlDeviceGetNvLinkState"};
  answer.code = Session::call(card.api().DeviceGetNvLinkState, card.handle, link, &active);
  answer.value = active == NVML_FEATURE_ENABLED ? 1 : 0;
  return answer;
}

// What this generation does not count at all is left out, unless it counts nothing.
class ErrorsOfLink {
 public:
  ErrorsOfLink(unsigned link, Readings& readings) : link_(link), readings_(readings) {}

  void add(const char* name, const Answer& answer) {
    if (is_unsupported(answer.code) || answer.code == NVML_ERROR_INVALID_ARGUMENT) return;
    any_ = true;
    readings_.counter(fmt::format("nvlink.{}.{}", link_, name), Unit::count, answer);
  }
  void close() {
    if (any_) return;
    readings_.unsupported(fmt::format("nvlink.{}.errors", link_), "no error counter is offered");
  }

 private:
  unsigned link_;
  Readings& readings_;
  bool any_ = false;
};

void read_link(const Card& card, unsigned link, Readings& readings) {
  const Answer active = state_of(card, link);
  readings.gauge(fmt::format("nvlink.{}.active", link), Unit::count, active);
  readings.fell(fmt::format("nvlink.{}.down", link), active);
  std::vector<Field> fields;
  for (const auto& field : kFields) fields.push_back({field.field, link});
  const std::vector<Answer> answers = ask_fields(card, fields);
  ErrorsOfLink errors(link, readings);
  for (std::size_t i = 0; i < answers.size(); ++i) errors.add(kFields[i].name, answers[i]);
  for (const auto& counter : kCounters) {
    errors.add(counter.name, ask<unsigned long long>(card, "nvmlDeviceGetNvLinkErrorCounter",
                                                     card.api().DeviceGetNvLinkErrorCounter, link,
                                                     counter.counter));
  }
  errors.close();
}

// By the count where the driver tells it, else by asking for as many as there can be.
Answer links_of(const Card& card) {
  Answer count = ask_fields(card, {{NVML_FI_DEV_NVLINK_LINK_COUNT}})[0];
  if (count.ok() || is_lost(count.code)) return count;
  Answer first = state_of(card, 0);
  if (first.ok()) first.value = NVML_NVLINK_MAX_LINKS;
  return first;
}

}  // namespace

void read_nvlinks(const Card& card, Readings& readings) {
  const Answer links = links_of(card);
  readings.gauge("nvlink.links", Unit::count, links);
  if (!links.ok()) return;
  const auto count = static_cast<unsigned>(std::clamp<double>(links.value, 0, kMostLinks));
  for (unsigned link = 0; link < count; ++link) read_link(card, link, readings);
}

}  // namespace rackproof::nvml
