// SPDX-License-Identifier: Apache-2.0
#include "hardware/sensors/sensors_for_test.h"

namespace rackproof {
namespace {

using State = Reading::State;
using testing::HasSubstr;

TEST(Psi, ReadsTheShareOfTheLastTenSeconds) {
  const TestFolder tree;
  const std::string rest =
      " avg60=9.00 avg300=9.00 total=9\nfull avg10=7.00 avg60=0.00 avg300=0.00 total=0\n";
  tree.file("proc/pressure/cpu", "some avg10=0.00" + rest);
  tree.file("proc/pressure/memory", "some avg10=12.50" + rest);
  const auto readings = source("psi", tree.path())->read();
  expect_value(readings, "psi.cpu.some_avg10", Unit::ratio, 0);
  expect_value(readings, "psi.memory.some_avg10", Unit::ratio, 0.125);
  expect_no_value(readings, "psi.io.some_avg10", State::unsupported, "No such file");
}

TEST(Psi, NonsenseIsAnError) {
  for (const char* text :
       {"", "full avg10=1.00\n", "some avg10=\n", "some avg10=x avg60=0\n",
        "some avg10=-1.00 avg60=0\n", "some avg10=101.00 avg60=0\n", "some avg10=nan avg60=0\n"}) {
    const TestFolder tree;
    tree.file("proc/pressure/cpu", text);
    expect_no_value(source("psi", tree.path())->read(), "psi.cpu.some_avg10", State::error,
                    "avg10");
  }
}

}  // namespace
}  // namespace rackproof
