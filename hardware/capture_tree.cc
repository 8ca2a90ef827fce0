// SPDX-License-Identifier: Apache-2.0
#include "hardware/capture_tree.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <system_error>
#include <vector>

#include "core/json.h"
#include "hardware/capture_manifest.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostFileBytes = 16u << 20;  // cpuinfo of a large machine has megabytes
constexpr std::uint64_t kMostTreeBytes = 256u << 20;

// Shell patterns, a part at a time. `config`, `rom` and `vpd` would wake a sleeping device.
constexpr const char* kFiles[] = {
    "etc/os-release",
    "proc/cpuinfo",
    "proc/meminfo",
    "proc/stat",
    "proc/interrupts",
    "proc/vmstat",
    "proc/loadavg",
    "proc/uptime",
    "proc/pressure/*",
    "proc/driver/nvidia/version",
    "proc/sys/kernel/hostname",
    "proc/sys/kernel/osrelease",
    "proc/sys/kernel/arch",
    "proc/sys/kernel/tainted",
    "proc/sys/kernel/random/boot_id",
    "sys/class/dmi/id/*",
    "sys/class/hwmon/hwmon*/*",
    "sys/class/thermal/thermal_zone*/t*",
    "sys/class/thermal/cooling_device*/*",
    "sys/class/powercap/*/*",
    "sys/class/net/*/address",
    "sys/class/net/*/carrier_changes",
    "sys/class/net/*/mtu",
    "sys/class/net/*/operstate",
    "sys/class/net/*/type",
    "sys/class/net/*/statistics/*",
    "sys/class/infiniband/*/*",
    "sys/class/infiniband/*/ports/*/*",
    "sys/class/infiniband/*/ports/*/counters/*",
    "sys/class/infiniband/*/ports/*/hw_counters/*",
    "sys/class/nvme/nvme*/*",
    "sys/block/*/s*",
    "sys/block/*/device/*",
    "sys/block/*/md/*",
    "sys/block/*/md/rd*/errors",
    "sys/devices/system/cpu/*",
    "sys/devices/system/cpu/smt/*",
    "sys/devices/system/cpu/vulnerabilities/*",
    "sys/devices/system/cpu/cpu*/online",
    "sys/devices/system/cpu/cpu*/cpufreq/*",
    "sys/devices/system/cpu/cpu*/thermal_throttle/*",
    "sys/devices/system/cpu/cpu*/microcode/*",
    "sys/devices/system/cpu/cpu*/topology/*_list",
    "sys/devices/system/cpu/cpu*/topology/*_id",
    "sys/devices/system/node/*",
    "sys/devices/system/node/node*/*",
    "sys/devices/system/edac/mc/mc*/*",
    "sys/devices/system/edac/mc/mc*/*/*",
    "sys/devices/system/edac/pci/*",
    "sys/bus/pci/devices/*/vendor",
    "sys/bus/pci/devices/*/device",
    "sys/bus/pci/devices/*/class",
    "sys/bus/pci/devices/*/revision",
    "sys/bus/pci/devices/*/subsystem_*",
    "sys/bus/pci/devices/*/numa_node",
    "sys/bus/pci/devices/*/local_cpulist",
    "sys/bus/pci/devices/*/label",
    "sys/bus/pci/devices/*/*_link_*",
    "sys/bus/pci/devices/*/aer_*",
    "sys/bus/pci/slots/*/address",
    "sys/module/*/version",
    "sys/module/*/srcversion",
    "sys/kernel/mm/transparent_hugepage/enabled",
};
constexpr const char* kLinks[] = {"sys/bus/pci/devices/*/driver", "sys/bus/pci/drivers/*/module",
                                  "sys/class/net/*/device"};
// Where links may lead: the kernel's folders, and the one that holds os-release.
constexpr const char* kOwn[] = {"sys", "proc", "etc", "usr/lib"};

bool is_below(const fs::path& path, const fs::path& folder) {
  const auto pair = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return pair.first == folder.end();
}

