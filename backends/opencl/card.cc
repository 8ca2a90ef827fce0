// SPDX-License-Identifier: Apache-2.0
#include "backends/opencl/card.h"

#include <fmt/format.h>

#include <sstream>

#include "core/units.h"

namespace rackproof::opencl {
namespace {

constexpr int kLogLines = 20;

std::string bytes_text(std::uint64_t bytes) {
  return format(static_cast<double>(bytes), Unit::byte);
}

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

}  // namespace

struct Card::Open {
  std::vector<SubDevice> divided;
  std::vector<cl_device_id> lanes;
  ContextOwner context;
  Queue service;
  std::mutex queueing, building;
  std::vector<std::vector<Queue>> idle;  // by lane
  std::map<std::pair<std::vector<std::string_view>, std::string>, Program> programs;
};

// Until the process ends, since drivers' threads outlive what they worked for.
void Card::keep(std::unique_ptr<Open> opened) {
  static auto* const kept = new std::vector<std::unique_ptr<Open>>;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  kept->push_back(std::move(opened));
}

Card::Open& Card::open() {
  const std::lock_guard lock(mutex_);
  if (open_) return *open_;
  auto opened = std::make_unique<Open>();
  if (traits_.divisible) opened->divided = divide(device_, traits_.compute_units, id());
  for (const SubDevice& part : opened->divided) opened->lanes.push_back(part.get());
  if (opened->lanes.empty()) opened->lanes.push_back(device_);
  cl_int status = CL_SUCCESS;
  opened->context =
      ContextOwner(cl().CreateContext(nullptr, static_cast<cl_uint>(opened->lanes.size()),
                                      opened->lanes.data(), nullptr, nullptr, &status));
  check(status, "clCreateContext", id());
  opened->service =
      Queue(cl().CreateCommandQueue(opened->context.get(), opened->lanes[0], 0, &status));
  check(status, "clCreateCommandQueue", id());
  opened->idle.resize(opened->lanes.size());
  open_ = opened.get();
  keep(std::move(opened));
  return *open_;
}

std::size_t Card::lanes() { return open().lanes.size(); }

Queue Card::take_queue(std::size_t lane) {
  Open& at = open();
  const std::lock_guard lock(at.queueing);
  std::vector<Queue>& idle = at.idle[lane];
  if (!idle.empty()) {
    Queue queue = std::move(idle.back());
    idle.pop_back();
    return queue;
  }
  cl_int status = CL_SUCCESS;
  Queue queue(cl().CreateCommandQueue(at.context.get(), at.lanes[lane], 0, &status));
  check(status, "clCreateCommandQueue", id());
  return queue;
}

void Card::give_back(std::size_t lane, Queue queue) {
  Open& at = open();
  const std::lock_guard lock(at.queueing);
  at.idle[lane].push_back(std::move(queue));
}

cl_command_queue Card::service() { return open().service.get(); }

bool Card::cores_known() { return traits_.nvidia || lanes() == traits_.compute_units; }

std::uint32_t Card::cores() {
  return traits_.nvidia ? traits_.compute_units : static_cast<std::uint32_t>(lanes());
}

cl_program Card::program(const Source& source) {
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
  check(status, "clCreateProgramWithSource", id());
  status = cl().BuildProgram(program.get(), static_cast<cl_uint>(at.lanes.size()), at.lanes.data(),
                             source.options.c_str(), nullptr, nullptr);
  if (status != CL_SUCCESS) {
    const std::string log = build_log(program.get(), at.lanes[0]);
    throw DeviceError(fmt::format("clBuildProgram on {}: {}{}{}", id(), error_name(status), log,
                                  log.empty() ? cache_hint() : ""));
  }
  kept = std::move(program);
  return kept.get();
}

Buffer Card::buffer(std::uint64_t size_bytes, cl_mem_flags flags) {
  Open& at = open();
  cl_int status = CL_SUCCESS;
  Buffer made(cl().CreateBuffer(at.context.get(), flags, size_bytes, nullptr, &status));
  check(status, "clCreateBuffer", id(), bytes_text(size_bytes));
  return made;
}

void Card::reserve(std::uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t most = info_.allocatable_bytes;
  if (size_bytes > most || reserved_bytes_ > most - size_bytes) {
    throw DeviceError(fmt::format("cannot allocate {} on {}: out of memory, {} in use of {}",
                                  bytes_text(size_bytes), id(), bytes_text(reserved_bytes_),
                                  bytes_text(most)));
  }
  reserved_bytes_ += size_bytes;
}

void Card::release(std::uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  reserved_bytes_ -= size_bytes;
}

void Card::read(cl_mem from, std::uint64_t offset, std::uint64_t size_bytes, void* to) {
  check(
      cl().EnqueueReadBuffer(service(), from, CL_TRUE, offset, size_bytes, to, 0, nullptr, nullptr),
      "clEnqueueReadBuffer", id());
}

void Card::write(cl_mem to, std::uint64_t offset, std::uint64_t size_bytes, const void* from) {
  check(cl().EnqueueWriteBuffer(service(), to, CL_TRUE, offset, size_bytes, from, 0, nullptr,
                                nullptr),
        "clEnqueueWriteBuffer", id());
}

}  // namespace rackproof::opencl
