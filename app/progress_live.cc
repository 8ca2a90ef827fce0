// SPDX-License-Identifier: Apache-2.0
#include "app/progress_live.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>

#include "app/progress_sensors.h"
#include "core/stressor.h"
#include "core/units.h"
#include "hardware/utf8_line.h"
#include "reports/judge_faults.h"

namespace rackproof {
namespace {

using namespace std::chrono_literals;

constexpr auto kFrame = 200ms;
constexpr auto kStandstill = 2s;    // slept longer: the process was stopped, others have written
constexpr auto kPatience = 100ms;   // with a terminal that takes nothing
constexpr auto kLastPatience = 1s;  // at the end
constexpr std::size_t kMostNews = 10000;  // kept while the terminal takes nothing

std::map<std::string, DeviceInfo> by_id(const Rack& rack) {
  std::map<std::string, DeviceInfo> infos;
  for (const DeviceInfo& info : rack.devices) infos[info.id] = info;
  return infos;
}

// Signals are for the thread that watches the campaign.
std::thread start_quietly(const std::function<void()>& body) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(body);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

// "quick/06 compute.gemm dtype=int8" is in its stage's line already.
std::string without_stage(const PlannedStep& step) {
  const auto space = step.id.find(' ');
  return utf8_line(space == std::string::npos ? step.id : step.id.substr(space + 1));
}

std::string rate_text(const PlannedStep& step, const WindowRecord& window) {
  const StressorInfo* stressor = find_stressor(step.stressor);
  if (stressor == nullptr) return "";
  for (const Metric& metric : stressor->metrics) {
    if (metric.unit == Unit::count) continue;
    for (const MetricWindow& measured : window.metrics) {
      if (measured.metric == metric.name && measured.count > 0)
        return format(measured.median, shown_unit(metric.unit, step.params));
    }
  }
  return "";
}

}  // namespace

LiveProgress::LiveProgress(const Plan& plan, const Rack& rack, std::unique_ptr<Terminal> terminal,
                           const std::atomic<bool>& stopping)
    : infos_(by_id(rack)),
      terminal_(std::move(terminal)),
      stopping_(stopping),
      time_left_(plan),
      lines_([this](const std::string& line) {
        if (news_.size() < kMostNews) news_.push_back(line);
      }) {
  view_.profile = utf8_line(plan.profile);
  view_.count = plan.steps.size();
  drawer_ = start_quietly([this] { draw_until_over(); });
}

LiveProgress::~LiveProgress() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  wake_.notify_all();
  drawer_.join();
}

double LiveProgress::now_s() const {
  return std::chrono::duration<double>(Clock::now() - began_).count();
}

DeviceView* LiveProgress::device_of(const std::string& id) {
  const auto found = std::find_if(view_.devices.begin(), view_.devices.end(),
                                  [&](const DeviceView& d) { return d.id == id; });
  return found == view_.devices.end() ? nullptr : &*found;
}

void LiveProgress::step_started(const PlannedStep& step, std::size_t index, std::size_t count) {
  const std::lock_guard lock(mutex_);
  view_.stage = utf8_line(step.stage);
  view_.step = without_stage(step);
  view_.index = index + 1;
  view_.drill = step.drill;
  view_.step_duration_s = step.drill ? 0 : step.duration_s;
  step_began_s_ = now_s();
  time_left_.step_started(index, step_began_s_);
  view_.devices.clear();
  for (const std::string& id : step.devices) {
    DeviceView device = vitals_.contains(id) ? vitals_.at(id) : DeviceView{};
    device.id = id;
    device.word = "starting";
    view_.devices.push_back(std::move(device));
  }
  lines_.step_started(step, index, count);
}

