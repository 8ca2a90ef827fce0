// SPDX-License-Identifier: Apache-2.0
// The table hardware/kernel_log.yaml, read and compiled: which line of the kernel's log means what.
#pragma once

#include <re2/re2.h>
#include <re2/set.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "hardware/kernel_log.h"

namespace rackproof {

/// One entry of the table.
struct KernelLogRule {
  /// What one code of a family means; an empty field is the rule's own.
  struct Code {
    std::string severity, means, next;
  };
  std::string cause;     ///< "{code}" in it stands for the code: "gpu.xid.{code}"
  std::string severity;  ///< "info", "warning" or "fatal"
  std::string match;     ///< as written, from the line's first character on
  std::string part;      ///< "mc{mc} slot{slot}": a word whose group did not match is left out
  std::string next;      ///< one sentence for a field engineer
  std::string source;    ///< where the line's format comes from
  std::map<std::string, Code> codes;
  int line = 0;  ///< in the table, from 1
  std::unique_ptr<const re2::RE2> pattern;
};

/// Immutable once read, so any number of threads may ask it.
class KernelLogTable {
 public:
  /// Every mistake is an Error that names the entry, its line and what would be right.
  [[nodiscard]] static Expected<KernelLogTable> read(std::string_view yaml,
                                                     const std::string& file);
  /// The one that is built in. Throws DeviceError when it cannot be used.
  [[nodiscard]] static const KernelLogTable& built_in();

  /// The first rule that matches; null: none. Linear in the text's length.
  [[nodiscard]] const KernelLogRule* find(std::string_view text) const;
  [[nodiscard]] const std::vector<KernelLogRule>& rules() const { return rules_; }

 private:
  std::vector<KernelLogRule> rules_;
  std::unique_ptr<re2::RE2::Set> all_;
};

/// What the rule that matched says about this line.
[[nodiscard]] KernelEvent event_of(const KernelLogRule& rule, std::string_view text);
/// "PCI:0000:1B:00", "1b:00.0" and "0000:1b:00" as "0000:1b:00.0"; anything else as it is.
[[nodiscard]] std::string normal_part(std::string_view part);

}  // namespace rackproof
