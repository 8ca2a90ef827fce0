// SPDX-License-Identifier: Apache-2.0
// One plot: a group of sensors with their envelopes, over the bands of the steps.
import {axisLabel, formatted, quantity, runTime} from "./units.js";
import {element} from "./limits.js";
import {points} from "./plot_data.js";
import {printedPlot} from "./plot_print.js";

const LIGHT = {lines: ["#0b62a4", "#b3520a", "#1a7f37", "#8e3a9d", "#a1260d", "#5b6b00", "#00757a", "#5a4fcf"],
               ink: "#3d4650", grid: "#e3e6ea", band: ["#f1f4f8", "#ffffff"], fatal: "#b3261e", warning: "#8a5a00"};
const DARK = {lines: ["#6cb6ff", "#f2a65a", "#6fd58a", "#d79be0", "#ff9b87", "#c3d157", "#5fd0d4", "#b0a7ff"],
              ink: "#b6c0cb", grid: "#2c333b", band: ["#1b2129", "#12161b"], fatal: "#ff8a80", warning: "#e8b339"};
const DASHES = [null, [6, 3], [2, 3], [8, 3, 2, 3]];
const FIRST_SHOWN = 8;

function isDark() {
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

/** The sensors that moved most, so that a first look shows something. */
function firstShown(series) {
  const moved = (one) => (one.hi - one.lo) / (Math.abs(one.hi) + Math.abs(one.lo) || 1);
  const chosen = series.map((one, i) => [moved(one) + (one.values === undefined ? 0 : 1), i])
    .sort((a, b) => b[0] - a[0] || a[1] - b[1]).slice(0, FIRST_SHOWN).map(([, i]) => i);
  return series.map((_, i) => chosen.includes(i));
}

/** A reading that stands out of its stretch must be seen, however narrow the stretch is. */
function drawSpikes(plot) {
  const {drawingContext: context, plotArea: area, color} = plot;
  context.save();
  context.strokeStyle = color;
  context.globalAlpha = 0.55;
  context.lineWidth = 1;
  context.beginPath();
  const heights = plot.points.map((point) => Math.abs(point.y_bottom - point.y_top) * area.h || 0);
  for (const [i, point] of plot.points.entries()) {
    const usual = Math.max(heights[i - 3] ?? 0, heights[i + 3] ?? 0);
    if (heights[i] < 3 || heights[i] < 2 * usual) continue;
    context.moveTo(point.canvasx, area.y + area.h * point.y_top);
    context.lineTo(point.canvasx, area.y + area.h * point.y_bottom);
  }
  context.stroke();
  context.restore();
}

export class PlotGroup {
  constructor(group, timeline, onWindow) {
    this.group = group;
    this.timeline = timeline;
    this.onWindow = onWindow;
    this.shown = firstShown(group.series);
    this.palette = isDark() ? DARK : LIGHT;
    this.paper = null;
    this.build();
  }

  get title() {
    return this.group.family ? `${quantity(this.group.unit || "count")}: ${this.group.family}` : quantity(this.group.unit);
  }

  build() {
    this.heading = element("h3", {textContent: this.title});
    this.canvas = element("div", {className: "plot", tabIndex: 0});
    this.canvas.setAttribute("role", "group");
    this.canvas.setAttribute("aria-label", `Plot of ${this.title}. Keys: plus and minus zoom, arrows move, 0 shows all.`);
    this.canvas.addEventListener("keydown", (event) => this.onKey(event));
    this.legend = element("div", {className: "legend"});
    this.choose = this.chooser();
    this.figure = element("figure", {className: "telemetry"}, [this.heading, this.canvas, this.legend, this.choose]);
    this.describe(null);
  }

  chooser() {
    const boxes = this.group.series.map((series, i) => {
      const box = element("input", {type: "checkbox", checked: this.shown[i]});
      box.addEventListener("change", () => this.show(i, box.checked));
      const errors = series.errors ? ` (${series.errors} readings failed)` : "";
      return element("label", {}, [box, element("span", {textContent: series.sensor + errors})]);
    });
    const all = element("button", {type: "button", textContent: "all"});
    const none = element("button", {type: "button", textContent: "none"});
    all.addEventListener("click", () => this.showAll(boxes, true));
    none.addEventListener("click", () => this.showAll(boxes, false));
    this.summary = element("summary");
    this.count();
    return element("details", {className: "choose"}, [this.summary, element("p", {}, [all, none]), element("div", {className: "boxes"}, boxes)]);
  }

  count() {
    this.summary.textContent = `Sensors: ${this.shown.filter(Boolean).length} of ${this.shown.length} shown`;
  }

  show(i, on) {
    this.shown[i] = on;
    this.count();
    this.graph?.setVisibility(i, on);
    this.describe(null);
  }

  showAll(boxes, on) {
    boxes.forEach((label) => { label.querySelector("input").checked = on; });
    this.shown.fill(on);
    this.count();
    this.graph?.updateOptions({visibility: this.shown.slice()});
    this.describe(null);
  }

  /** Unpacks and draws; costs some milliseconds a sensor, so only once it can be seen. */
  draw() {
    if (this.graph) return;
    const length = this.timeline.times.length;
    const columns = this.group.series.map((series) => points(series, length));
    this.rows = this.timeline.times.map((at, i) => [at, ...columns.map((column) => column[i] ?? [null, null, null])]);
    this.graph = new Dygraph(this.canvas, this.rows, this.options());
  }

  options() {
    const names = this.group.series.map((series) => series.sensor);
    const span = Math.max(...this.group.series.map((series) => Math.max(Math.abs(series.hi), Math.abs(series.lo))));
    return {
      labels: ["at_s", ...names],
      customBars: true, legend: "never", showLabelsOnHighlight: false, connectSeparatedPoints: false,
      visibility: this.shown.slice(), dateWindow: this.timeline.window.slice(),
      includeZero: false, animatedZooms: false, strokeWidth: 1.4, fillAlpha: 0.2, rightGap: 12, labelsKMB: false,
      highlightCircleSize: 3, xRangePad: 0, axisLabelFontSize: 12,
      axes: {
        x: {axisLabelFormatter: (at) => runTime(at), pixelsPerLabel: 70},
        y: {axisLabelFormatter: (value) => axisLabel(value, this.group.unit, span), axisLabelWidth: 76, pixelsPerLabel: 34},
      },
      plotter: [Dygraph.Plotters.fillPlotter, drawSpikes, Dygraph.Plotters.errorPlotter, Dygraph.Plotters.linePlotter],
      underlayCallback: (context, area, graph) => this.underlay(context, area, graph),
      highlightCallback: (_, at, hit, row) => this.describe(row),
      unhighlightCallback: () => this.describe(null),
      zoomCallback: (from, to) => this.onWindow(from, to, this),
      ...this.colours(),
    };
  }

  colours() {
    const series = {};
    this.group.series.forEach((one, i) => {
      const dash = DASHES[Math.floor(i / this.palette.lines.length) % DASHES.length];
      series[one.sensor] = {color: this.colour(i), strokePattern: dash};
    });
    return {series, gridLineColor: this.palette.grid, axisLineColor: this.palette.ink};
  }

  colour(i) {
    return this.palette.lines[i % this.palette.lines.length];
  }

  recolour(printing) {
    this.palette = !printing && isDark() ? DARK : LIGHT;
    this.paper?.remove();
    this.paper = printing && this.graph ? this.onPaper() : null;
    if (this.paper) this.canvas.after(this.paper);
    this.graph?.updateOptions(this.colours());
    this.graph?.resize();
    this.describe(null);
  }

  onPaper() {
    const [low, high] = this.graph.yAxisRange();
    const lines = this.group.series.map((_, i) => ({index: i + 1, colour: this.colour(i)}));
    return printedPlot({
      rows: this.rows, lines: lines.filter((_, i) => this.shown[i]), bands: this.timeline.bands, marks: this.timeline.marks,
      range: {x: this.graph.xAxisRange(), y: [low, high]}, palette: this.palette,
      ticks: {x: runTime, y: (value) => axisLabel(value, this.group.unit, Math.max(Math.abs(low), Math.abs(high)))},
    });
  }

  underlay(context, area, graph) {
    context.save();
    context.beginPath();
    context.rect(area.x, area.y, area.w, area.h);
    context.clip();
    this.timeline.bands.forEach((band, i) => this.drawBand(context, area, graph, band, i));
    for (const mark of this.timeline.marks) this.drawMark(context, area, graph, mark);
    context.restore();
  }

  drawBand(context, area, graph, band, i) {
    const left = graph.toDomXCoord(band.start);
    const right = graph.toDomXCoord(band.end);
    context.fillStyle = this.palette.band[i % 2];
    context.fillRect(left, area.y, right - left, area.h);
    if (right - left < 16) return;
    context.fillStyle = this.palette.ink;
    context.font = "11px system-ui, sans-serif";
    context.fillText(String(i + 1), Math.max(left, area.x) + 4, area.y + 12);
  }

  drawMark(context, area, graph, mark) {
    const x = Math.round(graph.toDomXCoord(mark.at)) + 0.5;
    context.strokeStyle = context.fillStyle = this.palette[mark.severity] ?? this.palette.ink;
    context.setLineDash(mark.severity === "fatal" ? [] : [4, 3]);
    context.lineWidth = mark.severity === "fatal" ? 2 : 1;
    context.beginPath();
    context.moveTo(x, area.y);
    context.lineTo(x, area.y + area.h);
    context.stroke();
    context.beginPath();
    context.moveTo(x - 5, area.y);
    context.lineTo(x + 5, area.y);
    context.lineTo(x, area.y + 8);
    context.fill();
  }

  /** The legend: names, and at the pointer the values, the step and what happened near it. */
  describe(row) {
    const items = [];
    this.group.series.forEach((series, i) => {
      if (!this.shown[i]) return;
      const swatch = element("span", {className: "swatch"});
      swatch.style.background = this.colour(i);
      items.push(element("li", {}, [swatch, element("span", {textContent: series.sensor}), element("b", {textContent: this.valueAt(i, row)})]));
    });
    const where = row === null ? this.overall() : this.placeAt(this.timeline.times[row]);
    this.legend.replaceChildren(element("p", {textContent: where}), element("ul", {}, items));
  }

  valueAt(i, row) {
    const unit = this.group.unit;
    const series = this.group.series[i];
    if (row === null || !this.graph) return series.lo === series.hi ? formatted(series.lo, unit) : `${formatted(series.lo, unit)} … ${formatted(series.hi, unit)}`;
    const [least, mean, greatest] = this.graph.getValue(row, i + 1) ?? [null, null, null];
    if (mean === null || Number.isNaN(mean)) return "not read";
    return least === greatest ? formatted(mean, unit) : `${formatted(mean, unit)} (${formatted(least, unit)} … ${formatted(greatest, unit)})`;
  }

  overall() {
    return "Least … greatest of the run. Point at the plot for values; drag to zoom.";
  }

  placeAt(at) {
    const band = this.timeline.bands.findIndex((one) => one.start <= at && at <= one.end);
    const [from, to] = this.graph.xAxisRange();
    const near = this.timeline.marks.filter((mark) => Math.abs(mark.at - at) < (to - from) / 60).map((mark) => `${mark.severity}: ${mark.text}`);
    const step = band < 0 ? "between steps" : `step ${band + 1}, ${this.timeline.bands[band].name}`;
    return [`At ${runTime(at)}, ${this.timeline.bands.length > 0 ? step : "run time"}`, ...near.slice(0, 3)].join(" · ");
  }

  setWindow(window) {
    this.graph?.updateOptions({dateWindow: window.slice()});
  }

  onKey(event) {
    const action = {"+": "in", "=": "in", "-": "out", "ArrowLeft": "left", "ArrowRight": "right", "0": "all", "Home": "all", "Escape": "all"}[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.timeline.act(action);
  }
}
