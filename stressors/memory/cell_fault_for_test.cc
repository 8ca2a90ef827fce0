// SPDX-License-Identifier: Apache-2.0
#include "stressors/memory/cell_fault_for_test.h"

#include "core/oracle.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, kCellDefects + 1> kNames{
    "none", "SAF",       "TF",         "WDF",  "RDF",  "DRDF", "IRF",     "CFst",     "CFid",
    "CFin", "CFds read", "CFds write", "CFtr", "CFwd", "CFrd", "AF none", "AF alias", "AF multi"};

}  // namespace

std::string_view name(CellDefect defect) { return kNames.at(static_cast<std::size_t>(defect)); }

bool is_coupling(CellDefect defect) {
  return defect >= CellDefect::cfst && defect <= CellDefect::cfrd;
}

bool is_decoder(CellDefect defect) { return defect >= CellDefect::af_none; }

CellMemory::CellMemory(const CellFault& fault, CellShape shape, std::uint64_t seed)
    : defect_(fault.defect),
      x_(fault.x),
      y_(fault.y),
      victim_{fault.victim / shape.bits, 1ULL << fault.victim % shape.bits},
      aggressor_{fault.aggressor / shape.bits, 1ULL << fault.aggressor % shape.bits},
      mask_(shape.bits == 64 ? ~0ULL : (1ULL << shape.bits) - 1) {
  stored_ = {pattern_word(seed, 0) & mask_, pattern_word(seed, 1) & mask_};
  settle();
}

void CellMemory::write(std::uint32_t word, std::uint64_t value) {
  const bool decoded_wrong = is_decoder(defect_) && word == victim_.word;
  if (!decoded_wrong || is(CellDefect::af_multi)) store(word, value & mask_);
  if (decoded_wrong && !is(CellDefect::af_none)) store(aggressor_.word, value & mask_);
}

std::uint64_t CellMemory::read(std::uint32_t word) {
  if (is_decoder(defect_) && word == victim_.word) {
    const std::uint64_t other = stored(aggressor_.word), own = stored(word);
    if (is(CellDefect::af_none)) return x_ ? mask_ : 0;
    if (is(CellDefect::af_alias)) return other;
    return x_ ? own | other : own & other;
  }
  std::uint64_t seen = stored(word);
  const bool drives = is(CellDefect::cfds_read) && word == aggressor_.word;
  const bool disturbs = drives && get(aggressor_) == x_;
  if (word == victim_.word) {
    const bool held = get(victim_);
    if (sensed() != held) seen ^= victim_.bit;
  }
  if (disturbs) set(victim_, y_);
  settle();
  return seen;
}

void CellMemory::set(Cell cell, bool value) {
  if (get(cell) != value) stored(cell.word) ^= cell.bit;
}

void CellMemory::store(std::uint32_t word, std::uint64_t value) {
  const bool aggressor = get(aggressor_), victim = get(victim_);
  stored(word) = value;
  if (word == victim_.word) set(victim_, written(victim, get(victim_), aggressor));
  if (word == aggressor_.word) disturb(aggressor, (value & aggressor_.bit) != 0);
  settle();
}

// What the victim holds after `now` was written over `was`.
bool CellMemory::written(bool was, bool now, bool aggressor) const {
  if (now != x_) return now;
  const bool coupled = aggressor == y_;
  const bool blocked = is(CellDefect::tf) || (is(CellDefect::cftr) && coupled);
  const bool upset = is(CellDefect::wdf) || (is(CellDefect::cfwd) && coupled);
  return (was != now && blocked) || (was == now && upset) ? !now : now;
}

// What reading the victim shows; may flip it.
bool CellMemory::sensed() {
  const bool value = get(victim_);
  if (value != x_) return value;
  const bool coupled = is(CellDefect::cfrd) && get(aggressor_) == y_;
  const bool destroyed = is(CellDefect::rdf) || coupled;
  if (destroyed || is(CellDefect::drdf)) set(victim_, !value);
  return destroyed || is(CellDefect::irf) ? !value : value;
}

// What writing the aggressor does to the victim.
void CellMemory::disturb(bool was, bool now) {
  if (now != x_) return;
  if (is(CellDefect::cfid) && was != now) set(victim_, y_);
  if (is(CellDefect::cfin) && was != now) set(victim_, !get(victim_));
  if (is(CellDefect::cfds_write) && was == now) set(victim_, y_);
}

// What holds at every moment.
void CellMemory::settle() {
  if (is(CellDefect::saf)) set(victim_, x_);
  if (is(CellDefect::cfst) && get(aggressor_) == x_) set(victim_, y_);
}

}  // namespace rackproof
