// SPDX-License-Identifier: Apache-2.0
#include "backends/kernels/host_words.h"

#include <algorithm>
#include <future>
#include <mutex>
#include <thread>

#include "core/oracle.h"

namespace rackproof::kernels {
namespace {

constexpr std::uint64_t kMostThreads = 16;
constexpr std::uint64_t kWordsWorthAThread = 1 << 16;

}  // namespace

void for_parts(std::uint64_t count, std::uint64_t smallest,
               const std::function<void(const Range& part)>& work) {
  const std::uint64_t able =
      std::clamp<std::uint64_t>(std::thread::hardware_concurrency(), 1, kMostThreads);
  const std::uint64_t parts = std::clamp<std::uint64_t>(count / smallest, 1, able);
  std::vector<std::future<void>> others;
  for (std::uint64_t i = 1; i < parts; ++i)
    others.push_back(std::async(std::launch::async, work, share(count, i, parts)));
  work(share(count, 0, parts));
  for (auto& other : others) other.get();
}

void fill_on_host(std::uint64_t* words, std::uint64_t count, std::uint64_t pattern) {
  for_parts(count, kWordsWorthAThread, [&](const Range& part) {
    for (std::uint64_t i = part.first; i < part.last; ++i) words[i] = pattern_word(pattern, i);
  });
}

HostCheck check_on_host(const std::uint64_t* words, std::uint64_t count, std::uint64_t pattern) {
  HostCheck all;
  std::mutex mutex;
  for_parts(count, kWordsWorthAThread, [&](const Range& part) {
    HostCheck mine;
    for (std::uint64_t i = part.first; i < part.last; ++i) {
      const std::uint64_t got = words[i], right = pattern_word(pattern, i);
      mine.digest += digest_term(got, i);
      if (got == right) continue;
      ++mine.wrong;
      if (mine.samples.size() < kMaxSamples)
        mine.samples.push_back({.element = i, .expected = right, .got = got});
    }
    const std::lock_guard lock(mutex);
    all.digest += mine.digest;
    all.wrong += mine.wrong;
    all.samples.insert(all.samples.end(), mine.samples.begin(), mine.samples.end());
  });
  std::sort(all.samples.begin(), all.samples.end(),
            [](const Miscompare& a, const Miscompare& b) { return a.element < b.element; });
  all.samples.resize(std::min(all.samples.size(), kMaxSamples));
  return all;
}

}  // namespace rackproof::kernels
