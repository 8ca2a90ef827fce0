// SPDX-License-Identifier: Apache-2.0
#include "reports/page_layout.h"

#include <sstream>
#include <vector>

namespace rackproof {
namespace {

std::string laid_out(const std::vector<std::string>& words, std::size_t indent,
                     const std::string& line_end) {
  std::string out;
  std::size_t column = indent;
  for (const std::string& word : words) {
    const bool first = out.empty();
    if (!first && column + 1 + word.size() + line_end.size() > kPageWidth) {
      out += line_end + "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

// An option and its value stay together.
std::vector<std::string> options_of(const std::string& command) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < command.size();) {
    const std::size_t end = command.find(" --", begin);
    words.push_back(command.substr(begin, end - begin));
    begin = end == std::string::npos ? command.size() : end + 1;
  }
  return words;
}

}  // namespace

std::string wrapped(const std::string& text, std::size_t indent) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return laid_out(words, indent, "");
}

std::string wrapped_command(const std::string& command, std::size_t indent) {
  return laid_out(options_of(command), indent, " \\");
}

}  // namespace rackproof
