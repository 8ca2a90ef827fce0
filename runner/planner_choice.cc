// SPDX-License-Identifier: Apache-2.0
// Which profile fits what is there. A rack that lacks a part is still that rack: its profile is
// chosen, and its inventory fails, rather than a lesser profile that the rest would pass.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "runner/planner.h"
#include "runner/planner_inventory.h"
#include "runner/planner_steps.h"

namespace rackproof {
namespace {

constexpr const char* kHostKind = "cpu";

struct Candidate {
  const Profile* profile = nullptr;
  std::vector<const DeviceInfo*> present;  // devices that are one of the parts it names
  std::uint64_t expected = 0;              // devices it counts; 0: any number
  std::string unmet;                       // the first check that is not, in words; empty: it fits
  bool recognised = true;                  // its parts are known by more than being a host
  bool accelerators = false;               // names more than hosts, and they are there
  std::size_t details = 0;                 // names, PCI ids, memory sizes that it asks for

  [[nodiscard]] bool specific() const { return expected > 0 || details > 0; }
  [[nodiscard]] std::uint64_t off_by() const {
    const std::uint64_t found = present.size();
    return found > expected ? found - expected : expected - found;
  }
  // A profile that counts its devices and has most of them is nearer than one that takes any.
  [[nodiscard]] int closeness() const {
    if (unmet.empty()) return specific() ? 3 : 1;
    return specific() && recognised && 2 * present.size() > expected ? 2 : 0;
  }
  [[nodiscard]] auto rank() const {
    const auto size =
        unmet.empty() ? static_cast<double>(expected) : -static_cast<double>(off_by());
    return std::tuple(accelerators, closeness(), details, size);
  }
};

std::string count_text(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// "32 synthetic devices on 4 nodes".
std::string devices_text(const std::vector<const DeviceInfo*>& devices) {
  std::set<std::string> kinds;
  for (const DeviceInfo* device : devices) kinds.insert(device->kind);
  const std::string kind = fmt::format("{}", fmt::join(kinds, " and "));
  return count_text(devices.size(), kind + " device") + " on " +
         count_text(nodes_of(devices).size(), "node");
}

std::string first_unmet(const std::vector<InventoryCheck>& checks) {
  for (const InventoryCheck& check : checks) {
    if (check.met) continue;
    return check.detail.empty() ? check.name + ": " + check.found : check.detail;
  }
  return "";
}

Candidate weigh(const Profile& profile, const Rack& rack) {
  Candidate candidate{&profile};
  for (const ExpectedDevices& entry : profile.accelerators) {
    candidate.expected += entry.count * profile.nodes;
    candidate.details += entry.name.empty() ? 0 : 1;
    candidate.details += entry.pci.empty() ? 0 : 1;
    candidate.details += entry.memory_bytes ? 1 : 0;
    const bool any_host = entry.kind == kHostKind && entry.name.empty() && entry.pci.empty();
    candidate.recognised = candidate.recognised && !any_host;
  }
  for (const DeviceInfo* device : devices_for(profile, rack)) {
    const ExpectedDevices* entry = entry_for(profile, rack, *device);
    if (entry != nullptr && !is_the_part(*entry, rack, *device)) continue;
    candidate.present.push_back(device);
    candidate.accelerators = candidate.accelerators || device->kind != kHostKind;
  }
  candidate.unmet = first_unmet(check_inventory(profile, rack));
  return candidate;
}

std::string why(const Candidate& chosen, const Rack& rack) {
  const std::string found = devices_text(chosen.present);
  const std::string& name = chosen.profile->name;
  const bool one = chosen.present.size() == 1;
  std::string text = chosen.unmet.empty()
                         ? fmt::format("{} {} {}", found, one ? "matches" : "match", name)
                         : fmt::format("{} {} nearest to {}, but: {}", found, one ? "is" : "are",
                                       name, chosen.unmet);
  std::vector<const DeviceInfo*> others = distinct(rack.devices);
  std::erase_if(others, [&](const DeviceInfo* device) {
    const auto& taken = chosen.present;
    return device->kind == kHostKind ||
           std::find(taken.begin(), taken.end(), device) != taken.end();
  });
  if (!others.empty()) text += fmt::format("; not covered by it: {}", devices_text(others));
  for (const std::string& problem : rack.discovery_problems) text += "; " + problem;
  return text;
}

Error none_fits(const std::vector<Candidate>& candidates) {
  std::vector<std::string> reasons;
  for (const Candidate& c : candidates) reasons.push_back(c.profile->name + " (" + c.unmet + ")");
  return Error{fmt::format("no profile fits this hardware{}{}; name one",
                           reasons.empty() ? "" : ": ", fmt::join(reasons, ", "))};
}

}  // namespace

Expected<ProfileChoice> choose_profile(const std::vector<Profile>& profiles, const Rack& rack) {
  std::vector<Candidate> candidates;
  for (const Profile& profile : profiles) {
    if (!profile.abstract) candidates.push_back(weigh(profile, rack));
  }
  const Candidate* best = nullptr;
  for (const Candidate& candidate : candidates) {
    if (candidate.present.empty()) continue;
    const bool better =
        best == nullptr || candidate.rank() > best->rank() ||
        (candidate.rank() == best->rank() && candidate.profile->name < best->profile->name);
    if (better) best = &candidate;
  }
  if (best == nullptr) return tl::unexpected(none_fits(candidates));
  return ProfileChoice{best->profile->name, why(*best, rack)};
}

}  // namespace rackproof
