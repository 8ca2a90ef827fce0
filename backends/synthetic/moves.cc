// SPDX-License-Identifier: Apache-2.0
// The workloads that move or combine what memory holds: March sweep, copy, triad.
#include <bit>

#include "backends/synthetic/cells.h"
#include "core/oracle.h"

namespace rackproof {
namespace {

constexpr Selection kAll{};

auto pattern_of(std::uint64_t pattern) {
  return [pattern](std::uint64_t index) { return pattern_word(pattern, index); };
}

class SweepWork : public Work {
 public:
  SweepWork(const Sweep& sweep, SyntheticMemory& memory, const Speeds& speeds)
      : sweep_(sweep), memory_(memory), rate_(speeds.bandwidth) {}
  std::string_view kind() const override { return "sweep"; }
  std::optional<FaultSite> site() const override {
    return reads() ? std::optional(FaultSite::memory) : std::nullopt;
  }
  bool alike() const override { return true; }
  std::uint64_t elements(const RunFor& how) const override { return reads() ? words(how) : 0; }
  std::uint64_t element(const RunFor& how, std::uint64_t n) const override {
    return selection(how).word(n);
  }
  std::uint64_t expected(std::uint64_t, std::uint64_t) const override { return sweep_.op.word; }
  Effort effort(const RunFor& how) const override {
    const double bytes = 8.0 * static_cast<double>(words(how));
    return {bytes, 0, bytes / rate_};
  }
  std::vector<Damage> touch(const RunFor& how, const Upset& upset) override {
    const auto right = [this](std::uint64_t) { return sweep_.op.word; };
    if (!reads()) {
      write_cells(memory_, sweep_.on, selection(how), right);
      return {};
    }
    if (upset) upset_cell(memory_, sweep_.on, selection(how), *upset);
    return read_cells(memory_, sweep_.on, selection(how), right);
  }

 private:
  static Selection selection(const RunFor& how) { return {how.address_bit, how.half}; }
  [[nodiscard]] bool reads() const { return sweep_.op.kind == MarchOp::Kind::read; }
  [[nodiscard]] std::uint64_t words(const RunFor& how) const {
    return selection(how).count(sweep_.on.words());
  }
  Sweep sweep_;
  SyntheticMemory& memory_;
  double rate_;
};

class CopyWork : public Work {
 public:
  CopyWork(const Copy& copy, SyntheticMemory& from, SyntheticMemory& to, const Speeds& speeds,
           bool far)
      : copy_(copy),
        from_(from),
        to_(to),
        peer_(&from != &to ? from.home() : std::nullopt),
        rate_(&from == &to ? speeds.bandwidth : speeds.host_link),
        latency_s_(&from == &to ? 0 : kHostLatency_s),
        far_(far) {
    if (!to.home()) peer_.reset();  // up to the host
    if (peer_) rate_ = speeds.peer_link, latency_s_ = kPeerLatency_s;
  }
  std::string_view kind() const override { return "copy"; }
  std::optional<FaultSite> site() const override { return FaultSite::transfer; }
  std::uint64_t elements(const RunFor&) const override { return copy_.to.words(); }
  std::uint64_t expected(std::uint64_t pattern, std::uint64_t element) const override {
    return pattern_word(pattern, element);
  }
  Effort effort(const RunFor&) const override {
    const auto bytes = static_cast<double>(copy_.to.size_bytes);
    return {bytes, 0, bytes / rate_ + latency_s_};
  }
  bool crosses_host() const override { return far_; }
  bool comes_from(std::uint32_t device) const override { return peer_ && peer_->device == device; }
  std::vector<Damage> touch(const RunFor& how, const Upset&) override {
    const auto right = pattern_of(how.pattern);
    write_cells(from_, copy_.from, kAll, right);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> moved;
    from_.visit(copy_.from, kAll,
                [&](std::uint64_t i, std::uint64_t& v) { moved.emplace_back(i, v); });
    write_cells(to_, copy_.to, kAll, right);
    to_.visit(copy_.to, kAll, [&](std::uint64_t index, std::uint64_t& stored) {
      for (const auto& [i, value] : moved) {
        if (i == index) stored = value;
      }
    });
    return read_cells(to_, copy_.to, kAll, right);
  }

