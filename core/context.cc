// SPDX-License-Identifier: Apache-2.0
#include "core/context.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

#include "core/oracle.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kBurstsPerPattern = 16;  // how long data stays before it changes
constexpr std::uint64_t kMaxBurstsPerFault =
    4096;                                // a fault that nothing lets strike by then never will
constexpr double kBetweenUrgent = 0.05;  // seconds: a device that is always wrong must not flood
constexpr std::uint64_t kSampleStream = 0x5bf03635;
constexpr std::uint64_t kUnannouncedStream = 3000;  // when a fault among the load's bursts is due
constexpr std::uint64_t kBurstsPerUnannounced = 64;
constexpr std::size_t kFindingsRoom = kMaxSamples / 2;  // what a struck burst always can add
constexpr std::size_t kMaxFaultsPerWindow = 32;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

Clock::duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

bool is_timing(const Fault& fault) { return fault.site == FaultSite::timing; }

// The record of the window in hand; add() takes bursts, take() hands it on and starts the next.
class WindowBuilder {
 public:
  void add(const WorkKey& key, const std::string& peer, const Burst& burst, std::uint64_t index,
           bool faulted) {
    ++record_.bursts;
    WorkTally& tally = tally_for(key, peer, burst.digest, faulted);
    ++tally.bursts;
    tally.iterations += burst.iterations;
    tally.bytes += burst.bytes;
    tally.flops += burst.flops;
    tally.busy_s += burst.seconds();
    tally.method = burst.method;
    for (const CoreTally& core : burst.cores) {
      CoreTally& sum = cores_[core.core];
      sum.core = core.core;
      sum.iterations += core.iterations;
      sum.miscompares += core.miscompares;
    }
    record_.miscompares += burst.miscompares;
    for (const Miscompare& m : burst.samples) {
      if (record_.findings.size() < kMaxSamples)
        record_.findings.push_back({index,
                                    m.core,
                                    m.element,
                                    m.expected,
                                    m.got,
                                    key.pattern,
                                    m.tile,
                                    m.address,
                                    {},
                                    peer});
    }
  }
  void value(std::string_view metric, const std::string& peer, double v) {
    values_[{std::string(metric), peer}].push_back(v);
  }
  WindowRecord& record() { return record_; }
  [[nodiscard]] bool empty() const {
    return record_.bursts == 0 && values_.empty() && record_.passes == 0 && record_.faults.empty();
  }

  WindowRecord take(double start_s, double end_s) {
    record_.start_s = start_s;
    record_.length_s = end_s - start_s;
    for (auto& [of, values] : values_) {
      record_.metrics.push_back(summarize(of.first, std::move(values)));
      record_.metrics.back().peer = of.second;
    }
    for (auto& [core, tally] : cores_) record_.cores.push_back(tally);
    values_.clear();
    cores_.clear();
    places_.clear();
    return std::exchange(record_, {});
  }

 private:
  WorkTally& tally_for(const WorkKey& key, const std::string& peer,
                       const std::optional<std::uint64_t>& digest, bool faulted) {
    const auto [place, fresh] =
        places_.try_emplace({key, peer, digest, faulted}, record_.work.size());
    if (!fresh) return record_.work[place->second];
    WorkTally tally;
    tally.work = key.work;
    tally.pattern = key.pattern;
    tally.address_bit = key.address_bit;
    tally.half = key.half;
    if (digest) tally.digest = Bits(*digest);
    tally.faulted = faulted;
    tally.peer = peer;
    return record_.work.emplace_back(std::move(tally));
  }

  WindowRecord record_;
  std::map<std::tuple<WorkKey, std::string, std::optional<std::uint64_t>, bool>, std::size_t>
      places_;                                                                 // in record_.work
  std::map<std::pair<std::string, std::string>, std::vector<double>> values_;  // metric and peer
  std::map<std::uint32_t, CoreTally> cores_;
};

}  // namespace

// Calls that touch it hold the mutex: a stressor may run two Prepareds at once.
struct Context::Impl {
  StepSettings settings;
  Recorder& recorder;
  const std::atomic<bool>& stop;
  std::recursive_mutex mutex = {};
  bool loading = false;
  Clock::time_point load_start{}, window_start{}, last_urgent{};
  std::uint64_t bursts = 0, passes = 0;
  std::size_t next_fault = 0;
  int in_flight = 0;  // bursts
  Clock::time_point in_flight_since{};
  bool striking = false;  // one fault at a time
  std::uint64_t bursts_since_fault = 0;
  WindowBuilder window = {};

