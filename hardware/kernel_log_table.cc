// SPDX-License-Identifier: Apache-2.0
#include "hardware/kernel_log_table.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

namespace rackproof {

namespace embedded {
extern const std::string_view kernel_log_table;
}  // namespace embedded

namespace {

constexpr std::int64_t kSetMemoryBytes = 64 << 20;
const std::set<std::string> kSeverities{"info", "warning", "fatal"};

// Bytes, not code points: the automaton stays small, and '.' is any byte of the line.
re2::RE2::Options options() {
  re2::RE2::Options chosen(re2::RE2::Latin1);
  chosen.set_log_errors(false);
  return chosen;
}

struct Refusal {
  int line;
  std::string message;
};

[[noreturn]] void refuse(const YAML::Node& node, const std::string& message) {
  throw Refusal{node.Mark().line + 1, message};
}

std::string text_of(const YAML::Node& map, const char* field, const std::string& entry) {
  const YAML::Node value = map[field];
  if (!value || !value.IsScalar() || value.Scalar().empty()) {
    refuse(map, fmt::format("{}: needs a text '{}'", entry, field));
  }
  return value.Scalar();
}

std::string severity_of(const YAML::Node& map, const std::string& entry) {
  std::string severity = text_of(map, "severity", entry);
  if (kSeverities.count(severity) == 0) {
    refuse(map, fmt::format("{}: severity '{}' is none of info, warning, fatal", entry, severity));
  }
  return severity;
}

void check_fields(const YAML::Node& map, const std::vector<std::string>& known,
                  const std::string& entry) {
  if (!map.IsMap()) refuse(map, fmt::format("{}: is no map of fields", entry));
  std::set<std::string> seen;
  for (const auto& item : map) {
    const std::string field = item.first.Scalar();
    if (!seen.insert(field).second) refuse(map, fmt::format("{}: '{}' twice", entry, field));
    if (std::find(known.begin(), known.end(), field) != known.end()) continue;
    refuse(map, fmt::format("{}: unknown field '{}'; did you mean '{}'?", entry, field,
                            nearest(field, known)));
  }
}

using Fragments = std::vector<std::pair<std::string, std::string>>;

// "%{bdf}" becomes the fragment; a fragment may use the ones above it.
std::string expand(std::string pattern, const Fragments& fragments, const YAML::Node& node) {
  for (auto use = pattern.find("%{"); use != std::string::npos; use = pattern.find("%{")) {
    const auto end = pattern.find('}', use);
    const std::string name = pattern.substr(use + 2, end - use - 2);
    const auto found = std::find_if(fragments.begin(), fragments.end(),
                                    [&](const auto& fragment) { return fragment.first == name; });
    if (found == fragments.end()) refuse(node, fmt::format("unknown fragment '%{{{}}}'", name));
    pattern.replace(use, end - use + 1, found->second);
  }
  return pattern;
}

Fragments read_fragments(const YAML::Node& map) {
  Fragments fragments;
  for (const auto& item : map) {
    fragments.emplace_back(item.first.Scalar(),
                           expand(item.second.Scalar(), fragments, item.second));
  }
  return fragments;
}

std::map<std::string, KernelLogRule::Code> read_codes(const YAML::Node& map,
                                                      const std::string& entry) {
  std::map<std::string, KernelLogRule::Code> codes;
  for (const auto& item : map) {
    const std::string name = fmt::format("{} code {}", entry, item.first.Scalar());
    check_fields(item.second, {"severity", "means", "next"}, name);
    KernelLogRule::Code code{severity_of(item.second, name), text_of(item.second, "means", name),
                             text_of(item.second, "next", name)};
    if (!codes.emplace(item.first.Scalar(), std::move(code)).second) refuse(map, name + " twice");
  }
  return codes;
}

std::vector<std::string> groups_named_in(const std::string& text) {
  std::vector<std::string> names;
  for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    names.push_back(text.substr(open + 1, text.find('}', open) - open - 1));
  }
  return names;
}

void compile(KernelLogRule& rule, const Fragments& fragments, const YAML::Node& node) {
  rule.pattern = std::make_unique<re2::RE2>(expand(rule.match, fragments, node), options());
  if (!rule.pattern->ok()) {
    refuse(node, fmt::format("{}: match: {}", rule.cause, rule.pattern->error()));
  }
  const auto& groups = rule.pattern->NamedCapturingGroups();
  for (const std::string& name : groups_named_in(rule.cause + rule.part)) {
    if (groups.count(name) != 0) continue;
    refuse(node, fmt::format("{}: '{{{}}}' is no named group of its match", rule.cause, name));
  }
  if (!rule.codes.empty() && groups.count("code") == 0) {
    refuse(node, fmt::format("{}: codes need a group (?P<code>...) in match", rule.cause));
  }
}

KernelLogRule read_rule(const YAML::Node& node, const Fragments& fragments) {
  const YAML::Node cause = node.IsMap() ? node["cause"] : YAML::Node();
  const std::string entry = cause && cause.IsScalar() ? cause.Scalar() : "an entry without cause";
  check_fields(node, {"cause", "severity", "match", "part", "codes", "next", "source"}, entry);
  KernelLogRule rule;
  rule.cause = text_of(node, "cause", entry);
  rule.severity = severity_of(node, entry);
  rule.match = text_of(node, "match", entry);
  rule.next = text_of(node, "next", entry);
  rule.source = text_of(node, "source", entry);
  rule.line = node.Mark().line + 1;
  if (const YAML::Node part = node["part"]) rule.part = part.Scalar();
  if (const YAML::Node codes = node["codes"]) rule.codes = read_codes(codes, entry);
  compile(rule, fragments, node);
  return rule;
}

std::vector<KernelLogRule> read_rules(std::string_view yaml) {
  const YAML::Node root = YAML::Load(std::string(yaml));
  check_fields(root, {"fragments", "steps", "events"}, "the table");
  const Fragments fragments = read_fragments(root["fragments"]);
  std::vector<KernelLogRule> rules;
  for (const YAML::Node& node : root["events"]) rules.push_back(read_rule(node, fragments));
  if (rules.empty()) refuse(root, "holds no events");
  return rules;
}

}  // namespace

