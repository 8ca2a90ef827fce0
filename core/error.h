// SPDX-License-Identifier: Apache-2.0
// The three kinds of failure: wrong input is an Expected, a failing driver a DeviceError, wrong
// hardware neither (it is a recorded measurement).
#pragma once

#include <stdexcept>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace rackproof {

/// One mistake in something a person or another program wrote: where it stands and what would be
/// right.
struct Error {
  std::string message;
  std::string file = {};  ///< empty: not from a file
  int line = 0;           ///< from 1; 0: unknown
  int column = 0;         ///< from 1; 0: unknown

  /// `file:line:column: message`, without what is unknown.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Expected = tl::expected<T, Error>;

/// For readers that report every mistake at once.
template <class T>
using ExpectedAll = tl::expected<T, std::vector<Error>>;

[[nodiscard]] inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

/// A driver call or the machinery under it failed; says nothing about the hardware's results.
/// Thrown by back ends, caught in one place in the worker.
class DeviceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The only word of `known` begun by `word`, else the nearest (at most a third edited), or "".
[[nodiscard]] std::string nearest(const std::string& word, const std::vector<std::string>& known);

}  // namespace rackproof
