// SPDX-License-Identifier: Apache-2.0
// verify.sh as text: all that people without rackproof can check by themselves.
#include "reports/verify_guide.h"

namespace rackproof {
namespace {

constexpr std::string_view kBeforeProgram = R"SCRIPT(#!/usr/bin/env bash
# Checks a rackproof bundle: ./verify.sh PUBLIC_KEY.pem [BUNDLE]; without BUNDLE, its own folder.
# Needs bash, openssl, jq, sha256sum and base64. Exit codes: see VERIFY.md.
set -euo pipefail
export LC_ALL=C

readonly payload_type=application/vnd.in-toto+json
readonly qualification=https://rackproof.dev/attestation/qualification/v1
readonly test_result=https://in-toto.io/attestation/test-result/v0.1
readonly attestations=attestations.intoto.jsonl

refuse() {
  echo "REFUSED: $2" >&2
  exit "$1"
}

if [[ $# -lt 1 || $# -gt 2 ]]; then
  echo "usage: ./verify.sh PUBLIC_KEY.pem [BUNDLE]" >&2
  exit 64
fi
for tool in openssl jq sha256sum base64; do
  command -v "$tool" >/dev/null || refuse 64 "$tool is not installed"
done
[[ -r $1 ]] || refuse 64 "cannot read the public key $1"
key=$(realpath -- "$1")
cd -- "${2:-$(dirname -- "${BASH_SOURCE[0]}")}" || refuse 64 "cannot enter the bundle ${2:-}"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

key_text=$(openssl pkey -pubin -in "$key" -noout -text 2>/dev/null) ||
  refuse 64 "$1 is not a PEM public key"

# The algorithm comes from the trusted key, never from the bundle.
signature_holds() {
  if [[ $key_text == ED25519* ]]; then
    openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$1" -sigfile "$2"
  else
    openssl dgst -sha256 -verify "$key" -signature "$2" "$1"
  fi >/dev/null 2>&1
}

decode() { tr '_-' '/+' | base64 -d 2>/dev/null; }

# Leaves the signed payload in $work/NUMBER.json.
open_envelope() {
  local number=$1 envelope=$2 payload=$work/$1.json signed=$work/signed type count index
  jq -e 'type == "object" and (.payload | type) == "string" and (.payloadType | type) == "string"
         and (.signatures | type) == "array" and all(.signatures[]; (.sig | type) == "string")' \
    <<<"$envelope" >/dev/null 2>&1 || refuse 16 "line $number of $attestations is not an envelope"
  jq -r .payload <<<"$envelope" | decode >"$payload" ||
    refuse 16 "line $number of $attestations is not base64"
  type=$(jq -r .payloadType <<<"$envelope")
  { printf 'DSSEv1 %d %s %d ' "${#type}" "$type" "$(wc -c <"$payload")"; cat "$payload"; } >"$signed"
  count=$(jq '.signatures | length' <<<"$envelope")
  for ((index = 0; index < count; ++index)); do
    jq -r ".signatures[$index].sig" <<<"$envelope" | decode >"$work/sig" || continue
    signature_holds "$signed" "$work/sig" || continue
    [[ $type == "$payload_type" ]] || refuse 16 "line $number has the payload type $type"
    jq -e . "$payload" >/dev/null 2>&1 || refuse 16 "line $number holds no JSON"
    return 0
  done
  refuse 11 "line $number of $attestations is not signed by this key"
}

[[ -e $attestations ]] || refuse 17 "unsigned: there is no $attestations"
[[ -f $attestations && ! -L $attestations ]] || refuse 16 "$attestations is not a plain file"
lines=0
while IFS= read -r envelope || [[ -n $envelope ]]; do
  lines=$((lines + 1))
  [[ $lines -le 2 ]] || refuse 16 "more than two lines in $attestations"
  open_envelope "$lines" "$envelope"
  case $(jq -r '.predicateType | tostring' "$work/$lines.json") in
    "$qualification") mv "$work/$lines.json" "$work/qualification" ;;
    "$test_result") mv "$work/$lines.json" "$work/test_result" ;;
    *) refuse 16 "line $lines is a statement of an unknown kind" ;;
  esac
done <"$attestations"
[[ -e $work/qualification && -e $work/test_result ]] ||
  refuse 16 "a qualification and a test-result are wanted"
echo "ok: both statements are signed by this key"

[[ -f SHA256SUMS && ! -L SHA256SUMS ]] || refuse 12 "SHA256SUMS is missing or not a plain file"
sums=$(sha256sum <SHA256SUMS)
for statement in "$work/qualification" "$work/test_result"; do
  jq -e --arg sums "${sums%% *}" '._type == "https://in-toto.io/Statement/v1"
      and .subject[0].name == "SHA256SUMS" and .subject[0].digest.sha256 == $sums' \
    "$statement" >/dev/null 2>&1 || refuse 12 "SHA256SUMS is not the one that was signed"
done
echo "ok: SHA256SUMS is the one that was signed"

declare -A listed=()
while IFS= read -r line; do
  [[ $line =~ ^[0-9a-f]{64}\ \ ([A-Za-z0-9._+=@:,/-]+)$ ]] || refuse 16 "bad line in SHA256SUMS: $line"
  path=${BASH_REMATCH[1]}
  [[ $path != /* && /$path/ != */../* ]] || refuse 16 "bad path in SHA256SUMS: $path"
  listed[$path]=1
done <SHA256SUMS
shopt -s globstar dotglob nullglob
for path in **; do
  [[ ! -L $path ]] || refuse 12 "not a plain file: $path"
  [[ ! -d $path ]] || continue
  [[ -f $path ]] || refuse 12 "not a plain file: $path"
  [[ $path == SHA256SUMS || $path == "$attestations" || -n ${listed[$path]:-} ]] ||
    refuse 12 "extra file: $path"
done
sha256sum --check --strict --quiet SHA256SUMS >&2 || refuse 12 "a file is changed or missing"
echo "ok: all ${#listed[@]} files are present and unchanged, and there are no others"

cat >"$work/verdict.jq" <<'JQ'
)SCRIPT";

constexpr std::string_view kAfterProgram = R"SCRIPT(JQ
jq -f "$work/verdict.jq" report.json >"$work/again" 2>"$work/why" ||
  refuse 16 "report.json cannot be judged: $(cat "$work/why")"
wrong=$(jq -r '.wrong[0] // empty' "$work/again")
[[ -z $wrong ]] || refuse 14 "$wrong"
claimed=$(jq -r .verdict "$work/again")
whole=$(jq -r .whole "$work/again")
[[ $claimed == "$whole" ]] || refuse 14 "the parts of report.json make $whole, it claims $claimed"
echo "ok: $(jq .rows "$work/again") decisions repeated; the worst of all parts is $whole"

signed_verdict=$(jq -r '.predicate.verdict | tostring' "$work/qualification")
[[ $signed_verdict == "$whole" ]] || refuse 14 "the signed verdict is $signed_verdict, not $whole"
case $whole in
  PASS) result=PASSED code=0 ;;
  FAIL) result=FAILED code=1 ;;
  MARGINAL) result=WARNED code=2 ;;
  INCOMPLETE) result=FAILED code=3 ;;
  INVALID) result=FAILED code=4 ;;
  *) result=FAILED code=5 ;;
esac
signed_result=$(jq -r '.predicate.result | tostring' "$work/test_result")
[[ $signed_result == "$result" ]] || refuse 14 "the signed test result is $signed_result, not $result"
echo "ok: the signed statements say the same"
echo "not checked here: the journal and that the measurements follow from it (rackproof verify does)"
headline=$(jq -r '.headline | tostring' report.json)
echo "$whole: ${headline#"$whole: "}"
exit "$code"
)SCRIPT";

}  // namespace

std::string verify_script() {
  return std::string(kBeforeProgram) + verdict_program() + std::string(kAfterProgram);
}

}  // namespace rackproof
