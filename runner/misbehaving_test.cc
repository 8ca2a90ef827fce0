// SPDX-License-Identifier: Apache-2.0
// What the runner is tested with: back ends, a stressor and a sensor that fail in every way on
// purpose.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/context.h"
#include "core/oracle.h"
#include "hardware/sensor.h"
#include "runner/message.h"

namespace rackproof {
namespace {

void sleep_forever() {
  while (true) std::this_thread::sleep_for(std::chrono::hours(1));
}

std::filesystem::path test_folder() {
  const char* folder = std::getenv("RACKPROOF_TEST_FOLDER");
  return folder == nullptr ? "/nonexistent" : folder;
}

void write_raw(std::string_view bytes) { (void)!::write(kWorkerFd, bytes.data(), bytes.size()); }

void die_by(int signal) {
  std::signal(signal, SIG_DFL);  // a sanitizer's handler would turn it into an exit code
  std::raise(signal);
}

class Strike : public ArmedFault {
 public:
  std::vector<Activation> activations() const override { return {{1, 2, 3}}; }
};

// Reads a small region and answers right, or with one wrong bit.
class Reader : public Prepared {
 public:
  Reader(std::string work, bool lies) : work_(std::move(work)), lies_(lies) {}
  Burst run(const RunFor& how) override {
    Burst burst;
    burst.start = Clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // shorter than asked: quick tests
    burst.end = Clock::now();
    burst.iterations = 1;
    burst.bytes = 4096;
    burst.cores = {{0, 1, 0}};
    burst.digest =
        golden({work_, how.pattern, how.address_bit, how.half})->value() ^ (lies_ ? 1 : 0);
    return burst;
  }
  std::unique_ptr<ArmedFault> arm(const Fault&) override { return std::make_unique<Strike>(); }

 private:
  std::string work_;
  bool lies_;
};

bool lying = false;  // set by the stressor, in its worker only

class FakeDevice : public Device {
 public:
  explicit FakeDevice(const std::string& id) {
    info_.id = id;
    info_.backend = "fake";
    info_.kind = "fake";
    info_.ceilings = {{"memory", 1.5e12}};
  }
  const DeviceInfo& info() const override { return info_; }
  Region allocate(std::uint64_t size_bytes, Place) override { return {nullptr, size_bytes}; }
  Preparation prepare(const Workload& workload) override {
    if (!std::holds_alternative<Sweep>(workload)) return Unsupported{"it only reads"};
    return std::make_unique<Reader>(describe(workload), lying);
  }

 private:
  DeviceInfo info_;
};

using Found = Expected<std::vector<std::unique_ptr<Device>>>;

Found find_fakes(const std::string& spec) {
  if (spec == "nonsense") return fail("expected a number of devices, found 'nonsense'");
  std::vector<std::unique_ptr<Device>> devices;
  for (const char* id : {"fake:0", "fake:1"}) devices.push_back(std::make_unique<FakeDevice>(id));
  return devices;
}

[[maybe_unused]] const bool registered =
    register_backend({"fake", find_fakes}) &&
    register_backend({"fake_crash",
                      [](const std::string&) -> Found {
                        std::fputs("driver: assertion failed\n", stderr);
                        die_by(SIGSEGV);
                        return fail("unreachable");
                      }}) &&
    register_backend({"fake_hang",
                      [](const std::string&) -> Found {
                        sleep_forever();
                        return fail("unreachable");
                      }}) &&
    register_backend({"fake_garbage",
                      [](const std::string&) -> Found {
                        write_raw("hello from the driver\n");
                        return fail("unreachable");
                      }}) &&
    register_backend({"fake_throw", [](const std::string&) -> Found {
                        throw DeviceError("fakeInit(): no such driver");
                      }});

constexpr std::array<std::string_view, 28> kHows{
    "pass",        "early",   "idle",    "segv",       "abort",      "exit3",     "exit0",
    "kill",        "term",    "hang",    "hang_first", "hang_exit",  "junk",      "binary",
    "oversized",   "partial", "unknown", "negative",   "bogus_work", "fault",     "error",
    "unsupported", "lies",    "once",    "throw",      "chatty",     "huge_work", "many_goldens"};
constexpr std::array<std::string_view, 3> kWhos{"fake:0", "fake:1", "both"};
constexpr Choice kHow{"how", kHows, "what the worker does"};
constexpr Choice kWho{"who", kWhos, "on which device"};
constexpr Metric kBandwidth{"bandwidth", Unit::bytes_per_second, "as usual"};

std::string window_line(const std::string& work, const std::string& more) {
  return R"({"t":"window","start_s":0,"length_s":0.01,"bursts":1,"metrics":[],"work":[{"work":")" +
         work +
         R"(","pattern":"0000000000000000","address_bit":-1,"half":0,"digest":"0000000000000000",)"
         R"("expected":null,"faulted":false,"bursts":1,"iterations":0,"bytes":0,"flops":0,)"
         R"("busy_s":0,"method":""}],)"
         R"("cores":[],"late":[],"faults":[],"findings":[],"passes":0,"memory_tested_bytes":0,"overlap_s":0,)" +
         more + "}\n";
}

