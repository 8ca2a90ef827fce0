// SPDX-License-Identifier: Apache-2.0
#include "backends/host/available.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <sstream>
#include <string>

namespace rackproof::host {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// "Node 0 MemFree:  4302612 kB", "MemAvailable: 7 kB" and "inactive_file 4096" by their words.
std::map<std::string, std::uint64_t> read_fields(const fs::path& file) {
  std::map<std::string, std::uint64_t> fields;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string key;
    std::uint64_t number = 0;
    if (line.starts_with("Node ")) words >> key >> number;
    if (!(words >> key >> number)) continue;
    const bool kilo = line.ends_with(" kB");
    if (key.ends_with(':')) key.pop_back();
    fields[key] = kilo ? number * 1024 : number;
  }
  return fields;
}

std::optional<std::uint64_t> read_number(const fs::path& file) {
  std::ifstream in(file);
  std::uint64_t number = 0;
  if (in >> number) return number;
  return std::nullopt;  // absent, or cgroup v2's "max"
}

// A virtual machine's only node can lag behind the memory that the machine was given meanwhile.
bool only_node(const fs::path& root) {
  std::ifstream in(root / "sys/devices/system/node/online");
  std::string nodes;
  return in >> nodes && nodes == "0";
}

std::uint64_t node_left(int node, const fs::path& root) {
  if (only_node(root)) return kNoLimit;
  const auto f = read_fields(root / fmt::format("sys/devices/system/node/node{}/meminfo", node));
  const auto get = [&](const char* key) { return f.contains(key) ? f.at(key) : 0; };
  if (!f.contains("MemFree")) return kNoLimit;
  if (f.contains("MemTotal") && f.at("MemTotal") == 0) return kNoLimit;  // its PUs use other nodes
  return get("MemFree") + get("Active(file)") + get("Inactive(file)");
}

std::uint64_t machine_left(const fs::path& root) {
  const auto fields = read_fields(root / "proc/meminfo");
  const auto found = fields.find("MemAvailable");
  return found == fields.end() ? kNoLimit : found->second;
}

// A limit less what is used; page cache that the kernel would drop first is not in use.
std::uint64_t group_left(const fs::path& folder, const char* limit_file, const char* usage_file,
                         const char* cache_field) {
  const auto limit = read_number(folder / limit_file), usage = read_number(folder / usage_file);
  if (!limit || !usage) return kNoLimit;
  auto stat = read_fields(folder / "memory.stat");
  const std::uint64_t used = *usage - std::min(*usage, stat[cache_field]);
  return *limit - std::min(*limit, used);
}

// Above memory.high nothing is killed, but everything is slowed down until it looks hung.
std::uint64_t v2_left(const fs::path& folder) {
  return std::min(group_left(folder, "memory.max", "memory.current", "inactive_file"),
                  group_left(folder, "memory.high", "memory.current", "inactive_file"));
}
std::uint64_t v1_left(const fs::path& folder) {
  return group_left(folder, "memory.limit_in_bytes", "memory.usage_in_bytes",
                    "total_inactive_file");
}

// The process's own group and every one above it; a container sees its own as the root.
std::uint64_t groups_left(const fs::path& base, fs::path group, bool v2) {
  std::uint64_t left = kNoLimit;
  while (true) {
    const fs::path folder = base / group.relative_path();
    left = std::min(left, v2 ? v2_left(folder) : v1_left(folder));
    if (group.relative_path().empty()) return left;
    group = group.parent_path();
  }
}

std::uint64_t cgroup_left(const fs::path& root) {
  std::uint64_t left = kNoLimit;
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const auto path = line.find('/');
    if (path == std::string::npos) continue;
    const std::string group = line.substr(path);
    if (line.starts_with("0::")) {
      left = std::min(left, groups_left(root / "sys/fs/cgroup", group, true));
    } else if (line.find(":memory:") != std::string::npos) {
      left = std::min(left, groups_left(root / "sys/fs/cgroup/memory", group, false));
    }
  }
  return left;
}

}  // namespace

std::uint64_t available_bytes(int node, const fs::path& root, std::size_t sharers) {
  const std::uint64_t groups = cgroup_left(root);
  const std::uint64_t left = std::min({node_left(node, root), machine_left(root),
                                       groups == kNoLimit ? kNoLimit : groups / sharers});
  return left == kNoLimit ? 0 : left;
}

std::uint64_t machine_memory_bytes(const fs::path& root) {
  return read_fields(root / "proc/meminfo")["MemTotal"];
}

std::uint64_t reserve_bytes(std::uint64_t node_memory_bytes) {
  return std::max<std::uint64_t>(512ULL << 20, node_memory_bytes / 20);
}

}  // namespace rackproof::host
