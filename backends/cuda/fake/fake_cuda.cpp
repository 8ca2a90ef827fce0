// SPDX-License-Identifier: Apache-2.0
// A libcuda.so.1 for tests: GPUs that RACKPROOF_FAKE_CUDA's file describes, whose kernels run on
// this machine's OpenCL device (PoCL), from the same text that nvcc compiled. All work is done
// when a call returns, unless its stream is being captured: then it is done at each launch of the
// graph, as if called then. Never linked, never installed.
//
// The file has lines "key value", # begins a comment:
//   gpus N, name TEXT, memory_mib N, multiprocessors N, capability 9.0, driver 13000,
//   clock_khz N, memory_clock_khz N, bus_bits N, peer_access 0|1
//   init CODE                 what cuInit returns
//   fail CALL AFTER CODE      the CALL after so many good ones, and every one from then on; all
//                             calls, where CODE is an error that a context does not recover from
//   hang CALL AFTER           the same, but it does not return
//   lose_copies AFTER         copies within a GPU move nothing after so many
//   lose_kernel NAME AFTER    the kernel does nothing after so many good launches
//   idle_core N               no work reaches this multiprocessor
// For tests in the same process: the functions rackproof_fake_... at the end.
#define CL_TARGET_OPENCL_VERSION 200
#include <CL/cl.h>
#include <cuda.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Program {
  const char *name, *fatbin, *file, *options;
};
#include "fake_programs.inc"

struct Script {
  std::map<std::string, std::string> texts;
  struct Trap {
    std::string call;
    long after = 0;
    int code = 0;
    bool hangs = false;
  };
  std::vector<Trap> traps;

  Script() {
    const char* path = std::getenv("RACKPROOF_FAKE_CUDA");
    std::ifstream in(path == nullptr ? "" : path);
    for (std::string line; std::getline(in, line);) {
      std::istringstream words(line.substr(0, line.find('#')));
      std::string key;
      if (!(words >> key)) continue;
      if (key == "fail" || key == "hang") {
        Trap trap;
        trap.hangs = key == "hang";
        words >> trap.call >> trap.after;
        if (!trap.hangs) words >> trap.code;
        traps.push_back(trap);
      } else {
        std::getline(words >> std::ws, texts[key]);
      }
    }
  }
  [[nodiscard]] long number(const char* key, long otherwise) const {
    const auto found = texts.find(key);
    return found == texts.end() ? otherwise : std::atol(found->second.c_str());
  }
};

Script& script() {
  static Script made;
  return made;
}

std::recursive_mutex mutex;
std::map<std::string, long> calls;
int broken = 0;
thread_local CUcontext current = nullptr;

// Of these the context does not recover; others are of their call alone.
bool stays(int code) {
  return code != CUDA_ERROR_OUT_OF_MEMORY && code != CUDA_ERROR_NOT_FOUND &&
         code != CUDA_ERROR_NOT_SUPPORTED;
}

// Counts the call; the code that it must return instead of doing anything.
CUresult trapped(std::string call) {
  if (call.size() > 3 && call.substr(call.size() - 3) == "_v2") call.resize(call.size() - 3);
  if (broken != 0) return static_cast<CUresult>(broken);
  const long before = calls[call]++;
  for (const Script::Trap& trap : script().traps) {
    if (trap.call != call || before < trap.after) continue;
    while (trap.hangs) pause();
    if (stays(trap.code)) broken = trap.code;
    return static_cast<CUresult>(trap.code);
  }
  return CUDA_SUCCESS;
}

#define ENTER()                      \
  const std::lock_guard lock(mutex); \
  if (const CUresult code = trapped(__func__); code != CUDA_SUCCESS) return code
#define ENTER_CONTEXT() \
  ENTER();              \
  if (current == nullptr) return CUDA_ERROR_INVALID_CONTEXT

