// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/findings.h"

#include <algorithm>

namespace rackproof::cpu {

void Findings::add(std::uint64_t element, std::uint64_t expected, std::uint64_t got) {
  ++miscompares;
  if (samples.size() < kMaxSamples) samples.push_back({0, element, expected, got});
}

Tally::Tally(unsigned cores) : sections_(2 * static_cast<std::size_t>(cores)), cores_(cores) {
  for (unsigned c = 0; c < cores; ++c) cores_[c].core = c;
}

void Tally::collect() {
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    Findings& section = sections_[i];
    if (section.miscompares == 0) continue;
    const auto c = static_cast<std::uint32_t>(i % cores_.size());
    miscompares_ += section.miscompares;
    cores_[c].miscompares += section.miscompares;
    for (Miscompare& sample : section.samples) {
      sample.core = c;
      if (samples_.size() < kMaxSamples) samples_.push_back(sample);
    }
    section = {};
  }
}

void Tally::add_causes(const std::vector<Miscompare>& samples, std::uint64_t count) {
  if (samples.empty()) return;
  miscompares_ += count;
  for (const Miscompare& sample : samples) {
    ++cores_[sample.core].miscompares;
    if (causes_.size() < kMaxSamples) causes_.push_back(sample);
  }
  cores_[samples.back().core].miscompares += count - samples.size();
}

void Tally::write_to(Burst& burst) const {
  burst.miscompares = miscompares_;
  burst.samples = causes_;
  const std::size_t room = std::min(kMaxSamples - causes_.size(), samples_.size());
  burst.samples.insert(burst.samples.end(), samples_.begin(),
                       samples_.begin() + static_cast<std::ptrdiff_t>(room));
  burst.cores = cores_;
}

}  // namespace rackproof::cpu
