// SPDX-License-Identifier: Apache-2.0
// Unpacks what the report's maker reduced: times, and least, mean and greatest of each stretch.

const NOTHING = 0xffff;
const STEPS = 0xfffe;

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

export function times(data) {
  const view = new DataView(bytesOf(data.at_s).buffer);
  return Array.from({length: view.byteLength / 4}, (_, i) => view.getFloat32(4 * i, true));
}

function constantPoints(series, length) {
  return Array.from({length}, () => [series.lo, series.lo, series.lo]);
}

/** One [least, mean, greatest] a stretch; null where nothing was read. */
export function points(series, length) {
  if (series.values === undefined) return constantPoints(series, length);
  const view = new DataView(bytesOf(series.values).buffer);
  const parts = series.parts;
  const step = (series.hi - series.lo) / STEPS;
  const at = (i, part) => {
    const raw = view.getUint16(2 * (parts * i + part), true);
    return raw === NOTHING ? null : series.lo + step * raw;
  };
  return Array.from({length}, (_, i) => {
    const least = at(i, 0);
    if (least === null) return null;
    return parts === 1 ? [least, least, least] : [least, at(i, 1), at(i, 2)];
  });
}

function familyOf(series) {
  const plain = series.unit === "count" || series.unit === "";
  return plain ? series.sensor.split(".")[0].replace(/\d+$/, "") : "";
}

/** Sensors of one unit belong into one plot; bare counts only with those of their kind. */
export function groups(data) {
  const found = new Map();
  for (const series of data.series) {
    const key = `${series.unit}|${familyOf(series)}`;
    if (!found.has(key)) found.set(key, {unit: series.unit, family: familyOf(series), series: []});
    found.get(key).series.push(series);
  }
  const order = ["celsius", "watt", "hertz", "rpm", "volt", "ampere", "joule", "byte", "ratio"];
  const place = (group) => (order.indexOf(group.unit) + order.length + 1) % (order.length + 1);
  return [...found.values()].sort((a, b) => place(a) - place(b));
}

/** The steps as bands of time, from the tasks of all devices. */
export function bands(report) {
  const steps = new Map();
  for (const task of report.tasks ?? []) {
    if (typeof task.start_s !== "number" || typeof task.end_s !== "number") continue;
    const band = steps.get(task.step) ?? {name: task.step, start: task.start_s, end: task.end_s};
    band.start = Math.min(band.start, task.start_s);
    band.end = Math.max(band.end, task.end_s);
    steps.set(task.step, band);
  }
  return [...steps.values()].filter((band) => band.end > band.start).sort((a, b) => a.start - b.start);
}

/** Events that have a time; the worst are drawn last, so on top. */
export function marks(report) {
  const rank = {info: 0, warning: 1, fatal: 2};
  return (report.events ?? [])
    .filter((event) => typeof event.at_s === "number" && event.severity !== "info")
    .map((event) => ({at: event.at_s, severity: event.severity, text: event.text}))
    .sort((a, b) => (rank[a.severity] ?? 0) - (rank[b.severity] ?? 0));
}
