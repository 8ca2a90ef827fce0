// SPDX-License-Identifier: Apache-2.0
#include "runner/kernel_follower.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/hash.h"

namespace rackproof {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);
constexpr std::size_t kMostWaiting = 20000;        // then the ring keeps them, or counts them lost
constexpr std::size_t kMessageBytes = 256u << 10;  // of text; escapes may double it

double seconds_now() {
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

bool is_a_device(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISCHR(status.st_mode);
}

// True when it had to wait: what is there now has only just been written.
bool wait_for_records(int fd) {
  pollfd poll{fd, POLLIN, 0};
  if (::poll(&poll, 1, 0) > 0) return false;
  poll.revents = 0;
  while (::poll(&poll, 1, -1) < 0 && errno == EINTR) {
  }
  return true;
}

}  // namespace

KernelFollower::KernelFollower(std::filesystem::path device, std::optional<std::uint64_t> after)
    : nonce_(hex(random_seed()).substr(0, 16)) {
  std::thread([this, device = std::move(device), after] { follow(device, after); }).detach();
}

void KernelFollower::follow(std::filesystem::path device, std::optional<std::uint64_t> after) {
  auto log = KernelLog::open(device, after);
  if (!log) give_up(log.error().text());
  prove(device);
  while (true) read_on(*log);
}

void KernelFollower::give_up(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    news_.error = news_.unproven = why;
    closed_ = decided_ = true;
    proof_.notify_all();
  }
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

// The priority is that of a program's remark, so that it disturbs nobody's console.
void KernelFollower::prove(const std::filesystem::path& device) {
  if (!is_a_device(device)) return unproven(device.string() + " is no device to write to");
  const int fd = ::open(device.c_str(), O_WRONLY | O_CLOEXEC);
  const std::string line = fmt::format("<14>rackproof: kernel log check {}\n", nonce_);
  written_s_ = seconds_now();
  const bool done = fd >= 0 && ::write(fd, line.data(), line.size()) >= 0;
  const int why = errno;
  if (fd >= 0) ::close(fd);
  if (!done)
    unproven(fmt::format("no line can be written to {}: {}", device.string(), std::strerror(why)));
}

void KernelFollower::read_on(KernelLog& log) {
  const bool fresh = wait_for_records(log.fd());
  if (waiting() >= kMostWaiting) return std::this_thread::sleep_for(kPause);
  KernelLog::Batch batch = log.read();
  const bool nothing = batch.records.empty();
  add(std::move(batch), log.last(), fresh);
  if (nothing) std::this_thread::sleep_for(kPause);  // an error, or a file at its end
}

void KernelFollower::add(KernelLog::Batch batch, std::optional<std::uint64_t> last, bool fresh) {
  const std::lock_guard lock(mutex_);
  // The kernel's clock is not disciplined as ours is: it drifts by seconds in a day.
  if (fresh && !batch.records.empty()) news_.offset_s = batch.records.back().boot_s - seconds_now();
  for (KernelRecord& record : batch.records) {
    if (!decided_) look_for_the_proof(record);
    news_.records.push_back(std::move(record));
  }
  news_.lost += batch.lost;
  if (!batch.error.empty()) news_.error = std::move(batch.error);
  if (last) news_.last = last;
}

void KernelFollower::look_for_the_proof(const KernelRecord& record) {
  if (record.text.find("rackproof: kernel log check " + nonce_) == std::string::npos) return;
  news_.offset_s = record.boot_s - written_s_;
  news_.proven = decided_ = true;
  news_.unproven.clear();
  proof_.notify_all();
}

void KernelFollower::unproven(std::string why) {
  const std::lock_guard lock(mutex_);
  news_.unproven = std::move(why);
  decided_ = true;
  proof_.notify_all();
}

void KernelFollower::wait_for_proof(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  if (proof_.wait_until(lock, deadline, [this] { return decided_; })) return;
  news_.unproven = "the line that was written for it did not come back";
}

KernelNews KernelFollower::take() {
  const std::lock_guard lock(mutex_);
  std::size_t bytes = 0, count = 0;
  for (const KernelRecord& record : news_.records) {
    bytes += record.text.size() + record.device.size() + 100;
    if (bytes > kMessageBytes) break;
    ++count;
  }
  std::vector<KernelRecord> rest(
      std::make_move_iterator(news_.records.begin() + static_cast<std::ptrdiff_t>(count)),
      std::make_move_iterator(news_.records.end()));
  news_.records.resize(count);
  KernelNews taken = std::exchange(
      news_, KernelNews{{}, 0, {}, news_.last, news_.proven, news_.unproven, news_.offset_s});
  if (closed_) news_.error = taken.error;
  if (!rest.empty()) taken.last = rest.front().sequence - 1;  // what was handed on is done with
  news_.records = std::move(rest);
  return taken;
}

std::size_t KernelFollower::waiting() {
  const std::lock_guard lock(mutex_);
  return news_.records.size();
}

}  // namespace rackproof
