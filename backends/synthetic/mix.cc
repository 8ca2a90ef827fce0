// SPDX-License-Identifier: Apache-2.0
// Mix: every core makes the same words; word i of core c is element i * cores + c.
#include "core/mix.h"

#include <mutex>

#include "backends/synthetic/work.h"
#include "core/oracle.h"

namespace rackproof {
namespace {

constexpr double kEffort = 32;  // in bytes of bandwidth for each byte made

class MixWork : public Work {
 public:
  MixWork(const Mix& mix, std::uint32_t cores, const Speeds& speeds)
      : mix_(mix), cores_(cores), rate_(speeds.bandwidth) {}

  std::string_view kind() const override { return "mix"; }
  bool computes() const override { return true; }
  std::optional<FaultSite> site() const override { return FaultSite::result; }
  std::uint64_t elements(const RunFor& how) const override { return mix_.words * running(how); }
  std::uint64_t element(const RunFor& how, std::uint64_t n) const override {
    return how.core < 0 ? n : n * cores_ + static_cast<std::uint64_t>(how.core);
  }
  std::uint64_t expected(std::uint64_t pattern, std::uint64_t element) const override {
    const std::lock_guard lock(mutex_);
    if (right_.empty() || pattern_ != pattern) right_ = mix_words(mix_.kernel, mix_.words, pattern);
    pattern_ = pattern;
    return right_[element / cores_];
  }
  Effort effort(const RunFor& how) const override {
    const double bytes = 8.0 * static_cast<double>(elements(how));
    return {bytes, 0, kEffort * bytes / rate_};
  }
  std::uint64_t changed(std::uint64_t digest, std::uint64_t, const Damage& damage) const override {
    return digest + digest_term(damage.got, damage.element / cores_) -
           digest_term(damage.expected, damage.element / cores_);
  }

 private:
  [[nodiscard]] std::uint64_t running(const RunFor& how) const { return how.core < 0 ? cores_ : 1; }

  Mix mix_;
  std::uint64_t cores_;
  double rate_;
  mutable std::mutex mutex_;
  mutable std::uint64_t pattern_ = 0;
  mutable std::vector<std::uint64_t> right_;
};

}  // namespace

std::unique_ptr<Work> make_mix(const Mix& mix, std::uint32_t cores, const Speeds& speeds) {
  return std::make_unique<MixWork>(mix, cores, speeds);
}

}  // namespace rackproof
