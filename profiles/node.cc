// SPDX-License-Identifier: Apache-2.0
#include "profiles/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace rackproof {

Node Node::operator[](const std::string& key) const {
  if (json_ == nullptr || !json_->is_object() || !json_->contains(key)) {
    return Node(*this, nullptr, below(pointer_, key));
  }
  return Node(*this, &json_->at(key), below(pointer_, key));
}

std::vector<Node> Node::items() const {
  std::vector<Node> all;
  if (json_ == nullptr || !json_->is_array()) return all;
  for (std::size_t i = 0; i < json_->size(); ++i) {
    all.push_back(Node(*this, &json_->at(i), below(pointer_, i)));
  }
  return all;
}

std::vector<std::pair<std::string, Node>> Node::members() const {
  std::vector<std::pair<std::string, Node>> all;
  if (json_ == nullptr || !json_->is_object()) return all;
  for (const auto& [key, value] : json_->items()) {
    all.emplace_back(key, Node(*this, &value, below(pointer_, key)));
  }
  return all;
}

std::vector<Node> Node::each() const {
  if (json_ == nullptr) return {};
  return json_->is_array() ? items() : std::vector<Node>{*this};
}

std::string Node::text() const {
  return json_ != nullptr && json_->is_string() ? json_->get<std::string>() : "";
}

std::optional<std::uint64_t> Node::integer() const {
  if (json_ == nullptr || !json_->is_number_integer() || *json_ < 0) return {};
  return json_->get<std::uint64_t>();
}

bool Node::flag(bool fallback) const {
  return json_ != nullptr && json_->is_boolean() ? json_->get<bool>() : fallback;
}

std::optional<double> Node::quantity(Unit unit) const {
  if (text().empty()) return {};
  const auto value = parse_rate_as(text(), unit);
  if (value) return *value;
  wrong(fmt::format("{}: {}", name(), value.error().message));
  return {};
}

std::optional<double> Node::positive(Unit unit) const {
  const auto value = quantity(unit);
  if (!value || *value > 0) return value;
  wrong(fmt::format("{}: '{}' must be above zero", name(), text()));
  return {};
}

std::optional<double> Node::share() const {
  const auto value = quantity(Unit::ratio);
  if (!value || (*value > 0 && *value <= 1)) return value;
  wrong(fmt::format("{}: '{}' must be above 0 % and at most 100 %", name(), text()));
  return {};
}

bool Node::blamed() const {
  if (json_ == nullptr || json_->is_structured()) return false;
  const Error here = document_->at_value(pointer_, "");
  return std::ranges::any_of(*errors_, [&](const Error& error) {
    return std::tie(error.file, error.line, error.column) ==
           std::tie(here.file, here.line, here.column);
  });
}

void Node::wrong(const std::string& message) const {
  if (!blamed()) errors_->push_back(document_->at_value(pointer_, message));
}

void Node::wrong_key(const std::string& message) const {
  errors_->push_back(document_->at_key(pointer_, message));
}

std::string Node::name() const {
  std::string rest = pointer_;
  while (!rest.empty()) {
    const std::string last = rest.substr(rest.rfind('/') + 1);
    if (!std::all_of(last.begin(), last.end(), ::isdigit)) return last;
    rest.erase(rest.rfind('/'));
  }
  return rest;
}

Expected<double> parse_rate_as(const std::string& text, Unit unit) {
  const auto quantity = parse_quantity(text);
  if (unit == Unit::flops && quantity && quantity->unit == Unit::ops) return quantity->value;
  return parse_as(text, unit);
}

}  // namespace rackproof
