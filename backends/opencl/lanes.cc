// SPDX-License-Identifier: Apache-2.0
#include "backends/opencl/lanes.h"

#include <fmt/format.h>

#include <algorithm>

#include "backends/opencl/sources.h"
#include "core/workload.h"

namespace rackproof::opencl {
namespace {

constexpr std::uint64_t kItems = 128;
constexpr std::uint32_t kGroupsPerUnit = 16;

}  // namespace

Kernel::Kernel(Card& card, const Source& source, const char* name)
    : name_(name), device_(card.id()) {
  cl_int status = CL_SUCCESS;
  kernel_ = KernelOwner(cl().CreateKernel(card.program(source), name, &status));
  check(status, "clCreateKernel", device_, name_);
}

void Kernel::set_one(cl_uint index, std::size_t size, const void* value) {
  check(cl().SetKernelArg(kernel_.get(), index, size, value), "clSetKernelArg", device_, name_);
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
  for (std::size_t lane = 0; lane < queues_.size(); ++lane)
    card_->give_back(lane, std::move(queues_[lane]));
}

void Lanes::start(std::uint32_t lane, const Kernel& kernel, std::uint64_t groups,
                  std::uint64_t items) {
  const std::size_t all = groups * items, each = items;
  check(cl().EnqueueNDRangeKernel(queue(lane), kernel.get(), 1, nullptr, &all, &each, 0, nullptr,
                                  nullptr),
        "clEnqueueNDRangeKernel", card_->id(), kernel.name());
  if (count() > 1) check(cl().Flush(queue(lane)), "clFlush", card_->id());
}

void Lanes::join() {
  if (count() > 1) finish();
}

void Lanes::finish() {
  for (const Queue& each : queues_) check(cl().Finish(each.get()), "clFinish", card_->id());
}

std::uint64_t group_items(const Card& card) { return card.traits().cpu ? 1 : kItems; }

std::uint32_t lane_groups(Card& card) {
  if (card.lanes() > 1) return 1;
  return card.traits().compute_units * (card.traits().cpu ? 1 : kGroupsPerUnit);
}

Source source_of(Card& card, std::vector<std::string_view> files, std::uint64_t items,
                 const std::string& options) {
  files.insert(files.begin(), {embedded::opencl_pattern, embedded::opencl_ledger});
  const char* nvidia = card.traits().nvidia ? " -DNVIDIA" : "";
  return {std::move(files),
          fmt::format("-cl-std=CL1.2 -DGROUP={} -DCORES={} -DSTRIDE={}UL{}{}{}", items,
                      card.cores(), kStripe, nvidia, options.empty() ? "" : " ", options)};
}

}  // namespace rackproof::opencl
