// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/device.h"

#include <fmt/format.h>

#include <limits>

#include "backends/synthetic/prepared.h"
#include "core/collective.h"
#include "core/mix.h"
#include "core/oracle.h"
#include "core/units.h"

namespace rackproof {
namespace {

constexpr double kHeadroom = 1.1;  // ceilings above the rates
constexpr double kShortestBurst = 1e-3;
constexpr const char* kCollective = "synthetic collective";

DeviceInfo info_of(const SyntheticDescription& d) {
  DeviceInfo info;
  info.id = d.id();
  info.node = fmt::format("n{}", d.node);
  info.backend = info.driver = "synthetic";
  info.kind = d.kind;
  info.name = d.name;
  if (d.hot_celsius) info.name += ", " + format(*d.hot_celsius, Unit::celsius);
  info.serial = fmt::format("SYN-{:04}", d.serial);
  info.uuid = fmt::format("73796e74-0000-4000-8000-{:012x}", d.serial);
  info.numa_node = d.numa_node;
  info.memory_bytes = d.memory_bytes * (d.lie == Lie::size ? 2 : 1);
  info.allocatable_bytes = info.memory_bytes;
  info.cores = d.cores;
  info.shortest_burst_s = kShortestBurst;
  info.nominals = {{"memory", d.bandwidth},        {"peer_link", d.peer_link},
                   {"host_link", d.host_link},     {"host_link.h2d", d.host_link},
                   {"host_link.d2h", d.host_link}, {"host_link.both", 2 * d.host_link}};
  for (const auto& [type, rate] : d.gemm) info.nominals[fmt::format("gemm.{}", name(type))] = rate;
  for (const auto& [key, rate] : info.nominals) info.ceilings[key] = rate * kHeadroom;
  return info;
}

class SyntheticDevice : public Device {
 public:
  explicit SyntheticDevice(const SyntheticDescription& description)
      : description_(description),
        info_(info_of(description)),
        state_(std::make_shared<SyntheticState>(description, info_.memory_bytes)) {}

  const DeviceInfo& info() const override { return info_; }

  Region allocate(std::uint64_t size_bytes, Place place) override {
    try {
      return (place == Place::device ? state_->memory : state_->host)->allocate(size_bytes);
    } catch (const DeviceError& problem) {
      throw DeviceError(fmt::format("{} on {}", problem.what(), info_.id));
    }
  }

  std::variant<Region, Unsupported> allocate_host(std::uint64_t size_bytes, Place place,
                                                  Numa numa) override {
    const bool far = numa == Numa::far;
    if (numa == Numa::any || (!far && description_.numa_nodes == 1))
      return allocate(size_bytes, place);
    if (description_.numa_nodes == 1) return Unsupported{refusal("far memory with one NUMA node")};
    if (description_.numa_node < 0)
      return Unsupported{refusal("a choice of NUMA nodes: its own is not known")};
    return (far ? state_->far : state_->host)->allocate(size_bytes);
  }

  Preparation prepare(const Workload& workload) override {
    if (auto reason = why_not(workload); !reason.empty()) return Unsupported{std::move(reason)};
    auto work = std::visit([this](const auto& w) { return make(w); }, workload);
    if (work->kind() == description_.unsupported)
      return Unsupported{refusal(description_.unsupported)};
    return make_synthetic_prepared(state_, std::move(work), describe(workload));
  }

  std::variant<std::string, Unsupported> collective_id() override {
    const auto now = Clock::now().time_since_epoch().count();
    return fmt::format("{} {} {:x}", kCollective, info_.id, now);
  }

 private:
  [[nodiscard]] std::string refusal(std::string_view what) const {
    return fmt::format("{} does not support {}", info_.id, what);
  }

  [[nodiscard]] std::string why_not(const Workload& workload) const {
    const auto* stripe = std::get_if<Stripe>(&workload);
    if (stripe != nullptr && stripe->phase >= kStripe)
      return refusal(fmt::format("stripe {} of {}", stripe->phase, kStripe));
    const auto* mix = std::get_if<Mix>(&workload);
    if (mix != nullptr) return why_not_mix(*mix);
    if (const auto* gemm = std::get_if<Gemm>(&workload)) return why_not_gemm(*gemm);
    if (const auto* reduce = std::get_if<Reduce>(&workload)) return why_not_reduce(*reduce);
    const auto* triad = std::get_if<Triad>(&workload);
    if (triad == nullptr) return {};
    const bool can = triad->type == DType::fp64 && description_.unsupported != "fp64";
    return can ? std::string() : refusal(fmt::format("triad of {}", name(triad->type)));
  }

  [[nodiscard]] std::string why_not_mix(const Mix& mix) const {
    if (description_.unsupported == name(mix.kernel))
      return refusal(fmt::format("mix of {}", name(mix.kernel)));
    const bool fits = mix.words > 0 && mix.words <= kMostMixWords;
    return fits ? std::string() : refusal(fmt::format("mix of {} words", mix.words));
  }

