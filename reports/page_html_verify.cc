// SPDX-License-Identifier: Apache-2.0
// How to check what the page says: a page proves nothing by itself.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "reports/page_html_fields.h"
#include "reports/page_html_marks.h"
#include "reports/page_html_sections.h"
#include "reports/page_html_text.h"

namespace rackproof {
namespace {

constexpr const char* kSigned =
    "<p>This page lies in a bundle that was signed after it was made, so it cannot hold the "
    "signature: that is in <code>attestations.intoto.jsonl</code>, over <code>SHA256SUMS</code>, "
    "which holds the digest of this file. The key that signs has the fingerprint</p>\n"
    "<p class=\"fingerprint\"><code>{}</code> <span class=\"size\">{}</span></p>\n"
    "<p>Anybody can write a fingerprint into a page. Get it, or the public key, from the signer by "
    "another way.</p>\n";

constexpr const char* kUnsigned =
    "<p><strong>This bundle is unsigned.</strong> It proves nothing to anyone else: anybody could "
    "have written it.</p>\n";

constexpr const char* kHow =
    "<p>With rackproof, which repeats everything down to the verdict from the raw measurements, "
    "and checks that this page is what they make:</p>\n"
    "<pre class=\"command\"><code>rackproof verify BUNDLE --trust TRUST.yaml</code></pre>\n"
    "<p>With bash, openssl, jq and coreutils alone:</p>\n"
    "<pre class=\"command\"><code>cd BUNDLE &amp;&amp; ./verify.sh PUBLIC_KEY.pem</code></pre>\n"
    "<p>By hand: <code>VERIFY.md</code> in the bundle.</p>\n";

std::string digests_of(const Json& report) {
  const Json& digests = field(report, "digests");
  const Json& run = field(report, "run");
  std::string list = fact("profile.yaml", text(digests, "profile_sha256"));
  list += fact("plan.json", text(digests, "plan_sha256"));
  list += fact("inventory.json", text(digests, "inventory_sha256"));
  list += fact("The program", text(digests, "tool_sha256"));
  list += fact("Seed of all patterns", text(run, "seed"));
  list += fact("Attempt before", text(run, "previous_sha256"));
  list += fact("Boot", text(run, "boot_id"));
  if (list.empty()) return {};
  return folded(false, "Digests (SHA-256) and seed",
                "<dl class=\"facts digests\">\n" + list + "</dl>\n");
}

}  // namespace

std::string verify_part(const PageFacts& facts) {
  std::string body = facts.fingerprint.empty() ? std::string(kUnsigned)
                                               : fmt::format(kSigned, escaped(facts.fingerprint),
                                                             escaped(facts.key_algorithm));
  return section("verify", "How to verify", body + kHow + digests_of(facts.report));
}

}  // namespace rackproof
