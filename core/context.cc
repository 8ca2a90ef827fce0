// SPDX-License-Identifier: Apache-2.0
#include "core/context.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "core/context_impl.h"
#include "core/context_watched.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kBurstsPerPattern = 16;  // how long data stays before it changes
constexpr std::uint64_t kSampleStream = 0x5bf03635;

// The step's own value or the default; both were checked when the plan was made.
std::string text_of(const std::map<std::string, std::string>& params, const AnyParam& param) {
  const auto found = params.find(std::string(name(param)));
  const auto text = canonical(param, found == params.end() ? fallback_text(param) : found->second);
  if (!text) throw std::invalid_argument(text.error().text());
  return *text;
}

void check_peers(const Device& device, const StressorInfo& info, std::size_t peers) {
  if (info.peers == Peers::none || peers >= 2) return;
  throw StepUnsupported{fmt::format(
      "{} needs two devices of one node and back end at least: {} has no peer in this step",
      info.name, device.info().id)};
}

}  // namespace

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