class Walk {
 public:
  Walk(const fs::path& root, const std::function<Expected<void>(const TreeFile&)>& take,
       std::vector<CaptureManifest::Gap>& missing)
      : root_(root), take_(take), missing_(missing) {
    for (const char* own : kOwn) {
      std::error_code code;
      const fs::path folder = fs::canonical(root / own, code);
      if (!code) own_.push_back(folder);
    }
  }

  Expected<void> files(std::string_view pattern) { return expand({}, pattern, &Walk::file); }
  Expected<void> links(std::string_view pattern) { return expand({}, pattern, &Walk::link); }

 private:
  using Visit = Expected<void> (Walk::*)(const std::string&);

  // Goes one part of the pattern deeper; `path` is what was found so far.
  Expected<void> expand(const std::string& path, std::string_view pattern, Visit visit) {
    if (pattern.empty()) return (this->*visit)(path);
    const std::string part(pattern.substr(0, pattern.find('/')));
    pattern.remove_prefix(std::min(pattern.size(), part.size() + 1));
    const std::string before = path.empty() ? path : path + '/';
    if (part.find('*') == std::string::npos) return expand(before + part, pattern, visit);
    for (const std::string& name : matching(path, part)) {
      if (auto done = expand(before + name, pattern, visit); !done) return done;
    }
    return {};
  }

  std::vector<std::string> matching(const std::string& path, const std::string& part) const {
    std::vector<std::string> names;
    std::error_code code;
    if (!own(root_ / path)) return names;
    for (fs::directory_iterator entry(root_ / path, code), end; !code && entry != end;
         entry.increment(code)) {
      const std::string name = entry->path().filename();
      if (::fnmatch(part.c_str(), name.c_str(), 0) == 0) names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
  }

  [[nodiscard]] bool own(const fs::path& path) const {
    std::error_code code;
    const fs::path real = fs::canonical(path, code);
    if (code) return false;
    return std::ranges::any_of(own_,
                               [&](const fs::path& folder) { return is_below(real, folder); });
  }

  // Files that only take orders (mode 0200) have nothing to say.
  [[nodiscard]] bool offered(const fs::path& path) const {
    std::error_code code;
    const auto status = fs::status(path, code);
    constexpr auto kRead = fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;
    return fs::is_regular_file(status) && (status.permissions() & kRead) != fs::perms::none;
  }

  Expected<void> file(const std::string& path) {
    if (!offered(root_ / path) || !own(root_ / path)) return {};
    auto bytes = read_file(root_ / path, kMostFileBytes);
    if (!bytes) {
      missing_.push_back({"root/" + path, bytes.error().message});
      return {};
    }
    return give({path, *std::move(bytes)});
  }

  Expected<void> link(const std::string& path) {
    std::error_code code;
    const fs::path target = fs::read_symlink(root_ / path, code);
    if (code) return {};
    return give({path, target.filename().string() + '\n'});
  }

  Expected<void> give(const TreeFile& found) {
    if (!is_inside(found.path) || !given_.insert(found.path).second) return {};
    total_ += found.bytes.size();
    if (given_.size() < kMostCaptureFiles / 2 && total_ < kMostTreeBytes) return take_(found);
    if (!full_) missing_.push_back({"root/", "more files or bytes than a capture may have"});
    full_ = true;
    return {};
  }

  fs::path root_;
  const std::function<Expected<void>(const TreeFile&)>& take_;
  std::vector<CaptureManifest::Gap>& missing_;
  std::vector<fs::path> own_;
  std::set<std::string> given_;
  std::uint64_t total_ = 0;
  bool full_ = false;
};

}  // namespace

Expected<void> read_tree(const fs::path& root,
                         const std::function<Expected<void>(const TreeFile&)>& take,
                         std::vector<CaptureManifest::Gap>& missing) {
  Walk walk(root, take, missing);
  for (const char* pattern : kFiles) {
    if (auto done = walk.files(pattern); !done) return done;
  }
  for (const char* pattern : kLinks) {
    if (auto done = walk.links(pattern); !done) return done;
  }
  return {};
}

}  // namespace rackproof
