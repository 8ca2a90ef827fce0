// SPDX-License-Identifier: Apache-2.0
#include "core/window_builder.h"

namespace rackproof {

void WindowBuilder::add(const WorkKey& key, const std::string& peer, const Burst& burst,
                        std::uint64_t index, bool faulted) {
  ++record_.bursts;
  WorkTally& tally = tally_for(key, peer, burst.digest, faulted);
  ++tally.bursts;
  tally.iterations += burst.iterations;
  tally.bytes += burst.bytes;
  tally.flops += burst.flops;
  tally.busy_s += burst.seconds();
  tally.method = burst.method;
  for (const CoreTally& core : burst.cores) {
    CoreTally& sum = cores_[core.core];
    sum.core = core.core;
    sum.iterations += core.iterations;
    sum.miscompares += core.miscompares;
  }
  record_.miscompares += burst.miscompares;
  for (const Miscompare& m : burst.samples) {
    if (record_.findings.size() < kMaxSamples)
      record_.findings.push_back(
          {index, m.core, m.element, m.expected, m.got, key.pattern, m.tile, m.address, {}, peer});
  }
}

WindowRecord WindowBuilder::take(double start_s, double end_s) {
  record_.start_s = start_s;
  record_.length_s = end_s - start_s;
  for (auto& [of, values] : values_) {
    record_.metrics.push_back(summarize(of.first, std::move(values)));
    record_.metrics.back().peer = of.second;
  }
  for (auto& [core, tally] : cores_) record_.cores.push_back(tally);
  values_.clear();
  cores_.clear();
  places_.clear();
  return std::exchange(record_, {});
}

WorkTally& WindowBuilder::tally_for(const WorkKey& key, const std::string& peer,
                                    const std::optional<std::uint64_t>& digest, bool faulted) {
  const auto [place, fresh] =
      places_.try_emplace({key, peer, digest, faulted}, record_.work.size());
  if (!fresh) return record_.work[place->second];
  WorkTally tally;
  tally.work = key.work;
  tally.pattern = key.pattern;
  tally.address_bit = key.address_bit;
  tally.half = key.half;
  if (digest) tally.digest = Bits(*digest);
  tally.faulted = faulted;
  tally.peer = peer;
  return record_.work.emplace_back(std::move(tally));
}

}  // namespace rackproof