// Work of a stream: a kernel, a copy.
using Work = std::function<CUresult()>;
struct Recorded {
  std::string call;
  Work work;
};
struct Capture {
  std::thread::id thread;
  bool spoilt = false;
  std::vector<Recorded> recorded;
};
using GraphWork = std::vector<Recorded>;
std::map<CUstream, Capture> captures;
long graph_launches = 0;
bool loses_graphs = false;

// A call that a capture of this thread does not bear ends it.
CUresult forbidden_while_capturing() {
  for (auto& [stream, capture] : captures) {
    if (capture.thread != std::this_thread::get_id()) continue;
    capture.spoilt = true;
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  return CUDA_SUCCESS;
}
#define ENTER_UNCAPTURED() \
  ENTER_CONTEXT();         \
  if (const CUresult code = forbidden_while_capturing(); code != CUDA_SUCCESS) return code

CUresult enqueue(const char* call, CUstream stream, const Work& work) {
  if (stream == nullptr) {  // the legacy stream waits for all others
    if (forbidden_while_capturing() != CUDA_SUCCESS) return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
  }
  const auto found = captures.find(stream);
  if (found == captures.end()) return work();
  if (found->second.spoilt) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  found->second.recorded.push_back({call, work});
  return CUDA_SUCCESS;
}

int gpus() { return static_cast<int>(script().number("gpus", 1)); }
long multiprocessors() { return script().number("multiprocessors", 4); }
std::size_t memory_bytes() {
  return static_cast<std::size_t>(script().number("memory_mib", 512)) << 20;
}

// Contexts are their device's number, from 1.
CUcontext context_of(CUdevice device) {
  return reinterpret_cast<CUcontext>(static_cast<std::uintptr_t>(device) + 1);
}
int device_of(CUcontext context) {
  return static_cast<int>(reinterpret_cast<std::uintptr_t>(context)) - 1;
}

struct Piece {
  std::size_t size = 0;
  int device = 0;
};
std::map<CUdeviceptr, Piece> pieces;

std::set<void*> pinned;  // where they lie

// Streams whose work does not end; what waits for it, or for the device, would wait forever.
std::set<CUstream> busy;
[[noreturn]] void wait_forever(const char* call) {
  std::fprintf(stderr, "%s would wait forever\n", call);
  std::_Exit(1);
}

// Of each program: its variable rackproof_cores, which must be told before a kernel runs.
std::map<cl_program, std::uint32_t> told_cores;

std::size_t used(int device) {
  std::size_t sum = 0;
  for (const auto& [at, piece] : pieces) sum += piece.device == device ? piece.size : 0;
  return sum;
}

// Whether [at, at + size) lies in one piece of memory of any GPU.
bool inside(CUdeviceptr at, std::size_t size) {
  auto next = pieces.upper_bound(at);
  if (next == pieces.begin()) return false;
  --next;
  return at + size <= next->first + next->second.size;
}
void* host(CUdeviceptr at) { return reinterpret_cast<void*>(at); }

struct OpenCl {
  cl_device_id device = nullptr;
  cl_context context = nullptr;
  cl_command_queue queue = nullptr;
  OpenCl() {
    cl_platform_id platform = nullptr;
    clGetPlatformIDs(1, &platform, nullptr);
    clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, nullptr);
    context = clCreateContext(nullptr, 1, &device, nullptr, nullptr, nullptr);
    queue = clCreateCommandQueueWithProperties(context, device, nullptr, nullptr);
  }
};
OpenCl& opencl() {
  static auto* const made = new OpenCl;
  return *made;
}

// Never released, and known as used to what looks for leaks.
template <class T>
T kept(T made) {
  static auto* const all = new std::vector<T>;
  all->push_back(made);
  return made;
}

