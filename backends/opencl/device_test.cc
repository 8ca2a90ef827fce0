// SPDX-License-Identifier: Apache-2.0
// Memory, errors and the loader: what is refused, and in which words.
#include <cstdlib>

#include "backends/kernels/lanes.h"
#include "backends/opencl/device_under_test.h"
#include "backends/opencl/discovery.h"

namespace rackproof::opencl {
namespace {

using ::testing::HasSubstr;

std::string thrown(const std::function<void()>& act) {
  try {
    act();
  } catch (const DeviceError& problem) {
    return problem.what();
  }
  return "nothing was thrown";
}

class OpenClDeviceTest : public OnDevice {};
INSTANTIATE_TEST_SUITE_P(OpenCl, OpenClDeviceTest, testing::Values(As::itself), name_of);

TEST_P(OpenClDeviceTest, RefusesMoreMemoryThanThereIsAndGivesBackWhatIsFreed) {
  EXPECT_EQ(thrown([] { (void)device().allocate(1ULL << 40); }),
            "cannot allocate 1 TiB on opencl:test: out of memory, 0 B in use of 32 MiB");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(device().allocate(25 << 20).size_bytes, 25ULL << 20);
  const Region kept = device().allocate(25 << 20);
  EXPECT_THAT(thrown([] { (void)device().allocate(10 << 20, Place::pageable); }),
              HasSubstr("out of memory"));
  EXPECT_EQ(device().allocate(1).size_bytes, 64U);
}

TEST_P(OpenClDeviceTest, AMatrixOrPinnedMemoryLargerThanAnyBufferIsRefused) {
  Traits traits = traits_of(first_device());
  traits.largest_buffer_bytes = 4096;
  KernelDevice small(card_with(traits, kAllocatable));
  EXPECT_EQ(thrown([&] {
              (void)small.prepare(Gemm{DType::fp32, DType::fp32, 64, 64, 64, Operands::exact});
            }),
            "cannot allocate 32 KiB on opencl:test: a buffer there has at most 4 KiB");
  EXPECT_EQ(
      thrown([&] { (void)small.allocate(8192, Place::host); }),
      "cannot pin 8 KiB for opencl:test: a buffer there has at most 4 KiB; pageable memory may "
      "be larger");
  EXPECT_EQ(small.allocate(8192, Place::pageable).size_bytes, 8192U);
}

// Pageable memory lies where it is asked for; pinned memory is where the driver allocates it.
TEST_P(OpenClDeviceTest, NearMemoryIsPageableAndCountsAsAllItsMemoryDoes) {
  if (host::this_host().nodes.size() != 1) GTEST_SKIP() << "this device has no node of its own";
  KernelDevice other(card_with(traits_of(first_device()), kAllocatable));
  const auto near = other.allocate_host(25 << 20, Place::pageable, Numa::near);
  const Region region = std::get<Region>(near);
  EXPECT_EQ(region.size_bytes, 25ULL << 20);
  EXPECT_THAT(thrown([&] { (void)other.allocate_host(10 << 20, Place::pageable, Numa::near); }),
              HasSubstr("out of memory"));
  const auto pinned = other.allocate_host(4096, Place::host, Numa::near);
  EXPECT_EQ(std::get<Unsupported>(pinned).reason,
            "opencl:test: this back end pins no memory that it did not allocate");
}

TEST_P(OpenClDeviceTest, ForeignRegionsAreRefused) {
  KernelDevice other(card_with(traits_of(first_device()), kAllocatable));
  const Region foreign = other.allocate(64);
  EXPECT_EQ(thrown([&] { (void)device().prepare(Fill{foreign}); }),
            "this region is not memory of opencl:test");
  EXPECT_EQ(thrown([&] { (void)device().prepare(Fill{}); }),
            "this region is not memory of opencl:test");
}

TEST_P(OpenClDeviceTest, ABuildFailureShowsTheCompilersFirstLines) {
  const auto card = card_with(traits_of(first_device()), kAllocatable);
  std::string broken = "__kernel void f(__global int* x) {\n";
  for (int i = 0; i < 50; ++i) broken += "  x[0] = undeclared_" + std::to_string(i) + ";\n";
  const std::string text = thrown([&] { const Kernel none(*card, {"", {broken, "}"}, ""}, "f"); });
  EXPECT_THAT(text, HasSubstr("clBuildProgram on opencl:test: CL_BUILD_PROGRAM_FAILURE"));
  EXPECT_THAT(text, HasSubstr("undeclared_0"));
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 21);
}

TEST_P(OpenClDeviceTest, AFailingCallIsNamedWithKernelAndError) {
  const auto card = card_with(traits_of(first_device()), kAllocatable);
  Lanes lanes(card);
  constexpr std::string_view kSource = "__kernel void f(__global int* x) { x[0] = 1; }";
  const Kernel without_arguments(*card, {"", {kSource}, ""}, "f");
  EXPECT_EQ(thrown([&] { lanes.start(0, without_arguments, 1, 1); }),
            "clEnqueueNDRangeKernel(f) on opencl:test: CL_INVALID_KERNEL_ARGS");
  EXPECT_EQ(thrown([&] {
              const Kernel none(*card, {"", {kSource}, ""}, "g");
            }),
            "clCreateKernel(g) on opencl:test: CL_INVALID_KERNEL_NAME");
}

TEST_P(OpenClDeviceTest, SaysWhyADeviceCanRunNothing) {
  Traits traits = traits_of(first_device());
  EXPECT_EQ(traits.refusal, "");
  traits.refusal = "it has no compiler for OpenCL C";
  KernelDevice without(card_with(traits, kAllocatable));
  EXPECT_EQ(refusal(without, Fill{}), "opencl:test: it has no compiler for OpenCL C");
}

TEST_P(OpenClDeviceTest, CpusAreFoundOnlyWhenAskedForAndAreNotOfKindCpu) {
  const auto all = discover("all");
  ASSERT_TRUE(all.has_value());
  ASSERT_FALSE(all->empty());
  const DeviceInfo& first = all->front()->info();
  EXPECT_EQ(first.id, "opencl:0.0");
  EXPECT_NE(first.kind, "cpu");
  EXPECT_EQ(first.backend, "opencl");
  EXPECT_LT(first.allocatable_bytes, first.memory_bytes);
  const auto usual = discover("");
  ASSERT_TRUE(usual.has_value());
  for (const auto& device : *usual) EXPECT_NE(device->info().kind, "opencl-cpu");
  EXPECT_EQ(discover("everything").error().message,
            "expected 'all' or nothing, found 'everything'");
}

TEST(OpenClLoader, AMachineWithoutOneSaysSo) {
  const auto none = load_api("libNoSuchLoader.so.1");
  ASSERT_FALSE(none.has_value());
  EXPECT_THAT(none.error().message, HasSubstr("no OpenCL: libNoSuchLoader.so.1"));
  EXPECT_THAT(load_api("libc.so.6").error().message, HasSubstr("libc.so.6 lacks clGetPlatformIDs"));
}

TEST(OpenClErrors, HaveTheirNames) {
  EXPECT_EQ(error_name(CL_OUT_OF_RESOURCES), "CL_OUT_OF_RESOURCES");
  EXPECT_EQ(error_name(-9999), "error -9999");
}

}  // namespace
}  // namespace rackproof::opencl
