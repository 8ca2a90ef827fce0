// SPDX-License-Identifier: Apache-2.0
#include "reports/dsse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "core/json.h"

namespace rackproof {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

tl::unexpected<Error> not_base64(const char* why) {
  return fail(fmt::format("not strict base64: {}", why));
}

// Position in the alphabet; 64 for a character that is in neither.
std::size_t sextet(char c) {
  if (c == '-') return 62;
  if (c == '_') return 63;
  return std::min(kAlphabet.find(c), std::size_t{64});
}

bool mixes_alphabets(std::string_view text) {
  return text.find_first_of("+/") != std::string_view::npos &&
         text.find_first_of("-_") != std::string_view::npos;
}

std::size_t padding_of(std::string_view text) {
  if (text.size() >= 2 && text.substr(text.size() - 2) == "==") return 2;
  return !text.empty() && text.back() == '=' ? 1 : 0;
}

std::string text_field(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) {
    throw std::invalid_argument(fmt::format("an envelope needs a text '{}'", name));
  }
  return found->get<std::string>();
}

std::string bytes_field(const Json& object, const char* name) {
  const auto bytes = parse_base64(text_field(object, name));
  if (!bytes) throw std::invalid_argument(fmt::format("'{}': {}", name, bytes.error().message));
  return *bytes;
}

EnvelopeSignature signature_from(const Json& json) {
  if (!json.is_object()) throw std::invalid_argument("a signature is an object");
  EnvelopeSignature signature;
  if (json.contains("keyid")) signature.keyid = text_field(json, "keyid");
  signature.sig = bytes_field(json, "sig");
  return signature;
}

Envelope envelope_from(const Json& json) {
  if (!json.is_object()) throw std::invalid_argument("an envelope is an object");
  Envelope envelope;
  envelope.payload_type = text_field(json, "payloadType");
  envelope.unverified_payload = bytes_field(json, "payload");
  const auto signatures = json.find("signatures");
  if (signatures == json.end() || !signatures->is_array() || signatures->empty()) {
    throw std::invalid_argument("an envelope needs 'signatures', at least one");
  }
  for (const Json& one : *signatures) envelope.signatures.push_back(signature_from(one));
  return envelope;
}

}  // namespace

std::string pae(std::string_view type, std::string_view body) {
  return fmt::format("DSSEv1 {} {} {} {}", type.size(), type, body.size(), body);
}

std::string base64(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < have ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= have ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

Expected<std::string> parse_base64(std::string_view text) {
  if (text.size() % 4 != 0) return not_base64("its length is not a multiple of 4");
  if (mixes_alphabets(text)) return not_base64("two alphabets in one text");
  text.remove_suffix(padding_of(text));
  std::string bytes;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t value = sextet(c);
    if (value > 63) return not_base64("a character of no base64 alphabet");
    group = (group << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<char>(group >> bits & 0xff));
  }
  if ((group & ((1u << bits) - 1)) != 0) return not_base64("stray bits at the end");
  return bytes;
}

std::string to_json_line(const Envelope& envelope) {
  Json signatures = Json::array();
  for (const EnvelopeSignature& one : envelope.signatures) {
    signatures.push_back({{"keyid", one.keyid}, {"sig", base64(one.sig)}});
  }
  return Json{{"payload", base64(envelope.unverified_payload)},
              {"payloadType", envelope.payload_type},
              {"signatures", signatures}}
      .dump();
}

Expected<Envelope> parse_envelope(std::string_view line, const std::string& file) {
  const auto json = parse_json(line, file);
  if (!json) return tl::unexpected(json.error());
  try {
    return envelope_from(*json);
  } catch (const std::exception& problem) {
    return tl::unexpected(Error{problem.what(), file});
  }
}

Expected<Envelope> sign_envelope(std::string_view payload_type, std::string_view payload,
                                 const SigningKey& signer) {
  const auto signature = signer.sign(pae(payload_type, payload));
  if (!signature) return tl::unexpected(signature.error());
  return Envelope{
      std::string(payload_type), std::string(payload), {{signer.public_key().keyid(), *signature}}};
}

Expected<OpenedEnvelope> open_envelope(const Envelope& envelope, std::span<const PublicKey> keys) {
  const std::string signed_bytes = pae(envelope.payload_type, envelope.unverified_payload);
  OpenedEnvelope opened;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool signs = std::ranges::any_of(envelope.signatures, [&](const EnvelopeSignature& one) {
      return keys[i].verifies(signed_bytes, one.sig);
    });
    if (signs) opened.signers.push_back(i);
  }
  if (opened.signers.empty()) return fail("no signature by a trusted key");
  opened.payload = envelope.unverified_payload;
  return opened;
}

}  // namespace rackproof