  void begin_load() {
    if (loading) return;
    loading = true;
    load_start = settings.gang ? recorder.barrier() : Clock::now();
    std::this_thread::sleep_until(load_start);
    window_start = load_start;
    recorder.phase(Phase::load);
  }

  // By our own clock: what bursts say of their times is not believed here.
  void take_off(int more) {
    const auto now = Clock::now();
    if (in_flight > 1)
      window.record().overlap_s += (in_flight - 1) * seconds_between(in_flight_since, now);
    in_flight += more;
    in_flight_since = now;
  }

  [[nodiscard]] std::uint64_t pattern(std::uint64_t index) const {
    return derive(settings.seed, settings.device, settings.step, index);
  }

  void flush() {
    if (!loading || window.empty()) return;
    const auto now = Clock::now();
    recorder.window(
        window.take(seconds_between(load_start, window_start), seconds_between(load_start, now)));
    window_start = now;
  }

  // A finding goes out at once, since the next burst may be the worker's last; further ones of a
  // device that is always wrong wait a little.
  void flush_when_due() {
    if (window.record().bursts == 0) return;
    const auto now = Clock::now();
    const bool urgent = window.record().miscompares > 0 || !window.record().late.empty();
    const bool at_once = urgent && seconds_between(last_urgent, now) >= kBetweenUrgent;
    if (at_once) last_urgent = now;
    const bool full = window.record().findings.size() > kFindingsRoom ||
                      window.record().faults.size() >= kMaxFaultsPerWindow;
    const bool room_needed = settings.drill && full;
    if (at_once || room_needed || seconds_between(window_start, now) >= settings.window_s) flush();
  }

  // The fault that this burst is to suffer, if any; settle_fault() ends its turn.
  [[nodiscard]] const Fault* claim_fault() {
    if (striking || next_fault >= settings.faults.size()) return nullptr;
    if (!(settings.drill ? bursts_since_fault >= 1 : unannounced_due())) return nullptr;
    striking = true;
    return &settings.faults[next_fault];
  }
  void settle_fault() { striking = false; }

  // Among an ordinary load's bursts nobody is told when: that comes from the seed.
  [[nodiscard]] bool unannounced_due() const {
    if (bursts == 0) return false;
    const std::uint64_t draw = pattern(kUnannouncedStream + next_fault);
    if (settings.duration_s > 0) {
      const double share =
          (static_cast<double>(next_fault) + static_cast<double>(draw % 1000) / 1000) /
          static_cast<double>(settings.faults.size());
      return seconds_between(load_start, Clock::now()) >= share * 0.9 * settings.duration_s;
    }
    return bursts >= next_fault * kBurstsPerUnannounced + draw % kBurstsPerUnannounced;
  }

  void note_fault(const Fault& fault, const std::string& work,
                  const std::vector<Activation>& activations) {
    FaultRecord record{
        fault.id, std::string(name(fault.site)), std::string(name(fault.kind)), work, bursts, {}};
    for (const Activation& a : activations) record.flips.push_back({a.element, a.before, a.after});
    window.record().faults.push_back(std::move(record));
    ++next_fault;
    settle_fault();
  }

  [[nodiscard]] bool drill_over() const {
    const bool all_struck = next_fault >= settings.faults.size() && bursts_since_fault >= 1;
    return all_struck || bursts_since_fault > kMaxBurstsPerFault;
  }
};

// Stands between the stressor and the back end's Prepared.
class Context::Watched : public Prepared {
 public:
  Watched(Impl& step, std::unique_ptr<Prepared> inner, std::string work, std::string peer)
      : step_(step), inner_(std::move(inner)), work_(std::move(work)), peer_(std::move(peer)) {}

  Burst run(const RunFor& how) override {
    const Fault* fault = begin();
    if (fault == nullptr) return ordinary(how);
    if (is_timing(*fault)) return untimely(*fault, how);
    std::unique_ptr<ArmedFault> armed = inner_->arm(*fault);
    if (!armed) {  // this workload cannot suffer it: wait for one that can
      settle();
      return ordinary(how);
    }
    return step_.settings.drill ? struck(*fault, *armed, how)
                                : beside(*fault, std::move(armed), how);
  }

  std::unique_ptr<ArmedFault> arm(const Fault& fault) override { return inner_->arm(fault); }

 private:
  using Guard = std::lock_guard<std::recursive_mutex>;

  // A burst on its way, until it comes back or throws.
  class Flight {
   public:
    explicit Flight(Impl& step) : step_(step) { count(1); }
    ~Flight() { count(-1); }
    Flight(const Flight&) = delete;
    Flight& operator=(const Flight&) = delete;

