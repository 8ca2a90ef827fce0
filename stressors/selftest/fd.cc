// SPDX-License-Identifier: Apache-2.0
// stressors/selftest/fd.cc: the worker spoils its file descriptors, or floods them.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>

#include "stressors/selftest/culprit.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 9> kWays{"close_socket",  "close_all",     "shutdown",
                                                "replace",       "flood_errors",  "binary_output",
                                                "binary_errors", "close_outputs", "exhaust"};
constexpr Choice kWay{"way", kWays,
                      "closes its socket, all, or one side; puts a file in the socket's place; "
                      "writes 10 MB of errors, bytes to its output, bytes to its errors; closes "
                      "both; opens nearly all that it may"};
constexpr int kMostDescriptors = 1024;

bool is_socket(int fd) {
  struct stat what {};
  return ::fstat(fd, &what) == 0 && S_ISSOCK(what.st_mode);
}

template <class Spoil>
void each_socket(Spoil spoil) {
  for (int fd = 0; fd < kMostDescriptors; ++fd) {
    if (is_socket(fd)) spoil(fd);
  }
}

void write_much(int fd, std::string_view bytes, int times) {
  for (int i = 0; i < times; ++i) (void)!::write(fd, bytes.data(), bytes.size());
}

std::string every_byte() {
  std::string bytes;
  for (int b = 0; b < 256; ++b) bytes += static_cast<char>(b);
  return bytes;
}

void replace_sockets() {
  const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  each_socket([null](int fd) { (void)::dup2(null, fd); });
}

// All but four, which a sanitizer needs to look at memory.
void open_most() {
  const rlimit few{256, 256};
  (void)::setrlimit(RLIMIT_NOFILE, &few);
  while (::open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0) {
  }
  (void)::close_range(252, 255, 0);
}

void spoil(std::string_view way) {
  if (way == "close_socket") each_socket([](int fd) { (void)::close(fd); });
  if (way == "close_all") (void)::close_range(0, ~0U, 0);
  if (way == "shutdown") each_socket([](int fd) { (void)::shutdown(fd, SHUT_WR); });
  if (way == "replace") replace_sockets();
  if (way == "flood_errors") write_much(STDERR_FILENO, std::string(65535, 'e') + "\n", 160);
  if (way == "binary_output") write_much(STDOUT_FILENO, every_byte(), 4096);
  if (way == "binary_errors") write_much(STDERR_FILENO, every_byte(), 4096);
  if (way == "close_outputs") (void)::close_range(STDOUT_FILENO, STDERR_FILENO, 0);
  if (way == "exhaust") open_most();
}

void spoil_descriptors(Context& ctx) {
  const std::string_view way = ctx[kWay];
  selftest::run_with(ctx, ctx[selftest::kMoment], [way] { spoil(way); });
}

RACKPROOF_STRESSOR(selftest_fd, {.name = "selftest.fd",
                                 .summary = "self-test: the worker spoils its file descriptors",
                                 .metrics = {selftest::kBandwidth},
                                 .params = {kWay, selftest::kMoment, selftest::kCulprit},
                                 .run = spoil_descriptors,
                                 .drill_sites = {FaultSite::transfer},
                                 .hidden = true});

}  // namespace
}  // namespace rackproof
