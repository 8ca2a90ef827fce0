// SPDX-License-Identifier: Apache-2.0
// Xids by NVML's events: for a machine whose kernel log cannot be read, and beside it elsewhere.
#include "hardware/xid.h"

#include <fmt/format.h>

#include <utility>

#include "hardware/nvml/groups.h"

namespace rackproof::nvml {
namespace {

constexpr int kMostAtOnce = 1000;  // a storm must not keep the other readings from being taken
constexpr unsigned kNoWait_ms = 0;

}  // namespace

XidListener::XidListener(Card card) : card_(std::move(card)) {
  const Api& api = card_.api();
  begun_ = {.code = Session::call(api.EventSetCreate, &set_), .call = "nvmlEventSetCreate"};
  if (!begun_.ok()) return;
  begun_.call = "nvmlDeviceRegisterEvents";
  begun_.code = Session::call(api.DeviceRegisterEvents, card_.handle,
                              static_cast<unsigned long long>(nvmlEventTypeXidCriticalError), set_);
}

XidListener::~XidListener() {
  if (set_ != nullptr) static_cast<void>(Session::call(card_.api().EventSetFree, set_));
}

nvmlReturn_t XidListener::take() {
  for (int i = 0; i < kMostAtOnce; ++i) {
    nvmlEventData_t event{};
    const nvmlReturn_t code = Session::call(card_.api().EventSetWait_v2, set_, &event, kNoWait_ms);
    if (code != NVML_SUCCESS) return code;
    if (event.eventType == nvmlEventTypeXidCriticalError) ++counts_[event.eventData];
  }
  return NVML_ERROR_TIMEOUT;
}

void XidListener::read(Readings& readings) {
  Answer answer = begun_;
  if (answer.ok()) {
    answer.call = "nvmlEventSetWait_v2";
    answer.code = take();
    if (answer.code == NVML_ERROR_TIMEOUT) answer.code = NVML_SUCCESS;
  }
  double all = 0;
  for (const auto& [code, count] : counts_) {
    Answer one{.code = NVML_SUCCESS, .value = count, .detail = meaning_of_xid(code)};
    readings.from_zero(fmt::format("xid.{}", code), one);
    all += count;
  }
  answer.value = all;
  readings.counter("xids", Unit::count, answer);
}

}  // namespace rackproof::nvml
