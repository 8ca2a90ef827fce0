// SPDX-License-Identifier: Apache-2.0
// argv -> subcommand -> exit code. The only place that ends the process.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "app/command_line.h"
#include "app/print.h"
#include "app/reference/words.h"
#include "core/installation.h"
#include "core/verdict.h"
#include "runner/worker.h"

namespace {

// Otherwise the first file opened, perhaps the journal, would be the standard output.
void open_standard_files() {
  for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", O_RDWR);
  }
}

// libcrypto's own idea of where its modules are is the machine's on which it was built.
void use_own_openssl_modules() {
  const auto modules = rackproof::installed("lib/ossl-modules");
  if (!modules.empty()) ::setenv("OPENSSL_MODULES", modules.c_str(), 0);
}

}  // namespace

int main(int argc, char** argv) {
  using rackproof::Verdict;
  open_standard_files();
  use_own_openssl_modules();
  std::signal(SIGCHLD, SIG_DFL);  // ignored by a parent, it would hide how workers end
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a failed write, not an end without a record
  std::signal(SIGXFSZ, SIG_IGN);  // so is a file-size limit
  try {
    if (argc > 1 && std::string_view(argv[1]) == "worker")
      return rackproof::worker_main(argc - 2, argv + 2);
    if (argc > 1 && std::string_view(argv[1]) == "__complete")
      return rackproof::print_words(argc - 2, argv + 2);
    const int code = rackproof::run_command_line(argc, argv);
    const bool kept = argc > 1 && std::string_view(argv[1]) == "run";  // in its bundle
    const bool printed = rackproof::all_printed();
    return printed || kept || code != 0 ? code : rackproof::exit_code(Verdict::error);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "rackproof: %s\n", problem.what());
  } catch (...) {
    std::fputs("rackproof: an unknown error\n", stderr);
  }
  return rackproof::exit_code(Verdict::error);
}
