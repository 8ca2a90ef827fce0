// SPDX-License-Identifier: Apache-2.0
#include "core/record.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/context.h"
#include "core/json_fields.h"

namespace rackproof {

RACKPROOF_JSON_ENUM(FaultSite, fault_site_from_name)
RACKPROOF_JSON_ENUM(FaultKind, fault_kind_from_name)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CoreTally, core, iterations, miscompares)

// A struct of these fields whose `peer` is written only where there is one.
#define RACKPROOF_JSON_WITH_PEER(Type, ...)                                            \
  inline void to_json(Json& nlohmann_json_j, const Type& nlohmann_json_t) {            \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(NLOHMANN_JSON_TO, __VA_ARGS__))           \
    if (!nlohmann_json_t.peer.empty()) nlohmann_json_j["peer"] = nlohmann_json_t.peer; \
  }                                                                                    \
  inline void from_json(const Json& nlohmann_json_j, Type& nlohmann_json_t) {          \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(NLOHMANN_JSON_FROM, __VA_ARGS__))         \
    const auto peer = nlohmann_json_j.find("peer");                                    \
    if (peer != nlohmann_json_j.end()) peer->get_to(nlohmann_json_t.peer);             \
  }
RACKPROOF_JSON_WITH_PEER(MetricWindow, metric, count, unusable, min, p1, median, p99, max, sum)
RACKPROOF_JSON_WITH_PEER(WorkTally, work, pattern, address_bit, half, digest, expected, faulted,
                         bursts, iterations, bytes, flops, busy_s, method)
RACKPROOF_JSON_WITH_PEER(Finding, burst, core, element, expected, got, pattern, tile, address, dimm)
#undef RACKPROOF_JSON_WITH_PEER
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Lateness, burst, late_s)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FaultRecord::Flip, element, before, after)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FaultRecord, id, site, kind, work, burst, flips)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WindowRecord, start_s, length_s, bursts, metrics, work, cores,
                                   miscompares, findings, late, faults, passes, memory_tested_bytes,
                                   overlap_s)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(EventRecord, at_s, kind, severity, device, step, text, cause,
                                   part, next_step, count)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SensorWindow, start_s, length_s, sensor, device, unit, count,
                                   errors, unsupported, min, median, max, error, counter, rise,
                                   resets)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SegmentRecord, file, start_s, end_s, rows, size_bytes, sha256)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(KernelLogWindow, start_s, length_s, records, lost, error, proven)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DeviceInfo, id, node, backend, kind, name, serial, uuid, bdf,
                                   driver, numa_node, memory_bytes, allocatable_bytes, cores,
                                   shortest_burst_s, ceilings, nominals)
struct FaultFields {
  std::uint64_t id;
  FaultSite site;
  FaultKind kind;
  Bits element, mask;
  double delay_s;
  std::uint64_t count, stride;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FaultFields, id, site, kind, element, mask, delay_s, count,
                                   stride)

void to_json(Json& j, const Fault& f) {
  j = FaultFields{f.id, f.site, f.kind, f.element, f.mask, f.delay_s, f.count, f.stride};
}
void from_json(const Json& j, Fault& f) {
  const auto fields = j.get<FaultFields>();
  f = Fault{fields.id,   fields.site,    fields.kind,  fields.element,
            fields.mask, fields.delay_s, fields.count, fields.stride};
}

namespace {

struct SettingsFields : StepSettings {
  std::string seed_hex;
};

}  // namespace

void to_json(Json& j, const StepSettings& s) {
  j = Json{{"step", s.step},
           {"device", s.device},
           {"stressor", s.stressor},
           {"attempt", s.attempt},
           {"params", s.params},
           {"seed", hex(s.seed)},
           {"duration_s", s.duration_s},
           {"passes", s.passes},
           {"burst_s", s.burst_s},
           {"window_s", s.window_s},
           {"late_after_s", s.late_after_s},
           {"gang", s.gang},
           {"peers", s.peers},
           {"drill", s.drill},
           {"faults", s.faults}};
}

