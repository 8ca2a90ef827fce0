// SPDX-License-Identifier: Apache-2.0
#include "hardware/nvml/card.h"

#include <fmt/format.h>

#include <limits>
#include <optional>

namespace rackproof::nvml {
namespace {

template <class Number>
std::optional<double> unless_all_ones(Number number) {
  if (number == std::numeric_limits<Number>::max()) return std::nullopt;
  return static_cast<double>(number);
}

// None: it is no number that any card can have.
std::optional<double> number_of(const nvmlFieldValue_t& field) {
  switch (field.valueType) {
    case NVML_VALUE_TYPE_DOUBLE:
      return field.value.dVal;
    case NVML_VALUE_TYPE_UNSIGNED_INT:
      return unless_all_ones(field.value.uiVal);
    case NVML_VALUE_TYPE_UNSIGNED_LONG:
      return unless_all_ones(field.value.ulVal);
    case NVML_VALUE_TYPE_UNSIGNED_LONG_LONG:
      return unless_all_ones(field.value.ullVal);
    case NVML_VALUE_TYPE_SIGNED_LONG_LONG:
      return static_cast<double>(field.value.sllVal);
    case NVML_VALUE_TYPE_SIGNED_INT:
      return field.value.siVal;
    case NVML_VALUE_TYPE_UNSIGNED_SHORT:
      return field.value.usVal;
    case NVML_VALUE_TYPE_COUNT:
      break;
  }
  return std::nullopt;
}

Answer answer_of(const nvmlFieldValue_t& field, nvmlReturn_t whole) {
  Answer answer{.code = whole == NVML_SUCCESS ? field.nvmlReturn : whole,
                .call = fmt::format("nvmlDeviceGetFieldValues({})", field.fieldId)};
  if (!answer.ok()) return answer;
  const auto number = number_of(field);
  if (!number) answer.code = NVML_ERROR_NO_DATA;
  answer.value = number.value_or(0);
  return answer;
}

}  // namespace

std::string bdf_of(const nvmlPciInfo_t& pci) {
  return fmt::format("{:04x}:{:02x}:{:02x}.0", pci.domain, pci.bus, pci.device);
}

std::vector<Answer> ask_fields(const Card& card, const std::vector<Field>& fields) {
  std::vector<nvmlFieldValue_t> values(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    values[i].fieldId = fields[i].id;
    values[i].scopeId = fields[i].scope;
    values[i].nvmlReturn = NVML_ERROR_NO_DATA;  // what the driver leaves out
  }
  const nvmlReturn_t whole = Session::call(card.api().DeviceGetFieldValues, card.handle,
                                           static_cast<int>(values.size()), values.data());
  std::vector<Answer> answers;
  for (const nvmlFieldValue_t& value : values) answers.push_back(answer_of(value, whole));
  return answers;
}

}  // namespace rackproof::nvml