void LiveProgress::window(const PlannedStep& step, const std::string& device,
                          const WindowRecord& window) {
  const std::lock_guard lock(mutex_);
  if (DeviceView* shown = device_of(device)) {
    shown->state = DeviceView::State::running;
    shown->word = step.drill ? "drill" : "running";
    const std::string rate = rate_text(step, window);
    if (!rate.empty()) shown->rate = rate;
    if (!step.drill) shown->miscompares += trouble_in(step, window).miscompares;
  }
  lines_.window(step, device, window);
}

void LiveProgress::task_ended(const PlannedStep& step, const TaskRecord& task) {
  const std::lock_guard lock(mutex_);
  if (DeviceView* shown = device_of(task.device)) {
    const bool good = ended_as_planned(step, task);
    shown->state = good ? DeviceView::State::done : DeviceView::State::ended_badly;
    shown->word = good ? "done" : std::string(name(task.outcome));
  }
  lines_.task_ended(step, task);
}

void LiveProgress::comparing(const PlannedStep& step, const std::string& device,
                             std::size_t windows) {
  const std::lock_guard lock(mutex_);
  if (DeviceView* shown = device_of(device)) shown->word = "comparing";
  lines_.comparing(step, device, windows);
}

void LiveProgress::step_ended(const PlannedStep& step) {
  const std::lock_guard lock(mutex_);
  time_left_.step_ended(now_s());
  lines_.step_ended(step);
}

void LiveProgress::event(const EventRecord& event) {
  const std::lock_guard lock(mutex_);
  lines_.event(event);
}

void LiveProgress::condition(const ConditionRecord& record) {
  const std::lock_guard lock(mutex_);
  lines_.condition(record);
}

void LiveProgress::readings(const std::vector<Reading>& readings) {
  std::map<std::string, DeviceView> vitals;
  for (const auto& [id, info] : infos_) {
    const Vitals now = vitals_of(info, readings);
    vitals[id].temperature_celsius = now.temperature_celsius;
    vitals[id].power_w = now.power_w;
  }
  const std::lock_guard lock(mutex_);
  vitals_ = std::move(vitals);
  for (DeviceView& device : view_.devices) {
    const auto found = vitals_.find(device.id);
    if (found == vitals_.end()) continue;
    device.temperature_celsius = found->second.temperature_celsius;
    device.power_w = found->second.power_w;
  }
}

RunView LiveProgress::view_now() const {
  RunView view = view_;
  view.elapsed_s = now_s();
  view.step_elapsed_s = view.elapsed_s - step_began_s_;
  view.stopping = stopping_.load(std::memory_order_relaxed);
  if (const auto left = time_left_.left(view.elapsed_s)) {
    view.left_s = left->seconds;
    view.at_least = left->at_least;
  }
  return view;
}

// What the terminal did not take of one frame comes before the next: half an escape sequence must
// not stay half.
void LiveProgress::draw_once() {
  if (pending_.empty()) {
    const Screen screen = terminal_->screen();
    std::vector<std::string> news;
    RunView view;
    {
      const std::lock_guard lock(mutex_);
      news.swap(news_);
      view = view_now();
    }
    pending_ = block_.draw(news, lay_out(view, screen), screen);
  }
  pending_.erase(0, terminal_->write(pending_, kPatience));
}

void LiveProgress::write_rest() {
  pending_.erase(0, terminal_->write(pending_, kLastPatience));
  if (!pending_.empty()) return;
  pending_ = block_.erase();
  for (const std::string& line : news_) pending_ += line + "\r\n";
  terminal_->write(pending_, kLastPatience);
}

void LiveProgress::draw_until_over() {
  std::unique_lock lock(mutex_);
  while (!over_) {
    lock.unlock();
    if (terminal_->in_foreground() && !terminal_->gone()) {
      draw_once();
    } else {
      block_.forget();
    }
    const auto before = Clock::now();
    lock.lock();
    wake_.wait_for(lock, kFrame, [this] { return over_; });
    if (Clock::now() - before > kStandstill) block_.forget();
  }
  lock.unlock();
  write_rest();
}

}  // namespace rackproof
