// SPDX-License-Identifier: Apache-2.0
// One rank's part in a collective: what arrives is as if all other ranks had done theirs.
#include "backends/synthetic/work.h"
#include "core/collective.h"

namespace rackproof {
namespace {

class ReduceWork : public Work {
 public:
  ReduceWork(const Reduce& reduce, const Speeds& speeds) : r_(reduce), rate_(speeds.peer_link) {}

  std::string_view kind() const override { return "reduce"; }
  bool computes() const override { return sums(r_.kind); }
  std::optional<FaultSite> site() const override { return FaultSite::transfer; }
  std::uint64_t elements(const RunFor&) const override { return result_elements(r_); }
  std::uint64_t expected(std::uint64_t pattern, std::uint64_t element) const override {
    return collective_expected(r_, pattern, element);
  }
  std::uint64_t all_bits() const override {
    const std::uint32_t bytes = size_of(r_.type);
    return bytes == 8 ? ~0ULL : (1ULL << 8 * bytes) - 1;
  }
  std::uint64_t nan_bits() const override {
    switch (r_.type) {
      case DType::fp16:
        return 0x7e00;
      case DType::bf16:
        return 0x7fc0;
      case DType::fp32:
        return 0x7fc00000;
      case DType::fp64:
        return 0x7ff8000000000000ULL;
      default:
        return all_bits();
    }
  }
  // A collective is as fast as its slowest link, whichever rank's that is.
  bool comes_from(std::uint32_t) const override { return true; }
  Effort effort(const RunFor&) const override {
    const auto bytes = static_cast<double>(r_.size_bytes);
    return {bytes, 0, bytes * bus_factor(r_.kind, r_.ranks) / rate_ + 2 * kPeerLatency_s};
  }

 private:
  Reduce r_;
  double rate_;
};

}  // namespace

std::unique_ptr<Work> make_reduce(const Reduce& reduce, const Speeds& speeds) {
  return std::make_unique<ReduceWork>(reduce, speeds);
}

}  // namespace rackproof
