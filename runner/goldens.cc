// SPDX-License-Identifier: Apache-2.0
#include "runner/goldens.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <sstream>
#include <string>

namespace rackproof {
namespace {

constexpr std::size_t kCached = 8192;

}  // namespace

double golden_cost(const WorkKey& key) {
  std::istringstream in(key.work);
  std::string kind, first, second;
  in >> kind;
  double m = 0, n = 0, k = 0, bytes = 0;
  if (kind == "gemm" && in >> first >> second >> m >> n >> k) return m * k + k * n + m * n;
  if (kind == "mix") return in >> first >> n ? 64 * n : 0;  // words of many rounds each
  if (kind == "reduce" && in >> first >> second >> bytes >> m >> n) return bytes / 2 * n;
  if (kind == "triad") in >> first;
  if (kind == "fill" || kind == "sweep") return 1;  // none, or a closed form
  return in >> bytes ? bytes / 8 : 0;
}

Goldens::Goldens()
    : wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), thread_([this] { work(); }) {}

Goldens::~Goldens() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    queue_.clear();
  }
  queued_.notify_all();
  thread_.join();
  ::close(wake_fd_);
}

std::shared_ptr<const Golden> Goldens::request(const WorkKey& key) {
  auto& cached = cache_[key];
  if (cached) return cached;
  cached = std::make_shared<Golden>();
  const std::shared_ptr<Golden> fresh = cached;
  oldest_.push_back(key);
  if (oldest_.size() > kCached) {
    cache_.erase(oldest_.front());
    oldest_.pop_front();
  }
  const std::lock_guard lock(mutex_);
  queue_.push_back({key, fresh});
  queued_.notify_all();
  return fresh;
}

void Goldens::acknowledge() const {
  std::uint64_t count = 0;
  (void)!::read(wake_fd_, &count, sizeof count);
}

std::optional<Goldens::Job> Goldens::next() {
  std::unique_lock lock(mutex_);
  queued_.wait(lock, [this] { return closing_ || !queue_.empty(); });
  if (closing_) return std::nullopt;
  Job job = std::move(queue_.front());
  queue_.pop_front();
  return job;
}

void Goldens::work() {
  while (auto job = next()) {
    try {
      job->golden->answer = golden(job->key);
    } catch (const std::exception& problem) {  // memory ran out under an enormous key
      job->golden->answer = fail(std::string("no golden: ") + problem.what());
    }
    job->golden->ready = true;
    const std::uint64_t one = 1;
    (void)!::write(wake_fd_, &one, sizeof one);
  }
}

}  // namespace rackproof
