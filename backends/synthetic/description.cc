// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/description.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "backends/synthetic/keys.h"

namespace rackproof {
namespace {

constexpr std::uint64_t kMaxNodes = 1024, kMaxDevices = 256;

struct Token {
  std::string text;
  int column = 0;  // from 1
};

// One statement: its words and where each stands.
struct Statement {
  int line = 0;
  std::vector<Token> words;
};

std::vector<Token> split(std::string_view text, int column) {
  std::vector<Token> words;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \t\r", at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.size(), text.find_first_of(" \t\r", at));
    words.push_back({std::string(text.substr(at, end - at)), column + static_cast<int>(at)});
    at = end;
  }
  return words;
}

void add_statements(std::string_view line, int number, std::vector<Statement>& all) {
  line = line.substr(0, line.find('#'));
  std::size_t begin = 0;
  while (begin <= line.size()) {
    const std::size_t end = std::min(line.size(), line.find(';', begin));
    auto words = split(line.substr(begin, end - begin), static_cast<int>(begin) + 1);
    if (!words.empty()) all.push_back({number, std::move(words)});
    begin = end + 1;
  }
}

std::vector<Statement> statements_of(std::string_view text) {
  std::vector<Statement> all;
  int number = 1;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.size(), text.find('\n', begin));
    add_statements(text.substr(begin, end - begin), number++, all);
    begin = end + 1;
  }
  return all;
}

struct Assignment {
  std::string key;
  std::string_view value;
  int value_column = 0;
};

Assignment assignment_of(const Token& word) {
  const auto equals = word.text.find('=');
  if (equals == std::string::npos) return {word.text, {}, word.column};
  return {word.text.substr(0, equals), std::string_view(word.text).substr(equals + 1),
          word.column + static_cast<int>(equals) + 1};
}

