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
    DTypeName{DType::i8, "int8", 1},           DTypeName{DType::i32, "int32", 4},
    DTypeName{DType::fp4_e2m1, "fp4_e2m1", 1}, DTypeName{DType::fp8_e4m3, "fp8_e4m3", 1},
    DTypeName{DType::fp8_e5m2, "fp8_e5m2", 1}, DTypeName{DType::fp16, "fp16", 2},
    DTypeName{DType::bf16, "bf16", 2},         DTypeName{DType::tf32, "tf32", 4},
    DTypeName{DType::fp32, "fp32", 4},         DTypeName{DType::fp64, "fp64", 8},
};

constexpr std::array<std::string_view, 3> kOperands{"exact", "error_free", "random"};
constexpr std::array<std::string_view, 3> kContents{"seeded", "address", "inverse_address"};
constexpr std::array<std::string_view, kCollectives> kCollectiveNames{
    "all_reduce", "all_gather", "reduce_scatter", "all_to_all"};
constexpr std::array<std::string_view, kMixKernels> kMixNames{
    "fma_fp32", "fma_fp64", "multiply", "permute", "aes",
    "sha256",   "crc32c",   "compress", "copy",    "matrix"};

template <class Enum, std::size_t N>
Expected<Enum> find(const std::array<std::string_view, N>& names, std::string_view wanted,
                    const char* what) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == wanted) return static_cast<Enum>(i);
  }
  return fail(fmt::format("unknown {} '{}'", what, wanted));
}

const char* kind_name(MarchOp::Kind kind) { return kind == MarchOp::Kind::read ? "read" : "write"; }

std::string with_content(const char* work, std::uint64_t size_bytes, Content what) {
  const std::string text = fmt::format("{} {}", work, size_bytes);
  return what == Content::seeded ? text : fmt::format("{} {}", text, name(what));
}

struct Describe {
  std::string operator()(const Gemm& g) const {
    return fmt::format("gemm {} {} {} {} {} {}", name(g.in), name(g.acc), g.m, g.n, g.k,
                       name(g.operands));
  }
  std::string operator()(const Fill& f) const {
    return with_content("fill", f.to.size_bytes, f.what);
  }
  std::string operator()(const Check& c) const {
    return with_content("check", c.on.size_bytes, c.what);
  }
  std::string operator()(const Sweep& s) const {
    return fmt::format("sweep {} {} {:016x}", s.on.size_bytes, kind_name(s.op.kind), s.op.word);
  }
  std::string operator()(const Stripe& s) const {
    return fmt::format("stripe {} {} {} {} {}", s.on.size_bytes, kind_name(s.kind), s.phase,
                       s.others ? "others" : "own", s.inverted ? "inverted" : "plain");
  }
  std::string operator()(const Copy& c) const { return fmt::format("copy {}", c.to.size_bytes); }
  std::string operator()(const Triad& t) const {
    return fmt::format("triad {} {}", name(t.type), t.a.size_bytes);
  }
  std::string operator()(const Mix& m) const {
    return fmt::format("mix {} {}", name(m.kernel), m.words);
  }
  std::string operator()(const Reduce& r) const {
    return fmt::format("reduce {} {} {} {} {}", name(r.kind), name(r.type), r.size_bytes, r.rank,
                       r.ranks);
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
  return find<Operands>(kOperands, wanted, "operands");
}

std::string_view name(Content content) { return kContents[static_cast<std::size_t>(content)]; }
Expected<Content> content_from_name(std::string_view wanted) {
  return find<Content>(kContents, wanted, "content");
}

std::string_view name(MixKernel kernel) { return kMixNames[static_cast<std::size_t>(kernel)]; }
Expected<MixKernel> mix_kernel_from_name(std::string_view wanted) {
  return find<MixKernel>(kMixNames, wanted, "mix kernel");
}

std::string_view name(Collective kind) { return kCollectiveNames[static_cast<std::size_t>(kind)]; }
Expected<Collective> collective_from_name(std::string_view wanted) {
  return find<Collective>(kCollectiveNames, wanted, "collective");
}

std::string describe(const Workload& workload) { return std::visit(Describe{}, workload); }

}  // namespace rackproof
