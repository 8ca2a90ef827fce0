// SPDX-License-Identifier: Apache-2.0
#include "backends/host/pages.h"

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <sstream>

#include "backends/host/available.h"

namespace rackproof::host {
namespace {

constexpr std::size_t kMostNodes = 1024;

// Strictly: a mere preference spills over to other nodes when this one is full.
int bind(void* at, std::size_t size_bytes, int node) {
  constexpr std::size_t kBits = 8 * sizeof(unsigned long);
  std::array<unsigned long, kMostNodes / kBits> mask{};
  if (node < 0 || static_cast<std::size_t>(node) >= kMostNodes) return EINVAL;
  const auto bit = static_cast<std::size_t>(node);
  mask[bit / kBits] = 1UL << bit % kBits;
  // The kernel takes one bit less than it is told.
  const long status =
      syscall(SYS_mbind, at, size_bytes, MPOL_BIND, mask.data(), kMostNodes, MPOL_MF_STRICT);
  return status == 0 ? 0 : errno;
}

std::string numa_maps() {
  std::ifstream in("/proc/self/numa_maps", std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// "N12=345" into `pages`, anything else is left alone.
void add_word(const std::string& word, PagesByNode& pages) {
  int node = 0;
  std::uint64_t count = 0;
  const char* end = word.data() + word.size();
  if (word.size() < 4 || word[0] != 'N') return;
  const auto first = std::from_chars(word.data() + 1, end, node);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '=') return;
  const auto second = std::from_chars(first.ptr + 1, end, count);
  if (second.ec == std::errc{} && second.ptr == end) pages[node] += count;
}

}  // namespace

PagesByNode pages_of(const std::string& numa_maps, std::uintptr_t address) {
  std::istringstream lines(numa_maps);
  for (std::string line; std::getline(lines, line);) {
    std::uintptr_t start = 0;
    const auto [end, status] = std::from_chars(line.data(), line.data() + line.size(), start, 16);
    if (status != std::errc{} || start != address) continue;
    PagesByNode pages;
    std::istringstream words(line.substr(static_cast<std::size_t>(end - line.data())));
    for (std::string word; words >> word;) add_word(word, pages);
    return pages;
  }
  return {};
}

const Host& this_host() {
  static const Host host{
      find_nodes(), bind,
      [](const void* at) { return pages_of(numa_maps(), reinterpret_cast<std::uintptr_t>(at)); },
      [](int node) { return available_bytes(node); }};
  return host;
}

}  // namespace rackproof::host
