// SPDX-License-Identifier: Apache-2.0
#include "profiles/extends.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "profiles/profile.h"
#include "profiles/schema.h"
#include "profiles/yaml_reader.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> places(const fs::path& beside) {
  std::vector<fs::path> all = profile_folders();
  if (!beside.empty()) all.insert(all.begin(), beside);
  return all;
}

/// A file of the chain: how it is named in messages, and which file it really is.
struct Link {
  std::string shown;
  fs::path real;
};

std::string chain_text(const std::vector<Link>& chain) {
  std::vector<std::string> names;
  for (const Link& link : chain) names.push_back(link.shown);
  return fmt::format("{}", fmt::join(names, " -> "));
}

fs::path real_path(const fs::path& file) {
  std::error_code ignored;
  const fs::path real = fs::weakly_canonical(file, ignored);
  return real.empty() ? file : real;
}

void drop_marks(std::map<std::string, Mark>& marks, const std::string& pointer) {
  const auto within = [&](const auto& entry) {
    return entry.first == pointer || entry.first.starts_with(pointer + "/");
  };
  std::erase_if(marks, within);
}

void remove(Document& document, const std::string& key) {
  document.json.erase(key);
  drop_marks(document.values, below("", key));
  drop_marks(document.keys, below("", key));
}

void copy_marks(const std::map<std::string, Mark>& from, const std::string& pointer,
                std::map<std::string, Mark>& to) {
  drop_marks(to, pointer);
  for (const auto& [at, mark] : from) {
    if (at == pointer || at.starts_with(pointer + "/")) to[at] = mark;
  }
}

// Lays `over` on `under` at `pointer`; both places are maps.
void merge(const Document& over, const Json& value, const std::string& pointer, Document& under,
           Json& target) {
  if (const auto mark = over.values.find(pointer); mark != over.values.end()) {
    under.values[pointer] = mark->second;
  }
  for (const auto& [key, member] : value.items()) {
    const std::string at = below(pointer, key);
    if (member.is_object() && target.contains(key) && target.at(key).is_object()) {
      merge(over, member, at, under, target.at(key));
      under.keys[at] = over.keys.at(at);
      continue;
    }
    target[key] = member;
    copy_marks(over.values, at, under.values);
    copy_marks(over.keys, at, under.keys);
  }
}

/// Reads a file and, through itself, those below it.
class Chain {
 public:
  explicit Chain(std::vector<Error>& errors) : errors_(errors) {}

  ExpectedAll<Document> read(const std::string& yaml, const std::string& file) {
    links_.push_back({file, real_path(file)});
    auto document = read_yaml(yaml, file);
    if (!document) return document;
    std::ranges::copy(check_shape(*document), std::back_inserter(errors_));
    const Json base = document->json.value("extends", Json());
    if (!base.is_string()) return document;
    return extended(*document, base.get<std::string>(), fs::path(file).parent_path());
  }

 private:
  ExpectedAll<Document> extended(const Document& document, const std::string& name,
                                 const fs::path& folder) {
    const auto refuse = [&](const std::string& message) {
      return tl::unexpected(std::vector{document.at_value("/extends", message)});
    };
    const fs::path beside = folder.empty() ? fs::path(".") : folder;
    const fs::path found = find_profile(name, beside);
    if (found.empty()) {
      const std::string way = links_.size() > 1 ? " (" + chain_text(links_) + ")" : "";
      return refuse("extends: " + no_profile(name, beside) + way);
    }
    const fs::path file = folder.empty() && found.parent_path() == "." ? found.filename() : found;
    if (again(file)) {
      links_.push_back({file.string(), file});
      return refuse("extends: goes in a circle: " + chain_text(links_));
    }
    const auto yaml = read_file(file, kMaxYamlBytes);
    if (!yaml) return tl::unexpected(std::vector{yaml.error()});
    auto base = read(*yaml, file.string());
    if (!base) return base;
    return laid_on(document, *base);
  }

  [[nodiscard]] bool again(const fs::path& file) const {
    const fs::path real = real_path(file);
    return std::ranges::any_of(links_, [&](const Link& link) { return link.real == real; });
  }

  static Document laid_on(const Document& document, Document base) {
    for (const char* own : {"schema", "name", "revision", "title", "abstract"}) remove(base, own);
    merge(document, document.json, "", base, base.json);
    remove(base, "extends");
    return base;
  }

  std::vector<Error>& errors_;
  std::vector<Link> links_;
};

}  // namespace

fs::path find_profile(const std::string& name, const fs::path& beside) {
  for (const fs::path& folder : places(beside)) {
    const fs::path file = folder / (name + ".yaml");
    std::error_code ignored;
    if (fs::is_regular_file(file, ignored)) return file;
  }
  return {};
}

std::string no_profile(const std::string& name, const fs::path& beside) {
  std::vector<std::string> folders, known;
  for (const fs::path& folder : places(beside)) {
    folders.push_back(folder.string());
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == ".yaml") known.push_back(entry.path().stem().string());
    }
  }
  std::ranges::sort(known);
  return fmt::format("no profile '{}' in {}{}", name,
                     folders.empty() ? "any folder" : fmt::format("{}", fmt::join(folders, ", ")),
                     suggestion(name, known));
}

ExpectedAll<Document> read_chain(const std::string& yaml, const std::string& file,
                                 std::vector<Error>& errors) {
  return Chain(errors).read(yaml, file);
}

}  // namespace rackproof
