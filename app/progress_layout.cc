// SPDX-License-Identifier: Apache-2.0
#include "app/progress_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace rackproof {
namespace {

constexpr std::size_t kBarColumns = 20;
constexpr std::size_t kRoomForNews = 4;  // rows above the block, on a screen of usual height

using State = DeviceView::State;

/// A column of the table of devices; the one with the lowest rank goes first where it is narrow.
struct Column {
  int rank = 0;
  bool number = false;
  Piece (*cell)(const DeviceView&);
};

Tint tint_of(const DeviceView& device) {
  if (device.state == State::ended_badly) return Tint::bad;
  return device.state == State::running ? Tint::good : Tint::dim;
}

std::string degrees(const std::optional<double>& value, const char* unit) {
  return value ? fmt::format("{:.0f} {}", *value, unit) : "";
}

Piece id_of(const DeviceView& d) { return {d.id, Tint::strong}; }
Piece rate_of(const DeviceView& d) { return {d.rate}; }
Piece miscompares_of(const DeviceView& d) {
  return {fmt::format("{} miscompare{}", d.miscompares, d.miscompares == 1 ? "" : "s"),
          d.miscompares > 0 ? Tint::bad : Tint::dim};
}
Piece temperature_of(const DeviceView& d) { return {degrees(d.temperature_celsius, "°C")}; }
Piece power_of(const DeviceView& d) { return {degrees(d.power_w, "W")}; }
Piece state_of(const DeviceView& d) { return {d.word, tint_of(d)}; }

constexpr std::array kColumns{Column{6, false, id_of},         Column{4, true, rate_of},
                              Column{3, true, miscompares_of}, Column{2, true, temperature_of},
                              Column{1, true, power_of},       Column{5, false, state_of}};

std::size_t width_of(const Column& column, const std::vector<DeviceView>& devices) {
  std::size_t width = 0;
  for (const DeviceView& d : devices) width = std::max(width, columns_of(column.cell(d).text));
  return width;
}

struct Sized {
  Column column;
  std::size_t width;
};

std::vector<Sized> fitting(const std::vector<DeviceView>& devices, std::size_t columns) {
  std::vector<Sized> sized;
  std::size_t whole = 0;
  for (const Column& column : kColumns) {
    const std::size_t width = width_of(column, devices);
    if (width == 0) continue;
    sized.push_back({column, width});
    whole += width + 2;
  }
  while (whole > columns + 2 && sized.size() > 1) {
    const auto least = std::min_element(
        sized.begin(), sized.end(),
        [](const Sized& a, const Sized& b) { return a.column.rank < b.column.rank; });
    whole -= least->width + 2;
    sized.erase(least);
  }
  return sized;
}

// Wrong results must show even where their column does not fit.
StyledLine device_line(const DeviceView& device, const std::vector<Sized>& sized) {
  StyledLine line;
  bool told = false;
  for (const Sized& s : sized) {
    Piece piece = s.column.cell(device);
    told = told || s.column.cell == miscompares_of;
    piece.text = s.column.number ? pad_left(piece.text, s.width) : pad_right(piece.text, s.width);
    if (!line.empty()) line.push_back({"  "});
    line.push_back(std::move(piece));
  }
  if (!told && device.miscompares > 0) {
    line.insert(line.begin(), {fmt::format("!{} ", device.miscompares), Tint::bad});
  }
  return line;
}

int badness(const DeviceView& device) {
  if (device.miscompares > 0) return 0;
  if (device.state == State::ended_badly) return 1;
  if (device.state == State::running) return 2;
  return device.state == State::starting ? 3 : 4;
}

std::vector<DeviceView> shown_devices(std::vector<DeviceView> devices, std::size_t room) {
  if (devices.size() <= room) return devices;
  std::stable_sort(devices.begin(), devices.end(), [](const DeviceView& a, const DeviceView& b) {
    return badness(a) < badness(b);
  });
  devices.resize(room > 0 ? room - 1 : 0);
  return devices;
}

StyledLine rest_line(const std::vector<DeviceView>& all, std::size_t shown) {
  return {{fmt::format("and {} more", all.size() - shown), Tint::dim}};
}

std::string left_text(const RunView& view) {
  if (view.stopping) return "stopping";
  if (!view.left_s) return "";
  return (view.at_least ? "at least " : "about ") + clock_text(*view.left_s) + " left";
}

StyledLine joined(const std::vector<Piece>& parts) {
  StyledLine line;
  for (const Piece& part : parts) {
    if (part.text.empty()) continue;
    if (!line.empty()) line.push_back({"  "});
    line.push_back(part);
  }
  return line;
}

std::size_t width_of(const StyledLine& line) {
  std::size_t width = 0;
  for (const Piece& piece : line) width += columns_of(piece.text);
  return width;
}

// The fullest form that fits.
StyledLine head_line(const RunView& view, std::size_t columns) {
  const Piece profile{view.profile, Tint::strong}, stage{view.stage},
      elapsed{clock_text(view.elapsed_s)};
  const Piece step{view.count == 0 ? "" : fmt::format("step {}/{}", view.index, view.count)};
  const Piece brief{view.count == 0 ? "" : fmt::format("{}/{}", view.index, view.count)};
  const Piece left{left_text(view), view.stopping ? Tint::doubtful : Tint::plain};
  const std::vector<StyledLine> forms{joined({profile, stage, step, elapsed, left}),
                                      joined({stage, step, elapsed, left}),
                                      joined({brief, elapsed, left}), joined({brief, elapsed})};
  for (const StyledLine& form : forms) {
    if (width_of(form) <= columns) return form;
  }
  return forms.back();
}

std::string bar(const RunView& view, const Look& look) {
  const double share = std::clamp(view.step_elapsed_s / view.step_duration_s, 0.0, 1.0);
  const auto full = static_cast<std::size_t>(std::lround(share * kBarColumns));
  std::string text;
  for (std::size_t i = 0; i < kBarColumns; ++i) {
    text += look.utf8 ? (i < full ? "━" : "─") : (i < full ? "#" : ".");
  }
  return text;
}

StyledLine step_line(const RunView& view, const Screen& screen, std::size_t columns) {
  if (view.step.empty()) return {{"between steps", Tint::dim}};
  const Piece name{view.drill ? "drill " + view.step : view.step};
  const std::string time = view.step_duration_s > 0
                               ? fmt::format("{} of {}", clock_text(view.step_elapsed_s),
                                             clock_text(view.step_duration_s))
                               : clock_text(view.step_elapsed_s);
  const StyledLine brief = joined({{time, Tint::dim}, name});
  if (view.step_duration_s <= 0) return brief;
  StyledLine full = joined({{bar(view, screen.look), Tint::good}, {time, Tint::dim}, name});
  return width_of(full) <= columns ? full : brief;
}

}  // namespace

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(0.0, std::min(seconds, 1e9)));
  const std::uint64_t hours = whole / 3600, minutes = whole / 60 % 60, rest = whole % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, rest)
                   : fmt::format("{}:{:02}", minutes, rest);
}

std::vector<std::string> lay_out(const RunView& view, const Screen& screen) {
  // The last column stays free: what is written there wraps on some terminals; and so does the last
  // row, where the cursor waits.
  const std::size_t columns = screen.columns > 1 ? screen.columns - 1 : 1;
  const std::size_t rows = screen.rows > 1 ? screen.rows - 1 : 1;
  const std::size_t height = std::max<std::size_t>(1, rows - std::min(kRoomForNews, rows / 4));
  std::vector<std::string> lines{render(head_line(view, columns), columns, screen.look)};
  if (height >= 2) lines.push_back(render(step_line(view, screen, columns), columns, screen.look));
  if (height < 3) return lines;
  const auto devices = shown_devices(view.devices, height - 2);
  const auto sized = fitting(devices, columns);
  for (const DeviceView& d : devices) {
    lines.push_back(render(device_line(d, sized), columns, screen.look));
  }
  if (devices.size() < view.devices.size()) {
    lines.push_back(render(rest_line(view.devices, devices.size()), columns, screen.look));
  }
  return lines;
}

}  // namespace rackproof
