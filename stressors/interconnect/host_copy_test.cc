// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "stressors/recorded_step.h"

namespace rackproof {
namespace {

const std::vector<FaultKind> kKinds{FaultKind::flip, FaultKind::stuck, FaultKind::swap,
                                    FaultKind::lanes, FaultKind::scramble};

StepSettings copy_step(const std::string& direction, const std::string& beside = "nothing",
                       const std::string& host_memory = "pinned") {
  return short_step("interconnect.host_copy", {{"size", "64 KiB"},
                                               {"direction", direction},
                                               {"beside", beside},
                                               {"host_memory", host_memory}});
}

std::set<std::string> works_of(const RecordedStep& step) {
  std::set<std::string> works;
  for (const WindowRecord& w : step.windows) {
    for (const WorkTally& t : w.work) works.insert(t.work);
  }
  return works;
}

// A device that remembers from where to where it was asked to copy.
class Watching : public Device {
 public:
  explicit Watching(Device& inner) : inner_(inner) {}
  const DeviceInfo& info() const override { return inner_.info(); }
  Region allocate(std::uint64_t size_bytes, Place place) override {
    Region region = inner_.allocate(size_bytes, place);
    places_[region.memory.get()] = place;
    return region;
  }
  Preparation prepare(const Workload& workload) override {
    if (const auto* copy = std::get_if<Copy>(&workload))
      ways.insert({places_[copy->from.memory.get()], places_[copy->to.memory.get()]});
    return inner_.prepare(workload);
  }
  std::set<std::pair<Place, Place>> ways;

