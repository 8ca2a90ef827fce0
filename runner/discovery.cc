// SPDX-License-Identifier: Apache-2.0
#include "runner/discovery.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "runner/link.h"
#include "runner/window_check.h"

namespace rackproof {
namespace {

constexpr std::size_t kMaxDevices = 4096;
constexpr int kTick_ms = 50;

// Ceilings and nominals have keys of their own making, so fractions are checked apart.
Expected<DeviceInfo> checked_device(const Json& json, const std::string& backend) {
  Json whole = json;
  for (const char* key : {"ceilings", "nominals"}) {
    if (whole.is_object()) whole.erase(key);
  }
  const auto numbers = check_numbers(whole, {"shortest_burst_s"}, {"numa_node"});
  if (!numbers) return tl::unexpected(numbers.error());
  auto device = device_from_json(json);
  if (!device) return device;
  if (device->id.empty() || device->id.size() > 256) return fail("a device without a usable id");
  if (device->backend != backend) return fail(device->id + " claims another back end");
  return device;
}

// One back end's worker until it ends, one way or another.
class Search {
 public:
  Search(const Backend& backend, const std::string& spec, const DiscoveryRequest& request)
      : backend_(backend.name),
        has_spec_(!spec.empty()),
        deadline_s_(request.deadline_s),
        begun_(Clock::now()) {
    auto child = request.spawn(with_words(request.worker_command, {"discover", backend_, spec}));
    if (child) {
      link_ = std::make_unique<Link>(*std::move(child));
    } else {
      problem_ = "discovery could not be started: " + child.error().message;
    }
  }

  void pump(Clock::time_point now) {
    if (over()) return;
    link_->pump([this](const Json& message) {
      try {
        on_message(message);
      } catch (const std::exception& problem) {
        garbage_ = problem.what();
      }
    });
    if (garbage_.empty()) garbage_ = link_->problem();
    if (!garbage_.empty()) {
      end("discovery broke the protocol: " + garbage_);
    } else if (const auto status = link_->exit_status()) {
      end(said_last_ && *status == 0
              ? ""
              : "discovery " + describe_exit(*status) + link_->stderr_note());
    } else if (std::chrono::duration<double>(now - begun_).count() > deadline_s_) {
      end(fmt::format("discovery gave no answer within {:.1f} s", deadline_s_));
    }
  }

  [[nodiscard]] bool over() const { return link_ == nullptr; }
  void add_polls(std::vector<pollfd>& polls) const {
    if (link_) link_->add_polls(polls);
  }
  [[nodiscard]] const std::string& backend() const { return backend_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  [[nodiscard]] const std::string& absent() const { return absent_; }
  [[nodiscard]] const std::vector<DeviceInfo>& devices() const { return devices_; }

 private:
  void on_message(const Json& message) {
    const std::string kind = message.at("t");
    if (said_last_) throw std::runtime_error("a message after its last word");
    if (kind == "device") {
      add(message.at("device"));
    } else if (kind == "done" || kind == "error" || kind == "refused" || kind == "absent") {
      said_last_ = true;
      (kind == "absent" ? absent_ : failure_) = kind == "done" ? "" : message.at("text");
      if (kind == "refused" && has_spec_) refusal_ = failure_;
    } else if (kind != "hello") {
      throw std::runtime_error("a message of unknown kind");
    }
  }

  void add(const Json& json) {
    auto device = checked_device(json, backend_);
    if (!device) throw std::runtime_error(device.error().message);
    if (!ids_.insert(device->id).second) throw std::runtime_error("two devices " + device->id);
    if (devices_.size() == kMaxDevices) throw std::runtime_error("too many devices");
    devices_.push_back(*std::move(device));
  }

  // Devices named by a discovery that failed later are not to be relied on.
  void end(const std::string& problem) {
    problem_ = problem.empty() ? failure_ : problem;
    if (!problem.empty()) refusal_.clear();
    if (!problem_.empty()) devices_.clear();
    link_.reset();
  }

  std::string backend_;
  bool has_spec_;
  double deadline_s_;
  Clock::time_point begun_;
  std::unique_ptr<Link> link_;
  std::vector<DeviceInfo> devices_;
  std::set<std::string> ids_;
  std::string problem_, failure_, refusal_, absent_, garbage_;
  bool said_last_ = false;
};

Expected<void> check_names(const DiscoveryRequest& request) {
  std::vector<std::string> known, asked = request.only;
  for (const Backend& backend : backends()) known.push_back(backend.name);
  for (const auto& [backend, spec] : request.specs) asked.push_back(backend);
  for (const std::string& backend : asked) {
    if (std::find(known.begin(), known.end(), backend) != known.end()) continue;
    const std::string near = nearest(backend, known);
    return fail(fmt::format("unknown back end '{}'; {}", backend,
                            near.empty() ? fmt::format("this build has {}", fmt::join(known, ", "))
                                         : "did you mean '" + near + "'?"));
  }
  return {};
}

std::vector<std::unique_ptr<Search>> start_all(const DiscoveryRequest& request) {
  std::vector<std::unique_ptr<Search>> searches;
  for (const Backend& backend : backends()) {
    const auto& only = request.only;
    if (!only.empty() && std::find(only.begin(), only.end(), backend.name) == only.end()) continue;
    const auto spec = request.specs.find(backend.name);
    searches.push_back(std::make_unique<Search>(
        backend, spec == request.specs.end() ? std::string() : spec->second, request));
  }
  return searches;
}

bool stopped(const DiscoveryRequest& request) {
  return request.stop != nullptr && request.stop->load(std::memory_order_relaxed);
}

void finish_all(std::vector<std::unique_ptr<Search>>& searches, const DiscoveryRequest& request) {
  const auto over = [](const auto& search) { return search->over(); };
  while (!stopped(request) && !std::all_of(searches.begin(), searches.end(), over)) {
    std::vector<pollfd> polls;
    for (const auto& search : searches) search->add_polls(polls);
    wait_for_news(polls, kTick_ms);
    for (const auto& search : searches) search->pump(Clock::now());
  }
}

// Two vendor APIs may show one card; the first back end by name keeps it. A part has one address.
std::string same_part(const std::vector<DeviceInfo>& devices, const DeviceInfo& device) {
  for (const DeviceInfo& other : devices) {
    if (!device.bdf.empty() && other.bdf == device.bdf && other.node == device.node &&
        other.backend != device.backend)
      return other.id;
  }
  return "";
}

}  // namespace

Expected<Discovered> discover(const DiscoveryRequest& request) {
  if (const auto named = check_names(request); !named) return tl::unexpected(named.error());
  auto searches = start_all(request);
  finish_all(searches, request);
  if (stopped(request)) return fail("stopped by the operator while looking for devices");
  Discovered found;
  std::set<std::string> ids;
  for (const auto& search : searches) {
    if (!search->refusal().empty()) return fail(search->backend() + ": " + search->refusal());
    if (!search->absent().empty())
      found.absent.push_back(search->backend() + ": " + search->absent());
    if (!search->problem().empty()) {
      found.problems.push_back(search->backend() + ": " + search->problem());
    }
    for (const DeviceInfo& device : search->devices()) {
      if (const std::string twin = same_part(found.devices, device); !twin.empty()) {
        found.absent.push_back(fmt::format("{}: {} is {}", search->backend(), device.id, twin));
      } else if (ids.insert(device.id).second) {
        found.devices.push_back(device);
      } else {
        found.problems.push_back(
            fmt::format("{}: {} is another back end's device", search->backend(), device.id));
      }
    }
  }
  return found;
}

}  // namespace rackproof
