// SPDX-License-Identifier: Apache-2.0
#include "profiles/yaml_reader.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <sstream>

namespace rackproof {
namespace {

/// Ends the reading; yaml-cpp passes it through.
struct Refusal {
  Error error;
};

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

/// Builds the document from yaml-cpp's events, so that aliases are never expanded.
class Builder : public YAML::EventHandler {
 public:
  Builder(Document& document, const std::string& file) : document_(document), file_(file) {}

  std::vector<Error> duplicates;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) refuse(mark, "a second document: one YAML document is wanted");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (expects_key()) refuse(mark, "a key without a name");
    // yaml-cpp marks what follows the nothing.
    const std::string pointer = value(mark, nullptr).pointer;
    const auto key = document_.keys.find(pointer);
    if (key != document_.keys.end()) document_.values[pointer] = key->second;
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark); }
  void OnAnchor(const YAML::Mark& mark, const std::string&) override { refuse_anchor(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& text) override {
    check_tag(mark, tag);
    check_text(mark, text);
    if (expects_key()) {
      key(mark, text);
    } else {
      value(mark, text);
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, Json::array());
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, Json::object());
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Json* node;
    std::string pointer;
    std::optional<std::string> key = {};  // of the value that comes next
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string message) const {
    throw Refusal{Error{std::move(message), file_, mark.line + 1, mark.column + 1}};
  }
  [[noreturn]] void refuse_anchor(const YAML::Mark& mark) const {
    refuse(mark, "anchors and aliases are not supported; write the value out, or use 'extends'");
  }
  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.size() > 1) refuse(mark, fmt::format("tag '{}' is not supported", tag));
  }
  void check_text(const YAML::Mark& mark, const std::string& text) const {
    if (text.size() > kMaxScalarBytes) {
      refuse(mark, fmt::format("a text of {} bytes; at most {}", text.size(), kMaxScalarBytes));
    }
    for (const char c : text) {
      if (c != '\n' && is_control(c)) refuse(mark, "a control character inside a text");
    }
  }
  [[nodiscard]] bool expects_key() const {
    return !stack_.empty() && stack_.back().node->is_object() && !stack_.back().key;
  }
  [[nodiscard]] Mark marked(const YAML::Mark& mark) const {
    return Mark{file_, mark.line + 1, mark.column + 1};
  }

  void key(const YAML::Mark& mark, const std::string& text) {
    Frame& top = stack_.back();
    top.key = text;
    const std::string pointer = below(top.pointer, text);
    if (top.node->contains(text)) {
      const int first = document_.keys.at(pointer).line;
      duplicates.push_back(Error{
          fmt::format("key '{}' stands here a second time; the first is on line {}", text, first),
          file_, mark.line + 1, mark.column + 1});
      return;
    }
    document_.keys[pointer] = marked(mark);
  }

  // Puts a value where the innermost open map or list wants it.
  Frame value(const YAML::Mark& mark, Json json) {
    Frame placed{&document_.json, ""};
    if (!stack_.empty()) {
      Frame& top = stack_.back();
      if (top.node->is_object()) {
        placed = {&(*top.node)[*top.key], below(top.pointer, *top.key)};
        top.key.reset();
      } else {
        placed.pointer = below(top.pointer, top.node->size());
        top.node->push_back(nullptr);
        placed.node = &top.node->back();
      }
    }
    *placed.node = std::move(json);
    document_.values[placed.pointer] = marked(mark);
    return placed;
  }

  void open(const YAML::Mark& mark, const std::string& tag, Json empty) {
    check_tag(mark, tag);
    if (expects_key()) refuse(mark, "a key must be a word");
    if (stack_.size() >= kMaxYamlDepth) refuse(mark, "nested too deeply");
    stack_.push_back(value(mark, std::move(empty)));
  }
  void close() { stack_.pop_back(); }

  Document& document_;
  std::string file_;
  std::vector<Frame> stack_;
  int documents_ = 0;
};

std::optional<Error> check_line(const std::string& line, const std::string& file, int number) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const int column = static_cast<int>(i) + 1;
    if (line[i] == '\t') return Error{"a tab; YAML wants spaces", file, number, column};
    const bool line_end = line[i] == '\r' && i + 1 == line.size();
    if (is_control(line[i]) && !line_end) {
      return Error{fmt::format("not text: byte 0x{:02x}", static_cast<unsigned char>(line[i])),
                   file, number, column};
    }
  }
  try {
    static_cast<void>(Json(line).dump());
  } catch (const nlohmann::json::exception&) {
    return Error{"not text: invalid UTF-8", file, number};
  }
  return {};
}

std::optional<Error> check_bytes(const std::string& text, const std::string& file) {
  if (text.size() > kMaxYamlBytes) {
    return Error{fmt::format("larger than {} bytes: not a profile", kMaxYamlBytes), file};
  }
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (auto error = check_line(line, file, number)) return error;
  }
  return {};
}

std::string explained(const std::string& problem) {
  const bool open_quote = problem.find("document indicator in scalar") != std::string::npos;
  return "not valid YAML: " + (open_quote ? "a quote is never closed" : problem);
}

void parse(const std::string& text, Builder& builder, const std::string& file) {
  // The end of the document makes yaml-cpp notice a quote that is never closed.
  std::istringstream in(text + "\n...\n");
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::ParserException& problem) {
    throw Refusal{
        Error{explained(problem.msg), file, problem.mark.line + 1, problem.mark.column + 1}};
  } catch (const std::exception& problem) {
    throw Refusal{Error{std::string("not valid YAML: ") + problem.what(), file}};
  }
}

}  // namespace

ExpectedAll<Document> read_yaml(const std::string& text, const std::string& file) {
  if (const auto error = check_bytes(text, file)) return tl::unexpected(std::vector{*error});
  Document document;
  Builder builder(document, file);
  try {
    parse(text, builder, file);
  } catch (const Refusal& refusal) {
    return tl::unexpected(std::vector{refusal.error});
  }
  if (!builder.duplicates.empty()) return tl::unexpected(builder.duplicates);
  if (!document.json.is_object()) {
    return tl::unexpected(std::vector{Error{
        "not a profile: expected keys at the top, beginning with 'schema: rackproof/profile/1'",
        file, 1, 1}});
  }
  return document;
}

}  // namespace rackproof
