// SPDX-License-Identifier: Apache-2.0
#include "backends/opencl/driver.h"

#include <fmt/format.h>

#include <sstream>

#include "core/units.h"

namespace rackproof::opencl {
namespace {

using kernels::bytes_text;

constexpr int kLogLines = 20;

std::string first_lines(const std::string& log) {
  std::istringstream in(log);
  std::string text;
  int lines = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    if (++lines > kLogLines) return text + "\n  ...";
    text += "\n  " + line;
  }
  return text;
}

std::string build_log(cl_program program, cl_device_id device) {
  std::size_t size = 0;
  cl().GetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, 0, nullptr, &size);
  std::string log(size, '\0');
  cl().GetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, size, log.data(), nullptr);
  return first_lines(log.c_str());
}

// A driver that cannot write its kernel cache says nothing better than that a call failed.
std::string cache_hint() {
  return " without a word; see whether the driver can write its kernel cache";
}

std::vector<SubDevice> divide(cl_device_id device, std::uint32_t units, const std::string& id) {
  const cl_device_partition_property each[] = {CL_DEVICE_PARTITION_EQUALLY, 1, 0};
  std::vector<cl_device_id> ids(units);
  cl_uint made = 0;
  check(cl().CreateSubDevices(device, each, units, ids.data(), &made), "clCreateSubDevices", id);
  std::vector<SubDevice> owned;
  for (cl_uint i = 0; i < made; ++i) owned.emplace_back(ids[i]);
  return owned;
}

cl_command_queue queue_of(Queue queue) { return static_cast<cl_command_queue>(queue); }
cl_mem memory_of(Handle handle) { return reinterpret_cast<cl_mem>(handle); }

class ClFunction : public kernels::Function {
 public:
  ClFunction(KernelOwner kernel, std::string name, const std::string& device)
      : kernel_(std::move(kernel)), name_(std::move(name)), device_(device) {}

  void launch(Queue queue, std::span<const kernels::Argument> arguments, std::uint64_t groups,
              std::uint64_t items) override {
    cl_uint index = 0;
    for (const kernels::Argument& argument : arguments) {
      check(cl().SetKernelArg(kernel_.get(), index++, argument.size_bytes, &argument.bits),
            "clSetKernelArg", device_, name_);
    }
    const std::size_t all = groups * items, each = items;
    check(cl().EnqueueNDRangeKernel(queue_of(queue), kernel_.get(), 1, nullptr, &all, &each, 0,
                                    nullptr, nullptr),
          "clEnqueueNDRangeKernel", device_, name_);
  }

 private:
  KernelOwner kernel_;
  std::string name_, device_;
};

}  // namespace

struct ClDriver::Open {
  std::vector<SubDevice> divided;
  std::vector<cl_device_id> lanes;
  ContextOwner context;
  cl_command_queue service = nullptr;
  std::mutex building;
  std::vector<cl_command_queue> queues;  // for as long as the process lives
  std::map<std::pair<std::vector<std::string_view>, std::string>, Program> programs;
};

// Until the process ends, since drivers' threads outlive what they worked for.
void ClDriver::keep(std::unique_ptr<Open> opened) {
  static auto* const kept = new std::vector<std::unique_ptr<Open>>;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  kept->push_back(std::move(opened));
}

ClDriver::Open& ClDriver::open() {
  const std::lock_guard lock(mutex_);
  if (open_) return *open_;
  auto opened = std::make_unique<Open>();
  if (traits_.divisible) opened->divided = divide(device_, traits_.compute_units, id_);
  for (const SubDevice& part : opened->divided) opened->lanes.push_back(part.get());
  if (opened->lanes.empty()) opened->lanes.push_back(device_);
  cl_int status = CL_SUCCESS;
  opened->context =
      ContextOwner(cl().CreateContext(nullptr, static_cast<cl_uint>(opened->lanes.size()),
                                      opened->lanes.data(), nullptr, nullptr, &status));
  check(status, "clCreateContext", id_);
  opened->service = cl().CreateCommandQueue(opened->context.get(), opened->lanes[0], 0, &status);
  check(status, "clCreateCommandQueue", id_);
  open_ = opened.get();
  keep(std::move(opened));
  return *open_;
}

std::size_t ClDriver::lanes() { return open().lanes.size(); }

Queue ClDriver::make_queue(std::size_t lane) {
  Open& at = open();
  cl_int status = CL_SUCCESS;
  const cl_command_queue queue =
      cl().CreateCommandQueue(at.context.get(), at.lanes[lane], 0, &status);
  check(status, "clCreateCommandQueue", id_);
  const std::lock_guard lock(at.building);
  at.queues.push_back(queue);
  return queue;
}

std::unique_ptr<kernels::Function> ClDriver::function(const kernels::Source& source,
                                                      const std::string& name) {
  cl_int status = CL_SUCCESS;
  KernelOwner kernel(cl().CreateKernel(program(source), name.c_str(), &status));
  check(status, "clCreateKernel", id_, name);
  return std::make_unique<ClFunction>(std::move(kernel), name, id_);
}

