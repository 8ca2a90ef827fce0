// SPDX-License-Identifier: Apache-2.0
#include "hardware/nvml/fake/library.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace rackproof::nvml_fake {
namespace {

using Clock = std::chrono::steady_clock;

std::mutex mutex;
// The last one is the one in use; cards of the others stay valid for who has not let them go.
std::list<Script> scripts;
std::string file_in_use;
int users = 0;

// Under the mutex.
Script& script() {
  if (scripts.empty()) scripts.emplace_back();
  return scripts.back();
}

void read_anew(const std::string& file) {
  scripts.push_back(read_script(file));
  scripts.back().opened = Clock::now();
  file_in_use = file;
}

Outcome next_of(Gpu& gpu, const std::string& key) {
  auto trace = gpu.traces.find(key);
  if (trace == gpu.traces.end()) {
    const std::string words = healthy(key);
    const Trace fresh(words.empty() ? "NOT_SUPPORTED" : words);
    trace = gpu.traces.emplace(key, fresh).first;
  }
  return trace->second.next(std::chrono::duration<double>(Clock::now() - script().opened).count());
}

// One look at a card begins with its power, which is when it may get lost.
void follow_loss(Gpu& gpu, const std::string& key) {
  if (key == "power") gpu.lost = gpu.lost || next_of(gpu, "lost").number != 0;
}

}  // namespace

nvmlReturn_t open() {
  const std::lock_guard lock(mutex);
  const char* file = std::getenv("RACKPROOF_FAKE_NVML");
  if (file == nullptr) return NVML_ERROR_DRIVER_NOT_LOADED;
  try {
    if (users == 0 || file != file_in_use) read_anew(file);
    const auto init = script().system.find("init");
    if (init != script().system.end()) return error_of(init->second);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "fake NVML: %s\n", problem.what());
    return NVML_ERROR_UNKNOWN;
  }
  ++users;
  return NVML_SUCCESS;
}

void close() {
  const std::lock_guard lock(mutex);
  if (users > 0) --users;
}

std::string system_word(const std::string& key, const std::string& otherwise) {
  const std::lock_guard lock(mutex);
  const auto found = script().system.find(key);
  return found == script().system.end() ? otherwise : found->second;
}

std::size_t gpus() {
  const std::lock_guard lock(mutex);
  return script().gpus.size();
}

Gpu* gpu_at(std::size_t index) {
  const std::lock_guard lock(mutex);
  return index < script().gpus.size() ? &script().gpus[index] : nullptr;
}

Gpu* gpu_of(nvmlDevice_t device) {
  auto* gpu = reinterpret_cast<Gpu*>(device);
  const std::lock_guard lock(mutex);
  for (const Script& one : scripts) {
    for (const Gpu& known : one.gpus) {
      if (&known == gpu) return gpu;
    }
  }
  return nullptr;
}

nvmlDevice_t handle_of(const Gpu& gpu) {
  return reinterpret_cast<nvmlDevice_t>(const_cast<Gpu*>(&gpu));
}

Outcome next(nvmlDevice_t device, const std::string& key) {
  Gpu* gpu = gpu_of(device);
  Outcome outcome{.code = NVML_ERROR_INVALID_ARGUMENT};
  if (gpu == nullptr) return outcome;
  {
    const std::lock_guard lock(mutex);
    follow_loss(*gpu, key);
    outcome = next_of(*gpu, key);
    if (gpu->lost && key != "xid") outcome.code = NVML_ERROR_GPU_IS_LOST;
  }
  if (outcome.pause.count() > 0) std::this_thread::sleep_for(outcome.pause);
  return outcome;
}

nvmlReturn_t give_text(const std::string& text, char* out, unsigned length) {
  if (text.size() >= length) return NVML_ERROR_INSUFFICIENT_SIZE;
  std::copy(text.begin(), text.end(), out);
  out[text.size()] = '\0';
  return NVML_SUCCESS;
}

}  // namespace rackproof::nvml_fake
