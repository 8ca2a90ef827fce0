// SPDX-License-Identifier: Apache-2.0
#include "runner/goldens.h"

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

namespace rackproof {
namespace {

constexpr std::size_t kCached = 8192;

// A piece takes a thread some milliseconds at most: a stop waits for it, and small goldens do.
constexpr double kPieceCost = 1 << 21;

class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

// A load on the same CPU gives up about a tenth, so that long soaks do not outrun their goldens.
void step_back() {
  const int before = ::getpriority(PRIO_PROCESS, 0);  // 0: of this thread
  (void)::setpriority(PRIO_PROCESS, 0, before + 10);
}

}  // namespace

struct Goldens::Job {
  std::shared_ptr<Golden> golden;
  std::unique_ptr<GoldenSum> sum;
  std::uint64_t age = 0;   // the smallest is the oldest
  std::uint64_t size = 1;  // elements in a piece
  std::uint64_t next = 0;  // the first element that no piece has
  std::uint64_t out = 0;   // pieces in hand
  GoldenPart total;

  [[nodiscard]] std::uint64_t pieces_left() const {
    const std::uint64_t left = sum->elements() - next;
    return left / size + (left % size != 0 ? 1 : 0);
  }
};

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

unsigned golden_threads() {
  constexpr unsigned kMost = 64;
  return std::clamp(std::thread::hardware_concurrency(), 1U, kMost);
}

Goldens::Goldens(unsigned threads, Cut cut)
    : cut_(std::move(cut)), wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  try {
    start(threads);
  } catch (...) {
    ::close(wake_fd_);
    throw;
  }
}

// Fewer threads than wished for are slower, not wrong. Signals are for the thread that watches.
void Goldens::start(unsigned threads) {
  const SignalsBlocked quiet;
  threads_.reserve(threads);
  try {
    while (threads_.size() < threads) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    if (threads_.empty()) throw;
  }
}

Goldens::~Goldens() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  queued_.notify_all();
  for (std::thread& thread : threads_) thread.join();
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
  begin(key, fresh);
  return fresh;
}

void Goldens::begin(const WorkKey& key, const std::shared_ptr<Golden>& golden) {
  auto sum = cut_(key);
  if (!sum) return publish(*golden, tl::unexpected(sum.error()));
  if (*sum == nullptr) return publish(*golden, std::nullopt);
  if ((*sum)->elements() == 0) return publish(*golden, (*sum)->answer({}));
  auto job = std::make_shared<Job>();
  job->golden = golden;
  job->size = static_cast<std::uint64_t>(std::max(1.0, kPieceCost / (*sum)->element_cost()));
  job->sum = *std::move(sum);
  const std::lock_guard lock(mutex_);
  job->age = jobs_++;
  by_age_[job->age] = job;
  by_pieces_left_.insert({job->pieces_left(), job->age});
  queued_.notify_all();
}

void Goldens::acknowledge() const {
  std::uint64_t count = 0;
  (void)!::read(wake_fd_, &count, sizeof count);
}

void Goldens::work() {
  step_back();
  while (const auto piece = next()) compute(*piece);
}

std::optional<Goldens::Piece> Goldens::next() {
  std::unique_lock lock(mutex_);
  queued_.wait(lock, [this] { return closing_ || !by_age_.empty(); });
  if (closing_) return std::nullopt;
  oldest_next_ = !oldest_next_;
  const auto chosen =
      by_age_.find(oldest_next_ ? by_age_.begin()->first : by_pieces_left_.begin()->second);
  Piece piece{chosen->second};
  Job& job = *piece.job;
  auto place = by_pieces_left_.extract({job.pieces_left(), job.age});  // needs no memory
  piece.first = job.next;
  piece.last = job.next += std::min(job.size, job.sum->elements() - job.next);
  ++job.out;
  place.value().first = job.pieces_left();
  if (job.pieces_left() > 0) {
    by_pieces_left_.insert(std::move(place));
  } else {
    by_age_.erase(chosen);
  }
  return piece;
}

void Goldens::compute(const Piece& piece) {
  try {
    const GoldenPart part = piece.job->sum->part(piece.first, piece.last);
    const std::lock_guard lock(mutex_);
    deliver(*piece.job, part);
  } catch (const std::exception& problem) {  // memory ran out
    const std::lock_guard lock(mutex_);
    give_up(*piece.job, problem.what());
  }
}

void Goldens::deliver(Job& job, const GoldenPart& part) {
  job.total = job.sum->add(job.total, part);
  --job.out;
  const bool whole = job.out == 0 && job.pieces_left() == 0;
  if (whole && !job.golden->ready) publish(*job.golden, job.sum->answer(job.total));
}

// The first piece without an answer speaks for the golden; the others are not begun any more.
void Goldens::give_up(Job& job, const std::string& why) {
  by_age_.erase(job.age);
  by_pieces_left_.erase({job.pieces_left(), job.age});
  if (!job.golden->ready) publish(*job.golden, fail("no golden: " + why));
}

void Goldens::publish(Golden& golden, Expected<std::optional<std::uint64_t>> answer) const {
  golden.answer = std::move(answer);
  golden.ready = true;
  const std::uint64_t one = 1;
  (void)!::write(wake_fd_, &one, sizeof one);
}

}  // namespace rackproof
