// SPDX-License-Identifier: Apache-2.0
// Physical addresses of wrong words, and memory of the three places.
#include "backends/cpu/physical.h"

#include <fstream>
#include <sstream>

#include "backends/cpu/device_under_test.h"

namespace rackproof::cpu {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr RunFor kOnce{.iterations = 1, .pattern = 4};

// Known for every word of a page or for none, and in step with its place within the page.
void expect_in_step(const Miscompare& m, const Region& region) {
  const std::byte* const at = memory_of(region)->data() + m.element * 8;
  EXPECT_EQ(m.address, physical_address(at));
  if (m.address != 0) {
    EXPECT_EQ(m.address % kPage, std::bit_cast<std::uintptr_t>(at) % kPage);
  }
}

Miscompare only_finding(Prepared& prepared) {
  const Burst burst = prepared.run(kOnce);
  return burst.samples.size() == 1 ? burst.samples[0] : Miscompare{.element = ~0ULL};
}

TEST(Physical, AddressIsUnknownWhereNothingIsMapped) { EXPECT_EQ(physical_address(nullptr), 0U); }

TEST(Physical, AddressIsToldToRootAndTheSameForOnePage) {
  const auto device = device_with_cores(1);
  const Region region = device->allocate(1 << 16);
  const std::byte* const data = memory_of(region)->data();
  const std::uint64_t first = physical_address(data);
  EXPECT_EQ(physical_address(data + 8), first == 0 ? 0 : first + 8);
  if (first == 0) GTEST_SKIP() << "this process may not know physical addresses";
  EXPECT_NE(physical_address(data + kPage) & ~(kPage - 1), first & ~(kPage - 1));
}

TEST(Physical, AddressComesWithEachFindingOfMemoryWork) {
  const auto device = device_with_cores(2);
  const Region region = device->allocate(4 * kPage);
  auto* const words = memory_of(region)->as<std::uint64_t>();
  const std::vector<std::pair<Workload, Workload>> pairs{
      {Fill{region}, Check{region}},
      {Sweep{region, {MarchOp::Kind::write, 5}}, Sweep{region, {MarchOp::Kind::read, 5}}},
      {Stripe{region, MarchOp::Kind::write}, Stripe{region, MarchOp::Kind::read}}};
  for (const auto& [writes, reads] : pairs) {
    (void)ready(*device, writes)->run(kOnce);
    words[1500] ^= 1;
    expect_in_step(only_finding(*ready(*device, reads)), region);
  }
}

TEST(Physical, AddressOfACopysFindingLiesAtTheFarEnd) {
  const auto device = device_with_cores(2);
  const Region from = device->allocate(4 * kPage), to = device->allocate(4 * kPage);
  const auto copy = ready(*device, Copy{from, to});
  const auto armed = copy->arm({.site = FaultSite::transfer, .element = 1500});
  expect_in_step(only_finding(*copy), to);
}

TEST(Physical, AddressOfATriadsFindingLiesInTheArrayThatWasWrong) {
  const auto device = device_with_cores(2);
  const Triad triad{device->allocate(4 * kPage), device->allocate(4 * kPage),
                    device->allocate(4 * kPage)};
  const auto prepared = ready(*device, triad);
  (void)prepared->run(kOnce);
  for (const Region& region : {triad.a, triad.b, triad.c, triad.c}) {  // as the passes read them
    memory_of(region)->as<std::uint64_t>()[1500] ^= 1ULL << 40;
    expect_in_step(only_finding(*prepared), region);
  }
}

// What /proc/self/smaps says of the mapping that holds `data`.
std::string flags_of(const std::byte* data) {
  const auto wanted = std::bit_cast<std::uintptr_t>(data);
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t first = 0, last = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &first, &last) == 2)
      inside = first <= wanted && wanted < last;
    if (inside && line.starts_with("VmFlags:")) return line + " ";
  }
  return "";
}

TEST(Pageable, MemoryIsNeitherLockedNorInHugePages) {
  const auto device = device_with_cores(1);
  const Region pageable = device->allocate(8 << 20, Place::pageable);
  EXPECT_FALSE(memory_of(pageable)->locked());
  const std::string flags = flags_of(memory_of(pageable)->data());
  EXPECT_EQ(flags.find(" lo "), std::string::npos) << flags;
  EXPECT_EQ(flags.find(" hg "), std::string::npos) << flags;
}

TEST(Pageable, MemoryIsCopiedFromAndToAsAnyOther) {
  const auto device = device_with_cores(3);
  const Region pageable = device->allocate(64 * 21, Place::pageable),
               near = device->allocate(64 * 21);
  for (const Copy& copy : {Copy{pageable, near}, Copy{near, pageable}})
    expect_clean(ready(*device, copy)->run(kOnce), copy, kOnce);
}

}  // namespace
}  // namespace rackproof::cpu
