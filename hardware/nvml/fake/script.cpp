// SPDX-License-Identifier: Apache-2.0
#include "hardware/nvml/fake/script.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace rackproof::nvml_fake {
namespace {

constexpr int kStall_s = 3600;

const std::map<std::string, nvmlReturn_t>& errors() {
  static const std::map<std::string, nvmlReturn_t> all{
      {"UNINITIALIZED", NVML_ERROR_UNINITIALIZED},
      {"INVALID_ARGUMENT", NVML_ERROR_INVALID_ARGUMENT},
      {"NOT_SUPPORTED", NVML_ERROR_NOT_SUPPORTED},
      {"NO_PERMISSION", NVML_ERROR_NO_PERMISSION},
      {"NOT_FOUND", NVML_ERROR_NOT_FOUND},
      {"DRIVER_NOT_LOADED", NVML_ERROR_DRIVER_NOT_LOADED},
      {"TIMEOUT", NVML_ERROR_TIMEOUT},
      {"IRQ_ISSUE", NVML_ERROR_IRQ_ISSUE},
      {"FUNCTION_NOT_FOUND", NVML_ERROR_FUNCTION_NOT_FOUND},
      {"CORRUPTED_INFOROM", NVML_ERROR_CORRUPTED_INFOROM},
      {"GPU_IS_LOST", NVML_ERROR_GPU_IS_LOST},
      {"RESET_REQUIRED", NVML_ERROR_RESET_REQUIRED},
      {"LIB_RM_VERSION_MISMATCH", NVML_ERROR_LIB_RM_VERSION_MISMATCH},
      {"NO_DATA", NVML_ERROR_NO_DATA},
      {"UNKNOWN", NVML_ERROR_UNKNOWN},
  };
  return all;
}

unsigned long long number_of(const std::string& word) {
  std::size_t used = 0;
  const unsigned long long number = word.starts_with('-')
                                        ? static_cast<unsigned long long>(std::stoll(word, &used))
                                        : std::stoull(word, &used, 0);
  if (used != word.size()) throw std::invalid_argument(word);
  return number;
}

Outcome outcome_of(const std::string& word) {
  Outcome outcome;
  if (word == "-") {
    outcome.none = true;
  } else if (word.starts_with("stall")) {
    const bool timed = word.size() > 6 && word[5] == ':';
    const double seconds = timed ? std::stod(word.substr(6)) : kStall_s;
    outcome.pause = std::chrono::milliseconds(std::llround(seconds * 1000));
  } else if (errors().contains(word)) {
    outcome.code = errors().at(word);
  } else {
    outcome.number = number_of(word);
  }
  return outcome;
}

std::string rest_of(std::istringstream& line) {
  std::string rest;
  std::getline(line >> std::ws, rest);
  return rest;
}

void read_line(Script& script, const std::string& text) {
  std::istringstream line(text);
  std::string key;
  if (!(line >> key) || key.starts_with('#')) return;
  if (key == "gpu") {
    Gpu& gpu = script.gpus.emplace_back();
    line >> gpu.bdf;
    const std::string number = std::to_string(script.gpus.size() - 1);
    gpu.name = "NVIDIA H200";
    gpu.uuid = "GPU-00000000-0000-0000-0000-00000000000" + number;
    gpu.serial = "165000000000" + number;
  } else if (script.gpus.empty()) {
    script.system[key] = rest_of(line);
  } else if (Gpu& gpu = script.gpus.back(); key == "name") {
    gpu.name = rest_of(line);
  } else if (key == "uuid") {
    line >> gpu.uuid;
  } else if (key == "serial") {
    line >> gpu.serial;
  } else if (key == "process") {
    std::string kind;
    Process process;
    line >> kind >> process.pid >> process.bytes;
    process.name = rest_of(line);
    gpu.processes[kind].push_back(process);
  } else {
    gpu.traces.insert_or_assign(key, Trace(rest_of(line)));
  }
}

}  // namespace

nvmlReturn_t error_of(const std::string& name) { return errors().at(name); }

Trace::Trace(const std::string& words) {
  std::istringstream stream(words.substr(0, words.find('#')));
  for (std::string word; stream >> word;) {
    try {
      if (word.starts_with('+') && word.ends_with("/s")) {
        per_second_ = std::stod(word.substr(1, word.size() - 3));
      } else if (word.starts_with('+')) {
        per_call_ = number_of(word.substr(1));
      } else if (const auto star = word.find('*'); star != std::string::npos) {
        steps_.insert(steps_.end(), number_of(word.substr(0, star)),
                      outcome_of(word.substr(star + 1)));
      } else {
        steps_.push_back(outcome_of(word));
      }
    } catch (const std::logic_error&) {
      throw std::runtime_error("'" + word + "' is no number, no NVML error, no stall and no rise");
    }
  }
  if (steps_.empty()) throw std::runtime_error("no value");
}

Outcome Trace::next(double elapsed_s) {
  if (at_ + 1 < steps_.size()) return steps_[at_++];
  Outcome last = steps_.back();
  last.number += per_call_ * (at_++ + 1 - steps_.size());
  last.number += static_cast<unsigned long long>(per_second_ * elapsed_s);
  return last;
}

Script read_script(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error(file + ": cannot be read");
  Script script;
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    try {
      read_line(script, line);
    } catch (const std::runtime_error& problem) {
      throw std::runtime_error(file + ":" + std::to_string(number) + ": " + problem.what());
    }
  }
  return script;
}

}  // namespace rackproof::nvml_fake
