// SPDX-License-Identifier: Apache-2.0
#include "runner/kernel_log_watch.h"

namespace rackproof {

void KernelLogWatch::add(const KernelNews& news, double at_s) {
  if (!begun_s_) begun_s_ = at_s;
  news_ = true;
  window_.records += news.records.size();
  window_.lost += news.lost;
  proven_ = proven_ || news.proven;
  if (!news.error.empty()) window_.error = news.error;
  if (news.last) last_ = news.last;
}

void KernelLogWatch::reader_lost() {
  if (begun_s_ && !last_)
    window_.error = "the reader ended before its first record: what followed is not known";
}

void KernelLogWatch::give_up(const std::string& why, double at_s) {
  if (!begun_s_) begun_s_ = at_s;
  abandoned_ = why;
}

std::optional<KernelLogWindow> KernelLogWatch::take(double end_s) {
  if (!begun_s_ || (!news_ && abandoned_.empty())) return std::nullopt;
  if (window_.error.empty()) window_.error = abandoned_;
  window_.start_s = *begun_s_;
  window_.length_s = end_s - *begun_s_;
  window_.proven = proven_;
  begun_s_ = end_s;
  news_ = false;
  return std::exchange(window_, {});
}

}  // namespace rackproof
