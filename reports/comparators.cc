// SPDX-License-Identifier: Apache-2.0
#include "reports/comparators.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <sstream>

#include "core/workload.h"

namespace rackproof {
namespace {

constexpr std::array<Comparator, 4> kComparators{
    {{"own first iteration, absolute eps, blind to NaN", true, 1e-3, 1e-7, false},
     {"own first iteration, absolute eps", true, 1e-3, 1e-7, true},
     {"own first iteration, bit for bit", true, 0, 0, true},
     {"golden, absolute eps, blind to NaN", false, 1e-3, 1e-7, false}}};

// The type of a gemm's result.
DType result_type(const std::string& work) {
  std::istringstream in(work);
  std::string kind, in_type, acc_type;
  in >> kind >> in_type >> acc_type;
  return dtype_from_name(acc_type).value_or(DType::fp32);
}

double number_of(DType type, std::uint64_t bits) {
  const auto low = static_cast<std::uint32_t>(bits);
  if (type == DType::i32) return static_cast<std::int32_t>(low);
  if (type == DType::fp64) return std::bit_cast<double>(bits);
  return std::bit_cast<float>(low);
}

bool differ(const Comparator& comparator, DType type, const Finding& finding) {
  const double eps = type == DType::fp64 ? comparator.eps_fp64 : comparator.eps_fp32;
  if (eps == 0) return finding.expected.value != finding.got.value;
  const double right = number_of(type, finding.expected), got = number_of(type, finding.got);
  if (std::isnan(right) || std::isnan(got)) return comparator.sees_nan;
  return std::fabs(got - right) > eps;
}

}  // namespace

const std::array<Comparator, 4>& comparators() { return kComparators; }

bool sees(const Comparator& comparator, const FaultRecord& fault,
          const std::vector<const Finding*>& findings) {
  if (comparator.own_first && fault.kind == name(FaultKind::stuck)) return false;
  const DType type = result_type(fault.work);
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Finding* finding) { return differ(comparator, type, *finding); });
}

}  // namespace rackproof
