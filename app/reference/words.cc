// SPDX-License-Identifier: Apache-2.0
#include "app/reference/words.h"

#include "app/print.h"
#include "core/device.h"
#include "core/stressor.h"
#include "profiles/profile.h"

namespace rackproof {
namespace {

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const ProfileSummary& p : list_profiles()) {
    if (!p.abstract) names.push_back(p.name);
  }
  return names;
}

std::vector<std::string> stressor_names() {
  std::vector<std::string> names;
  for (const StressorInfo& s : stressors()) {
    if (!s.hidden) names.emplace_back(s.name);
  }
  return names;
}

std::vector<std::string> backend_names() {
  std::vector<std::string> names;
  for (const Backend& b : backends()) names.push_back(b.name);
  return names;
}

// "dtype=int8" for each word of a choice, "size=" for what has too many values.
std::vector<std::string> assignments(const std::string& stressor) {
  std::vector<std::string> words;
  const StressorInfo* info = find_stressor(stressor);
  if (info == nullptr) return words;
  for (const AnyParam& param : info->params) {
    const std::string start = std::string(name(param)) + "=";
    const auto* choice = std::get_if<Choice>(&param);
    if (choice == nullptr) {
      words.push_back(start);
      continue;
    }
    for (const std::string_view word : choice->words) words.push_back(start + std::string(word));
  }
  return words;
}

std::vector<std::string> stage_names(const std::string& profile) {
  std::vector<std::string> names;
  const auto loaded = load_profile(profile);
  if (!loaded) return names;
  for (const auto& stage : loaded->stages) names.push_back(stage.name);
  return names;
}

}  // namespace

std::vector<std::string> words_of(const std::string& kind, const std::string& of) {
  if (kind == "profiles") return profile_names();
  if (kind == "stressors") return stressor_names();
  if (kind == "backends") return backend_names();
  if (kind == "params") return assignments(of);
  if (kind == "stages") return stage_names(of);
  return {};
}

int print_words(int argc, char** argv) {
  for (const std::string& word : words_of(argc > 0 ? argv[0] : "", argc > 1 ? argv[1] : "")) {
    print(word);
  }
  return 0;
}

}  // namespace rackproof
