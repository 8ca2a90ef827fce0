// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>

#include "core/units.h"

namespace rackproof {
namespace {

using Setter = Expected<void> (*)(SyntheticDescription&, std::string_view);

struct Key {
  std::string name;
  Setter set;
};

const std::vector<std::string> kWorks{"all",    "gemm", "fill",  "check", "sweep",
                                      "stripe", "copy", "triad", "mix",   "reduce"};
const std::map<std::string, std::string> kStressorWork{{"compute.gemm", "gemm"},
                                                       {"power.hold", "gemm"},
                                                       {"compute.mix", "mix"},
                                                       {"memory.march", "sweep"},
                                                       {"memory.modulo20", "stripe"},
                                                       {"memory.random", "check"},
                                                       {"memory.address", "check"},
                                                       {"memory.retention", "check"},
                                                       {"memory.triad", "triad"},
                                                       {"interconnect.host_copy", "copy"},
                                                       {"interconnect.device_copy", "copy"},
                                                       {"interconnect.peer_copy", "copy"},
                                                       {"interconnect.collective", "reduce"}};

Expected<void> set_positive(double& target, std::string_view text, Unit unit) {
  const auto value = parse_as(text, unit);
  if (!value) return tl::unexpected(value.error());
  if (*value <= 0) return fail(fmt::format("'{}' must be greater than 0", text));
  target = *value;
  return {};
}

Expected<void> set_share(double& target, std::string_view text) {
  const auto value = parse_as(text, Unit::ratio);
  if (!value) return tl::unexpected(value.error());
  if (*value < 0 || *value >= 1)
    return fail(fmt::format("'{}' is out of range (0 % ... 99 %)", text));
  target = *value;
  return {};
}

Expected<void> set_memory(SyntheticDescription& device, std::string_view text) {
  const auto value = parse_as(text, Unit::byte);
  if (!value) return tl::unexpected(value.error());
  constexpr double kLeast = 1 << 12, kMost = 1ULL << 44;
  if (*value < kLeast || *value > kMost || std::fmod(*value, 64) != 0) {
    return fail(fmt::format("memory '{}' must be 4 KiB ... 16 TiB and a multiple of 64 B", text));
  }
  device.memory_bytes = static_cast<std::uint64_t>(*value);
  return {};
}

Expected<void> set_cores(SyntheticDescription& device, std::string_view text) {
  const auto value = parse_whole(text, 1, 100000);
  if (!value) return tl::unexpected(value.error());
  device.cores = static_cast<std::uint32_t>(*value);
  return {};
}

Expected<void> set_numa_nodes(SyntheticDescription& device, std::string_view text) {
  const auto value = parse_whole(text, 1, 1024);
  if (!value) return tl::unexpected(value.error());
  device.numa_nodes = static_cast<std::uint32_t>(*value);
  return {};
}

Expected<void> set_numa_node(SyntheticDescription& device, std::string_view text) {
  const auto value = parse_whole(text, 0, 1023);
  if (!value) return tl::unexpected(value.error());
  device.numa_node = static_cast<int>(*value);
  return {};
}

Expected<void> set_word(std::string& target, const std::string& word, const char* what,
                        const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), word) == known.end()) {
    return unknown_word(what, word, known);
  }
  target = word;
  return {};
}

// "NVIDIA_H200": a word of the description holds no spaces, so "_" stands for one.
Expected<void> set_name(SyntheticDescription& device, std::string_view text) {
  if (text.empty()) return fail("a name such as 'name=NVIDIA_H200' is missing");
  device.name = text;
  std::replace(device.name.begin(), device.name.end(), '_', ' ');
  return {};
}

Expected<void> set_kind(SyntheticDescription& device, std::string_view text) {
  return set_word(device.kind, std::string(text), "kind",
                  {"synthetic", "gpu", "npu", "tpu", "accelerator"});
}

template <DType type>
Expected<void> set_gemm(SyntheticDescription& device, std::string_view text) {
  return set_positive(device.gemm[type], text, type == DType::i8 ? Unit::ops : Unit::flops);
}

Expected<void> set_work(std::string& target, std::string_view text) {
  const std::string word(text);
  const auto stressor = kStressorWork.find(word);
  std::vector<std::string> known = kWorks;
  for (const auto& [name, work] : kStressorWork) known.push_back(name);
  return set_word(target, stressor == kStressorWork.end() ? word : stressor->second, "work", known);
}

