// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/lanes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "backends/kernels/sources.h"
#include "core/workload.h"

namespace rackproof::kernels {
namespace {

constexpr std::uint64_t kItems = 128;
constexpr std::uint32_t kGroupsPerUnit = 16;

}  // namespace

Kernel::Kernel(Card& card, const Source& source, const char* name)
    : function_(card.driver().function(source, name)) {}

void Kernel::set_one(std::uint32_t index, std::size_t size, const void* value) {
  if (arguments_.size() <= index) arguments_.resize(index + 1);
  arguments_[index].size_bytes = static_cast<std::uint32_t>(size);
  std::memcpy(&arguments_[index].bits, value, size);
}

Range share(std::uint64_t count, std::uint64_t index, std::uint64_t parts) {
  const std::uint64_t each = count / parts, rest = count % parts;
  const std::uint64_t first = index * each + std::min(index, rest);
  return {first, first + each + (index < rest ? 1 : 0)};
}

Lanes::Lanes(std::shared_ptr<Card> card) : card_(std::move(card)) {
  for (std::size_t lane = 0; lane < card_->lanes(); ++lane)
    queues_.push_back(card_->take_queue(lane));
}

Lanes::~Lanes() {
  for (std::size_t lane = 0; lane < queues_.size(); ++lane) card_->give_back(lane, queues_[lane]);
}

void Lanes::start(std::uint32_t lane, const Kernel& kernel, std::uint64_t groups,
                  std::uint64_t items) {
  kernel.launch(queue(lane), groups, items);
  if (count() > 1) card_->driver().flush(queue(lane));
}

void Lanes::join() {
  if (count() > 1) finish();
}

void Lanes::finish() const {
  for (const Queue queue : queues_) card_->driver().finish(queue);
}

std::uint64_t group_items(const Card& card) { return card.traits().cpu ? 1 : kItems; }

std::uint32_t lane_groups(Card& card) {
  if (card.lanes() > 1) return 1;
  return card.traits().compute_units * (card.traits().cpu ? 1 : kGroupsPerUnit);
}

Source source_of(Card& card, std::string name, std::vector<std::string_view> files,
                 std::uint64_t items, const std::string& options) {
  files.insert(files.begin(),
               {embedded::kernels_dialect, embedded::kernels_pattern, embedded::kernels_ledger});
  const char* named = card.traits().names_cores ? " -DNVIDIA" : "";
  return {std::move(name), std::move(files),
          fmt::format("-cl-std=CL1.2 -DGROUP={} -DCORES={} -DSTRIDE={}UL{}{}{}", items,
                      card.cores(), kStripe, named, options.empty() ? "" : " ", options)};
}

}  // namespace rackproof::kernels
