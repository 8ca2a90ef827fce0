// SPDX-License-Identifier: Apache-2.0
#include "hardware/hwloc_xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "hardware/utf8_line.h"

namespace rackproof {
namespace {

constexpr std::size_t kDeepest = 64;
constexpr std::size_t kMostObjects = 1000000;
constexpr std::string_view kSpace = " \t\r\n";

std::string none(std::string_view why) {
  return fmt::format("{}: not an hwloc XML (`lstopo --of xml`)", why);
}

// The attribute's text between its quotes; none: it is not there. Attributes follow a space.
std::optional<std::string_view> attribute(std::string_view tag, const std::string& key) {
  const std::string start = key + "=\"";
  for (auto at = tag.find(start); at != std::string_view::npos; at = tag.find(start, at + 1)) {
    if (at == 0 || kSpace.find(tag[at - 1]) == std::string_view::npos) continue;
    const std::string_view value = tag.substr(at + start.size());
    return value.substr(0, value.find('"'));
  }
  return {};
}

// hwloc sizes tables and bitmaps by these.
struct Bound {
  const char* element;
  const char* key;
  std::uint64_t most;
};
constexpr std::array kBounds{
    Bound{"distances2", "nbobjs", 4096},       Bound{"distances2hetero", "nbobjs", 4096},
    Bound{"distances", "nbobjs", 4096},        Bound{"indexes", "length", 1 << 20},
    Bound{"u64values", "length", 1 << 20},     Bound{"object", "depth", 1 << 20},
    Bound{"object", "cache_size", 1ULL << 50}, Bound{"object", "local_memory", 1ULL << 52}};
constexpr std::uint64_t kMostUnits = 65536;  // processors and NUMA nodes

std::string out_of_range(std::string_view tag, const std::string& key, std::uint64_t most) {
  const auto text = attribute(tag, key);
  if (!text) return "";
  std::uint64_t value = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  // hwloc takes what strtoul takes: a number and anything after it.
  if (read.ec == std::errc{} && value <= most) return "";
  return fmt::format("{} '{}' is no number up to {}", key, text->substr(0, 40), most);
}

std::string check_numbers(std::string_view name, std::string_view tag) {
  for (const Bound& bound : kBounds) {
    if (name != bound.element) continue;
    if (std::string problem = out_of_range(tag, bound.key, bound.most); !problem.empty()) {
      return problem;
    }
  }
  if (name != "object") return "";
  const auto type = attribute(tag, "type");
  if (type != "PU" && type != "NUMANode") return "";
  return out_of_range(tag, "os_index", kMostUnits);
}

// Goes through the tags and keeps which ones are open.
class Check {
 public:
  // Empty: in order; otherwise what is wrong.
  std::string tag(std::string_view text) {
    if (text.starts_with("?")) return "";
    if (text.starts_with("!--"))
      return text.ends_with("--") ? "" : none("a comment with a tag in it");
    if (text.starts_with("!")) return doctype(text);
    if (text.starts_with("/")) return close(text.substr(1));
    const std::string_view name = text.substr(0, text.find_first_of(" \t\r\n/"));
    if (std::string problem = open(name, text); !problem.empty()) return problem;
    if (text.ends_with('/')) open_.pop_back();
    return check_numbers(name, text);
  }
  std::string end() const {
    if (!begun_) return none("holds no topology");
    return open_.empty()
               ? ""
               : fmt::format(
                     "breaks off within <{}>: it was cut; `lstopo --of xml` writes a whole one",
                     open_.back());
  }

 private:
  static std::string doctype(std::string_view text) {
    const bool plain = text.starts_with("!DOCTYPE ") && text.find('[') == std::string_view::npos;
    return plain ? "" : "declares entities or more, which hwloc never writes";
  }
  std::string open(std::string_view name, std::string_view text) {
    if (open_.empty() && (name != "topology" || begun_)) {
      return none(fmt::format("<{}>", name.substr(0, 40)));
    }
    if (open_.empty()) {
      const auto version = attribute(text, "version");
      if (version && !version->starts_with("2.") && !version->starts_with("1.")) {
        return fmt::format(
            "an hwloc XML of version {}: version 2 is read (`lstopo --of xml` of "
            "hwloc 2)",
            version->substr(0, 10));
      }
    }
    begun_ = true;
    open_.push_back(name);
    if (open_.size() > kDeepest) return fmt::format("nested more than {} deep", kDeepest);
    if (name == "object" && ++objects_ > kMostObjects) {
      return fmt::format("more than {} objects: no machine has so many", kMostObjects);
    }
    return "";
  }
  std::string close(std::string_view name) {
    name = name.substr(0, name.find_first_of(kSpace));
    if (open_.empty() || open_.back() != name) {
      return none(fmt::format("</{}> without its beginning", name.substr(0, 40)));
    }
    open_.pop_back();
    return "";
  }

  std::vector<std::string_view> open_;
  std::size_t objects_ = 0;
  bool begun_ = false;
};

// Takes `size` bytes off the text's front and returns the lines that ended in them.
int skip(std::string_view& text, std::size_t size) {
  const auto lines = std::ranges::count(text.substr(0, size), '\n');
  text.remove_prefix(std::min(text.size(), size));
  return static_cast<int>(lines);
}

}  // namespace

Expected<void> check_hwloc_xml(std::string_view text, const std::string& file) {
  Check check;
  int line = 1;
  const auto wrong = [&](const std::string& message) {
    return tl::unexpected(Error{utf8_line(message), file, line});
  };
  while (true) {
    line += skip(text, std::min(text.size(), text.find('<')));
    if (text.empty()) break;
    const auto end = text.find('>');
    if (end == std::string_view::npos)
      return wrong("breaks off within a tag: it was cut; `lstopo --of xml` writes a whole one");
    std::string problem = check.tag(text.substr(1, end - 1));
    if (!problem.empty()) return wrong(problem);
    line += skip(text, end + 1);
  }
  std::string problem = check.end();
  if (!problem.empty()) return wrong(problem);
  return {};
}

}  // namespace rackproof
