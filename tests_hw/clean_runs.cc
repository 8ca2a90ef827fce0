// SPDX-License-Identifier: Apache-2.0
// Counts false alarms: many short, clean steps with new seeds on a real device, each judged as the
// supervisor and the judge would. clean_runs COUNT [BACKEND [DEVICE]] prints what was run and what
// was found; exit code 1 when anything was.
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/context.h"
#include "core/hash.h"
#include "core/oracle.h"
#include "reports/statistics.h"
#include "runner/planner_prove.h"

namespace rackproof {
namespace {

// Keeps windows until they are judged.
class Kept : public Recorder {
 public:
  std::vector<WindowRecord> windows;
  void window(const WindowRecord& record) override { windows.push_back(record); }
  void phase(Phase) override {}
  Clock::time_point barrier() override { return Clock::now(); }
};

struct Sum {
  std::uint64_t runs = 0, bursts = 0, alarms = 0, unsupported = 0;
};

// Miscompares, and digests that differ from the golden, which the worker never computes.
std::uint64_t alarms_in(const WindowRecord& window) {
  std::uint64_t alarms = window.miscompares;
  for (const WorkTally& tally : window.work) {
    const auto right = golden({tally.work, tally.pattern, tally.address_bit, tally.half});
    if (!right) ++alarms;
    if (right && *right && (!tally.digest || tally.digest->value != **right)) ++alarms;
  }
  return alarms;
}

StepSettings settings_of(const ProveCell& cell, const std::string& device, std::uint64_t run) {
  const StressorInfo* info = find_stressor(cell.stressor);
  StepSettings settings;
  settings.step = fmt::format("clean/{}", run);
  settings.device = device;
  settings.stressor = cell.stressor;
  for (const auto& [key, value] : info->drill_params)
    settings.params[std::string(key)] = std::string(value);
  for (const auto& [key, value] : cell.params) settings.params[key] = value;
  settings.seed = random_seed();
  settings.duration_s = 0.01;
  settings.burst_s = 0.001;
  return settings;
}

void run_once(Device& device, const ProveCell& cell, std::uint64_t run, Sum& sum) {
  const std::atomic<bool> stop{false};
  Kept kept;
  try {
    run_step(device, *find_stressor(cell.stressor), settings_of(cell, device.info().id, run), kept,
             stop);
  } catch (const StepUnsupported&) {
    ++sum.unsupported;
    return;
  }
  ++sum.runs;
  for (const WindowRecord& window : kept.windows) {
    sum.bursts += window.bursts;
    const std::uint64_t alarms = alarms_in(window);
    sum.alarms += alarms;
    if (alarms > 0) fmt::print("ALARM {} in run {}\n", cell.stressor, run);
  }
}

// One cell a combination of parameters: where a fault would strike does not matter here.
std::vector<ProveCell> different(const std::vector<ProveCell>& cells) {
  std::map<std::pair<std::string, std::map<std::string, std::string>>, ProveCell> by_work;
  for (const ProveCell& cell : cells) by_work.try_emplace({cell.stressor, cell.params}, cell);
  std::vector<ProveCell> left;
  for (const auto& [work, cell] : by_work) left.push_back(cell);
  return left;
}

std::unique_ptr<Device> open(const std::string& backend, const std::string& wanted) {
  for (const Backend& known : backends()) {
    if (known.name != backend) continue;
    auto found = known.discover("");
    if (!found) throw DeviceError(found.error().text());
    for (auto& device : *found) {
      if (wanted.empty() || device->info().id == wanted) return std::move(device);
    }
  }
  throw DeviceError("no such device");
}

int main_of(std::uint64_t count, const std::string& backend, const std::string& wanted) {
  const auto device = open(backend, wanted);
  const std::vector<ProveCell> cells = different(prove_cells());
  Sum sum;
  for (std::uint64_t run = 0; sum.runs < count; ++run) {
    run_once(*device, cells[run % cells.size()], run, sum);
    if (run >= cells.size() && sum.runs == 0) throw DeviceError("it can do nothing of all this");
  }
  fmt::print(
      "{}: {} clean runs of {} kinds, {} bursts, {} alarms; rate of false alarms in a run below "
      "{:.4g} % with 95 % confidence; {} runs not supported\n",
      device->info().id, sum.runs, cells.size(), sum.bursts, sum.alarms,
      100 *
          (1 - success_lower_bound_95(sum.alarms > sum.runs ? 0 : sum.runs - sum.alarms, sum.runs)),
      sum.unsupported);
  return sum.alarms == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace rackproof

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::fputs("clean_runs COUNT [BACKEND [DEVICE]]\n", stderr);
    return 64;
  }
  try {
    return rackproof::main_of(std::strtoull(argv[1], nullptr, 10), argc > 2 ? argv[2] : "cpu",
                              argc > 3 ? argv[3] : "");
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "clean_runs: %s\n", problem.what());
    return 5;
  }
}