  [[nodiscard]] std::string why_not_reduce(const Reduce& reduce) const {
    const std::string reason = why_no_collective(reduce);
    if (!reason.empty()) return refusal(reason);
    const bool lacks = description_.unsupported == name(reduce.type) ||
                       description_.unsupported == name(reduce.kind);
    return lacks ? refusal(fmt::format("{} of {}", name(reduce.kind), name(reduce.type)))
                 : std::string();
  }

  [[nodiscard]] std::string why_not_gemm(const Gemm& g) const {
    const bool known = description_.gemm.count(g.in) > 0 && description_.unsupported != name(g.in);
    const DType acc = g.in == DType::i8     ? DType::i32
                      : g.in == DType::fp64 ? DType::fp64
                                            : DType::fp32;
    if (!known || g.acc != acc) {
      return refusal(fmt::format("gemm of {} into {}", name(g.in), name(g.acc)));
    }
    if (g.operands != Operands::exact && g.in == DType::i8) {
      return refusal(fmt::format("gemm of {} with {} operands", name(g.in), name(g.operands)));
    }
    return g.operands == Operands::exact ? why_not_exact(g.in, g.acc, g.k) : std::string();
  }

  std::unique_ptr<Work> make(const Gemm& g) {
    if (g.m < 1 || g.n < 1 || g.k < 1) throw DeviceError(describe(Workload{g}) + ": empty matrix");
    const auto m = static_cast<double>(g.m), n = static_cast<double>(g.n),
               k = static_cast<double>(g.k);
    const double bytes = (m * k + k * n) * size_of(g.in) + m * n * size_of(g.acc);
    if (bytes > static_cast<double>(info_.allocatable_bytes)) {
      throw DeviceError(
          fmt::format("matrices of {} on {}: out of memory", format(bytes, Unit::byte), info_.id));
    }
    return make_gemm(g, speeds(description_.gemm.at(g.in)));
  }
  std::unique_ptr<Work> make(const Mix& mix) { return make_mix(mix, description_.cores, speeds()); }
  std::unique_ptr<Work> make(const Fill& fill) { return make_fill(fill, own(fill.to), speeds()); }
  std::unique_ptr<Work> make(const Check& check) {
    return make_check(check, own(check.on), speeds());
  }
  std::unique_ptr<Work> make(const Stripe& stripe) {
    return make_stripe(stripe, own(stripe.on), speeds());
  }
  std::unique_ptr<Work> make(const Sweep& sweep) {
    return make_sweep(sweep, own(sweep.on), speeds());
  }
  std::unique_ptr<Work> make(const Copy& copy) {
    same_size(copy.from, copy.to);
    const bool far = state_->far->owns(copy.from) || state_->far->owns(copy.to);
    return make_copy(copy, source(copy.from), home(copy.to), speeds(), far);
  }
  std::unique_ptr<Work> make(const Reduce& reduce) {
    if (!reduce.id.starts_with(kCollective))
      throw DeviceError("a collective without the id of its rank 0 on " + info_.id);
    if (2 * reduce.size_bytes > info_.allocatable_bytes)
      throw DeviceError(fmt::format("two buffers of {} on {}: out of memory",
                                    format(static_cast<double>(reduce.size_bytes), Unit::byte),
                                    info_.id));
    return make_reduce(reduce, speeds());
  }
  std::unique_ptr<Work> make(const Triad& triad) {
    same_size(triad.a, triad.b);
    same_size(triad.a, triad.c);
    own(triad.b);
    own(triad.c);
    return make_triad(triad, own(triad.a), speeds());
  }

  [[nodiscard]] Speeds speeds(double gemm = 0) const {
    return {description_.bandwidth, description_.host_link, gemm, description_.peer_link};
  }

  void same_size(const Region& a, const Region& b) const {
    if (a.size_bytes != b.size_bytes)
      throw DeviceError("regions of different sizes on " + info_.id);
  }
  SyntheticMemory& home(const Region& region) {
    if (state_->far->owns(region)) return *state_->far;
    return state_->host->owns(region) ? *state_->host : own(region);
  }
  // A peer's memory too: of another device of the node.
  SyntheticMemory& source(const Region& region) {
    SyntheticMemory* memory = SyntheticMemory::of(region);
    const bool peer = memory != nullptr && memory->home() &&
                      memory->home()->node == description_.node &&
                      memory->home()->device != description_.device;
    return peer ? *memory : home(region);
  }
  SyntheticMemory& own(const Region& region) {
    if (!state_->memory->owns(region)) throw DeviceError("a region that is not of " + info_.id);
    return *state_->memory;
  }

  SyntheticDescription description_;
  DeviceInfo info_;
  std::shared_ptr<SyntheticState> state_;
};

}  // namespace

std::unique_ptr<Device> make_synthetic_device(const SyntheticDescription& description) {
  return std::make_unique<SyntheticDevice>(description);
}

}  // namespace rackproof