Expected<KernelLogTable> KernelLogTable::read(std::string_view yaml, const std::string& file) {
  KernelLogTable table;
  try {
    table.rules_ = read_rules(yaml);
  } catch (const Refusal& refusal) {
    return tl::unexpected(Error{refusal.message, file, refusal.line});
  } catch (const YAML::Exception& problem) {
    return tl::unexpected(Error{problem.msg, file, problem.mark.line + 1, problem.mark.column + 1});
  }
  re2::RE2::Options wide = options();
  wide.set_max_mem(kSetMemoryBytes);
  table.all_ = std::make_unique<re2::RE2::Set>(wide, re2::RE2::ANCHOR_START);
  std::string error;
  for (const KernelLogRule& rule : table.rules_) table.all_->Add(rule.pattern->pattern(), &error);
  if (!table.all_->Compile()) return tl::unexpected(Error{"too large to compile", file});
  return table;
}

const KernelLogTable& KernelLogTable::built_in() {
  static const KernelLogTable table = [] {
    auto read_table = read(embedded::kernel_log_table, "hardware/kernel_log.yaml");
    if (!read_table) throw DeviceError(read_table.error().text());
    return std::move(*read_table);
  }();
  return table;
}

const KernelLogRule* KernelLogTable::find(std::string_view text) const {
  const re2::StringPiece line(text.data(), text.size());
  std::vector<int> hits;
  re2::RE2::Set::ErrorInfo trouble{};
  if (all_->Match(line, &hits, &trouble)) {
    return &rules_[static_cast<std::size_t>(*std::min_element(hits.begin(), hits.end()))];
  }
  if (trouble.kind == re2::RE2::Set::kNoError) return nullptr;
  // The set ran out of memory for its automaton: slower one by one, but no event is missed.
  for (const KernelLogRule& rule : rules_) {
    if (rule.pattern->Match(line, 0, line.size(), re2::RE2::ANCHOR_START, nullptr, 0)) return &rule;
  }
  return nullptr;
}

}  // namespace rackproof
