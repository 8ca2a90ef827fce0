// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "reports/verify_guide.h"

namespace rackproof {
namespace {

constexpr std::string_view kSigned = R"(# How to check this bundle

It was signed with the {} key whose fingerprint (SHA-256 of its public half) is

    {}

The copy in signer.pub.pem proves nothing: anybody can put a key into a folder. Get the public key,
or at least this fingerprint, from the signer by another way.
)";

constexpr std::string_view kUnsigned = R"(# UNSIGNED: this bundle proves nothing

No key signed it. Its files can be compared with SHA256SUMS, but anybody could have written both.
)";

constexpr std::string_view kHow = R"PAGE(
## With rackproof

    rackproof verify BUNDLE --trust TRUST.yaml

TRUST.yaml, yours and not from this folder, names the keys that count and, if you like, what the
bundle must be about:

    keys: [{role: station, key: station.pub.pem}]
    profiles: [SHA-256 of each profile.yaml that you accept]
    minimum_revision: 3
    serials: [serial numbers that must have taken part]
    nonce: hex digits that you gave before the run

This repeats everything: signatures, files, the journal's chain, and the verdict from the recorded
measurements.

## With bash, openssl, jq and coreutils

    ./verify.sh PUBLIC_KEY.pem [BUNDLE]

Use a verify.sh that you trust: it is the same file in every bundle of one version of rackproof. It
checks the signatures, the manifest, every file, and repeats each limit's decision and the overall
verdict from report.json. It does not read the journal.

## By hand

In bash, in this folder. First the key, whose fingerprint must be the one that the signer told you:

    openssl pkey -pubin -in PUBLIC_KEY.pem -outform DER | sha256sum

Then the signature, which must be "Verified OK". The scratch files lie elsewhere, because an extra
file in the bundle is refused:

    tmp=$(mktemp -d)
    line=$(sed -n 1p attestations.intoto.jsonl)
    jq -r .payload <<<"$line" | base64 -d > "$tmp/payload"
    jq -r '.signatures[0].sig' <<<"$line" | base64 -d > "$tmp/sig"
    type=application/vnd.in-toto+json
    size=$(wc -c < "$tmp/payload")
    { printf 'DSSEv1 %d %s %d ' ${#type} "$type" "$size"; cat "$tmp/payload"; } > "$tmp/signed"
    openssl dgst -sha256 -verify PUBLIC_KEY.pem -signature "$tmp/sig" "$tmp/signed"

With an Ed25519 key the last line is

    openssl pkeyutl -verify -pubin -inkey PUBLIC_KEY.pem -rawin -in "$tmp/signed" -sigfile "$tmp/sig"

Then the files. Both digests must be equal, each file must be OK, and the verdict is the signed one:

    jq -r '.subject[0].digest.sha256' "$tmp/payload"; sha256sum SHA256SUMS
    sha256sum -c SHA256SUMS
    jq -r .predicate.verdict "$tmp/payload"

The second signed statement is checked in the same way with `sed -n 2p`; its last line is
`jq -r .predicate.result "$tmp/payload"`.

## Exit codes

| code | meaning |
|---|---|
| 0 | everything holds and the verdict is PASS |
| 1, 2, 3, 4, 5 | everything holds and the verdict is FAIL, MARGINAL, INCOMPLETE, INVALID, ERROR |
| 10 | integrity only: PASS, but no trust file said whose key counts (rackproof verify) |
| 11 | no signature by a trusted key |
| 12 | a file is changed, missing, extra or not a plain file |
| 13 | the journal is broken, unsealed or not the one that was signed (rackproof verify) |
| 14 | the verdict does not follow from the measurements, or was not the one that was signed |
| 15 | what TRUST.yaml demands is not met (rackproof verify) |
| 16 | malformed: not a bundle, or not strict JSON |
| 17 | unsigned |
| 64 | bad usage, or a tool is missing |

## What a signature means

It says that the holder of the key vouches for these bytes. Without hardware attestation, a host
whose root user lies can still lie to rackproof while it runs.
)PAGE";

}  // namespace

std::string verify_page(const PublicKey* signer) {
  const std::string first = signer == nullptr
                                ? std::string(kUnsigned)
                                : fmt::format(kSigned, signer->algorithm(), signer->fingerprint());
  return first + std::string(kHow);
}

}  // namespace rackproof
