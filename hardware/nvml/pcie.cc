// SPDX-License-Identifier: Apache-2.0
// A card's PCI Express link: what it runs at, and its errors as the card counts them.
#include <fmt/format.h>

#include "hardware/nvml/groups.h"

namespace rackproof::nvml {
namespace {

constexpr struct {
  const char* name;
  unsigned field;
} kErrors[] = {
    {"pcie.replay_rollovers", NVML_FI_DEV_PCIE_REPLAY_ROLLOVER_COUNTER},
    {"pcie.recoveries", NVML_FI_DEV_PCIE_L0_TO_RECOVERY_COUNTER},
    {"pcie.corrected", NVML_FI_DEV_PCIE_COUNT_CORRECTABLE_ERRORS},
    {"pcie.naks_received", NVML_FI_DEV_PCIE_COUNT_NAKS_RECEIVED},
    {"pcie.naks_sent", NVML_FI_DEV_PCIE_COUNT_NAKS_SENT},
    {"pcie.receiver_errors", NVML_FI_DEV_PCIE_COUNT_RECEIVER_ERROR},
    {"pcie.bad_tlps", NVML_FI_DEV_PCIE_COUNT_BAD_TLP},
    {"pcie.bad_dllps", NVML_FI_DEV_PCIE_COUNT_BAD_DLLP},
    {"pcie.lcrc_errors", NVML_FI_DEV_PCIE_COUNT_LCRC_ERROR},
    {"pcie.lane_errors", NVML_FI_DEV_PCIE_COUNT_LANE_ERROR},
    {"pcie.unsupported_requests", NVML_FI_DEV_PCIE_COUNT_UNSUPPORTED_REQ},
    {"pcie.nonfatal", NVML_FI_DEV_PCIE_COUNT_NON_FATAL_ERROR},
    {"pcie.fatal", NVML_FI_DEV_PCIE_COUNT_FATAL_ERROR},
};

Answer with_greatest(Answer now, const Answer& greatest) {
  if (greatest.ok()) now.detail = fmt::format("of at most {}", greatest.value);
  return now;
}

}  // namespace

void read_pcie(const Card& card, Readings& readings) {
  const Api& api = card.api();
  readings.gauge("pcie.generation", Unit::count,
                 with_greatest(ask<unsigned>(card, "nvmlDeviceGetCurrPcieLinkGeneration",
                                             api.DeviceGetCurrPcieLinkGeneration),
                               ask<unsigned>(card, "nvmlDeviceGetMaxPcieLinkGeneration",
                                             api.DeviceGetMaxPcieLinkGeneration)));
  readings.gauge(
      "pcie.width", Unit::count,
      with_greatest(
          ask<unsigned>(card, "nvmlDeviceGetCurrPcieLinkWidth", api.DeviceGetCurrPcieLinkWidth),
          ask<unsigned>(card, "nvmlDeviceGetMaxPcieLinkWidth", api.DeviceGetMaxPcieLinkWidth)));
  readings.counter(
      "pcie.replays", Unit::count,
      ask<unsigned>(card, "nvmlDeviceGetPcieReplayCounter", api.DeviceGetPcieReplayCounter));
  std::vector<Field> fields;
  for (const auto& error : kErrors) fields.push_back({error.field});
  const std::vector<Answer> answers = ask_fields(card, fields);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    readings.counter(kErrors[i].name, Unit::count, answers[i]);
  }
}

}  // namespace rackproof::nvml
