// SPDX-License-Identifier: Apache-2.0
// For tests: what every device of this folder's kernels is claimed to do, whoever drives it.
#pragma once

#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/device.h"
#include "core/oracle.h"

namespace rackproof::kernels {

inline std::unique_ptr<Prepared> ready(Device& device, const Workload& workload) {
  auto preparation = device.prepare(workload);
  if (const auto* no = std::get_if<Unsupported>(&preparation)) throw DeviceError(no->reason);
  return std::get<std::unique_ptr<Prepared>>(std::move(preparation));
}

inline std::string refusal(Device& device, const Workload& workload) {
  const auto preparation = device.prepare(workload);
  const auto* no = std::get_if<Unsupported>(&preparation);
  return no == nullptr ? "" : no->reason;
}

inline std::optional<std::uint64_t> golden_of(const Workload& workload, const RunFor& how) {
  return golden({describe(workload), how.pattern, how.address_bit, how.half}).value();
}

/// A clean burst: nothing found, and the digest of a faultless device.
inline void expect_clean(const Burst& burst, const Workload& workload, const RunFor& how) {
  EXPECT_EQ(burst.miscompares, 0U) << describe(workload);
  EXPECT_EQ(burst.digest, golden_of(workload, how)) << describe(workload);
  EXPECT_LE(burst.start, burst.end);
}

/// Every activation was found at its element, with its bits, and nothing else was.
inline void expect_found(const Burst& burst, const ArmedFault& armed, const std::string& what) {
  const auto flips = armed.activations();
  EXPECT_EQ(burst.miscompares, flips.size()) << what;
  for (const Activation& flip : flips) {
    EXPECT_THAT(burst.samples, testing::Contains(testing::Truly([&](const Miscompare& m) {
                  return m.element == flip.element && m.got == flip.after &&
                         m.expected == flip.before;
                })))
        << what << " element " << flip.element;
  }
}

inline constexpr FaultKind kKinds[] = {FaultKind::flip,    FaultKind::zero, FaultKind::nan,
                                       FaultKind::inf,     FaultKind::swap, FaultKind::lanes,
                                       FaultKind::scramble};

/// What `act` throws as a DeviceError.
inline std::string thrown_by(const std::function<void()>& act) {
  try {
    act();
  } catch (const DeviceError& problem) {
    return problem.what();
  }
  return "nothing was thrown";
}

/// Two patterns, two iterations each: nothing found, the digest of a faultless device.
inline void expect_clean_runs(Device& device, const Workload& work) {
  const auto prepared = ready(device, work);
  for (const std::uint64_t pattern : {1, 2}) {
    const RunFor how{.iterations = 2, .pattern = pattern};
    expect_clean(prepared->run(how), work, how);
  }
}

/// Every kind of change at `site` is found where it was made, and never agrees with the golden.
inline void expect_faults_found(Device& device, const Workload& work, FaultSite site,
                                std::uint64_t element) {
  const auto prepared = ready(device, work);
  for (const FaultKind kind : kKinds) {
    const RunFor how{.iterations = 1, .pattern = 3};
    const auto armed = prepared->arm({.site = site, .kind = kind, .element = element, .count = 3});
    ASSERT_NE(armed, nullptr) << describe(work);
    const Burst burst = prepared->run(how);
    ASSERT_FALSE(armed->activations().empty()) << describe(work) << " " << name(kind);
    for (const Activation& flip : armed->activations()) {
      EXPECT_THAT(burst.samples, testing::Contains(testing::Truly([&](const Miscompare& m) {
                    return m.element == flip.element && m.got == flip.after &&
                           m.expected == flip.before;
                  })))
          << describe(work) << " " << name(kind) << " element " << flip.element;
    }
    if (const auto right = golden_of(work, how); right) {
      EXPECT_NE(burst.digest, right) << describe(work);
    }
  }
}

}  // namespace rackproof::kernels
