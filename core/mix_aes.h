// SPDX-License-Identifier: Apache-2.0
// Rounds of AES by arithmetic in GF(2^8). Source: FIPS 197.
#pragma once

#include <array>
#include <cstdint>

namespace rackproof::mix {

/// 16 bytes, column by column, as FIPS 197 and the CPUs' instructions order them.
using AesState = std::array<std::uint8_t, 16>;

/// ShiftRows, SubBytes, MixColumns, AddRoundKey.
[[nodiscard]] AesState aes_round(const AesState& state, const AesState& key);
/// The same without MixColumns.
[[nodiscard]] AesState aes_last_round(const AesState& state, const AesState& key);
/// InvShiftRows, InvSubBytes, InvMixColumns, AddRoundKey: of the equivalent inverse cipher.
[[nodiscard]] AesState aes_inverse_round(const AesState& state, const AesState& key);
/// The same without InvMixColumns.
[[nodiscard]] AesState aes_last_inverse_round(const AesState& state, const AesState& key);

}  // namespace rackproof::mix
