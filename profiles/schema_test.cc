// SPDX-License-Identifier: Apache-2.0
#include "profiles/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profiles/sample_profile.h"

namespace rackproof {
namespace {

using testing::ElementsAre;

TEST(Schema, IsJsonAndSaysItsDraft) {
  const auto schema = parse_json(profile_schema(), "schema");
  ASSERT_TRUE(schema);
  EXPECT_EQ(schema->at("$schema"), "http://json-schema.org/draft-07/schema#");
}

TEST(Schema, AcceptsTheSample) { EXPECT_THAT(problems(sample_with(0, "")), ElementsAre()); }

TEST(Schema, ReportsEachMistakeOnceAtItsPlace) {
  const std::vector<WrongLine> table = {
      {2, "nmae: sample", "p.yaml:2:1: unknown key 'nmae'; did you mean 'name'?"},
      {3, "revision: 010",
       "p.yaml:3:11: revision: expected a whole number from 1 to 1000000000, found '010'"},
      {3, "revision: 0",
       "p.yaml:3:11: revision: expected a whole number from 1 to 1000000000, found '0'"},
      {3, "revision:",
       "p.yaml:3:1: revision: expected a whole number from 1 to 1000000000, found nothing"},
      {1, "schema: rackproof/profile/2",
       "p.yaml:1:9: schema: unknown word 'rackproof/profile/2'; did you mean "
       "'rackproof/profile/1'?"},
      {2, "name: ../sample",
       "p.yaml:2:7: name: expected a name of letters, digits, '.', '_' and '-', found "
       "'../sample'"},
      {4, "hardware: {node: {accelerators: [{kind: syntetic}]}}",
       "p.yaml:4:41: kind: unknown word 'syntetic'; did you mean 'synthetic'?"},
      {4, "hardware: {node: {accelerators: [{kind: synthetic, pci: 10DE:2335}]}}",
       "p.yaml:4:57: pci: expected a PCI vendor and device ID such as '10de:2335', found "
       "'10DE:2335'"},
      {4, "hardware: {node: {accelerators: []}}",
       "p.yaml:4:33: accelerators: expected a list of at least one, found an empty list"},
      {8, "coverage: 100 %",
       "p.yaml:8:11: coverage: expected a map of cores, kernel_log, links, memory, sensors, found "
       "'100 %'"},
      {8, "coverage: {kernel_log: some gaps}",
       "p.yaml:8:24: kernel_log: expected one of no gap, if readable, found 'some gaps'"},
      {13, "      - {run: memory.march, on: synthetic, fro: one pass}",
       "p.yaml:13:44: unknown key 'fro'; did you mean 'for'?"},
      {13, "      - {run: memory.march, on: synthetic}", "p.yaml:13:9: 'for' is missing"},
      {13, "      - {run: memory.march, on: synthetic, for: one pass, abstract: true}",
       "p.yaml:13:59: unknown key 'abstract'; known here: attempts, deadline, for, on, run, "
       "together, with"},
      {13, "      - {run: memory.march, on: synthetic, for: one pass, together: rack}",
       "p.yaml:13:69: together: expected 'all', found 'rack'"},
      {13, "      - {run: memory.march, on: synthetic, for: one pass, with: {memory: []}}",
       "p.yaml:13:74: memory: expected a value or a list of values, found an empty list"},
  };
  for (const WrongLine& wrong : table) {
    EXPECT_THAT(problems(sample_with(wrong.number, wrong.text)), ElementsAre(wrong.message));
  }
}

TEST(Schema, ReportsAllUnknownKeysOfOneMap) {
  const std::string line = "hardware: {nod: {}, rck: {}, node: {accelerators: [{kind: cpu}]}}";
  EXPECT_THAT(problems(sample_with(4, line)),
              ElementsAre("p.yaml:4:12: unknown key 'nod'; did you mean 'node'?",
                          "p.yaml:4:21: unknown key 'rck'; did you mean 'rack'?",
                          testing::HasSubstr("on: no accelerators of kind 'synthetic'"),
                          testing::HasSubstr("on: no accelerators of kind 'synthetic'")));
}

TEST(Schema, RefusesLongTextsWithoutExhaustingTheStack) {
  const auto found = problems(sample_with(2, "name: " + std::string(999, 'x') + "/"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found.front(), testing::HasSubstr("name: expected a name of letters"));
}

}  // namespace
}  // namespace rackproof