// Work whose right answers take a supervisor long to compute.
void ask_for_many_goldens() {
  for (int i = 10; i < 99; ++i) {
    std::string line = window_line("copy 274877906944", R"("miscompares":0)");
    write_raw(line.replace(line.find("0000000000000000"), 2, std::to_string(i)));
  }
}

void crash(std::string_view how) {
  std::fputs("last words\nof a driver\n", stderr);
  if (how == "segv" || how == "once") die_by(SIGSEGV);
  if (how == "abort") die_by(SIGABRT);
  if (how == "kill") die_by(SIGKILL);
  if (how == "term") die_by(SIGTERM);
  ::_exit(how == "exit3" ? 3 : 0);
}

void break_protocol(std::string_view how) {
  if (how == "junk") write_raw("Xid 79: GPU has fallen off the bus\n");
  if (how == "binary") write_raw(std::string("\0\xff\xfe\n", 4));
  if (how == "oversized") write_raw(std::string(2u << 20, 'x'));
  if (how == "unknown") write_raw("{\"t\":\"surprise\"}\n");
  if (how == "partial") write_raw("{\"t\":\"win");
  if (how == "partial") ::_exit(0);
  if (how == "negative") write_raw(window_line("fill 4096", R"("miscompares":-1)"));
  if (how == "bogus_work") write_raw(window_line("perpetual motion", R"("miscompares":0)"));
  if (how == "huge_work") write_raw(window_line("copy 9223372036854775800", R"("miscompares":0)"));
  if (how == "fault") {
    std::string line = window_line("fill 4096", R"("miscompares":0)");
    line.replace(
        line.find(R"("faults":[])"), 11,
        R"("faults":[{"id":1,"site":"timing","kind":"missing","work":"","burst":0,"flips":[]}])");
    write_raw(line);
  }
  sleep_forever();
}

bool crashes(std::string_view how) {
  return how == "segv" || how == "abort" || how == "exit3" || how == "exit0" || how == "kill" ||
         how == "term";
}

void misbehave(std::string_view how) {
  if (crashes(how)) crash(how);
  const auto mark = test_folder() / "crashed";
  if (how == "once" && !std::filesystem::exists(mark)) {
    std::ofstream(mark).flush();
    crash(how);
  }
  if (how == "once" || how == "early" || how == "lies" || how == "hang_exit" || how == "hang_first")
    return;
  if (how == "hang") sleep_forever();
  if (how == "error") throw DeviceError("fakeLaunch() on fake:0: device is lost");
  if (how == "throw") throw std::logic_error("a stressor's own mistake");
  if (how == "chatty") {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));  // as long as the step is to last
    write_raw("{\"t\":\"done\"}\n{\"t\":\"beat\"}\n");
  }
  if (how == "many_goldens") return ask_for_many_goldens();
  break_protocol(how);
}

struct HangingExit {
  bool armed = false;
  ~HangingExit() {
    if (armed) sleep_forever();
  }
};
HangingExit hanging_exit;

void run_worker(Context& ctx) {
  const std::string& id = ctx.device().info().id;
  const std::string_view how = ctx[kWho] == id || ctx[kWho] == "both" ? ctx[kHow] : "pass";
  std::ofstream(test_folder() / ("pid." + id)) << ::getpid();
  lying = how == "lies";
  hanging_exit.armed = how == "hang_exit";
  if (how == "hang_first") sleep_forever();
  if (how == "unsupported") (void)ctx.prepare(Fill{});
  const auto read = ctx.prepare(Sweep{ctx.device().allocate(4096), {}});
  if (how == "idle") return;
  for (int bursts = 0; ctx.running() && !(how == "early" && bursts == 1); ++bursts) {
    const Burst burst = read->run(ctx.burst());
    ctx.record(kBandwidth, burst.bytes_per_second());
    if (how != "pass" && bursts == 0) misbehave(how);
  }
}
RACKPROOF_STRESSOR(runner_test, {.name = "runner_test.worker",
                                 .summary = "does what a test wants",
                                 .metrics = {kBandwidth},
                                 .params = {kHow, kWho},
                                 .run = run_worker,
                                 .hidden = true});

// Reads root/runner_test; "block" never answers, "die" ends the process.
class FileSensor : public SensorSource {
 public:
  explicit FileSensor(std::filesystem::path file) : file_(std::move(file)) {}
  std::string name() const override { return "runner_test"; }
  std::vector<Reading> read() override {
    std::string word;
    if (!(std::ifstream(file_) >> word))
      return {{.sensor = "runner_test", .detail = "no such file"}};
    if (word == "block") sleep_forever();
    if (word == "die") ::_exit(9);
    return {{.sensor = "runner_test",
             .unit = Unit::celsius,
             .state = Reading::State::value,
             .value = std::stod(word)}};
  }

 private:
  std::filesystem::path file_;
};
[[maybe_unused]] const bool sensing = register_sensor_source([](const std::filesystem::path& root) {
  return std::unique_ptr<SensorSource>(std::make_unique<FileSensor>(root / "runner_test"));
});

}  // namespace
}  // namespace rackproof
