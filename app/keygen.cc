// SPDX-License-Identifier: Apache-2.0
// `rackproof keygen`: a signing key with mode 0600 and its public half.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/print.h"
#include "reports/key.h"

namespace rackproof {
namespace {

int generate(const std::string& path) {
  const SigningKey key = SigningKey::generate();
  if (const auto written = key.write(path); !written) return complain(written.error());
  print(
      fmt::format("private key  {}  (mode 0600: keep it on this station)\n"
                  "public key   {}  (give this to whoever verifies)\n"
                  "fingerprint  {}",
                  path, public_half(path).string(), key.public_key().fingerprint()));
  return 0;
}

}  // namespace

void add_keygen(CLI::App& app, int& exit_code) {
  const auto path = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("keygen", "make an ECDSA P-256 signing key");
  command->add_option("FILE", *path, "where the private key goes, for example station.pem")
      ->required()
      ->type_name("");
  command->callback([path, &exit_code] { exit_code = generate(*path); });
}

}  // namespace rackproof
