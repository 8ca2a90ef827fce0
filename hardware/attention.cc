// SPDX-License-Identifier: Apache-2.0
#include "hardware/attention.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "hardware/aer.h"
#include "hardware/attention_missing.h"

namespace rackproof {
namespace {

std::string speed(double gts, int width) { return fmt::format("{:g} GT/s x{}", gts, width); }

std::string name_of(const PciDevice& device) {
  return device.name.empty() ? device.vendor_id + ":" + device.device_id : device.name;
}

std::string link_of(const PciDevice& device) { return device.bdf.substr(0, device.bdf.rfind('.')); }

// The ways in which a link's lower end may be named by its upper one.
class Bridges {
 public:
  explicit Bridges(const Inventory& inventory) {
    for (const PciDevice& d : inventory.pci) by_bdf_[d.bdf] = &d;
  }
  [[nodiscard]] std::string below(const PciDevice& device) const {
    if (device.parent.empty()) return "";
    const auto found = by_bdf_.find(device.parent);
    if (found == by_bdf_.end()) return ", below bridge " + device.parent;
    const PciDevice& bridge = *found->second;
    const std::string slot =
        bridge.bridge.slot > 0 ? fmt::format("slot {}, ", bridge.bridge.slot) : "";
    return fmt::format(", below bridge {} ({}{})", bridge.bdf, slot, name_of(bridge));
  }

 private:
  std::map<std::string, const PciDevice*> by_bdf_;
};

Notice downtrained(const PciDevice& d, const Bridges& bridges) {
  const bool narrow = d.link.width < d.link.max_width;
  return {"link.downtrained", "warning", d.bdf,
          fmt::format("{} runs at {}, can {}{}: {}", d.bdf, speed(d.link.speed_gts, d.link.width),
                      speed(d.link.max_speed_gts, d.link.max_width), bridges.below(d), name_of(d)),
          narrow
              ? "reseat the card, its riser or cable; swap it with a good one to see whether the "
                "fault moves"
              : "an idle link may save power: look again under load; then reseat the card"};
}

void add_links(const Inventory& inventory, const Bridges& bridges, std::vector<Notice>& found) {
  std::set<std::string> told;
  for (const PciDevice& d : inventory.pci) {
    if (d.link.downtrained() && told.insert(link_of(d)).second) {
      found.push_back(downtrained(d, bridges));
    }
  }
}

// What many healthy devices latch while the firmware looks around.
constexpr std::uint32_t kUnsupportedRequest = 1u << 20;

Notice latched(const PciDevice& d, const Bridges& bridges, bool corrected) {
  const auto names = corrected ? corrected_error_names(d.aer_corrected)
                               : uncorrected_error_names(d.aer_uncorrected);
  const char* word = corrected ? "corrected" : "uncorrected";
  const bool mild = corrected || d.aer_uncorrected == kUnsupportedRequest;
  return {std::string("pcie.") + word, mild ? "info" : "warning", d.bdf,
          fmt::format("{} latched {}: {}{}: {}", d.bdf, word, fmt::join(names, ", "),
                      bridges.below(d), name_of(d)),
          "they stay until a reset, and some come from the start of the machine: clear them or "
          "reboot, load the link, look again"};
}

void add_latched(const Inventory& inventory, const Bridges& bridges, std::vector<Notice>& found) {
  for (const PciDevice& d : inventory.pci) {
    if (d.aer_uncorrected != 0) found.push_back(latched(d, bridges, false));
  }
  for (const PciDevice& d : inventory.pci) {
    if (d.aer_corrected != 0) found.push_back(latched(d, bridges, true));
  }
}

void add_silent(const Inventory& inventory, const Bridges& bridges, std::vector<Notice>& found) {
  for (const PciDevice& d : inventory.pci) {
    if (d.answers) continue;
    found.push_back({"device.silent", "fatal", d.bdf,
                     fmt::format("{} does not answer: its configuration space reads all ones{}",
                                 d.bdf, bridges.below(d)),
                     "it fell off the bus or has no power: read the kernel log around the loss, "
                     "power-cycle, reseat"});
  }
}

std::string times(std::size_t count) { return count == 1 ? "" : fmt::format(" ({} times)", count); }

}  // namespace

Json to_json(const Notice& f) {
  return Json{{"cause", f.cause},
              {"severity", f.severity},
              {"part", f.part},
              {"text", f.text},
              {"next_step", f.next_step}};
}

std::vector<Notice> attention(const Inventory& inventory) {
  const Bridges bridges(inventory);
  std::vector<Notice> found;
  add_silent(inventory, bridges, found);
  for (Notice& missing : missing_devices(inventory)) found.push_back(std::move(missing));
  add_links(inventory, bridges, found);
  add_latched(inventory, bridges, found);
  return found;
}

std::vector<Notice> kernel_findings(const std::vector<KernelRecord>& records) {
  std::map<std::pair<std::string, std::string>, std::size_t> index;
  std::vector<Notice> found;
  std::vector<std::size_t> counts;
  for (const KernelRecord& record : records) {
    auto event = classify(record);
    if (!event || event->severity == "info") continue;
    const auto place = index.try_emplace({event->cause, event->part}, found.size());
    if (place.second) {
      counts.push_back(0);
      found.push_back({event->cause, event->severity, event->part,
                       fmt::format("kernel log [{:.6f}]: {}", record.boot_s, event->text),
                       event->next_step});
    }
    ++counts[place.first->second];
  }
  for (std::size_t i = 0; i < found.size(); ++i) found[i].text += times(counts[i]);
  return found;
}

}  // namespace rackproof
