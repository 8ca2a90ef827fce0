// SPDX-License-Identifier: Apache-2.0
// Kernels, and the queues that they run on: one for each lane of a card.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/opencl/card.h"

namespace rackproof::opencl {

/// One kernel with arguments of its own; one thread at a time.
class Kernel {
 public:
  Kernel(Card& card, const Source& source, const char* name);
  /// Sets the arguments from `first` on: cl_mem, or numbers of exactly the kernel's types.
  template <class... Args>
  void set(cl_uint first, const Args&... args) {
    (set_one(first++, sizeof args, &args), ...);
  }
  [[nodiscard]] cl_kernel get() const { return kernel_.get(); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  void set_one(cl_uint index, std::size_t size, const void* value);
  KernelOwner kernel_;
  std::string name_, device_;
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
  [[nodiscard]] cl_command_queue queue(std::uint32_t lane = 0) const { return queues_[lane].get(); }
  /// Starts `groups` work groups of `items` each on a lane.
  void start(std::uint32_t lane, const Kernel& kernel, std::uint64_t groups, std::uint64_t items);
  /// What is started from here on sees what was done before, on any lane.
  void join();
  /// All is done.
  void finish();

 private:
  std::shared_ptr<Card> card_;
  std::vector<Queue> queues_;
};

/// How kernels over words are shared out: items in a group and groups on each lane. On a CPU one
/// item goes through its words in order; elsewhere neighbours do, side by side.
[[nodiscard]] std::uint64_t group_items(const Card& card);
[[nodiscard]] std::uint32_t lane_groups(Card& card);

/// pattern.cl and ledger.cl before `files`, with the options that they need.
[[nodiscard]] Source source_of(Card& card, std::vector<std::string_view> files, std::uint64_t items,
                               const std::string& options = {});

}  // namespace rackproof::opencl