 private:
  Device& inner_;
  std::map<const RegionMemory*, Place> places_;
};

TEST(HostCopy, CopiesTheWayThatItsDirectionNames) {
  const auto device = synthetic_device();
  const std::pair down{Place::host, Place::device}, up{Place::device, Place::host};
  const std::map<std::string, std::set<std::pair<Place, Place>>> ways{
      {"h2d", {down}}, {"d2h", {up}}, {"both", {down, up}}};
  for (const auto& [direction, expected] : ways) {
    Watching watching(*device);
    (void)run_recorded(watching, copy_step(direction));
    EXPECT_EQ(watching.ways, expected) << direction;
  }
}

TEST(HostCopy, PassesOnAHealthyDeviceInEveryWay) {
  const auto device = synthetic_device();
  for (const char* direction : {"h2d", "d2h", "both"}) {
    for (const char* beside : {"nothing", "compute"}) {
      for (const char* memory : {"pinned", "pageable"}) {
        SCOPED_TRACE(std::string(direction) + " " + beside + " " + memory);
        const RecordedStep step = run_recorded(*device, copy_step(direction, beside, memory));
        EXPECT_EQ(step.miscompares(), 0U);
        EXPECT_EQ(step.wrong_digests(), 0U);
        EXPECT_GE(step.recordings("bandwidth"), 1U);
      }
    }
  }
}

TEST(HostCopy, CountsAWordThatArrivedChanged) {
  for (const char* direction : {"h2d", "d2h", "both"}) {
    const auto device = synthetic_device("wrong=transfer every=1000");
    const RecordedStep step = run_recorded(*device, copy_step(direction));
    EXPECT_EQ(step.miscompares(), 1U) << direction;
    EXPECT_EQ(step.wrong_digests(), 1U) << direction;
  }
}

TEST(HostCopy, FindsEachFaultOfADrillWhereItStruck) {
  const auto device = synthetic_device();
  for (const char* direction : {"h2d", "d2h", "both"}) {
    for (const char* beside : {"nothing", "compute"}) {
      const auto drill = short_drill(copy_step(direction, beside), FaultSite::transfer, kKinds);
      const auto [active, found] = run_recorded(*device, drill).active_and_found();
      EXPECT_EQ(active, kKinds.size()) << direction << " " << beside;
      EXPECT_EQ(found, kKinds.size()) << direction << " " << beside;
    }
  }
}

TEST(HostCopy, ChecksTheArithmeticBesideIt) {
  const auto healthy = synthetic_device(), wrong = synthetic_device("wrong=result every=1000");
  const RecordedStep step = run_recorded(*healthy, copy_step("both", "compute"));
  EXPECT_EQ(works_of(step),
            (std::set<std::string>{"copy 65536", "gemm fp32 fp32 128 128 128 exact"}));
  const RecordedStep bad = run_recorded(*wrong, copy_step("h2d", "compute"));
  EXPECT_EQ(bad.miscompares(), 1U);
  EXPECT_EQ(bad.wrong_digests(), 1U);
}

double fastest(const RecordedStep& step) {
  double most = 0;
  for (const WindowRecord& w : step.windows) {
    for (const MetricWindow& m : w.metrics)
      most = std::max(most, m.metric == "bandwidth" ? m.max : 0);
  }
  return most;
}

double least_latency(const RecordedStep& step) {
  double least = std::numeric_limits<double>::infinity();
  for (const WindowRecord& w : step.windows) {
    for (const MetricWindow& m : w.metrics)
      least = std::min(least, m.metric == "latency" ? m.median : least);
  }
  return least;
}

// Twice what the link gives in one direction, and not more than the device says of both.
TEST(HostCopy, MeasuresBothDirectionsTogether) {
  const auto device = synthetic_device();
  const StressorInfo* info = find_stressor("interconnect.host_copy");
  for (const char* direction : {"h2d", "both"}) {
    const std::string key = peak_key(*info->metric("bandwidth"), {{"direction", direction}});
    EXPECT_LE(fastest(run_recorded(*device, copy_step(direction))), device->info().ceilings.at(key))
        << key;
  }
  EXPECT_EQ(device->info().nominals.at("host_link.both"),
            2 * device->info().nominals.at("host_link.h2d"));
}

constexpr const char* kTwoNodes = "numa_nodes=2 numa_node=1";

StepSettings numa_step(const std::string& direction, const std::string& numa) {
  StepSettings settings = copy_step(direction);
  settings.params["numa"] = numa;
  return settings;
}

TEST(HostCopy, ShowsADeviceThatIsSlowFromTheFarNodeAloneAndOnlyThere) {
  for (const char* far_slow : {"", " far_slow=50%"}) {
    const double share = *far_slow == 0 ? 1 : 0.5;
    const auto device = synthetic_device(std::string(kTwoNodes) + far_slow);
    for (const char* direction : {"h2d", "d2h"}) {
      const double near = fastest(run_recorded(*device, numa_step(direction, "near")));
      const double far = fastest(run_recorded(*device, numa_step(direction, "far")));
      EXPECT_NEAR(far / near, share, 0.01) << direction;
    }
    // Two threads move these, on a busy machine one after the other: there is an upper bound only.
    EXPECT_LE(fastest(run_recorded(*device, numa_step("both", "far"))),
              share * 1.01 * device->info().nominals.at("host_link.both"));
  }
}

TEST(HostCopy, ChecksFarMemoryAsItDoesNear) {
  for (const char* numa : {"near", "far"}) {
    const auto wrong = synthetic_device(std::string(kTwoNodes) + " wrong=transfer every=1000");
    EXPECT_EQ(run_recorded(*wrong, numa_step("both", numa)).miscompares(), 1U) << numa;
    const auto device = synthetic_device(kTwoNodes);
    const auto drill = short_drill(numa_step("d2h", numa), FaultSite::transfer, kKinds);
    const auto [active, found] = run_recorded(*device, drill).active_and_found();
    EXPECT_EQ(active, kKinds.size()) << numa;
    EXPECT_EQ(found, kKinds.size()) << numa;
  }
}

TEST(HostCopy, NeverCallsMemoryNearOrFarThatMayNotBe) {
  const auto one = synthetic_device(), unknown = synthetic_device("numa_nodes=2");
  EXPECT_EQ(why_unsupported(*one, numa_step("h2d", "near")), "");
  EXPECT_EQ(why_unsupported(*one, numa_step("h2d", "far")),
            "n0-d0 does not support far memory with one NUMA node");
  EXPECT_EQ(why_unsupported(*unknown, numa_step("h2d", "near")),
            "n0-d0 does not support a choice of NUMA nodes: its own is not known");
  EXPECT_EQ(why_unsupported(*unknown, numa_step("h2d", "any")), "");
  Watching plain(*one);  // a back end without the choice
  EXPECT_EQ(why_unsupported(plain, numa_step("h2d", "near")),
            "n0-d0: this back end does not choose the NUMA node of host memory");
}

TEST(HostCopy, MeasuresTheLatencyOfOneDirectionByItself) {
  const auto device = synthetic_device(std::string(kTwoNodes) + " far_slow=50%");
  for (const char* direction : {"h2d", "d2h"}) {
    const RecordedStep near = run_recorded(*device, numa_step(direction, "near"));
    EXPECT_NEAR(least_latency(near), 2e-6, 1e-8) << direction;
    const RecordedStep far = run_recorded(*device, numa_step(direction, "far"));
    EXPECT_NEAR(least_latency(far), 4e-6, 1e-8) << direction;
  }
  EXPECT_EQ(run_recorded(*device, copy_step("both")).recordings("latency"), 0U);
  EXPECT_EQ(run_recorded(*device, copy_step("h2d", "compute")).recordings("latency"), 0U);
}

// Bursts beside one another take more time than passes; what they share is told.
TEST(HostCopy, TellsHowMuchOfItsTimeRanBesideItself) {
  const auto device = synthetic_device();
  for (const char* direction : {"h2d", "both"}) {
    double busy_s = 0, overlap_s = 0, length_s = 0;
    StepSettings settings = copy_step(direction, "compute");
    settings.duration_s = settings.burst_s = 0.2;  // a busy machine starts no thread later
    for (const WindowRecord& w : run_recorded(*device, settings).windows) {
      for (const WorkTally& t : w.work) busy_s += t.busy_s;
      overlap_s += w.overlap_s;
      length_s += w.length_s;
    }
    EXPECT_GT(overlap_s, 0) << direction;
    EXPECT_GT(busy_s, 0) << direction;
    EXPECT_LE(busy_s - overlap_s, length_s) << direction;
  }
  EXPECT_EQ(run_recorded(*device, copy_step("h2d")).windows.at(0).overlap_s, 0);
}

TEST(HostCopy, EndsWithTheErrorOfWhatRunsBesideIt) {
  const auto device = synthetic_device("error=gemm");
  EXPECT_THROW((void)run_recorded(*device, copy_step("h2d", "compute")), DeviceError);
}

TEST(HostCopy, IsUnsupportedWhereTheDeviceCannotCopyOrComputeBeside) {
  const auto device = synthetic_device("unsupported=copy");
  EXPECT_EQ(why_unsupported(*device, copy_step("h2d")), "n0-d0 does not support copy");
  const auto plain = synthetic_device("unsupported=gemm");
  EXPECT_EQ(why_unsupported(*plain, copy_step("both", "compute")), "n0-d0 does not support gemm");
  EXPECT_EQ(why_unsupported(*plain, copy_step("both")), "");
}

}  // namespace
}  // namespace rackproof
