// SPDX-License-Identifier: Apache-2.0
#include "core/hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstring>
#include <fstream>
#include <memory>

namespace rackproof {
namespace {

using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

DigestContext start() {
  DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL offers no SHA-256");
  }
  return context;
}

Sha256 finish(const DigestContext& context) {
  Sha256 digest{};
  EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
  return digest;
}

}  // namespace

Sha256 sha256(std::initializer_list<std::string_view> parts) {
  const DigestContext context = start();
  for (const std::string_view part : parts)
    EVP_DigestUpdate(context.get(), part.data(), part.size());
  return finish(context);
}

Expected<Sha256> sha256_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return tl::unexpected(
        Error{fmt::format("cannot read: {}", std::strerror(errno)), path.string()});
  const DigestContext context = start();
  std::array<char, 1 << 16> buffer{};
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return tl::unexpected(Error{"cannot read", path.string()});
  return finish(context);
}

std::string hex(const Sha256& digest) {
  std::string text;
  for (const std::uint8_t byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

Expected<Sha256> parse_sha256(std::string_view text) {
  Sha256 digest{};
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (text.size() != 64) return fail(fmt::format("'{}' is not 64 hex digits", text));
  for (std::size_t i = 0; i < 64; ++i) {
    const auto nibble = kDigits.find(text[i]);
    if (nibble == std::string_view::npos)
      return fail(fmt::format("'{}' is not 64 lower-case hex digits", text));
    digest[i / 2] = static_cast<std::uint8_t>(digest[i / 2] << 4 | nibble);
  }
  return digest;
}

Seed random_seed() {
  Seed seed{};
  if (RAND_bytes(seed.data(), static_cast<int>(seed.size())) != 1)
    throw std::runtime_error("no randomness from the operating system");
  return seed;
}

std::uint64_t derive(const Seed& seed, std::string_view device, std::string_view step,
                     std::uint64_t index) {
  const std::string number = fmt::format("{}", index);
  const std::string_view zero("\0", 1);
  const Sha256 digest = sha256({{reinterpret_cast<const char*>(seed.data()), seed.size()},
                                device,
                                zero,
                                step,
                                zero,
                                number});
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | digest[static_cast<std::size_t>(i)];
  return value;
}

}  // namespace rackproof