 private:
  Copy copy_;
  SyntheticMemory &from_, &to_;
  std::optional<SyntheticHome> peer_;  // that the data comes from
  double rate_, latency_s_;
  bool far_;
};

class TriadWork : public Work {
 public:
  TriadWork(const Triad& triad, SyntheticMemory& memory, const Speeds& speeds)
      : t_(triad), memory_(memory), rate_(speeds.bandwidth) {}
  std::string_view kind() const override { return "triad"; }
  bool computes() const override { return true; }
  std::optional<FaultSite> site() const override { return FaultSite::memory; }
  std::uint64_t elements(const RunFor&) const override { return t_.a.words(); }
  std::uint64_t nan_bits() const override { return 0x7ff8000000000000ULL; }
  std::uint64_t expected(std::uint64_t pattern, std::uint64_t element) const override {
    const std::uint64_t word = pattern_word(pattern, element);
    return std::bit_cast<std::uint64_t>(triad_b(word) + kTriadScalar * triad_c(word));
  }
  Effort effort(const RunFor&) const override {
    const auto words = static_cast<double>(t_.a.words());
    return {24 * words, 2 * words, 24 * words / rate_};
  }
  std::vector<Damage> touch(const RunFor& how, const Upset& upset) override {
    write_cells(memory_, t_.b, kAll, [&](std::uint64_t i) { return b_bits(how.pattern, i); });
    write_cells(memory_, t_.c, kAll, [&](std::uint64_t i) { return c_bits(how.pattern, i); });
    std::vector<std::uint64_t> indices;
    memory_.visit(t_.a, kAll, [&](std::uint64_t i, std::uint64_t&) { indices.push_back(i); });
    for (const std::uint64_t index : indices) {
      const double b = value(t_.b, index, b_bits(how.pattern, index));
      const double c = value(t_.c, index, c_bits(how.pattern, index));
      memory_.visit(t_.a, kAll, [&](std::uint64_t i, std::uint64_t& stored) {
        if (i == index) stored = std::bit_cast<std::uint64_t>(b + kTriadScalar * c);
      });
    }
    if (upset) upset_cell(memory_, t_.a, kAll, *upset);
    return read_cells(memory_, t_.a, kAll,
                      [&](std::uint64_t i) { return expected(how.pattern, i); });
  }

 private:
  static std::uint64_t b_bits(std::uint64_t pattern, std::uint64_t index) {
    return std::bit_cast<std::uint64_t>(triad_b(pattern_word(pattern, index)));
  }
  static std::uint64_t c_bits(std::uint64_t pattern, std::uint64_t index) {
    return std::bit_cast<std::uint64_t>(triad_c(pattern_word(pattern, index)));
  }
  double value(const Region& region, std::uint64_t index, std::uint64_t otherwise) const {
    return std::bit_cast<double>(memory_.load(region, index).value_or(otherwise));
  }
  Triad t_;
  SyntheticMemory& memory_;
  double rate_;
};

}  // namespace

std::uint64_t Work::changed(std::uint64_t digest, std::uint64_t, const Damage& damage) const {
  return digest + digest_term(damage.got, damage.element) -
         digest_term(damage.expected, damage.element);
}

void upset_cell(SyntheticMemory& memory, const Region& region, const Selection& selection,
                std::uint64_t draw) {
  std::uint64_t count = 0, at = 0;
  memory.visit(region, selection, [&](std::uint64_t, std::uint64_t&) { ++count; });
  if (count == 0) return;
  const std::uint64_t chosen = draw / 64 % count;
  memory.visit(region, selection, [&](std::uint64_t, std::uint64_t& stored) {
    if (at++ == chosen) stored ^= 1ULL << draw % 64;
  });
}

std::unique_ptr<Work> make_sweep(const Sweep& sweep, SyntheticMemory& memory,
                                 const Speeds& speeds) {
  return std::make_unique<SweepWork>(sweep, memory, speeds);
}
std::unique_ptr<Work> make_copy(const Copy& copy, SyntheticMemory& from, SyntheticMemory& to,
                                const Speeds& speeds, bool far) {
  return std::make_unique<CopyWork>(copy, from, to, speeds, far);
}
std::unique_ptr<Work> make_triad(const Triad& triad, SyntheticMemory& memory,
                                 const Speeds& speeds) {
  return std::make_unique<TriadWork>(triad, memory, speeds);
}

}  // namespace rackproof
