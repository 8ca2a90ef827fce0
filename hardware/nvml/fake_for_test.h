// SPDX-License-Identifier: Apache-2.0
// For tests: the fake driver library with a script of the test's, and looks at its cards.
#pragma once

#include <stdlib.h>

#include <memory>
#include <string>
#include <vector>

#include "core/folder_for_test.h"
#include "hardware/nvml/sensors.h"

namespace rackproof::nvml {

/// A script for the fake, as long as this lives; one at a time in a process.
class FakeDriver {
 public:
  explicit FakeDriver(const std::string& script) {
    ::setenv("RACKPROOF_FAKE_NVML", folder_.file("nvml.txt", script).c_str(), 1);
  }
  ~FakeDriver() { ::unsetenv("RACKPROOF_FAKE_NVML"); }
  FakeDriver(const FakeDriver&) = delete;
  FakeDriver& operator=(const FakeDriver&) = delete;

  [[nodiscard]] static const char* library() { return RACKPROOF_FAKE_NVML_FILE; }

 private:
  TestFolder folder_;
};

/// All sources that the driver gives, read one after the other.
class Cards {
 public:
  Cards() { sources_.push_back(gpu_sensors(FakeDriver::library())); }

  std::vector<Reading> look() {
    std::vector<Reading> all;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      for (Reading& reading : sources_[i]->read()) all.push_back(std::move(reading));
      for (auto& found : sources_[i]->found()) sources_.push_back(std::move(found));
    }
    return all;
  }

 private:
  std::vector<std::unique_ptr<SensorSource>> sources_;
};

}  // namespace rackproof::nvml