Expected<void> set_unsupported(SyntheticDescription& device, std::string_view text) {
  std::vector<std::string> known(kWorks.begin() + 1, kWorks.end());
  for (const char* type : {"int8", "fp16", "bf16", "tf32", "fp4_e2m1", "fp8_e4m3", "fp8_e5m2",
                           "fp32", "fp64", "int32"})
    known.emplace_back(type);
  for (int k = 0; k < kMixKernels; ++k) known.emplace_back(name(static_cast<MixKernel>(k)));
  return set_word(device.unsupported, std::string(text), "work or data type", known);
}

Expected<void> set_wrong(SyntheticDescription& device, std::string_view text) {
  static const std::map<std::string, Wrong> kKinds{{"result", Wrong::result},
                                                   {"stuck", Wrong::stuck},
                                                   {"memory", Wrong::memory},
                                                   {"transfer", Wrong::transfer}};
  if (text.substr(0, 5) == "core:") {
    const auto core = parse_whole(text.substr(5), 0, 99999);
    if (!core) return tl::unexpected(core.error());
    device.wrong = Wrong::core;
    device.wrong_core = static_cast<std::uint32_t>(*core);
    return {};
  }
  const auto kind = kKinds.find(std::string(text));
  if (kind == kKinds.end()) {
    return unknown_word("kind of wrong", std::string(text),
                        {"result", "stuck", "memory", "transfer", "core:0"});
  }
  device.wrong = kind->second;
  return {};
}

Expected<void> set_lie(SyntheticDescription& device, std::string_view text) {
  static const std::map<std::string, Lie> kKinds{
      {"size", Lie::size}, {"rate", Lie::rate}, {"count", Lie::count}};
  const auto kind = kKinds.find(std::string(text));
  if (kind == kKinds.end())
    return unknown_word("lie", std::string(text), {"size", "rate", "count"});
  device.lie = kind->second;
  return {};
}

Expected<void> set_crash(SyntheticDescription& device, std::string_view text) {
  const std::string word(text.substr(0, 3) == "SIG" ? text.substr(3) : text);
  std::vector<std::string> known;
  for (int signal = 1; signal < 32; ++signal) {
    const char* name = sigabbrev_np(signal);
    if (name != nullptr) known.emplace_back(name);
    if (word == fmt::format("{}", signal) || (name != nullptr && word == name)) {
      device.crash_signal = signal;
      return {};
    }
  }
  return unknown_word("signal", word, known);
}

Expected<void> set_hot(SyntheticDescription& device, std::string_view text) {
  const auto value = parse_as(text, Unit::celsius);
  if (!value) return tl::unexpected(value.error());
  device.hot_celsius = *value;
  return {};
}

// "d5", in `rest` what follows behind a colon.
Expected<LinkQuirk*> link_of(SyntheticDescription& device, std::string_view text,
                             std::string_view& rest) {
  const auto colon = text.find(':');
  rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  const std::string_view name = text.substr(0, colon);
  const auto number = parse_whole(name.empty() ? name : name.substr(1), 0, 255);
  if (name.empty() || name[0] != 'd' || !number)
    return fail(fmt::format("'{}' names no device of the node; expected one such as 'd3'", name));
  return &device.links[static_cast<std::uint32_t>(*number)];
}

Expected<void> set_link_slow(SyntheticDescription& device, std::string_view text) {
  std::string_view share;
  const auto link = link_of(device, text, share);
  if (!link) return tl::unexpected(link.error());
  return set_share((*link)->slow, share);
}

template <bool LinkQuirk::*quirk>
Expected<void> set_link(SyntheticDescription& device, std::string_view text) {
  std::string_view rest;
  const auto link = link_of(device, text, rest);
  if (!link) return tl::unexpected(link.error());
  if (!rest.empty()) return fail(fmt::format("'{}' takes a device alone", text));
  (*link)->*quirk = true;
  return {};
}

Expected<void> set_count(std::uint64_t& target, std::string_view text, std::uint64_t least) {
  const auto value = parse_whole(text, least, 1000000000);
  if (!value) return tl::unexpected(value.error());
  target = *value;
  return {};
}

using Device = SyntheticDescription;
using Text = std::string_view;