std::string text_in(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

cl_program build(const Program& program) {
  std::string text;
  const std::string folder = RACKPROOF_SOURCE_DIR "/backends/kernels/";
  for (const char* file : {"dialect.cl", "pattern.cl", "ledger.cl"}) text += text_in(folder + file);
  text += text_in(RACKPROOF_SOURCE_DIR "/" + std::string(program.file));
  const char* begin = text.c_str();
  const cl_program made =
      kept(clCreateProgramWithSource(opencl().context, 1, &begin, nullptr, nullptr));
  std::string core = "(uint)get_group_id(0)%CORES";
  if (const long idle = script().number("idle_core", -1); idle >= 0)
    core = "((uint)get_group_id(0)%CORES==" + std::to_string(idle) + "?CORES:" + core + ")";
  const std::string options =
      "-cl-std=CL1.2 -cl-kernel-arg-info -DGROUP=128 -DSTRIDE=20UL -DCORES=" +
      std::to_string(multiprocessors()) + " -DCORE_HERE=" + core + " " + program.options;
  return clBuildProgram(made, 1, &opencl().device, options.c_str(), nullptr, nullptr) == CL_SUCCESS
             ? made
             : nullptr;
}

// A fatbin says in its head how long it is: magic, version, head's size, size of the rest.
std::size_t size_of_image(const void* image) {
  std::uint16_t head = 0;
  std::uint64_t rest = 0;
  std::memcpy(&head, static_cast<const char*>(image) + 6, sizeof head);
  std::memcpy(&rest, static_cast<const char*>(image) + 8, sizeof rest);
  return head + rest;
}

const Program* program_of(const void* image) {
  for (const Program& program : kPrograms) {
    const std::string fatbin = text_in(program.fatbin);
    const bool as_long =
        fatbin.size() >= 16 && size_of_image(image) == size_of_image(fatbin.data());
    if (as_long && std::memcmp(image, fatbin.data(), size_of_image(image)) == 0) return &program;
  }
  return nullptr;
}

bool is_memory(cl_kernel kernel, cl_uint index) {
  cl_kernel_arg_address_qualifier where = 0;
  clGetKernelArgInfo(kernel, index, CL_KERNEL_ARG_ADDRESS_QUALIFIER, sizeof where, &where, nullptr);
  return where == CL_KERNEL_ARG_ADDRESS_GLOBAL;
}

std::size_t argument_bytes(cl_kernel kernel, cl_uint index) {
  if (is_memory(kernel, index)) return 8;
  char type[32] = {};
  clGetKernelArgInfo(kernel, index, CL_KERNEL_ARG_TYPE_NAME, sizeof type - 1, type, nullptr);
  return std::strcmp(type, "ulong") == 0 || std::strcmp(type, "long") == 0 ? 8 : 4;
}

bool set_argument(cl_kernel kernel, cl_uint index, std::uint64_t value) {
  if (!is_memory(kernel, index))
    return clSetKernelArg(kernel, index, argument_bytes(kernel, index), &value) == CL_SUCCESS;
  if (value == 0) return clSetKernelArg(kernel, index, 8, nullptr) == CL_SUCCESS;
  return inside(value, 1) && clSetKernelArgSVMPointer(kernel, index, host(value)) == CL_SUCCESS;
}

std::string name_of(cl_kernel kernel) {
  char name[64] = {};
  clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name - 1, name, nullptr);
  return name;
}

// Counts a launch of the kernel that the file names.
bool lost(cl_kernel kernel) {
  static long launches = 0;
  const auto found = script().texts.find("lose_kernel");
  if (found == script().texts.end()) return false;
  std::istringstream words(found->second);
  std::string wanted;
  long good = 0;
  words >> wanted >> good;
  return name_of(kernel) == wanted && launches++ >= good;
}

// What a test does before a kernel runs.
struct Ambush {
  std::string kernel;
  long left = 0;
  std::function<void(const std::uint64_t*)> act;
};
Ambush& ambush() {
  static auto* const made = new Ambush;
  return *made;
}
void spring_ambush(cl_kernel kernel, const std::uint64_t* arguments) {
  Ambush& planned = ambush();
  if (!planned.act || planned.kernel != name_of(kernel) || --planned.left != 0) return;
  const auto act = planned.act;  // which may plan the next one
  act(arguments);
}

