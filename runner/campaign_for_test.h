// SPDX-License-Identifier: Apache-2.0
// A campaign on the two fake devices of misbehaving_test.cc, in a folder of its own.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/folder_for_test.h"
#include "core/json.h"
#include "runner/supervisor.h"

namespace rackproof {

/// A request for a campaign in `folder`, with short limits, to which devices and steps are added.
[[nodiscard]] CampaignRequest campaign_in(const std::filesystem::path& folder);

/// What the journal of that campaign says, read as a verifier would.
[[nodiscard]] Evidence replay_of(const std::filesystem::path& folder);

class CampaignTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("RACKPROOF_TEST_FOLDER", folder_.path().c_str(), 1);  // for what workers leave behind
  }

  // `how` is what the worker on `who` does; all others pass.
  static PlannedStep step(const std::string& how, const std::string& who = "fake:0",
                          const std::string& id = "only") {
    PlannedStep step;
    step.id = id;
    step.stage = "quick";
    step.stressor = "runner_test.worker";
    step.params = {{"how", how}, {"who", who}};
    step.devices = {"fake:0", "fake:1"};
    step.duration_s = 0.1;
    step.deadline_s = 20;
    step.silence_s = 0.8;
    return step;
  }

  CampaignRequest request(std::vector<PlannedStep> steps) const {
    CampaignRequest request = campaign_in(folder_.path());
    request.plan.steps = std::move(steps);
    for (const char* id : {"fake:0", "fake:1"}) {
      DeviceInfo info;
      info.id = id;
      info.backend = "fake";
      request.rack.devices.push_back(info);
    }
    return request;
  }

  static CampaignResult run(const CampaignRequest& request) {
    auto result = run_campaign(request);
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().text());
    return result ? *std::move(result) : CampaignResult{};
  }
  CampaignResult run(std::vector<PlannedStep> steps) const {
    return run(request(std::move(steps)));
  }

  // What the journal on disk says.
  Evidence replayed() const { return replay_of(folder_.path()); }

  static std::vector<TaskRecord> tasks(const Evidence& evidence, const std::string& device,
                                       const std::string& step = "only") {
    std::vector<TaskRecord> found;
    for (const TaskRecord& task : evidence.tasks) {
      if (task.device == device && task.step == step) found.push_back(task);
    }
    return found;
  }

  static std::vector<EventRecord> events(const Evidence& evidence, const std::string& kind) {
    std::vector<EventRecord> found;
    for (const EventRecord& event : evidence.events) {
      if (event.kind == kind) found.push_back(event);
    }
    return found;
  }

  TestFolder folder_;
};

}  // namespace rackproof
