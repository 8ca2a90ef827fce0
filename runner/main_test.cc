// SPDX-License-Identifier: Apache-2.0
// The test program is its own worker: "/proc/self/exe worker ..." ends up in worker_main.
#include <gtest/gtest.h>

#include <string_view>

#include "runner/worker.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "worker") {
    return rackproof::worker_main(argc - 2, argv + 2);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