const std::vector<Key>& hardware() {
  static const std::vector<Key> table{
      {"kind", set_kind},
      {"name", set_name},
      {"memory", set_memory},
      {"cores", set_cores},
      {"numa_nodes", set_numa_nodes},
      {"numa_node", set_numa_node},
      {"bandwidth",
       [](Device& d, Text t) { return set_positive(d.bandwidth, t, Unit::bytes_per_second); }},
      {"host_link",
       [](Device& d, Text t) { return set_positive(d.host_link, t, Unit::bytes_per_second); }},
      {"peer_link",
       [](Device& d, Text t) { return set_positive(d.peer_link, t, Unit::bytes_per_second); }},
      {"int8", set_gemm<DType::i8>},
      {"fp16", set_gemm<DType::fp16>},
      {"bf16", set_gemm<DType::bf16>},
      {"tf32", set_gemm<DType::tf32>},
      {"fp4_e2m1", set_gemm<DType::fp4_e2m1>},
      {"fp8_e4m3", set_gemm<DType::fp8_e4m3>},
      {"fp8_e5m2", set_gemm<DType::fp8_e5m2>},
      {"fp32", set_gemm<DType::fp32>},
      {"fp64", set_gemm<DType::fp64>},
      {"spread", [](Device& d, Text t) { return set_share(d.spread, t); }},
  };
  return table;
}

const std::vector<Key>& quirks() {
  static const std::vector<Key> table{
      {"slow", [](Device& d, Text t) { return set_share(d.slow, t); }},
      {"far_slow", [](Device& d, Text t) { return set_share(d.far_slow, t); }},
      {"wrong", set_wrong},
      {"lies", set_lie},
      {"hang", [](Device& d, Text t) { return set_work(d.hang, t); }},
      {"error", [](Device& d, Text t) { return set_work(d.error, t); }},
      {"crash", set_crash},
      {"late", [](Device& d, Text t) { return set_positive(d.late_s, t, Unit::second); }},
      {"unsupported", set_unsupported},
      {"hot", set_hot},
      {"link_slow", set_link_slow},
      {"link_wrong", set_link<&LinkQuirk::wrong>},
      {"link_hang", set_link<&LinkQuirk::hang>},
      {"after", [](Device& d, Text t) { return set_count(d.after, t, 0); }},
      {"every", [](Device& d, Text t) { return set_count(d.every.emplace(), t, 1); }},
  };
  return table;
}

std::vector<std::string> names_of(const std::vector<Key>& table) {
  std::vector<std::string> names;
  for (const Key& key : table) names.push_back(key.name);
  return names;
}

Expected<void> set_from(const std::vector<Key>& table, SyntheticDescription& device,
                        const std::string& key, std::string_view value) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Key& k) { return k.name == key; });
  if (found == table.end()) return unknown_word("key", key, names_of(table));
  return found->set(device, value);
}

}  // namespace

Expected<void> set_hardware(SyntheticDescription& device, const std::string& key,
                            std::string_view value) {
  return set_from(hardware(), device, key, value);
}

Expected<void> set_quirk(SyntheticDescription& device, const std::string& key,
                         std::string_view value) {
  if (key == "absent" || key == "silent") {
    if (!value.empty()) return fail(fmt::format("'{}' takes no value", key));
    (key == "absent" ? device.absent : device.silent) = true;
    return {};
  }
  return set_from(quirks(), device, key, value);
}

const std::vector<std::string>& hardware_keys() {
  static const std::vector<std::string> names = names_of(hardware());
  return names;
}

const std::vector<std::string>& quirk_keys() {
  static const std::vector<std::string> names = names_of(quirks());
  return names;
}

const std::vector<std::string>& quirk_flags() {
  static const std::vector<std::string> names{"absent", "silent"};
  return names;
}

Expected<std::uint64_t> parse_whole(std::string_view text, std::uint64_t least,
                                    std::uint64_t most) {
  const auto value = parse_as(text, Unit::count);
  if (!value) return tl::unexpected(value.error());
  if (*value != std::floor(*value) || *value < static_cast<double>(least) ||
      *value > static_cast<double>(most)) {
    return fail(fmt::format("'{}' is not a whole number from {} to {}", text, least, most));
  }
  return static_cast<std::uint64_t>(*value);
}

tl::unexpected<Error> unknown_word(const std::string& what, const std::string& word,
                                   const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  return fail(fmt::format("unknown {} '{}'; {}", what, word,
                          near.empty() ? fmt::format("one of {}", fmt::join(known, ", "))
                                       : "did you mean '" + near + "'?"));
}

}  // namespace rackproof
