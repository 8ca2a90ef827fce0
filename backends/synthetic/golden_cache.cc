// SPDX-License-Identifier: Apache-2.0
#include "backends/synthetic/golden_cache.h"

#include <deque>
#include <mutex>
#include <utility>

#include "core/hash.h"

namespace rackproof {
namespace {

constexpr std::size_t kKept = 256;

class Cache {
 public:
  std::optional<std::uint64_t> find(const WorkKey& key) {
    const std::lock_guard lock(mutex_);
    for (const auto& [known, digest] : entries_) {
      if (known == key) return digest;
    }
    return std::nullopt;
  }
  void keep(const WorkKey& key, std::uint64_t digest) {
    const std::lock_guard lock(mutex_);
    entries_.emplace_front(key, digest);
    if (entries_.size() > kKept) entries_.pop_back();
  }

 private:
  std::mutex mutex_;
  std::deque<std::pair<WorkKey, std::uint64_t>> entries_;
};

bool is_random_gemm(const std::string& work) {
  return work.starts_with("gemm ") && work.ends_with(" random");
}

}  // namespace

std::optional<std::uint64_t> clean_digest(const WorkKey& key) {
  static Cache cache;
  if (const auto known = cache.find(key)) return known;
  if (is_random_gemm(key.work)) return derive({}, key.work, "random", key.pattern);
  const auto digest = golden(key);
  if (!digest) throw DeviceError(digest.error().text());
  if (*digest) cache.keep(key, **digest);
  return *digest;
}

}  // namespace rackproof
