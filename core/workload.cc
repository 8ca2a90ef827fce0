// SPDX-License-Identifier: Apache-2.0
#include "core/workload.h"

#include <fmt/format.h>

#include <array>

namespace rackproof {
namespace {

struct DTypeName {
  DType type;
  std::string_view name;
  std::uint32_t bytes;
};

constexpr std::array kDTypes{
    DTypeName{DType::i8, "int8", 1},   DTypeName{DType::i32, "int32", 4},
    DTypeName{DType::fp16, "fp16", 2}, DTypeName{DType::bf16, "bf16", 2},
    DTypeName{DType::fp32, "fp32", 4}, DTypeName{DType::fp64, "fp64", 8},
};

constexpr std::array<std::string_view, 3> kOperands{"exact", "error_free", "random"};

struct Describe {
  std::string operator()(const Gemm& g) const {
    return fmt::format("gemm {} {} {} {} {} {}", name(g.in), name(g.acc), g.m, g.n, g.k,
                       name(g.operands));
  }
  std::string operator()(const Fill& f) const { return fmt::format("fill {}", f.to.size_bytes); }
  std::string operator()(const Sweep& s) const {
    const char* kind = s.op.kind == MarchOp::Kind::read ? "read" : "write";
    return fmt::format("sweep {} {} {:016x}", s.on.size_bytes, kind, s.op.word);
  }
  std::string operator()(const Copy& c) const { return fmt::format("copy {}", c.to.size_bytes); }
  std::string operator()(const Triad& t) const {
    return fmt::format("triad {} {}", name(t.type), t.a.size_bytes);
  }
};

}  // namespace

std::string_view name(DType type) { return kDTypes[static_cast<std::size_t>(type)].name; }
std::uint32_t size_of(DType type) { return kDTypes[static_cast<std::size_t>(type)].bytes; }

Expected<DType> dtype_from_name(std::string_view wanted) {
  for (const DTypeName& t : kDTypes) {
    if (t.name == wanted) return t.type;
  }
  return fail(fmt::format("unknown data type '{}'", wanted));
}

std::string_view name(Operands operands) { return kOperands[static_cast<std::size_t>(operands)]; }

Expected<Operands> operands_from_name(std::string_view wanted) {
  for (std::size_t i = 0; i < kOperands.size(); ++i) {
    if (kOperands[i] == wanted) return static_cast<Operands>(i);
  }
  return fail(fmt::format("unknown operands '{}'", wanted));
}

std::string describe(const Workload& workload) { return std::visit(Describe{}, workload); }

}  // namespace rackproof