void from_json(const Json& j, StepSettings& s) {
  j.at("step").get_to(s.step);
  j.at("device").get_to(s.device);
  j.at("stressor").get_to(s.stressor);
  j.at("attempt").get_to(s.attempt);
  j.at("params").get_to(s.params);
  const auto seed = parse_sha256(j.at("seed").get_ref<const std::string&>());
  if (!seed) throw std::invalid_argument(seed.error().text());
  s.seed = *seed;
  j.at("duration_s").get_to(s.duration_s);
  j.at("passes").get_to(s.passes);
  j.at("burst_s").get_to(s.burst_s);
  j.at("window_s").get_to(s.window_s);
  j.at("late_after_s").get_to(s.late_after_s);
  j.at("gang").get_to(s.gang);
  j.at("peers").get_to(s.peers);
  j.at("drill").get_to(s.drill);
  j.at("faults").get_to(s.faults);
}

namespace {

template <class T>
Json as_json(const T& value) {
  Json j;
  to_json(j, value);
  return j;
}

constexpr std::array<std::string_view, 9> kOutcomes{"finished",  "unsupported", "device_error",
                                                    "crashed",   "hung",        "garbage",
                                                    "gang_lost", "aborted",     "not_run"};

}  // namespace

std::string_view name(Outcome outcome) {
  const auto index = static_cast<std::size_t>(outcome);
  return index < kOutcomes.size() ? kOutcomes[index] : "unknown";
}

Expected<Outcome> outcome_from_name(std::string_view wanted) {
  for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
    if (kOutcomes[i] == wanted) return static_cast<Outcome>(i);
  }
  return fail("unknown outcome '" + std::string(wanted) + "'");
}

Json to_json(const WindowRecord& record) { return as_json(record); }
Json to_json(const EventRecord& record) { return as_json(record); }
Json to_json(const SensorWindow& record) { return as_json(record); }
Json to_json(const SegmentRecord& record) { return as_json(record); }
Json to_json(const KernelLogWindow& record) { return as_json(record); }
Json to_json(const DeviceInfo& info) { return as_json(info); }
Json to_json(const Fault& fault) { return as_json(fault); }
Json to_json(const StepSettings& settings) { return as_json(settings); }

Expected<WindowRecord> window_from_json(const Json& j) {
  return read_struct<WindowRecord>(j, "window record");
}
Expected<EventRecord> event_from_json(const Json& j) {
  return read_struct<EventRecord>(j, "event record");
}
Expected<SensorWindow> sensor_from_json(const Json& j) {
  return read_struct<SensorWindow>(j, "sensor record");
}
Expected<SegmentRecord> segment_from_json(const Json& j) {
  return read_struct<SegmentRecord>(j, "segment record");
}
Expected<KernelLogWindow> kernel_log_from_json(const Json& j) {
  return read_struct<KernelLogWindow>(j, "kernel log record");
}
Expected<DeviceInfo> device_from_json(const Json& j) {
  return read_struct<DeviceInfo>(j, "device");
}
Expected<Fault> fault_from_json(const Json& j) { return read_struct<Fault>(j, "fault"); }
Expected<StepSettings> settings_from_json(const Json& j) {
  return read_struct<StepSettings>(j, "step's settings");
}

MetricWindow summarize(std::string metric, std::vector<double> values) {
  MetricWindow window;
  window.metric = std::move(metric);
  const auto usable_end = std::remove_if(values.begin(), values.end(),
                                         [](double v) { return !std::isfinite(v) || v < 0; });
  window.unusable = static_cast<std::uint64_t>(values.end() - usable_end);
  values.erase(usable_end, values.end());
  window.count = values.size();
  if (values.empty()) return window;
  std::sort(values.begin(), values.end());
  const auto rank = [&](double share) {  // nearest rank
    const auto n = static_cast<double>(values.size());
    return values[static_cast<std::size_t>(std::max(1.0, std::ceil(share * n))) - 1];
  };
  window.min = values.front();
  window.p1 = rank(0.01);
  window.median = rank(0.5);
  window.p99 = rank(0.99);
  window.max = values.back();
  for (const double v : values) window.sum += v;
  return window;
}

}  // namespace rackproof
