// SPDX-License-Identifier: Apache-2.0
// Sensors that are one file each: listed now and then, read every time.
#pragma once

#include <chrono>
#include <limits>
#include <memory>
#include <utility>

#include "hardware/sensors/value_file.h"

namespace rackproof {

struct FileSensor;
/// Puts what `text` says into `reading`: a value in the file's own unit, or an error with its
/// reason but without the path.
using Decode = void (*)(const FileSensor& sensor, std::string_view text, Reading& reading);
void decode_decimal(const FileSensor& sensor, std::string_view text, Reading& reading);
void decode_hex(const FileSensor& sensor, std::string_view text, Reading& reading);

struct FileSensor {
  std::string sensor;
  Unit unit = Unit::count;
  std::filesystem::path path;
  double scale = 1;        ///< file's unit to the unit's base
  std::int64_t least = 0;  ///< smaller is physically impossible: an error
  std::int64_t most =
      std::numeric_limits<std::int64_t>::max();  ///< a counter that stops there: an error
  bool counter = false;
  double range = 0;             ///< a counter that wraps: to 0 after this, in the file's unit
  std::string label;            ///< detail of a value
  std::filesystem::path fault;  ///< set: anything but 0 in this file makes the value an error
  Decode decode = decode_decimal;
};
[[nodiscard]] Reading read_sensor(const FileSensor& sensor);

/// A family's sensors, and what could not be listed. A folder that is not there is empty; any other
/// reason becomes an error reading, since silence is not health.
class Listing {
 public:
  void add(FileSensor sensor) { sensors_.push_back(std::move(sensor)); }
  void problem(std::string sensor, std::string why);
  /// Names in `folder`, sorted; `sensor` is the problem's name.
  std::vector<std::string> names_in(const std::filesystem::path& folder, const std::string& sensor);
  /// Entries named `prefix` and a number, with that number, in its order.
  std::vector<std::pair<int, std::filesystem::path>> numbered_in(
      const std::filesystem::path& folder, std::string_view prefix, const std::string& sensor);

  [[nodiscard]] const std::vector<FileSensor>& sensors() const { return sensors_; }
  [[nodiscard]] const std::vector<Reading>& problems() const { return problems_; }
  /// Keeps the first `most` sensors; the rest becomes a problem of `family`.
  void limit(std::size_t most, const std::string& family);

 private:
  std::vector<FileSensor> sensors_;
  std::vector<Reading> problems_;
};

/// False only when the kernel says that it is not there: what cannot be looked at is for the read
/// to tell.
[[nodiscard]] bool offered(const std::filesystem::path& path);
/// The first line, trimmed; empty: there is none.
[[nodiscard]] std::string first_line(const std::filesystem::path& path);
/// `name` for use in a sensor's name: bytes that would break a pattern or a table become %xx.
[[nodiscard]] std::string sensor_word(std::string_view name);

/// A family of such sensors below one folder.
struct FileFamily {
  std::string_view name;
  std::string_view folder;   ///< below the root
  std::string_view nothing;  ///< why the family is unsupported when nothing of it is offered
  Listing (*list)(const std::filesystem::path& folder) = nullptr;
};

/// Lists its sensors on the first read, when `relist_every` has passed, and at once when one that
/// answered is no longer there; reads each of them every time. More than kMostSensors are an error
/// reading. Files are opened anew each time, some 7 us each in sysfs: kept open they would cost a
/// tenth, but 384 CPUs and 40 chips hold more of them than a process may have by default.
class FileSensorSource : public SensorSource {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMostSensors = 8192;
  FileSensorSource(const FileFamily& family, const std::filesystem::path& root,
                   Clock::duration relist_every = std::chrono::seconds(10))
      : family_(family), folder_(root / family.folder), relist_every_(relist_every) {}

  [[nodiscard]] std::string name() const override { return std::string(family_.name); }
  [[nodiscard]] std::vector<Reading> read() override;
  /// Of the last read.
  [[nodiscard]] const Listing& listing() const { return listing_; }

 private:
  void relist();
  // False: one that answered is no longer offered.
  bool read_into(std::vector<Reading>& readings);

  FileFamily family_;
  std::filesystem::path folder_;
  Clock::duration relist_every_;
  Listing listing_;
  std::vector<bool> answered_;  ///< one for each sensor of the listing
  Clock::time_point listed_{};
};

/// For `const bool kRegistered = register_file_family<kFamily>();` at the bottom of a source.
template <const FileFamily& family>
bool register_file_family() {
  return register_sensor_source(
      [](const std::filesystem::path& root) -> std::unique_ptr<SensorSource> {
        return std::make_unique<FileSensorSource>(family, root);
      });
}

}  // namespace rackproof
