// SPDX-License-Identifier: Apache-2.0
#include "core/fault.h"

#include <array>
#include <string>

#include "core/oracle.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 5> kSites{"operand", "memory", "transfer", "result",
                                                 "timing"};
constexpr std::array<std::string_view, 10> kKinds{"flip", "stuck", "zero",     "nan",  "inf",
                                                  "swap", "lanes", "scramble", "late", "missing"};

template <class Enum, std::size_t N>
Expected<Enum> find(const std::array<std::string_view, N>& names, std::string_view wanted,
                    const char* what) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == wanted) return static_cast<Enum>(i);
  }
  return fail(std::string("unknown fault ") + what + " '" + std::string(wanted) + "'");
}

}  // namespace

std::string_view name(FaultSite site) { return kSites[static_cast<std::size_t>(site)]; }
std::string_view name(FaultKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
Expected<FaultSite> fault_site_from_name(std::string_view n) {
  return find<FaultSite>(kSites, n, "site");
}
Expected<FaultKind> fault_kind_from_name(std::string_view n) {
  return find<FaultKind>(kKinds, n, "kind");
}

std::uint64_t mask_for(std::uint64_t mask, unsigned bytes) {
  for (unsigned half = 4; half >= bytes; half /= 2)
    mask = (mask ^ mask >> (8 * half)) & ((std::uint64_t{1} << (8 * half)) - 1);
  return mask == 0 ? 1 : mask;
}

std::uint64_t nan_bits(DType type) {
  switch (type) {
    case DType::i8:
      return 0xff;
    case DType::i32:
      return 0xffffffff;
    case DType::fp4_e2m1:
      return 0x7;  // it has none: its greatest number
    case DType::fp8_e4m3:
      return 0x7f;
    case DType::fp8_e5m2:
      return 0x7e;
    case DType::fp16:
      return 0x7e00;
    case DType::bf16:
      return 0x7fc0;
    case DType::fp64:
      return 0x7ff8000000000000;
    default:
      return 0x7fc00000;
  }
}

std::uint64_t infinity_bits(DType type) {
  switch (type) {
    case DType::i8:
      return 0x7f;
    case DType::i32:
      return 0x7fffffff;
    case DType::fp4_e2m1:
      return 0x7;
    case DType::fp8_e4m3:
      return 0x7e;
    case DType::fp8_e5m2:
      return 0x7c;
    case DType::fp16:
      return 0x7c00;
    case DType::bf16:
      return 0x7f80;
    case DType::fp64:
      return 0x7ff0000000000000;
    default:
      return 0x7f800000;
  }
}

std::uint64_t scramble_mask(const Fault& fault, std::uint64_t j) {
  return pattern_word(fault.mask, j);
}

}  // namespace rackproof
