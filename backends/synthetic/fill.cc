// SPDX-License-Identifier: Apache-2.0
// Fill and Check: one writes the content into every word, the other compares.
#include "backends/synthetic/cells.h"
#include "core/oracle.h"

namespace rackproof {
namespace {

constexpr Selection kAll{};

class ContentWork : public Work {
 public:
  ContentWork(Region region, Content what, SyntheticMemory& memory, const Speeds& speeds)
      : region_(std::move(region)), memory_(memory), what_(what), rate_(speeds.bandwidth) {}
  std::uint64_t expected(std::uint64_t pattern, std::uint64_t element) const override {
    return content_word(what_, pattern, element);
  }
  Effort effort(const RunFor&) const override {
    const auto bytes = static_cast<double>(region_.size_bytes);
    return {bytes, 0, bytes / rate_};
  }

 protected:
  [[nodiscard]] auto right(const RunFor& how) const {
    return [this, &how](std::uint64_t index) { return expected(how.pattern, index); };
  }
  Region region_;
  SyntheticMemory& memory_;

 private:
  Content what_;
  double rate_;
};

class FillWork : public ContentWork {
 public:
  using ContentWork::ContentWork;
  std::string_view kind() const override { return "fill"; }
  std::uint64_t elements(const RunFor&) const override { return 0; }
  std::vector<Damage> touch(const RunFor& how, const Upset&) override {
    write_cells(memory_, region_, kAll, right(how));
    return {};
  }
};

class CheckWork : public ContentWork {
 public:
  using ContentWork::ContentWork;
  std::string_view kind() const override { return "check"; }
  std::optional<FaultSite> site() const override { return FaultSite::memory; }
  std::uint64_t elements(const RunFor&) const override { return region_.words(); }
  std::vector<Damage> touch(const RunFor& how, const Upset& upset) override {
    if (upset) upset_cell(memory_, region_, kAll, *upset);
    return read_cells(memory_, region_, kAll, right(how));
  }
};

}  // namespace

std::unique_ptr<Work> make_fill(const Fill& fill, SyntheticMemory& memory, const Speeds& speeds) {
  return std::make_unique<FillWork>(fill.to, fill.what, memory, speeds);
}
std::unique_ptr<Work> make_check(const Check& check, SyntheticMemory& memory,
                                 const Speeds& speeds) {
  return std::make_unique<CheckWork>(check.on, check.what, memory, speeds);
}

}  // namespace rackproof
