// SPDX-License-Identifier: Apache-2.0
// For tests: a tiny run, made with the real journal, finished, signed, and then tampered with.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>

#include "core/folder_for_test.h"
#include "core/json.h"
#include "reports/bundle.h"
#include "reports/verify.h"

namespace rackproof {

/// One device, one step, one floor of 80 with U = 1 % of the value.
class BundleForTest : public testing::Test {
 protected:
  /// What the run measured and how it was finished; set before build().
  double measured_ = 90;
  bool sealed_ = true;
  std::vector<SegmentRecord> segments_;  ///< what the journal says of telemetry/
  std::string nonce_ = "00ff", seal_ = R"({"t":"seal"})";
  std::function<void()> before_finish_ = [] {};            ///< the station tampers, then signs
  std::function<void(Json&)> edit_report_ = [](Json&) {};  ///< the station lies in its report
  SigningKey key_ = SigningKey::generate();

  void build(bool with_signature = true);

  [[nodiscard]] Trust trust() const;
  [[nodiscard]] VerifyResult verify() const;  ///< with trust()
  [[nodiscard]] VerifyResult verify(const Trust* trust) const;
  [[nodiscard]] static VerifyHooks hooks();

  [[nodiscard]] std::filesystem::path file(const std::string& name) const;
  [[nodiscard]] std::string bytes(const std::string& name) const;
  void put(const std::string& name, const std::string& bytes) const;
  /// Flips the lowest bit of the byte in the middle.
  void flip_one_bit(const std::string& name) const;
  /// SHA256SUMS again, of what is there now; the signatures stay.
  void resum() const;

  /// Lines of the attestations, from 0: qualification, test-result.
  [[nodiscard]] std::string line(int number) const;
  void put_lines(const std::string& first, const std::string& second) const;
  /// The line again with another payload, signed by the station.
  [[nodiscard]] std::string signed_again(int number, const std::function<void(Json&)>& edit) const;

  TestFolder folder_;

 private:
  JournalHead record_run(const Plan& plan, Evidence& evidence) const;
};

/// An expectation on outcome, message and exit code in one line.
#define EXPECT_REFUSED(result, expected, words)                            \
  do {                                                                     \
    const VerifyResult got = (result);                                     \
    EXPECT_EQ(got.outcome, VerifyOutcome::expected) << got.text();         \
    EXPECT_EQ(got.exit_code(), static_cast<int>(VerifyOutcome::expected)); \
    EXPECT_THAT(got.message, testing::HasSubstr(words));                   \
  } while (false)

}  // namespace rackproof
