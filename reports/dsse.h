// SPDX-License-Identifier: Apache-2.0
// DSSE v1.0.2 envelopes: signatures over exactly the bytes that are parsed afterwards.
// Source: github.com/secure-systems-lab/dsse, protocol.md and envelope.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "reports/key.h"

namespace rackproof {

/// "DSSEv1 LEN(type) type LEN(body) body": what is signed. Lengths count bytes.
[[nodiscard]] std::string pae(std::string_view type, std::string_view body);

/// Standard alphabet with padding.
[[nodiscard]] std::string base64(std::string_view bytes);
/// Standard or URL-safe alphabet, not mixed; padding required; no white space, no stray bits.
[[nodiscard]] Expected<std::string> parse_base64(std::string_view text);

struct EnvelopeSignature {
  std::string keyid;  ///< a hint only: nothing is decided by it
  std::string sig;    ///< raw bytes
};

/// An envelope as read: nothing in it is to be believed before open_envelope.
struct Envelope {
  std::string payload_type;
  std::string unverified_payload;
  std::vector<EnvelopeSignature> signatures;
};

/// One line of JSON without its newline.
[[nodiscard]] std::string to_json_line(const Envelope& envelope);
/// Refuses anything but a strict JSON object with the envelope's fields; unknown ones are ignored.
[[nodiscard]] Expected<Envelope> parse_envelope(std::string_view line,
                                                const std::string& file = {});

[[nodiscard]] Expected<Envelope> sign_envelope(std::string_view payload_type,
                                               std::string_view payload, const SigningKey& signer);

/// What came out of an envelope: the signed bytes and which of the keys signed them.
struct OpenedEnvelope {
  std::string payload;
  std::vector<std::size_t> signers;  ///< indices into the keys, each once, never empty
};

/// Tries every key on every signature; an Error when none fits.
[[nodiscard]] Expected<OpenedEnvelope> open_envelope(const Envelope& envelope,
                                                     std::span<const PublicKey> keys);

}  // namespace rackproof
