// SPDX-License-Identifier: Apache-2.0
// For tests: a GPU of backends/cuda/fake as the first of this process. A process has one fake
// driver; where a test needs another script, it does its part in a process of its own.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backends/cuda/api.h"
#include "backends/cuda/blas.h"
#include "backends/cuda/ceilings.h"
#include "backends/cuda/discovery.h"
#include "core/folder_for_test.h"

namespace rackproof::cuda {

/// Loads the fakes, so that later searches for libraries of these names find them.
inline void load_fakes(const std::string& script = "") {
  if (!script.empty()) {
    static const TestFolder folder;
    setenv("RACKPROOF_FAKE_CUDA", folder.file("script", script).c_str(), 1);
  }
  const std::string folder = RACKPROOF_FAKE_CUDA_FOLDER "/";
  const std::string blas = "libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR);
  for (const std::string& file : {std::string("libcuda.so.1"), blas, std::string("libnccl.so.2")}) {
    if (dlopen((folder + file).c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr)
      throw std::runtime_error(dlerror());
  }
}

/// A function of the fake driver for tests; see the end of fake/fake_cuda.cpp.
template <class Function>
Function* fake_function(const char* name) {
  void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
  return reinterpret_cast<Function*>(dlsym(driver, name));
}
inline long graph_launches() { return fake_function<long()>("rackproof_fake_graph_launches")(); }
inline void lose_graphs(bool lose) {
  fake_function<void(bool)>("rackproof_fake_lose_graphs")(lose);
}
/// Does so, given the kernel's arguments, before the `after`-th launch of this name from now on;
/// null: never. Device memory is the host's.
using BeforeLaunch = std::function<void(const std::uint64_t* arguments)>;
inline void before_launch(const char* kernel, long after, const BeforeLaunch& act) {
  fake_function<void(const char*, long, const BeforeLaunch*)>("rackproof_fake_before")(kernel,
                                                                                       after, &act);
}

/// The fake GPUs of this process.
inline Device& gpu(std::size_t number = 0) {
  static const std::vector<std::unique_ptr<Device>> found = [] {
    load_fakes("gpus 2\nname NVIDIA H200 of tests\nmemory_mib 600\nmultiprocessors 4\n");
    return find_devices("/nowhere");
  }();
  return *found.at(number);
}

}  // namespace rackproof::cuda
