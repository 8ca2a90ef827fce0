// SPDX-License-Identifier: Apache-2.0
// A value of a document together with its place: what the linter reads and complains about.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/units.h"
#include "profiles/document.h"

namespace rackproof {

/// A cheap cursor; a missing member is an empty Node, whose readers give nothing and stay silent,
/// as they do for a value of the wrong shape (check_shape() has reported it).
class Node {
 public:
  /// The document's top. Both arguments must outlive the Node; mistakes are appended to `errors`.
  Node(const Document& document, std::vector<Error>& errors)
      : document_(&document), errors_(&errors), json_(&document.json) {}

  [[nodiscard]] explicit operator bool() const { return json_ != nullptr; }
  [[nodiscard]] Node operator[](const std::string& key) const;
  [[nodiscard]] std::vector<Node> items() const;                            ///< of a list
  [[nodiscard]] std::vector<std::pair<std::string, Node>> members() const;  ///< of a map
  /// The items of a list, or the value itself.
  [[nodiscard]] std::vector<Node> each() const;

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::optional<std::uint64_t> integer() const;
  [[nodiscard]] bool flag(bool fallback) const;
  /// In base units; a wrong unit is reported. Unit::flops takes OP/s too, since a gemm's rate is in
  /// OP/s for integers.
  [[nodiscard]] std::optional<double> quantity(Unit unit) const;
  /// The same, and above zero.
  [[nodiscard]] std::optional<double> positive(Unit unit) const;
  /// A ratio in (0, 1].
  [[nodiscard]] std::optional<double> share() const;

  /// At the value. A plain value that an error stands at already is not reported again.
  void wrong(const std::string& message) const;
  void wrong_key(const std::string& message) const;  ///< at the key
  [[nodiscard]] std::string name() const;            ///< the last key above it that is no index
  /// An error stands at this value, which is no map or list.
  [[nodiscard]] bool blamed() const;

 private:
  Node(const Node& parent, const Json* json, std::string pointer)
      : document_(parent.document_),
        errors_(parent.errors_),
        json_(json),
        pointer_(std::move(pointer)) {}

  const Document* document_;
  std::vector<Error>* errors_;
  const Json* json_;
  std::string pointer_;
};

/// parse_as(), with OP/s accepted where FLOP/s is wanted.
[[nodiscard]] Expected<double> parse_rate_as(const std::string& text, Unit unit);

}  // namespace rackproof
