// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/words.h"

#include "backends/kernels/sources.h"

namespace rackproof::kernels {
namespace {

constexpr std::uint32_t kLedgerArgs = 9;

Kernel word_kernel(Lanes& lanes, const char* name) {
  Card& card = lanes.card();
  return {card, source_of(card, "words", {embedded::kernels_words}, group_items(card)), name};
}

// start(lane, chunk, selection within it, share of it) for all that is to be done.
template <class Start>
void for_shares(Lanes& lanes, const Memory& memory, const Selection& selection,
                const Start& start) {
  lanes.join();
  for (const Chunk& chunk : memory.chunks()) {
    const Selection here = selection.within(memory, chunk);
    for (std::uint32_t lane = 0; lane < lanes.count(); ++lane) {
      const Range mine = share(here.count(), lane, lanes.count());
      if (!mine.empty()) start(lane, chunk, here, mine);
    }
  }
  lanes.join();
}

void set_words(Kernel& kernel, const Chunk& chunk, const Selection& here, const Range& mine,
               const Rule& rule) {
  const Handle buffer = chunk.buffer.get();
  kernel.set(0, buffer, chunk.first_word, here.kind(), here.p(), here.q(), mine.first, mine.last,
             static_cast<std::uint32_t>(rule.kind), rule.datum);
}

}  // namespace

WordWriter::WordWriter(Lanes& lanes) : lanes_(lanes), kernel_(word_kernel(lanes, "write_words")) {}

void WordWriter::write(const Memory& memory, const Selection& selection, const Rule& rule) {
  for_shares(lanes_, memory, selection,
             [&](std::uint32_t lane, const Chunk& chunk, const Selection& here, const Range& mine) {
               set_words(kernel_, chunk, here, mine, rule);
               lanes_.start(lane, kernel_, lane_groups(lanes_.card()), group_items(lanes_.card()));
             });
}

WordChecker::WordChecker(Lanes& lanes)
    : lanes_(lanes), kernel_(word_kernel(lanes, "check_words")) {}

std::uint64_t WordChecker::groups() const {
  return std::uint64_t{lanes_.count()} * lane_groups(lanes_.card());
}

void WordChecker::check(const Memory& memory, const Selection& selection, const Rule& rule,
                        const Ledger& ledger) {
  const std::uint32_t groups = lane_groups(lanes_.card());
  for_shares(lanes_, memory, selection,
             [&](std::uint32_t lane, const Chunk& chunk, const Selection& here, const Range& mine) {
               set_words(kernel_, chunk, here, mine, rule);
               ledger.set(kernel_, kLedgerArgs, lane * groups, lane);
               lanes_.start(lane, kernel_, groups, group_items(lanes_.card()));
             });
}

}  // namespace rackproof::kernels
