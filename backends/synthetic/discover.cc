// SPDX-License-Identifier: Apache-2.0
// Registers the synthetic back end: no device unless somebody describes some.
#include <string_view>

#include "backends/synthetic/device.h"
#include "core/json.h"

namespace rackproof {
namespace {

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_path(std::string_view spec) {
  return !spec.empty() && spec != "rack" && spec.find_first_of(" \t\n;#") == std::string_view::npos;
}

constexpr std::uint64_t kMostBytes = 1 << 20;

Expected<std::vector<SyntheticDescription>> describe_from(const std::string& spec) {
  const std::string path(trim(spec));
  if (!is_path(path)) return parse_synthetic(spec, "synthetic rack");
  const auto text = read_file(path, kMostBytes);
  if (!text) return tl::unexpected(text.error());
  return parse_synthetic(*text, path);
}

}  // namespace

Expected<std::vector<std::unique_ptr<Device>>> discover_synthetic(const std::string& spec) {
  const auto descriptions = describe_from(spec);
  if (!descriptions) return tl::unexpected(descriptions.error());
  std::vector<std::unique_ptr<Device>> devices;
  for (const SyntheticDescription& description : *descriptions) {
    if (!description.absent) devices.push_back(make_synthetic_device(description));
  }
  return devices;
}

[[maybe_unused]] static const bool registered =
    register_backend({.name = "synthetic", .discover = discover_synthetic});

}  // namespace rackproof
