// SPDX-License-Identifier: Apache-2.0
// For tests: one memory with one faulty cell, pair of cells or address. The static fault classes
// that the literature counts: functional fault primitives of one and two cells (van de Goor &
// Al-Ars, VTS 2000; Hamdioui, van de Goor & Rodgers, MTDT 2002) and faults of the address decoder.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace rackproof {

enum class CellDefect {
  none,
  saf,         ///< the victim always holds `x`
  tf,          ///< it cannot change to `x`
  wdf,         ///< writing `x` where `x` is stored flips it
  rdf,         ///< reading `x` flips it, and the flipped value is read
  drdf,        ///< reading `x` flips it after the right value was read
  irf,         ///< reading `x` gives the other value
  cfst,        ///< the victim becomes `y` while the aggressor holds `x`
  cfid,        ///< the aggressor's change to `x` makes the victim `y`
  cfin,        ///< the aggressor's change to `x` flips the victim
  cfds_read,   ///< reading `x` from the aggressor makes the victim `y`
  cfds_write,  ///< writing `x` into an aggressor that holds `x` makes the victim `y`
  cftr,        ///< the victim cannot change to `x` while the aggressor holds `y`
  cfwd,        ///< as wdf, while the aggressor holds `y`
  cfrd,        ///< as rdf, while the aggressor holds `y`
  af_none,     ///< the victim's word is nowhere: it reads as all `x`
  af_alias,    ///< the victim's word is the aggressor's word
  af_multi,    ///< writing the victim's word writes the aggressor's too; reading it reads both,
               ///< joined by "or" (`x`) or "and"
};
inline constexpr int kCellDefects = static_cast<int>(CellDefect::af_multi);  // without `none`
[[nodiscard]] std::string_view name(CellDefect defect);  ///< "SAF", "CFds read", "AF alias"
[[nodiscard]] bool is_coupling(CellDefect defect);       ///< of two cells
[[nodiscard]] bool is_decoder(CellDefect defect);        ///< of whole words

/// So many words of so many bits, the low ones of the 64 that a workload writes. A multiple of 8
/// words, since regions are multiples of 64 bytes.
struct CellShape {
  std::uint32_t words = 16, bits = 4;
  [[nodiscard]] std::uint32_t cells() const { return words * bits; }
};

/// Cells are word * bits + bit; the decoder's faults take the word that the cell is in.
struct CellFault {
  CellDefect defect = CellDefect::none;
  std::uint32_t victim = 0, aggressor = 0;
  bool x = false, y = false;
};

/// The two words of a memory that its fault concerns; all others behave, and are not kept.
class CellMemory {
 public:
  /// `seed` decides what the words hold at first.
  CellMemory(const CellFault& fault, CellShape shape, std::uint64_t seed);

  void write(std::uint32_t word, std::uint64_t value);
  [[nodiscard]] std::uint64_t read(std::uint32_t word);  ///< may change what is stored

  [[nodiscard]] std::uint32_t victim_word() const { return victim_.word; }
  [[nodiscard]] std::uint32_t aggressor_word() const { return aggressor_.word; }
  [[nodiscard]] std::uint64_t mask() const { return mask_; }

 private:
  struct Cell {
    std::uint32_t word = 0;
    std::uint64_t bit = 0;  // as a mask
  };
  [[nodiscard]] bool is(CellDefect defect) const { return defect_ == defect; }
  [[nodiscard]] std::uint64_t& stored(std::uint32_t word) {
    return stored_[word == victim_.word ? 0 : 1];
  }
  [[nodiscard]] bool get(Cell cell) { return (stored(cell.word) & cell.bit) != 0; }
  void set(Cell cell, bool value);
  void store(std::uint32_t word, std::uint64_t value);
  [[nodiscard]] bool written(bool was, bool now, bool aggressor) const;
  [[nodiscard]] bool sensed();
  void disturb(bool was, bool now);
  void settle();

  CellDefect defect_;
  bool x_, y_;
  Cell victim_, aggressor_;
  std::uint64_t mask_;
  std::array<std::uint64_t, 2> stored_{};  // the victim's word, the aggressor's if it is another
};

}  // namespace rackproof
