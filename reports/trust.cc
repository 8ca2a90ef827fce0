// SPDX-License-Identifier: Apache-2.0
#include "reports/trust.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>

#include "core/json.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kFields{"keys", "profiles", "minimum_revision", "serials", "nonce"};
const std::vector<std::string> kKeyFields{"role", "key"};

// Thrown within this file only, to leave the nested readers; load_trust turns it into an Error.
struct Mistake {
  YAML::Mark mark;
  std::string message;
};

[[noreturn]] void refuse(const YAML::Node& node, std::string message) {
  throw Mistake{node.Mark(), std::move(message)};
}

void check_fields(const YAML::Node& map, const std::vector<std::string>& known) {
  if (!map.IsMap()) refuse(map, fmt::format("a map with {} is wanted", fmt::join(known, ", ")));
  std::set<std::string> seen;
  for (const auto& entry : map) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (std::ranges::find(known, key) == known.end()) {
      const std::string near = nearest(key, known);
      refuse(entry.first,
             near.empty() ? fmt::format("unknown key '{}'; known: {}", key, fmt::join(known, ", "))
                          : fmt::format("unknown key '{}'; did you mean '{}'?", key, near));
    }
    if (!seen.insert(key).second) refuse(entry.first, fmt::format("key '{}' twice", key));
  }
}

std::string text(const YAML::Node& node, const char* what) {
  if (!node.IsScalar() || node.Scalar().empty()) refuse(node, fmt::format("{} is wanted", what));
  return node.Scalar();
}

YAML::Node list(const YAML::Node& node, const char* what) {
  if (!node.IsSequence() || node.size() == 0) {
    refuse(node, fmt::format("a list of {} is wanted, at least one", what));
  }
  return node;
}

TrustedKey trusted_key(const YAML::Node& node, const fs::path& folder) {
  check_fields(node, kKeyFields);
  for (const std::string& field : kKeyFields) {
    if (!node[field]) refuse(node, fmt::format("'{}' is missing", field));
  }
  const std::string role = text(node["role"], "a role such as 'station'");
  const auto key = PublicKey::read(folder / text(node["key"], "the path of a public key"));
  if (!key) refuse(node["key"], key.error().text());
  return {role, *key};
}

Sha256 digest(const YAML::Node& node) {
  const auto value = parse_sha256(text(node, "the SHA-256 of a profile.yaml"));
  if (!value) refuse(node, value.error().message);
  return *value;
}

std::uint64_t whole_number(const YAML::Node& node) {
  const std::string digits = text(node, "a whole number");
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, status] = std::from_chars(digits.data(), end, value);
  if (status != std::errc{} || stop != end || (digits.size() > 1 && digits[0] == '0')) {
    refuse(node, fmt::format("'{}' is not a whole number", digits));
  }
  return value;
}

std::string hex_digits(const YAML::Node& node) {
  const std::string digits = text(node, "hex digits");
  if (digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
    refuse(node, fmt::format("'{}' is not lower-case hex digits", digits));
  }
  return digits;
}

void add_key(Trust& trust, const YAML::Node& node, const fs::path& folder) {
  TrustedKey key = trusted_key(node, folder);
  if (std::ranges::find(trust.keys, key.key, &TrustedKey::key) != trust.keys.end()) {
    refuse(node, "this key is already listed; one key cannot stand for two signers");
  }
  trust.keys.push_back(std::move(key));
}

Trust read_trust(const YAML::Node& root, const fs::path& folder) {
  check_fields(root, kFields);
  Trust trust;
  if (!root["keys"]) refuse(root, "'keys' is missing: without a key nothing can be trusted");
  for (const auto& key : list(root["keys"], "keys")) add_key(trust, key, folder);
  if (const auto node = root["profiles"]) {
    for (const auto& profile : list(node, "digests")) trust.profiles.push_back(digest(profile));
  }
  if (const auto node = root["minimum_revision"]) trust.minimum_revision = whole_number(node);
  if (const auto node = root["serials"]) {
    for (const auto& one : list(node, "serials")) trust.serials.push_back(text(one, "a serial"));
  }
  if (const auto node = root["nonce"]) trust.nonce = hex_digits(node);
  return trust;
}

// Refuses a second document. YAML::LoadAll would read on for ever after ",:".
class OneDocument : public YAML::EventHandler {
 public:
  int documents = 0;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents > 1) throw Mistake{mark, "a second document: one YAML document is wanted"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

int documents_in(const std::string& yaml) {
  std::istringstream in(yaml);
  YAML::Parser parser(in);
  OneDocument counted;
  while (parser.HandleNextDocument(counted)) {
  }
  return counted.documents;
}

Error at(const YAML::Mark& mark, std::string message, const fs::path& path) {
  return Error{std::move(message), path.string(), mark.line + 1, mark.column + 1};
}

}  // namespace

Expected<Trust> load_trust(const fs::path& path) {
  const auto bytes = read_file(path, 1 << 20);
  if (!bytes) return tl::unexpected(bytes.error());
  try {
    if (documents_in(*bytes) == 0)
      return tl::unexpected(Error{"one YAML document is wanted", path});
    return read_trust(YAML::Load(*bytes), path.parent_path());
  } catch (const Mistake& mistake) {
    return tl::unexpected(at(mistake.mark, mistake.message, path));
  } catch (const YAML::Exception& problem) {
    return tl::unexpected(at(problem.mark, problem.msg, path));
  }
}

}  // namespace rackproof
