// SPDX-License-Identifier: Apache-2.0
// What a worker may not put on the wire: each line is refused, named, and ends its worker at once.
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/folder_for_test.h"
#include "runner/task.h"

namespace rackproof {
namespace {

using ::testing::ContainsRegex;

enum class After { nothing, hello, load, done };

struct Wire {
  const char* name;
  After after;
  std::string bytes;
  const char* words;  ///< a regular expression
};
void PrintTo(const Wire& wire, std::ostream* out) { *out << wire.name; }

constexpr const char* kHello = "{\"t\":\"hello\",\"pid\":1}\n";
constexpr const char* kPrepare = "{\"t\":\"phase\",\"phase\":\"prepare\"}\n";
constexpr const char* kLoad = "{\"t\":\"phase\",\"phase\":\"load\"}\n";
constexpr const char* kDone = "{\"t\":\"done\"}\n";

std::string preamble(After after) {
  std::string bytes;
  if (after >= After::hello) bytes += kHello;
  if (after >= After::load) bytes += std::string(kPrepare) + kLoad;
  if (after >= After::done) bytes += kDone;
  return bytes;
}

WindowRecord honest_window() {
  WindowRecord window;
  window.bursts = 1;
  window.cores = {{0, 1, 0}};
  window.metrics = {{"bandwidth", 1, 0, 1, 1, 1, 1, 1, 1}};
  WorkTally tally;
  tally.work = "copy 4096";
  tally.bursts = tally.iterations = 1;
  tally.bytes = 4096;
  tally.digest = Bits{1};
  window.work = {tally};
  window.miscompares = 1;
  Finding finding;
  finding.element = 1;
  window.findings = {finding};
  return window;
}

std::string window_with(const char* pointer, const char* value) {
  Json message = to_json(honest_window());
  message["t"] = "window";
  message[Json::json_pointer(pointer)] = Json::parse(value);
  return message.dump() + "\n";
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::vector<Wire> no_messages() {
  return {
      {"text", After::load, "NVRM: Xid 79\n", "no message.*NVRM: Xid 79"},
      {"bytes", After::load, std::string("\0\x01\xff\xfe\n", 5), "no message"},
      {"an_empty_line", After::load, "\n", "no message"},
      {"spaces", After::load, "   \n", "no message"},
      {"a_carriage_return", After::load, "\r\n", "no message"},
      {"zeros", After::load, std::string(64, '\0') + "\n", "no message"},
      {"a_byte_order_mark", After::load, "\xef\xbb\xbfx{}\n", "no message"},
      {"broken_json", After::load, "{\"t\":\"beat\"\n", "not valid JSON"},
      {"two_in_a_line", After::load, "{\"t\":\"beat\"} {\"t\":\"beat\"}\n", "not valid JSON"},
      {"a_comment", After::load, "{\"t\":\"beat\"} // well\n", "not valid JSON"},
      {"a_trailing_comma", After::load, "{\"t\":\"beat\",}\n", "not valid JSON"},
      {"not_a_number", After::load, "{\"t\":\"beat\",\"x\":NaN}\n", "not valid JSON"},
      {"a_huge_number", After::load, "{\"t\":\"beat\",\"x\":1e999}\n", "number out of range"},
      {"a_duplicate_key", After::load, "{\"t\":\"beat\",\"t\":\"done\"}\n", "duplicate key 't'"},
      {"invalid_utf8", After::load, "{\"t\":\"beat\",\"x\":\"\xc3\x28\"}\n", "not valid JSON"},
      {"half_a_surrogate", After::load, "{\"t\":\"beat\",\"x\":\"\\ud800\"}\n", "not valid JSON"},
      {"deep_arrays", After::load,
       "{\"t\":\"beat\",\"x\":" + repeated("[", 400000) + repeated("]", 400000) + "}\n",
       "nested too deeply"},
      {"deep_objects", After::load,
       repeated("{\"t\":", 100000) + "1" + repeated("}", 100000) + "\n", "nested too deeply"},
      {"a_long_line", After::load, std::string(2u << 20, 'x') + "\n", "longer than 1 MiB"},
      {"no_end_of_line", After::load, std::string(3u << 20, 'x'), "longer than 1 MiB"},
      {"a_long_message", After::load,
       "{\"t\":\"beat\",\"x\":\"" + std::string(1u << 20, 'x') + "\"}\n", "longer than 1 MiB"},
      {"an_array", After::load, "[{\"t\":\"beat\"}]\n", "a message without a kind"},
      {"a_word", After::load, "\"beat\"\n", "a message without a kind"},
      {"null", After::load, "null\n", "a message without a kind"},
      {"no_kind", After::load, "{\"x\":1}\n", "a message without a kind"},
      {"a_number_as_kind", After::load, "{\"t\":7}\n", "a message without a kind"},
      {"no_text_as_kind", After::load, "{\"t\":\"\"}\n", "unknown kind ''"},
      {"capitals", After::load, "{\"t\":\"BEAT\"}\n", "unknown kind 'BEAT'"},
      {"an_escape_as_kind", After::load, "{\"t\":\"\\u001b[2Jdone\"}\n",
       "unknown kind '.\\[2Jdone'"},
      {"the_supervisors_go", After::load, "{\"t\":\"go\",\"start_ns\":1}\n", "unknown kind 'go'"},
      {"the_supervisors_stop", After::load, "{\"t\":\"stop\"}\n", "unknown kind 'stop'"},
      {"discoverys_device", After::load, "{\"t\":\"device\",\"device\":{}}\n",
       "unknown kind 'device'"}};
}

std::vector<Wire> out_of_order() {
  const std::string window = to_json(honest_window()).dump();
  return {
      {"beat_before_hello", After::nothing, "{\"t\":\"beat\"}\n", "'beat' out of order"},
      {"done_before_hello", After::nothing, kDone, "'done' out of order"},
      {"error_before_hello", After::nothing, "{\"t\":\"error\",\"text\":\"x\"}\n",
       "'error' out of order"},
      {"hello_twice", After::hello, kHello, "'hello' out of order"},
      {"hello_under_load", After::load, kHello, "'hello' out of order"},
      {"load_twice", After::load, kLoad, "a phase out of order"},
      {"prepare_under_load", After::load, kPrepare, "a phase out of order"},
      {"an_unknown_phase", After::hello, "{\"t\":\"phase\",\"phase\":\"lunch\"}\n",
       "a phase out of order"},
      {"a_phase_of_no_name", After::hello, "{\"t\":\"phase\"}\n", "phase"},
      {"a_phase_that_is_a_number", After::hello, "{\"t\":\"phase\",\"phase\":1}\n",
       "must be string"},
      {"a_barrier_without_a_gang", After::hello, "{\"t\":\"barrier\"}\n", "a barrier out of order"},
      {"a_barrier_under_load", After::load, "{\"t\":\"barrier\"}\n", "a barrier out of order"},
      {"a_window_before_the_load", After::hello, window_with("/passes", "0"),
       "a window before the load began"},
      {"done_before_the_load", After::hello, kDone, "done before its load began"},
      {"done_too_early", After::load, kDone, "done after 0.. s of a load of 3600"},
      {"an_error_without_text", After::load, "{\"t\":\"error\"}\n", "text"},
      {"an_error_of_a_number", After::load, "{\"t\":\"error\",\"text\":5}\n", "must be string"},
      {"unsupported_without_reason", After::load, "{\"t\":\"unsupported\"}\n", "reason"},
      {"a_bare_window", After::load, "{\"t\":\"window\"}\n", "not found"}};
}

std::vector<Wire> wrong_windows() {
  const auto wire = [](const char* name, const char* pointer, const char* value,
                       const char* words) {
    return Wire{name, After::load, window_with(pointer, value), words};
  };
  return {wire("a_later_window", "/length_s", "3600", "a window that ends at 3600"),
          wire("a_window_before_time", "/start_s", "-1", "start_s is -1"),
          wire("unknown_figures", "/metrics/0/metric", "\"speed\"", "does not record 'speed'"),
          wire("ten_times_the_bytes", "/work/0/bytes", "40960", "40960 bytes in 1 iterations"),
          wire("too_many_iterations", "/work/0/iterations", "9000", "bytes in 9000 iterations"),
          wire("operations_of_a_copy", "/work/0/flops", "1", "1 operations in 1 iterations"),
          wire("miscompares_true", "/miscompares", "true", "miscompares is not a number"),
          wire("a_fault", "/work/0/faulted", "true", "a faulted burst without a fault"),
          wire("a_thirds_half", "/work/0/half", "2", "half is out of range"),
          wire("address_bit_64", "/work/0/address_bit", "64", "address_bit is out of range"),
          wire("a_short_pattern", "/work/0/pattern", "\"12\"", "not 16 hex digits"),
          wire("a_foreign_core", "/cores/0/core", "8", "core 8 of 4"),
          wire("a_finding_on_a_foreign_core", "/findings/0/core", "4", "core 4 of 4"),
          wire("more_memory_than_there_is", "/memory_tested_bytes", "1e12",
               "more memory tested than there is"),
          wire("a_late_burst_of_an_hour", "/late", R"([{"burst":0,"late_s":3600}])",
               "a burst late by 3600")};
}

class WireTest : public ::testing::TestWithParam<Wire> {
 protected:
  // A worker, in shell, that says these bytes and waits.
  std::unique_ptr<Child> worker_that_says(const std::string& bytes) {
    std::ofstream(folder_ / "bytes") << bytes;
    auto child =
        spawn({"/bin/sh", "-c", "cat '" + (folder_ / "bytes").string() + "' >&3; sleep 60"});
    EXPECT_TRUE(child.has_value());
    return *std::move(child);
  }

  static DeviceInfo four_cores() {
    DeviceInfo device;
    device.cores = 4;
    device.memory_bytes = 1 << 30;
    return device;
  }

  TestFolder folder_;
};

TEST_P(WireTest, IsRefusedByName) {
  Assignment assignment;
  assignment.settings.stressor = "memory.triad";
  assignment.settings.duration_s = 3600;
  Task task(assignment, TaskLimits{.deadline_s = 60, .silence_s = 60},
            worker_that_says(preamble(GetParam().after) + GetParam().bytes), Clock::now());
  task.know(four_cores());
  while (!task.ended()) {
    task.pump(Clock::now());
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_EQ(name(task.outcome()), name(Outcome::garbage)) << task.detail();
  EXPECT_THAT(task.detail(), ContainsRegex(GetParam().words));
  EXPECT_EQ(plain_ascii(task.detail()), task.detail());
  EXPECT_LE(task.detail().size(), 5000u);
  EXPECT_TRUE(task.take_windows().empty());
}

std::string title(const ::testing::TestParamInfo<Wire>& of) { return of.param.name; }

INSTANTIATE_TEST_SUITE_P(NoMessage, WireTest, ::testing::ValuesIn(no_messages()), title);
INSTANTIATE_TEST_SUITE_P(OutOfOrder, WireTest, ::testing::ValuesIn(out_of_order()), title);
INSTANTIATE_TEST_SUITE_P(Window, WireTest, ::testing::ValuesIn(wrong_windows()), title);

std::vector<Json> wrong_for(const Json& right) {
  std::vector<Json> wrong{Json(), Json::object(), Json::array({Json::object()})};
  if (!right.is_string()) wrong.emplace_back("x");
  if (!right.is_boolean()) wrong.emplace_back(true);
  if (!right.is_number()) wrong.emplace_back(1);
  return wrong;
}

// What may be absent, and so null.
bool may_be_null(const std::string& pointer) {
  return pointer.ends_with("/digest") || pointer.ends_with("/expected");
}

TEST(WindowCheck, RefusesEveryFieldOfAWrongType) {
  WindowRecord window = honest_window();
  window.late = {{0, 0.1}};
  const Json right = to_json(window);
  const WindowBounds bounds{.elapsed_s = 10};
  ASSERT_TRUE(checked_window(right, bounds)) << checked_window(right, bounds).error().message;
  const Json fields = right.flatten();
  EXPECT_GT(fields.size(), 40u);
  for (const auto& [pointer, value] : fields.items()) {
    for (const Json& wrong : wrong_for(value)) {
      if (wrong.is_null() && may_be_null(pointer)) continue;
      if (value.is_null() && wrong.is_string()) continue;
      Json message = right;
      message[Json::json_pointer(pointer)] = wrong;
      EXPECT_FALSE(checked_window(message, bounds).has_value()) << pointer << " " << wrong;
    }
  }
}

TEST(WindowCheck, RefusesAWindowThatLacksAnyField) {
  const Json right = to_json(honest_window());
  for (const auto& [key, value] : right.items()) {
    Json message = right;
    message.erase(key);
    EXPECT_FALSE(checked_window(message, {.elapsed_s = 10}).has_value()) << key;
  }
}

}  // namespace
}  // namespace rackproof
