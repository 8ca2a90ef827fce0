// SPDX-License-Identifier: Apache-2.0
// Kernels, and the queues that they run on: one for each lane of a card.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/kernels/card.h"

namespace rackproof::kernels {

/// One kernel with arguments of its own; one thread at a time.
class Kernel {
 public:
  Kernel(Card& card, const Source& source, const char* name);
  /// Sets the arguments from `first` on: Handles, or numbers of exactly the kernel's types.
  template <class... Args>
  void set(std::uint32_t first, const Args&... args) {
    static_assert(((sizeof args <= sizeof(Argument::bits)) && ...));
    (set_one(first++, sizeof args, &args), ...);
  }
  void launch(Queue queue, std::uint64_t groups, std::uint64_t items) const {
    function_->launch(queue, arguments_, groups, items);
  }

 private:
  void set_one(std::uint32_t index, std::size_t size, const void* value);
  std::unique_ptr<Function> function_;
  std::vector<Argument> arguments_;
};

/// Part `index` of `parts` nearly equal pieces of [0, count).
struct Range {
  std::uint64_t first = 0, last = 0;
  [[nodiscard]] bool empty() const { return first >= last; }
};
[[nodiscard]] Range share(std::uint64_t count, std::uint64_t index, std::uint64_t parts);

/// In-order queues, so that only work of different lanes must be waited for. One thread at a time.
class Lanes {
 public:
  explicit Lanes(std::shared_ptr<Card> card);
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  [[nodiscard]] Card& card() const { return *card_; }
  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(queues_.size()); }
  [[nodiscard]] Queue queue(std::uint32_t lane = 0) const { return queues_[lane]; }
  /// Starts `groups` work groups of `items` each on a lane.
  void start(std::uint32_t lane, const Kernel& kernel, std::uint64_t groups, std::uint64_t items);
  /// What is started from here on sees what was done before, on any lane.
  void join();
  /// All is done.
  void finish() const;

 private:
  std::shared_ptr<Card> card_;
  std::vector<Queue> queues_;
};

/// How kernels over words are shared out: items in a group and groups on each lane. On a CPU one
/// item goes through its words in order; elsewhere neighbours do, side by side.
[[nodiscard]] std::uint64_t group_items(const Card& card);
[[nodiscard]] std::uint32_t lane_groups(Card& card);

/// dialect.cl, pattern.cl and ledger.cl before `files`, with the options that they need. `name`: of
/// what the build made of them.
[[nodiscard]] Source source_of(Card& card, std::string name, std::vector<std::string_view> files,
                               std::uint64_t items, const std::string& options = {});

}  // namespace rackproof::kernels