   private:
    void count(int more) {
      const Guard guard(step_.mutex);
      step_.take_off(more);
    }
    Impl& step_;
  };

  Burst fly(const RunFor& how) {
    const Flight flight(step_);
    return inner_->run(how);
  }

  // Windows are handed on before a burst, so that the stressor has recorded what it made of the
  // burst before.
  const Fault* begin() {
    const Guard guard(step_.mutex);
    step_.begin_load();
    step_.flush_when_due();
    return step_.claim_fault();
  }

  void settle() {
    const Guard guard(step_.mutex);
    step_.settle_fault();
  }

  Burst ordinary(const RunFor& how) {
    const Burst burst = fly(how);
    const Guard guard(step_.mutex);
    note(burst, how, false);
    ++step_.bursts_since_fault;
    return burst;
  }

  Burst struck(const Fault& fault, const ArmedFault& armed, const RunFor& how) {
    const Burst burst = fly(how);
    const Guard guard(step_.mutex);
    step_.note_fault(fault, work_, armed.activations());
    note(burst, how, true);
    step_.bursts_since_fault = 0;
    return burst;
  }

  // An unannounced fault strikes a burst of its own, of the load's own size and settings, before
  // the one that was asked for: what is measured and reported of the load stays clean.
  Burst beside(const Fault& fault, std::unique_ptr<ArmedFault> armed, const RunFor& how) {
    const auto asked = how.until - Clock::now();
    hand_on();
    (void)struck(fault, *armed, how);
    armed.reset();
    hand_on();
    RunFor again = how;
    if (how.iterations == 0) again.until = Clock::now() + asked;
    return ordinary(again);
  }

  // A window of its own: what the fault's samples crowd out must not be the load's.
  void hand_on() {
    const Guard guard(step_.mutex);
    step_.flush();
  }

  Burst untimely(const Fault& fault, const RunFor& how) {
    if (fault.kind == FaultKind::missing) never_answer(fault);
    Burst burst = fly(how);
    std::this_thread::sleep_for(from_seconds(fault.delay_s));
    burst.end = Clock::now();
    const Guard guard(step_.mutex);
    step_.note_fault(fault, work_, {});
    note(burst, how, false);
    step_.bursts_since_fault = 0;
    return burst;
  }

  void note(const Burst& burst, const RunFor& how, bool faulted) {
    const WorkKey key{work_, how.pattern, how.address_bit, how.half};
    step_.window.add(key, peer_, burst, step_.bursts, faulted);
    const auto asked =
        how.iterations > 0 ? from_seconds(step_.settings.burst_s) : how.until - burst.start;
    const double late =
        seconds_between(burst.start + std::max(asked, Clock::duration::zero()), burst.end);
    const bool bounded = how.iterations == 0 || step_.settings.drill;
    if (bounded && late > step_.settings.late_after_s)
      step_.window.record().late.push_back({step_.bursts, late});
    ++step_.bursts;
  }

  [[noreturn]] void never_answer(const Fault& fault) {
    {
      const Guard guard(step_.mutex);
      step_.note_fault(fault, work_, {});
      step_.flush();
    }
    while (true)
      std::this_thread::sleep_for(std::chrono::hours(1));  // until the supervisor notices
  }

  Impl& step_;
  std::unique_ptr<Prepared> inner_;
  std::string work_, peer_;
};

Context::Context(Device& device, const StressorInfo& info, StepSettings settings,
                 Recorder& recorder, const std::atomic<bool>& stop, std::vector<Device*> peers)
    : device_(device),
      info_(info),
      peers_(std::move(peers)),
      impl_(new Impl{.settings = std::move(settings), .recorder = recorder, .stop = stop}) {
  if (peers_.empty()) peers_.push_back(&device);
  const auto own = std::find(peers_.begin(), peers_.end(), &device);
  if (own == peers_.end()) throw std::invalid_argument("a device that is none of its peers");
  rank_ = static_cast<std::uint32_t>(own - peers_.begin());
  recorder.phase(Phase::prepare);
}

Context::~Context() = default;

namespace {

// The step's own value or the default; both were checked when the plan was made.
std::string text_of(const std::map<std::string, std::string>& params, const AnyParam& param) {
  const auto found = params.find(std::string(name(param)));
  const auto text = canonical(param, found == params.end() ? fallback_text(param) : found->second);
  if (!text) throw std::invalid_argument(text.error().text());
  return *text;
}

}  // namespace

std::int64_t Context::operator[](const Param& param) const {
  const std::string text = text_of(impl_->settings.params, param);
  if (!param.like.empty() && text == param.like) return 0;
  return static_cast<std::int64_t>(parse_as(text, param.unit).value());
}

