// SPDX-License-Identifier: Apache-2.0
// One GPU as NVML sees it, and what it answers to one question.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hardware/nvml/api.h"

namespace rackproof::nvml {

struct Card {
  std::shared_ptr<const Session> session;
  nvmlDevice_t handle = nullptr;
  std::string bdf;  ///< "0000:1b:00.0", as the rest of this program writes it

  [[nodiscard]] const Api& api() const { return session->api(); }
};

/// "0000:1b:00.0" of NVML's longer form in capitals.
[[nodiscard]] std::string bdf_of(const nvmlPciInfo_t& pci);

/// What one call gave; `value` holds when `code` is NVML_SUCCESS.
struct Answer {
  nvmlReturn_t code = NVML_ERROR_FUNCTION_NOT_FOUND;
  std::string call;  ///< "nvmlDeviceGetPowerUsage", for messages
  double value = 0;
  std::string detail;

  [[nodiscard]] bool ok() const { return code == NVML_SUCCESS; }
  [[nodiscard]] Answer scaled(double factor) const {
    Answer other = *this;
    other.value *= factor;
    return other;
  }
};

/// Calls function(handle, fixed..., &out) for one number; a null function is not offered. All ones,
/// which a card gives that no longer answers, is NVML_ERROR_NO_DATA.
template <class Out, class Function, class... Fixed>
[[nodiscard]] Answer ask(const Card& card, const char* call, Function function, Fixed... fixed) {
  Answer answer{.call = call};
  if (function == nullptr) return answer;
  Out out{};
  answer.code = function(card.handle, fixed..., &out);
  answer.value = static_cast<double>(out);
  if (answer.ok() && out == static_cast<Out>(-1)) answer.code = NVML_ERROR_NO_DATA;
  return answer;
}

/// A number of nvmlDeviceGetFieldValues: NVML_FI_..., and a link's or scope's number.
struct Field {
  unsigned id = 0, scope = 0;
};

/// One answer for each field, by one call.
[[nodiscard]] std::vector<Answer> ask_fields(const Card& card, const std::vector<Field>& fields);

}  // namespace rackproof::nvml
