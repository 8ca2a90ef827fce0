// SPDX-License-Identifier: Apache-2.0
// Numbers with units as core/units.h prints them: four significant digits, GB = 1e9.

const DECIMAL = [[1e18, "E"], [1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""]];
const SCALES = {
  byte: DECIMAL.map(([scale, prefix]) => [scale, prefix + "B"]),
  bytes_per_second: DECIMAL.map(([scale, prefix]) => [scale, prefix + "B/s"]),
  bits_per_second: DECIMAL.map(([scale, prefix]) => [scale, prefix + "b/s"]),
  flops: DECIMAL.map(([scale, prefix]) => [scale, prefix + "FLOP/s"]),
  ops: DECIMAL.map(([scale, prefix]) => [scale, prefix + "OP/s"]),
  hertz: [[1e9, "GHz"], [1e6, "MHz"], [1e3, "kHz"], [1, "Hz"]],
  watt: [[1e6, "MW"], [1e3, "kW"], [1, "W"], [1e-3, "mW"]],
  joule: [[1e6, "MJ"], [1e3, "kJ"], [1, "J"]],
  volt: [[1e3, "kV"], [1, "V"], [1e-3, "mV"]],
  ampere: [[1e3, "kA"], [1, "A"], [1e-3, "mA"]],
  second: [[1, "s"], [1e-3, "ms"], [1e-6, "us"]],
  celsius: [[1, "degC"]],
  rpm: [[1, "rpm"]],
  ratio: [[0.01, "%"]],
};
const QUANTITIES = {
  celsius: "Temperature", watt: "Power", hertz: "Frequency", rpm: "Fans", volt: "Voltage", ampere: "Current",
  joule: "Energy", byte: "Memory", ratio: "Shares", count: "Counters", second: "Times",
  bytes_per_second: "Data rates", bits_per_second: "Line rates", flops: "Arithmetic", ops: "Arithmetic",
};

export function digits(value) {
  return String(Number(value.toPrecision(4)));
}

function scaleFor(size, unit) {
  const scales = SCALES[unit] ?? [[1, ""]];
  const largest = Math.abs(size);
  return scales.find(([scale]) => largest >= scale * 0.99995) ?? (largest === 0 ? scales.find(([s]) => s === 1) : null) ?? scales[scales.length - 1];
}

/** "4.15 TB/s" */
export function formatted(value, unit) {
  const [scale, name] = scaleFor(value, unit);
  return name ? `${digits(value / scale)} ${name}` : digits(value);
}

/** All ticks of an axis in one unit: `span` chooses it. */
export function axisLabel(value, unit, span) {
  const [scale, name] = scaleFor(span, unit);
  return name ? `${digits(value / scale)} ${name}` : digits(value);
}

export function quantity(unit) {
  return QUANTITIES[unit] ?? unit;
}

/** Run time: "12.5 s", "3:07", "2:03:07". */
export function runTime(seconds) {
  if (seconds < 60) return `${digits(seconds)} s`;
  const whole = Math.round(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