double Context::operator[](const Fraction& fraction) const {
  return parse_as(text_of(impl_->settings.params, fraction), Unit::ratio).value();
}

std::string_view Context::operator[](const Choice& choice) const {
  const std::string text = text_of(impl_->settings.params, choice);
  return *std::find(choice.words.begin(), choice.words.end(), text);
}

std::unique_ptr<Prepared> Context::prepare(const Workload& workload, std::string peer) {
  Preparation preparation = device_.prepare(workload);
  if (const auto* unsupported = std::get_if<Unsupported>(&preparation))
    throw StepUnsupported{unsupported->reason};
  return watch(std::move(std::get<std::unique_ptr<Prepared>>(preparation)), describe(workload),
               std::move(peer));
}

std::unique_ptr<Prepared> Context::watch(std::unique_ptr<Prepared> own, std::string work,
                                         std::string peer) {
  return std::make_unique<Watched>(*impl_, std::move(own), std::move(work), std::move(peer));
}

// No lock is held while it waits: nothing of this step runs meanwhile.
std::vector<std::string> Context::exchange(const std::string& bytes) {
  if (bytes.size() > kMaxExchanged)
    throw std::invalid_argument(
        fmt::format("{} bytes to exchange, at most {} are taken", bytes.size(), kMaxExchanged));
  {
    const std::lock_guard guard(impl_->mutex);
    impl_->flush_when_due();
  }
  std::vector<std::string> all = impl_->recorder.exchange(bytes);
  if (all.size() != peers_.size())
    throw std::runtime_error(fmt::format("{} of {} peers answered", all.size(), peers_.size()));
  return all;
}

bool Context::running() {
  Impl& step = *impl_;
  const std::lock_guard guard(step.mutex);
  step.flush_when_due();
  if (step.stop.load(std::memory_order_relaxed)) return false;
  if (!step.loading) return true;
  if (step.settings.drill) return !step.drill_over();
  if (step.settings.duration_s > 0)
    return seconds_between(step.load_start, Clock::now()) < step.settings.duration_s;
  return step.passes < step.settings.passes;
}

RunFor Context::burst() {
  const std::lock_guard guard(impl_->mutex);
  impl_->begin_load();
  RunFor how;
  how.until = Clock::now() + from_seconds(impl_->settings.burst_s);
  how.pattern = impl_->pattern(impl_->bursts / kBurstsPerPattern);
  how.sample = impl_->pattern(impl_->bursts) ^ kSampleStream;
  return how;
}

RunFor Context::sweep(int address_bit, int half) {
  const std::lock_guard guard(impl_->mutex);
  impl_->begin_load();
  RunFor how;
  how.iterations = 1;
  how.pattern = impl_->pattern(impl_->passes);
  how.address_bit = address_bit;
  how.half = half;
  return how;
}

void Context::record(const Metric& metric, double value, const std::string& peer) {
  if (info_.metric(metric.name) == nullptr) {
    throw std::invalid_argument(
        fmt::format("{} records {}, which it does not declare", info_.name, metric.name));
  }
  const std::lock_guard guard(impl_->mutex);
  impl_->window.value(metric.name, peer, value);
}

void Context::pass_completed(double memory_tested_bytes) {
  const std::lock_guard guard(impl_->mutex);
  ++impl_->passes;
  ++impl_->window.record().passes;
  double& tested = impl_->window.record().memory_tested_bytes;
  tested = std::max(tested, memory_tested_bytes);
}

void Context::barrier() {
  const std::lock_guard guard(impl_->mutex);
  impl_->begin_load();
}

void Context::flush() {
  const std::lock_guard guard(impl_->mutex);
  impl_->flush();
}

namespace {

void check_peers(const Device& device, const StressorInfo& info, std::size_t peers) {
  if (info.peers == Peers::none || peers >= 2) return;
  throw StepUnsupported{fmt::format(
      "{} needs two devices of one node and back end at least: {} has no peer in this step",
      info.name, device.info().id)};
}

}  // namespace

void run_step(Device& device, const StressorInfo& info, const StepSettings& settings,
              Recorder& recorder, const std::atomic<bool>& stop, std::vector<Device*> peers) {
  check_peers(device, info, peers.size());
  Context context(device, info, settings, recorder, stop, std::move(peers));
  try {
    info.run(context);
  } catch (const StepStopped&) {
    context.flush();
    return;
  } catch (...) {
    context.flush();  // what was found before the device was lost must not be lost with it
    throw;
  }
  context.flush();
}

}  // namespace rackproof