bool knows_cores(cl_kernel kernel) {
  cl_program program = nullptr;
  clGetKernelInfo(kernel, CL_KERNEL_PROGRAM, sizeof program, &program, nullptr);
  return told_cores[program] == multiprocessors();
}

CUresult run_kernel(cl_kernel kernel, unsigned groups, unsigned items,
                    const std::vector<std::uint64_t>& arguments) {
  if (!knows_cores(kernel)) return CUDA_ERROR_LAUNCH_FAILED;
  if (lost(kernel)) return CUDA_SUCCESS;
  spring_ambush(kernel, arguments.data());
  for (cl_uint i = 0; i < arguments.size(); ++i) {
    if (!set_argument(kernel, i, arguments[i])) return CUDA_ERROR_INVALID_VALUE;
  }
  const std::size_t all = std::size_t{groups} * items, each = items;
  if (clEnqueueNDRangeKernel(opencl().queue, kernel, 1, nullptr, &all, &each, 0, nullptr,
                             nullptr) != CL_SUCCESS)
    return CUDA_ERROR_LAUNCH_FAILED;
  return clFinish(opencl().queue) == CL_SUCCESS ? CUDA_SUCCESS : CUDA_ERROR_LAUNCH_FAILED;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

CUresult cuInit(unsigned) {
  ENTER();
  return static_cast<CUresult>(script().number("init", 0));
}
CUresult cuDriverGetVersion(int* version) {
  *version = static_cast<int>(script().number("driver", 13000));
  return CUDA_SUCCESS;
}
CUresult cuGetErrorName(CUresult error, const char** text) {
  static const std::map<int, const char*> names{{2, "CUDA_ERROR_OUT_OF_MEMORY"},
                                                {100, "CUDA_ERROR_NO_DEVICE"},
                                                {201, "CUDA_ERROR_INVALID_CONTEXT"},
                                                {214, "CUDA_ERROR_ECC_UNCORRECTABLE"},
                                                {500, "CUDA_ERROR_NOT_FOUND"},
                                                {719, "CUDA_ERROR_LAUNCH_FAILED"},
                                                {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"},
                                                {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"},
                                                {906, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT"},
                                                {999, "CUDA_ERROR_UNKNOWN"}};
  const auto found = names.find(static_cast<int>(error));
  *text = found == names.end() ? nullptr : found->second;
  return *text == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult, const char** text) {
  *text = "as the test's file says";
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetCount(int* count) {
  ENTER();
  *count = gpus();
  return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice* device, int number) {
  ENTER();
  *device = number;
  return number < gpus() ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}
CUresult cuDeviceGetName(char* name, int size, CUdevice) {
  const auto& texts = script().texts;
  const auto found = texts.find("name");
  std::strncpy(name, found == texts.end() ? "a GPU of tests" : found->second.c_str(),
               static_cast<std::size_t>(size) - 1);
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetUuid_v2(CUuuid* uuid, CUdevice device) {
  for (int i = 0; i < 16; ++i) uuid->bytes[i] = static_cast<char>(16 * device + i);
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetPCIBusId(char* text, int size, CUdevice device) {
  std::snprintf(text, static_cast<std::size_t>(size), "0000:%02X:00.0", 0x1b + device);
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute what, CUdevice) {
  const auto found = script().texts.find("capability");
  const std::string capability = found == script().texts.end() ? "9.0" : found->second;
  const std::size_t dot = capability.find('.');
  switch (what) {
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
      *value = static_cast<int>(multiprocessors());
      break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      *value = std::atoi(capability.c_str());
      break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
      *value = dot == std::string::npos ? 0 : std::atoi(capability.c_str() + dot + 1);
      break;
    case CU_DEVICE_ATTRIBUTE_CLOCK_RATE:
      *value = static_cast<int>(script().number("clock_khz", 1980000));
      break;
    case CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE:
      *value = static_cast<int>(script().number("memory_clock_khz", 3201000));
      break;
    case CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH:
      *value = static_cast<int>(script().number("bus_bits", 6144));
      break;
    default:
      return CUDA_ERROR_INVALID_VALUE;
  }
  return CUDA_SUCCESS;
}
CUresult cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice) {
  *bytes = memory_bytes();
  return CUDA_SUCCESS;
}
CUresult cuDeviceCanAccessPeer(int* can, CUdevice, CUdevice) {
  *can = static_cast<int>(script().number("peer_access", 1));
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  ENTER();
  *context = context_of(device);
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice) { return CUDA_SUCCESS; }
CUresult cuCtxSetCurrent(CUcontext context) {
  ENTER();
  current = context;
  return CUDA_SUCCESS;
}
CUresult cuCtxEnablePeerAccess(CUcontext, unsigned) {
  ENTER_CONTEXT();
  return CUDA_SUCCESS;
}
CUresult cuMemAlloc_v2(CUdeviceptr* at, std::size_t size) {
  ENTER_UNCAPTURED();
  const int device = device_of(current);
  if (size == 0) return CUDA_ERROR_INVALID_VALUE;
  if (size > memory_bytes() - used(device)) return CUDA_ERROR_OUT_OF_MEMORY;
  void* memory = std::aligned_alloc(256, (size + 255) / 256 * 256);
  std::memset(memory, 0xa5, size);  // nobody may rely on zeros
  *at = reinterpret_cast<CUdeviceptr>(memory);
  pieces[*at] = {size, device};
  return CUDA_SUCCESS;
}
CUresult cuMemFree_v2(CUdeviceptr at) {
  const std::lock_guard lock(mutex);
  if (!busy.empty()) wait_forever(__func__);
  if (const CUresult code = forbidden_while_capturing(); code != CUDA_SUCCESS) return code;
  if (pieces.erase(at) == 0) return CUDA_ERROR_INVALID_VALUE;
  std::free(host(at));
  return CUDA_SUCCESS;
}
CUresult cuMemHostAlloc(void** memory, std::size_t size, unsigned) {
  ENTER_UNCAPTURED();
  *memory = std::aligned_alloc(4096, (size + 4095) / 4096 * 4096);
  return *memory == nullptr ? CUDA_ERROR_OUT_OF_MEMORY : CUDA_SUCCESS;
}
CUresult cuMemFreeHost(void* memory) {
  std::free(memory);
  return CUDA_SUCCESS;
}
// Whole pages, not pinned yet.
CUresult cuMemHostRegister_v2(void* memory, std::size_t size, unsigned) {
  ENTER_CONTEXT();
  if (reinterpret_cast<std::uintptr_t>(memory) % 4096 != 0 || size % 4096 != 0)
    return CUDA_ERROR_INVALID_VALUE;
  if (!pinned.insert(memory).second) return CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
  return CUDA_SUCCESS;
}
CUresult cuMemHostUnregister(void* memory) {
  const std::lock_guard lock(mutex);
  return pinned.erase(memory) == 1 ? CUDA_SUCCESS : CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
}
CUresult cuMemsetD8Async(CUdeviceptr at, unsigned char value, std::size_t count, CUstream stream) {
  ENTER_CONTEXT();
  if (!inside(at, count)) return CUDA_ERROR_INVALID_VALUE;
  return enqueue(__func__, stream, [=] {
    std::memset(host(at), value, count);
    return CUDA_SUCCESS;
  });
}
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, std::size_t size, CUstream stream) {
  ENTER_CONTEXT();
  if (!inside(to, size)) return CUDA_ERROR_INVALID_VALUE;
  return enqueue(__func__, stream, [=] {
    std::memcpy(host(to), from, size);
    return CUDA_SUCCESS;
  });
}
CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, std::size_t size, CUstream stream) {
  ENTER_CONTEXT();
  if (!inside(from, size)) return CUDA_ERROR_INVALID_VALUE;
  return enqueue(__func__, stream, [=] {
    std::memcpy(to, host(from), size);
    return CUDA_SUCCESS;
  });
}
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, std::size_t size, CUstream stream) {
  ENTER_CONTEXT();
  if (!inside(to, size) || !inside(from, size)) return CUDA_ERROR_INVALID_VALUE;
  return enqueue(__func__, stream, [=] {
    static long copies = 0;
    const long good = script().number("lose_copies", -1);
    if (good < 0 || copies++ < good) std::memcpy(host(to), host(from), size);
    return CUDA_SUCCESS;
  });
}
CUresult cuMemcpyPeerAsync(CUdeviceptr to, CUcontext, CUdeviceptr from, CUcontext, std::size_t size,
                           CUstream stream) {
  return cuMemcpyDtoDAsync_v2(to, from, size, stream);
}
CUresult cuMemcpy2DAsync_v2(const CUDA_MEMCPY2D* asked, CUstream stream) {
  ENTER_CONTEXT();
  return enqueue(__func__, stream, [lines = *asked] {
    for (std::size_t i = 0; i < lines.Height; ++i) {
      const CUdeviceptr from = lines.srcDevice + i * lines.srcPitch;
      if (!inside(from, lines.WidthInBytes)) return CUDA_ERROR_INVALID_VALUE;
      std::memcpy(static_cast<char*>(lines.dstHost) + i * lines.dstPitch, host(from),
                  lines.WidthInBytes);
    }
    return CUDA_SUCCESS;
  });
}
CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  ENTER_UNCAPTURED();
  const Program* program = program_of(image);
  if (program == nullptr) return CUDA_ERROR_INVALID_IMAGE;
  const cl_program made = build(*program);
  *module = reinterpret_cast<CUmodule>(made);
  return made == nullptr ? CUDA_ERROR_INVALID_SOURCE : CUDA_SUCCESS;
}
CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  ENTER_CONTEXT();
  const cl_kernel kernel =
      kept(clCreateKernel(reinterpret_cast<cl_program>(module), name, nullptr));
  *function = reinterpret_cast<CUfunction>(kernel);
  return kernel == nullptr ? CUDA_ERROR_NOT_FOUND : CUDA_SUCCESS;
}
CUresult cuModuleGetGlobal_v2(CUdeviceptr* at, std::size_t* size, CUmodule module,
                              const char* name) {
  ENTER_CONTEXT();
  if (std::strcmp(name, "rackproof_cores") != 0) return CUDA_ERROR_NOT_FOUND;
  std::uint32_t& cores = told_cores[reinterpret_cast<cl_program>(module)];
  *size = sizeof cores;
  *at = reinterpret_cast<CUdeviceptr>(&cores);
  pieces[*at] = {*size, device_of(current)};
  return CUDA_SUCCESS;
}
CUresult cuLaunchKernel(CUfunction function, unsigned groups, unsigned, unsigned, unsigned items,
                        unsigned, unsigned, unsigned, CUstream stream, void** values, void**) {
  ENTER_CONTEXT();
  const auto kernel = reinterpret_cast<cl_kernel>(function);
  cl_uint count = 0;
  clGetKernelInfo(kernel, CL_KERNEL_NUM_ARGS, sizeof count, &count, nullptr);
  std::vector<std::uint64_t> arguments(count);
  for (cl_uint i = 0; i < count; ++i)
    std::memcpy(&arguments[i], values[i], argument_bytes(kernel, i));
  return enqueue(__func__, stream, [=] { return run_kernel(kernel, groups, items, arguments); });
}
CUresult cuStreamCreate(CUstream* stream, unsigned) {
  ENTER_CONTEXT();
  static std::uintptr_t made = 0;
  *stream = reinterpret_cast<CUstream>(++made);
  return CUDA_SUCCESS;
}
CUresult cuStreamQuery(CUstream stream) {
  ENTER_CONTEXT();
  if (captures.count(stream) != 0) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  return busy.count(stream) != 0 ? CUDA_ERROR_NOT_READY : CUDA_SUCCESS;
}
CUresult cuStreamSynchronize(CUstream stream) {
  ENTER_CONTEXT();
  if (busy.count(stream) != 0) wait_forever(__func__);
  const auto found = captures.find(stream);
  if (found == captures.end())
    return stream == nullptr ? forbidden_while_capturing() : CUDA_SUCCESS;
  found->second.spoilt = true;
  return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
}
CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode mode) {
  ENTER_CONTEXT();
  if (stream == nullptr) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  if (mode != CU_STREAM_CAPTURE_MODE_THREAD_LOCAL || captures.count(stream) != 0)
    return CUDA_ERROR_INVALID_VALUE;
  captures[stream].thread = std::this_thread::get_id();
  return CUDA_SUCCESS;
}
CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  ENTER_CONTEXT();
  *graph = nullptr;
  const auto found = captures.find(stream);
  if (found == captures.end()) return CUDA_ERROR_INVALID_VALUE;
  if (found->second.thread != std::this_thread::get_id())
    return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
  const Capture capture = std::move(found->second);
  captures.erase(found);
  if (capture.spoilt) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  *graph = reinterpret_cast<CUgraph>(new GraphWork(capture.recorded));
  return CUDA_SUCCESS;
}
CUresult cuGraphInstantiateWithFlags(CUgraphExec* made, CUgraph graph, unsigned long long) {
  ENTER_CONTEXT();
  if (graph == nullptr) return CUDA_ERROR_INVALID_VALUE;
  *made = reinterpret_cast<CUgraphExec>(new GraphWork(*reinterpret_cast<GraphWork*>(graph)));
  return CUDA_SUCCESS;
}
CUresult cuGraphDestroy(CUgraph graph) {
  const std::lock_guard lock(mutex);
  delete reinterpret_cast<GraphWork*>(graph);
  return CUDA_SUCCESS;
}
CUresult cuGraphExecDestroy(CUgraphExec graph) {
  const std::lock_guard lock(mutex);
  delete reinterpret_cast<GraphWork*>(graph);
  return CUDA_SUCCESS;
}
CUresult cuGraphLaunch(CUgraphExec graph, CUstream stream) {
  ENTER_CONTEXT();
  if (captures.count(stream) != 0) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  ++graph_launches;
  if (loses_graphs) return CUDA_SUCCESS;
  for (const Recorded& each : *reinterpret_cast<GraphWork*>(graph)) {
    if (const CUresult code = trapped(each.call); code != CUDA_SUCCESS) return code;
    if (const CUresult code = each.work(); code != CUDA_SUCCESS) return code;
  }
  return CUDA_SUCCESS;
}

// How many graphs were launched.
long rackproof_fake_graph_launches() { return graph_launches; }
// Whether graphs do nothing when they are launched.
void rackproof_fake_lose_graphs(bool lose) { loses_graphs = lose; }
// Calls `act` with its arguments before the `after`-th kernel of this name from now on.
void rackproof_fake_before(const char* kernel, long after,
                           const std::function<void(const std::uint64_t*)>* act) {
  const std::lock_guard lock(mutex);
  ambush() = {kernel, after, *act};
}
// What other fake libraries do on a stream.
CUresult rackproof_fake_enqueue(const char* call, CUstream stream, const Work* work) {
  const std::lock_guard lock(mutex);
  return enqueue(call, stream, *work);
}

// Whether the stream's work does not end.
void rackproof_fake_busy(CUstream stream, bool is) {
  const std::lock_guard lock(mutex);
  if (is)
    busy.insert(stream);
  else
    busy.erase(stream);
}

}  // extern "C"
#pragma GCC visibility pop
