// SPDX-License-Identifier: Apache-2.0
#include "runner/worker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/verdict.h"
#include "runner/assignment.h"
#include "runner/beating.h"
#include "runner/environment_worker.h"
#include "runner/message.h"
#include "runner/socket_recorder.h"
#include "runner/telemetry_worker.h"

namespace rackproof {
namespace {

using Devices = std::vector<std::unique_ptr<Device>>;

Expected<Devices> open_devices(const std::string& backend, const std::string& spec) {
  for (const Backend& known : backends()) {
    if (known.name == backend) return known.discover(spec);
  }
  return fail(fmt::format("this build has no back end '{}'", backend));
}

// The step's own device and, where it has any, its peers; all others are closed again.
struct Opened {
  Devices devices;
  std::vector<Device*> peers;  // by rank; none: it works alone
  std::unique_ptr<Device>* own = nullptr;
};

std::unique_ptr<Device>* find_device(Devices& devices, const std::string& id) {
  const auto found = std::find_if(devices.begin(), devices.end(),
                                  [&](const auto& d) { return d && d->info().id == id; });
  return found == devices.end() ? nullptr : &*found;
}

Expected<Opened> open_for(const Assignment& task, const std::function<void()>& beat) {
  auto devices = [&] {
    try {
      return open_devices(task.backend, task.spec);
    } catch (const Absent& absent) {  // it was there when the plan was made
      throw DeviceError(absent.reason);
    }
  }();
  if (!devices) return tl::unexpected(devices.error());
  Opened opened;
  std::vector<std::string> wanted = task.settings.peers;
  const bool alone = wanted.empty();
  if (alone) wanted.push_back(task.device);
  for (const std::string& id : wanted) {
    auto* found = find_device(*devices, id);
    if (found == nullptr) return fail(fmt::format("{} is no longer there", id));
    const bool own = id == task.device;
    opened.devices.push_back(own ? beating(std::move(*found), beat) : std::move(*found));
    opened.peers.push_back(opened.devices.back().get());
  }
  opened.own = find_device(opened.devices, task.device);
  if (opened.own == nullptr) return fail(task.device + " is none of its peers");
  if (alone) opened.peers.clear();
  return opened;
}

// However long the text is, it must fit a line.
Json error_message(const std::string& text) {
  return {{"t", "error"}, {"text", text.empty() ? "failed without a word" : shortened(text)}};
}

// The last word on a step: done, unsupported or error.
Json run_assignment(const Assignment& task, Uplink& uplink) {
  const StressorInfo* stressor = find_stressor(task.settings.stressor);
  if (stressor == nullptr) {
    return error_message(fmt::format("this build has no stressor '{}'", task.settings.stressor));
  }
  const auto opened = open_for(task, [&uplink] { uplink.beat(); });
  if (!opened) return error_message(opened.error().text());
  SocketRecorder recorder(uplink);
  run_step(**opened->own, *stressor, task.settings, recorder, uplink.stop(), opened->peers);
  return {{"t", "done"}};
}

// The one place where what a step throws is caught.
Json last_word(const Assignment& task, Uplink& uplink) {
  try {
    return run_assignment(task, uplink);
  } catch (const StepUnsupported& skip) {
    return {{"t", "unsupported"}, {"reason", shortened(skip.reason)}};
  } catch (const DeviceError& problem) {
    return error_message(problem.what());
  } catch (const std::bad_alloc&) {
    return error_message("out of host memory");
  } catch (const std::exception& problem) {
    return error_message(fmt::format("{}: {}", task.settings.stressor, problem.what()));
  } catch (...) {
    return error_message(task.settings.stressor + " threw something that is no exception");
  }
}

int serve_step(Uplink& uplink) {
  const std::string line = uplink.wait_for("assignment");
  if (line.empty()) return 0;  // stopped before it began
  const auto message = parse_json(line);
  const auto task = message ? assignment_from_json(*message)
                            : Expected<Assignment>(tl::unexpected(message.error()));
  uplink.send(task ? last_word(*task, uplink) : error_message(task.error().text()));
  return 0;
}

Json discovery_end(const std::string& backend, const std::string& spec, Uplink& uplink) {
  try {
    const auto devices = open_devices(backend, spec);
    if (!devices) return {{"t", "refused"}, {"text", devices.error().text()}};
    for (const auto& device : *devices) {
      uplink.send({{"t", "device"}, {"device", to_json(device->info())}});
    }
    return {{"t", "done"}};
  } catch (const Absent& absent) {
    return {{"t", "absent"}, {"text", absent.reason}};
  } catch (const std::exception& problem) {
    return error_message(problem.what());
  }
}

int serve_discovery(const std::string& backend, const std::string& spec, Uplink& uplink) {
  uplink.send(discovery_end(backend, spec, uplink));
  return 0;
}

// A service manager or a batch system signals every process of a run at once; the supervisor
// decides what that means. A crashing driver must not fill the disk with a core of all device
// memory, and when the host runs out of memory the kernel shall end a worker, not the supervisor
// that writes the record.
void yield_to_the_supervisor() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_IGN);
  const rlimit none{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &none);
  if (std::FILE* file = std::fopen("/proc/self/oom_score_adj", "we")) {
    std::fputs("500", file);
    std::fclose(file);
  }
}

int serve(const std::vector<std::string>& words, Uplink& uplink) {
  uplink.send({{"t", "hello"}, {"pid", ::getpid()}});
  if (words[0] == "step") return serve_step(uplink);
  if (words[0] == "environment") {
    serve_environment(uplink);
    return 0;
  }
  if (words[0] == "discover") return serve_discovery(words[1], words[2], uplink);
  const auto job = job_from_words({words.begin() + 1, words.end()});
  if (job) serve_telemetry(uplink, *job);
  uplink.send(error_message(job.error().message));
  return kExitUsage;
}

}  // namespace

int worker_main(int argc, const char* const* argv) {
  const std::vector<std::string> words(argv, argv + std::max(argc, 0));
  const bool step = words.size() == 1 && (words[0] == "step" || words[0] == "environment");
  const bool discover = words.size() == 3 && words[0] == "discover";
  const bool telemetry = words.size() == 4 && words[0] == "telemetry";
  if ((!step && !discover && !telemetry) || ::fcntl(kWorkerFd, F_SETFD, FD_CLOEXEC) != 0) {
    std::fputs("worker: started by rackproof itself, not by hand\n", stderr);
    return kExitUsage;
  }
  yield_to_the_supervisor();
  Uplink uplink(kWorkerFd);
  return serve(words, uplink);
}

}  // namespace rackproof
