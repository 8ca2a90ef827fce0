// SPDX-License-Identifier: Apache-2.0
// A limit on what the box says: the worst step of the worst sensor that the pattern names.
#pragma once

#include <string>
#include <vector>

#include "reports/judge_measure.h"

namespace rackproof {

/// A criterion under `limits.sensors`: its metric is "sensor PATTERN".
[[nodiscard]] bool is_sensor(const PlannedCriterion& criterion);

struct SensorMeasurement {
  Measurement measured;
  std::string sensor, step;  ///< of the value; step empty: between steps
  std::string silent;        ///< what else the pattern names, and never answered; empty: nothing
};

/// Windows end within the step that they belong to, since they are cut at its start and its end.
class SensorMeasurements {
 public:
  explicit SensorMeasurements(const Case& judged);

  /// "max", "min" and "median" (of the window medians) of a sensor in a step under load; "rise" of
  /// a counter in any step, drills and the time between steps as well; in the criterion's step
  /// alone when it names one. A pattern with one "*" that is not its end names the same sensor of
  /// many parts: one of them that was asked and never answered is told, others speak for themselves
  /// only.
  [[nodiscard]] SensorMeasurement of(const PlannedCriterion& criterion) const;

 private:
  struct Span {
    double begin_s = 0, end_s = 0;
    std::string step;
    bool load = false;
  };
  [[nodiscard]] const Span* span_of(const SensorWindow& window) const;

  const Case& case_;
  std::vector<Span> spans_;  ///< in the order in which they began
};

}  // namespace rackproof
