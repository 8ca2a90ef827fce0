// SPDX-License-Identifier: Apache-2.0
// SHA-256 of bytes and files, and the campaign seed from which every pattern derives.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/error.h"

namespace rackproof {

using Sha256 = std::array<std::uint8_t, 32>;

/// SHA-256 of the concatenation of `parts`. Source: FIPS 180-4, by OpenSSL.
[[nodiscard]] Sha256 sha256(std::initializer_list<std::string_view> parts);
[[nodiscard]] inline Sha256 sha256(std::string_view bytes) { return sha256({bytes}); }
[[nodiscard]] Expected<Sha256> sha256_file(const std::filesystem::path& path);

/// 64 lower-case hex digits, and back.
[[nodiscard]] std::string hex(const Sha256& digest);
[[nodiscard]] Expected<Sha256> parse_sha256(std::string_view text);

/// The whole campaign's 32 bytes of randomness: from the operating system, or a customer's nonce.
using Seed = Sha256;
[[nodiscard]] Seed random_seed();

/// The pattern of one burst: first 8 bytes of SHA-256(seed, device, step, index), little endian.
[[nodiscard]] std::uint64_t derive(const Seed& seed, std::string_view device, std::string_view step,
                                   std::uint64_t index);

}  // namespace rackproof
