// SPDX-License-Identifier: Apache-2.0
// Keeps a block of lines at the terminal's end, redrawn in place, below lines that scroll and stay.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "app/progress_layout.h"

namespace rackproof {

/// Answers with the bytes to write. The terminal's state is never changed (no hidden cursor, no
/// other screen, no raw mode), and the cursor rests at the start of the line below the block: even
/// a process that is killed leaves a terminal that is in order.
class LiveBlock {
 public:
  /// First the new lines that stay, then the block; a changed size redraws all that fits.
  [[nodiscard]] std::string draw(const std::vector<std::string>& news,
                                 const std::vector<std::string>& block, const Screen& screen);
  /// Takes the block away; the cursor stands where it began.
  [[nodiscard]] std::string erase();
  /// Others have written to the terminal meanwhile: the next block is drawn below.
  void forget() { height_ = 0; }

 private:
  [[nodiscard]] std::string repaint(const std::vector<std::string>& block, const Screen& screen);

  std::size_t height_ = 0;
  Screen screen_;
  std::deque<std::string> past_;  // the newest lines that stay, for a repaint
};

}  // namespace rackproof