bool holds(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Digits as a number; false when they are none, or do not fit.
bool read_number(std::string_view digits, std::uint32_t& number) {
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return status == std::errc{} && end == digits.data() + digits.size() && !digits.empty();
}

// "n1-d3" into its numbers.
bool read_name(std::string_view name, std::uint32_t& node, std::uint32_t& device) {
  const auto dash = name.find("-d");
  return name.substr(0, 1) == "n" && dash != std::string_view::npos &&
         read_number(name.substr(1, dash - 1), node) && read_number(name.substr(dash + 2), device);
}

class Parser {
 public:
  explicit Parser(std::string file) : file_(std::move(file)) {}

  Expected<std::vector<SyntheticDescription>> parse(const std::vector<Statement>& statements) {
    if (statements.empty()) return devices_;
    if (auto done = rack(statements.front()); !done) return tl::unexpected(done.error());
    for (std::size_t i = 1; i < statements.size(); ++i) {
      if (auto done = device(statements[i]); !done) return tl::unexpected(done.error());
    }
    for (const SyntheticDescription& d : devices_) {
      if (auto done = check(d); !done) return tl::unexpected(done.error());
    }
    return devices_;
  }

 private:
  tl::unexpected<Error> at(const Statement& statement, int column, std::string message) const {
    return tl::unexpected(Error{std::move(message), file_, statement.line, column});
  }

  Expected<void> rack(const Statement& statement) {
    const Token& first = statement.words.front();
    if (first.text != "rack") {
      return at(statement, first.column,
                fmt::format("expected 'rack nodes=N devices=N ...' first, found '{}'", first.text));
    }
    SyntheticDescription common;
    for (std::size_t i = 1; i < statement.words.size(); ++i) {
      if (auto done = rack_word(statement, statement.words[i], common); !done) return done;
    }
    for (std::uint32_t n = 0; n < nodes_; ++n) {
      for (std::uint32_t d = 0; d < devices_per_node_; ++d) add(common, n, d);
    }
    lines_.assign(devices_.size(), statement.line);
    return {};
  }

  void add(SyntheticDescription common, std::uint32_t node, std::uint32_t device) {
    common.node = node;
    common.device = device;
    common.serial = static_cast<std::uint32_t>(devices_.size());
    devices_.push_back(std::move(common));
  }

  Expected<void> rack_word(const Statement& statement, const Token& word,
                           SyntheticDescription& common) {
    const Assignment a = assignment_of(word);
    if (auto fresh = note(statement, word, "rack " + a.key); !fresh) return fresh;
    if (a.key == "nodes" || a.key == "devices") {
      const auto count = parse_whole(a.value, 1, a.key == "nodes" ? kMaxNodes : kMaxDevices);
      if (!count) return at(statement, a.value_column, a.key + ": " + count.error().message);
      (a.key == "nodes" ? nodes_ : devices_per_node_) = static_cast<std::uint32_t>(*count);
      return {};
    }
    if (holds(quirk_keys(), a.key) || holds(quirk_flags(), a.key)) {
      return at(statement, word.column,
                fmt::format("'{}' belongs to one device: 'n0-d0 {}'", a.key, word.text));
    }
    if (!holds(hardware_keys(), a.key)) {
      return at(statement, word.column,
                unknown_word("key", a.key, joined(hardware_keys(), {"nodes", "devices"}))
                    .value()
                    .message);
    }
    return place(statement, a, set_hardware(common, a.key, a.value));
  }

  Expected<void> device(const Statement& statement) {
    const Token& first = statement.words.front();
    std::uint32_t node = 0, number = 0;
    if (first.text == "rack") return at(statement, first.column, "a second 'rack' line");
    if (!read_name(first.text, node, number)) {
      return at(statement, first.column,
                fmt::format("'{}' names no device; expected one such as 'n0-d3'", first.text));
    }
    if (node >= nodes_ || number >= devices_per_node_) {
      return at(statement, first.column,
                fmt::format("there is no {}: nodes are n0 ... n{}, devices d0 ... d{}", first.text,
                            nodes_ - 1, devices_per_node_ - 1));
    }
    if (statement.words.size() == 1) {
      return at(statement, first.column, fmt::format("'{}' says nothing about it", first.text));
    }
    const std::size_t index = std::size_t{node} * devices_per_node_ + number;
    lines_[index] = statement.line;
    for (std::size_t i = 1; i < statement.words.size(); ++i) {
      if (auto done = device_word(statement, statement.words[i], devices_[index]); !done)
        return done;
    }
    return {};
  }

  Expected<void> device_word(const Statement& statement, const Token& word,
                             SyntheticDescription& device) {
    const Assignment a = assignment_of(word);
    if (auto fresh = note(statement, word, device.id() + " " + a.key); !fresh) return fresh;
    if (holds(hardware_keys(), a.key)) {
      return place(statement, a, set_hardware(device, a.key, a.value));
    }
    if (holds(quirk_keys(), a.key) || holds(quirk_flags(), a.key)) {
      return place(statement, a, set_quirk(device, a.key, a.value));
    }
    const auto known = joined(joined(quirk_keys(), quirk_flags()), hardware_keys());
    return at(statement, word.column, unknown_word("key", a.key, known).value().message);
  }

  // Gives the error of a value its place.
  Expected<void> place(const Statement& statement, const Assignment& a,
                       Expected<void> result) const {
    if (result) return result;
    return at(statement, a.value_column, a.key + ": " + result.error().message);
  }

  Expected<void> note(const Statement& statement, const Token& word, const std::string& what) {
    if (seen_.insert(what).second) return {};
    return at(statement, word.column, fmt::format("'{}' is given twice", what));
  }

  // What can be said only when all lines of the device were read.
  Expected<void> check(const SyntheticDescription& d) const {
    const Statement last{lines_[d.serial], {}};
    if (d.wrong == Wrong::core && d.wrong_core >= d.cores) {
      return at(last, 1,
                fmt::format("{} has no core {}: 0 ... {}", d.id(), d.wrong_core, d.cores - 1));
    }
    if (d.numa_node >= static_cast<int>(d.numa_nodes)) {
      return at(last, 1,
                fmt::format("{} has no NUMA node {}: its host has 'numa_nodes={}'", d.id(),
                            d.numa_node, d.numa_nodes));
    }
    if (d.far_slow > 0 && (d.numa_nodes < 2 || d.numa_node < 0))
      return at(last, 1, d.id() + ": 'far_slow' needs numa_nodes=2 and a numa_node=");
    bool repeats = d.wrong != Wrong::nothing || d.late_s > 0;
    bool once = !d.hang.empty() || !d.error.empty() || d.crash_signal != 0;
    for (const auto& [from, link] : d.links) {
      if (from == d.device || from >= devices_per_node_)
        return at(last, 1, fmt::format("{}: no link from d{} of its node", d.id(), from));
      repeats = repeats || link.wrong;
      once = once || link.hang;
    }
    if (d.every && !repeats)
      return at(last, 1, d.id() + ": 'every' needs wrong=, link_wrong= or late=");
    if (d.after > 0 && !repeats && !once) {
      return at(last, 1,
                d.id() +
                    ": 'after' needs wrong=, late=, hang=, error=, crash=, link_wrong= or "
                    "link_hang=");
    }
    return {};
  }

  std::string file_;
  std::uint32_t nodes_ = 1, devices_per_node_ = 1;
  std::vector<SyntheticDescription> devices_;
  std::vector<int> lines_;  // of each device's last statement
  std::set<std::string> seen_;
};

}  // namespace

std::string SyntheticDescription::id() const { return fmt::format("n{}-d{}", node, device); }

Expected<std::vector<SyntheticDescription>> parse_synthetic(std::string_view text,
                                                            const std::string& file) {
  return Parser(file).parse(statements_of(text));
}

}  // namespace rackproof
