// SPDX-License-Identifier: Apache-2.0
#include "hardware/nvml/users.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

#include "hardware/sensors/value_file.h"

namespace rackproof::nvml {
namespace {

constexpr unsigned kSpare = 16;        // processes that may have come since they were counted
constexpr unsigned kMostUsers = 4096;  // what a broken driver may claim
constexpr int kTries = 3;

using List = decltype(Api::DeviceGetComputeRunningProcesses_v3);

nvmlReturn_t read_list(List list, nvmlDevice_t gpu, std::vector<nvmlProcessInfo_t>& found) {
  unsigned count = 0;
  auto code = Session::call(list, gpu, &count, static_cast<nvmlProcessInfo_t*>(nullptr));
  for (int i = 0; i < kTries && code == NVML_ERROR_INSUFFICIENT_SIZE; ++i) {
    count = std::min(count + kSpare, kMostUsers);
    found.resize(count);
    code = list(gpu, &count, found.data());
  }
  found.resize(code == NVML_SUCCESS ? std::min<std::size_t>(count, found.size()) : 0);
  return code;
}

std::string name_of(const Api& api, unsigned pid) {
  const auto comm = read_value_file(fmt::format("/proc/{}/comm", pid));
  if (comm.state == Reading::State::value) return std::string(trimmed(comm.text));
  std::array<char, 256> text{};
  const auto code =
      Session::call(api.SystemGetProcessName, pid, text.data(), static_cast<unsigned>(text.size()));
  text.back() = '\0';
  return code == NVML_SUCCESS ? text.data() : "";
}

// "4711 (name) S 1 ...": the name may hold brackets and blanks.
std::optional<std::int64_t> parent_of(unsigned pid) {
  const auto stat = read_value_file(fmt::format("/proc/{}/stat", pid));
  if (stat.state != Reading::State::value) return {};
  std::string_view rest = stat.text;
  rest.remove_prefix(std::min(rest.rfind(')'), rest.size()));
  constexpr std::size_t kParent = 4;  // after ") S "
  if (rest.size() <= kParent) return {};
  rest.remove_prefix(kParent);
  return parse_integer(rest.substr(0, rest.find(' ')));
}

bool is_ours(unsigned pid) {
  const auto supervisor = static_cast<std::int64_t>(::getppid());
  if (pid == static_cast<unsigned>(::getpid()) || static_cast<std::int64_t>(pid) == supervisor)
    return true;
  // A supervisor that is a container's init is the parent of every orphan too.
  return supervisor > 1 && parent_of(pid) == supervisor;
}

}  // namespace

Users users_of(const Api& api, nvmlDevice_t gpu) {
  const std::array<std::pair<const char*, List>, 3> lists{
      {{"compute", api.DeviceGetComputeRunningProcesses_v3},
       {"graphics", api.DeviceGetGraphicsRunningProcesses_v3},
       {"mps", api.DeviceGetMPSComputeRunningProcesses_v3}}};
  std::map<unsigned, GpuProcess> users;
  bool any = false;
  Users failed;
  for (const auto& [use, list] : lists) {
    std::vector<nvmlProcessInfo_t> found;
    const auto code = read_list(list, gpu, found);
    any = any || code == NVML_SUCCESS;
    if (code != NVML_SUCCESS && (failed.why.empty() || !is_unsupported(code)))
      failed = {{}, code, error_text(api, fmt::format("{} processes", use).c_str(), code)};
    for (const auto& each : found) {
      if (!is_ours(each.pid)) users.try_emplace(each.pid, GpuProcess{each.pid, "", use});
    }
  }
  // A list that the card does not offer is empty; all of them, or an error, leave it open.
  if (!failed.why.empty() && (!any || !is_unsupported(failed.code))) return failed;
  Users all{std::vector<GpuProcess>{}, NVML_SUCCESS, {}};
  for (auto& [pid, process] : users) {
    process.name = name_of(api, pid);
    all.value->push_back(process);
  }
  return all;
}

}  // namespace rackproof::nvml
