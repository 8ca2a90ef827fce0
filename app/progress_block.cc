// SPDX-License-Identifier: Apache-2.0
#include "app/progress_block.h"

#include <fmt/format.h>

#include <algorithm>

namespace rackproof {
namespace {

constexpr std::size_t kPastLines = 500;
// ECMA-48: cursor up, erase to the line's end, erase to the screen's end, cursor to the top left.
constexpr const char* kEraseLine = "\x1b[K";
constexpr const char* kEraseBelow = "\x1b[J";
constexpr const char* kTop = "\x1b[H";
constexpr const char* kEnd = "\r\n";

std::string up(std::size_t rows) { return rows == 0 ? "\r" : fmt::format("\r\x1b[{}A", rows); }

std::string block_text(const std::vector<std::string>& block) {
  std::string text;
  for (const std::string& line : block) text += line + kEraseLine + kEnd;
  return text + kEraseBelow;
}

std::size_t rows_of(const std::string& line, std::size_t columns) {
  return std::max<std::size_t>(1, (columns_of(line) + columns - 1) / columns);
}

}  // namespace

std::string LiveBlock::repaint(const std::vector<std::string>& block, const Screen& screen) {
  const std::size_t columns = std::max<std::size_t>(1, screen.columns);
  std::size_t room = screen.rows > block.size() + 1 ? screen.rows - block.size() - 1 : 0;
  auto first = past_.end();
  while (first != past_.begin() && rows_of(*std::prev(first), columns) <= room) {
    room -= rows_of(*std::prev(first), columns);
    --first;
  }
  std::string text = std::string(kTop) + kEraseBelow;
  for (; first != past_.end(); ++first) text += *first + kEnd;
  return text + block_text(block);
}

std::string LiveBlock::draw(const std::vector<std::string>& news,
                            const std::vector<std::string>& block, const Screen& screen) {
  past_.insert(past_.end(), news.begin(), news.end());
  while (past_.size() > kPastLines) past_.pop_front();
  const bool resized = height_ > 0 && !(screen == screen_);
  std::string text = resized ? repaint(block, screen) : up(height_);
  if (!resized) {
    if (!news.empty()) text += kEraseBelow;
    for (const std::string& line : news) text += line + kEnd;
    text += block_text(block);
  }
  screen_ = screen;
  height_ = block.size();
  return text;
}

std::string LiveBlock::erase() {
  if (height_ == 0) return "";
  const std::string text = up(height_) + kEraseBelow;
  height_ = 0;
  return text;
}

}  // namespace rackproof