cl_program ClDriver::program(const kernels::Source& source) {
  Open& at = open();
  const std::lock_guard lock(at.building);
  Program& kept = at.programs[{source.files, source.options}];
  if (kept.get() != nullptr) return kept.get();
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string_view file : source.files) {
    texts.push_back(file.data());
    sizes.push_back(file.size());
  }
  cl_int status = CL_SUCCESS;
  Program program(cl().CreateProgramWithSource(at.context.get(), static_cast<cl_uint>(texts.size()),
                                               texts.data(), sizes.data(), &status));
  check(status, "clCreateProgramWithSource", id_);
  status = cl().BuildProgram(program.get(), static_cast<cl_uint>(at.lanes.size()), at.lanes.data(),
                             source.options.c_str(), nullptr, nullptr);
  if (status != CL_SUCCESS) {
    const std::string log = build_log(program.get(), at.lanes[0]);
    throw DeviceError(fmt::format("clBuildProgram on {}: {}{}{}", id_, error_name(status), log,
                                  log.empty() ? cache_hint() : ""));
  }
  kept = std::move(program);
  return kept.get();
}

MemoryOwner ClDriver::buffer(std::uint64_t size_bytes, cl_mem_flags flags) {
  Open& at = open();
  cl_int status = CL_SUCCESS;
  MemoryOwner made(cl().CreateBuffer(at.context.get(), flags, size_bytes, nullptr, &status));
  check(status, "clCreateBuffer", id_, bytes_text(size_bytes));
  return made;
}

Handle ClDriver::allocate(std::uint64_t size_bytes) {
  return reinterpret_cast<Handle>(buffer(size_bytes, CL_MEM_READ_WRITE).release());
}

void ClDriver::release(Handle memory) noexcept { cl().ReleaseMemObject(memory_of(memory)); }

// Drivers pin what they allocate for the host, and know it again when it is copied from.
std::uint64_t* ClDriver::pin(std::uint64_t size_bytes) {
  MemoryOwner memory = buffer(size_bytes, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR);
  cl_int status = CL_SUCCESS;
  auto* const host = static_cast<std::uint64_t*>(
      cl().EnqueueMapBuffer(service(), memory.get(), CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0,
                            size_bytes, 0, nullptr, nullptr, &status));
  check(status, "clEnqueueMapBuffer", id_, bytes_text(size_bytes));
  const std::lock_guard lock(mutex_);
  pinned_[host] = std::move(memory);
  return host;
}

void ClDriver::unpin(std::uint64_t* memory) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = pinned_.find(memory);
  if (found == pinned_.end()) return;
  cl().EnqueueUnmapMemObject(open_->service, found->second.get(), memory, 0, nullptr, nullptr);
  cl().Flush(open_->service);
  pinned_.erase(found);
}

cl_command_queue ClDriver::service() {
  Open& at = open();
  const std::lock_guard lock(mutex_);
  return at.service;
}

void ClDriver::zero(Queue queue, Handle memory, std::uint64_t size_bytes) {
  constexpr cl_uint kZero = 0;
  check(cl().EnqueueFillBuffer(queue_of(queue), memory_of(memory), &kZero, sizeof kZero, 0,
                               size_bytes, 0, nullptr, nullptr),
        "clEnqueueFillBuffer", id_, bytes_text(size_bytes));
}

void ClDriver::write(Queue queue, Handle to, std::uint64_t offset, std::uint64_t size_bytes,
                     const void* from) {
  check(cl().EnqueueWriteBuffer(queue_of(queue), memory_of(to), CL_FALSE, offset, size_bytes, from,
                                0, nullptr, nullptr),
        "clEnqueueWriteBuffer", id_);
}

void ClDriver::read(Queue queue, Handle from, std::uint64_t offset, std::uint64_t size_bytes,
                    void* to) {
  check(cl().EnqueueReadBuffer(queue_of(queue), memory_of(from), CL_FALSE, offset, size_bytes, to,
                               0, nullptr, nullptr),
        "clEnqueueReadBuffer", id_);
}

void ClDriver::read_every(Queue queue, Handle from, std::uint64_t offset, std::uint64_t width,
                          std::uint64_t step, std::uint64_t count, void* to) {
  const std::size_t there[] = {offset, 0, 0}, here[] = {0, 0, 0}, region[] = {width, count, 1};
  check(cl().EnqueueReadBufferRect(queue_of(queue), memory_of(from), CL_FALSE, there, here, region,
                                   step, 0, width, 0, to, 0, nullptr, nullptr),
        "clEnqueueReadBufferRect", id_);
}

void ClDriver::copy(Queue queue, Handle from, Handle to, std::uint64_t size_bytes) {
  check(cl().EnqueueCopyBuffer(queue_of(queue), memory_of(from), memory_of(to), 0, 0, size_bytes, 0,
                               nullptr, nullptr),
        "clEnqueueCopyBuffer", id_);
}

void ClDriver::flush(Queue queue) { check(cl().Flush(queue_of(queue)), "clFlush", id_); }

void ClDriver::finish(Queue queue) { check(cl().Finish(queue_of(queue)), "clFinish", id_); }

}  // namespace rackproof::opencl
