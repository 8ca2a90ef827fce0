// SPDX-License-Identifier: Apache-2.0
// Ways in which a worker misbehaves, as a table: each runs as a campaign of its own on two
// synthetic devices, the first of which is the culprit.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/record.h"
#include "core/verdict.h"

namespace rackproof::testing {

/// One way and what must come of it.
struct Way {
  std::string stressor;
  std::map<std::string, std::string> params;
  Outcome outcome = Outcome::crashed;
  std::string
      words;  ///< a regular expression, found in the detail or in the reason for the verdict
  Verdict verdict =
      Verdict::fail;  ///< of the culprit's step and of the limits on it (and its drills)
  double silence_s = 10, deadline_s = 60;
  double load_s = 0.15;
  bool drilled = false;  ///< with its drills, whose result counts too
};

/// Beside its case, so that nothing is forgotten in the count: the ways of one file, by their idea.
bool register_ways(const std::string& idea, std::vector<Way> ways);
[[nodiscard]] const std::map<std::string, std::vector<Way>>& all_ways();

/// A way that does no harm: what the worker does is none of the supervisor's business.
[[nodiscard]] bool is_harmless(const Way& way);

/// Runs all of one idea, some at a time, and expects of each: the outcome, the words and the
/// verdict of the culprit, a sibling that finished and passed, a record that is whole.
void expect_ways(const std::string& idea);

/// What a signal that ends a process looks like; a sanitizer may turn it into an exit code.
[[nodiscard]] std::string by_signal(const std::string& name);

/// Whether this program was built with a sanitizer, which replaces the allocator.
[[nodiscard]] bool is_sanitized();

}  // namespace rackproof::testing
