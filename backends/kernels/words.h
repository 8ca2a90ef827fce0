// SPDX-License-Identifier: Apache-2.0
// Writes and checks the words of device memory, shared out to the lanes, chunk by chunk.
#pragma once

#include "backends/kernels/ledger.h"
#include "backends/kernels/selection.h"

namespace rackproof::kernels {

class WordWriter {
 public:
  explicit WordWriter(Lanes& lanes);
  void write(const Memory& memory, const Selection& selection, const Rule& rule);

 private:
  Lanes& lanes_;
  Kernel kernel_;
};

class WordChecker {
 public:
  explicit WordChecker(Lanes& lanes);
  /// The groups that a ledger needs.
  [[nodiscard]] std::uint64_t groups() const;
  void check(const Memory& memory, const Selection& selection, const Rule& rule,
             const Ledger& ledger);

 private:
  Lanes& lanes_;
  Kernel kernel_;
};

}  // namespace rackproof::kernels
