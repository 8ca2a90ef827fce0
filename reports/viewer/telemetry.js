// SPDX-License-Identifier: Apache-2.0
// All plots and their common window of time.
import {element, labelled} from "./limits.js";
import {bands, groups, marks, times} from "./plot_data.js";
import {PlotGroup} from "./plot_group.js";
import {formatted} from "./units.js";

const LEAST_SHARE = 1 / 5000;

export class Telemetry {
  constructor(place, data, report) {
    // The legend is ours, and that plugin writes style attributes, which the page's policy forbids.
    Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);
    this.times = times(data);
    this.bands = bands(report);
    this.marks = marks(report);
    const end = Math.max(this.times[this.times.length - 1] ?? 1, ...this.bands.map((band) => band.end));
    this.whole = [0, end > 0 ? end : 1];
    this.window = this.whole.slice();
    const isSteady = (group) => group.series.every((series) => series.values === undefined);
    this.steady = groups(data).filter(isSteady).flatMap((group) => group.series);
    this.plots = groups(data).filter((group) => !isSteady(group)).map((group) => new PlotGroup(group, this, (from, to, from_plot) => this.setWindow(from, to, from_plot)));
    place.append(...(this.plots.length > 0 ? [this.tools()] : []), ...this.plots.map((plot) => plot.figure), this.steadyList());
    this.drawWhenSeen();
  }

  /** What never changed needs no plot. */
  steadyList() {
    if (this.steady.length === 0) return "";
    const items = this.steady.map((series) => element("li", {}, [
      element("span", {textContent: series.sensor}), element("b", {textContent: formatted(series.lo, series.unit)})]));
    const summary = element("summary", {textContent: `Not plotted: ${this.steady.length} sensors that said the same throughout`});
    return element("details", {className: "legend steady"}, [summary, element("ul", {}, items)]);
  }

  tools() {
    const button = (text, label, action) => {
      const made = element("button", {type: "button", textContent: text});
      made.setAttribute("aria-label", label);
      made.addEventListener("click", () => this.act(action));
      return made;
    };
    const row = element("div", {className: "tools"});
    if (this.bands.length > 0) row.append(labelled("Step", this.stepChoice()));
    row.append(element("span", {className: "buttons"}, [
      button("+", "zoom in", "in"), button("−", "zoom out", "out"),
      button("←", "earlier", "left"), button("→", "later", "right"), button("All", "whole run", "all")]));
    return row;
  }

  stepChoice() {
    this.step = element("select", {}, [element("option", {value: "", textContent: "whole run"})]);
    this.bands.forEach((band, i) => this.step.append(element("option", {value: String(i), textContent: `${i + 1}  ${band.name}`})));
    this.step.addEventListener("change", () => {
      const band = this.bands[Number(this.step.value)];
      if (this.step.value === "") this.setWindow(...this.whole);
      else this.setWindow(band.start, band.end);
    });
    return this.step;
  }

  /** The choice says what is shown, or nothing where that is neither a step nor the run. */
  nameStep() {
    if (!this.step) return;
    const [from, to] = this.window;
    const same = (band) => band.start === from && band.end === to;
    const whole = from === this.whole[0] && to === this.whole[1];
    const at = this.bands.findIndex(same);
    this.step.selectedIndex = whole ? 0 : at < 0 ? -1 : at + 1;
  }

  act(action) {
    const [from, to] = this.window;
    const width = to - from;
    const steps = {in: [from + width / 4, to - width / 4], out: [from - width / 2, to + width / 2],
                   left: [from - width / 4, to - width / 4], right: [from + width / 4, to + width / 4], all: this.whole};
    this.setWindow(...steps[action]);
  }

  setWindow(from, to, from_plot = null) {
    const [begin, end] = this.whole;
    const width = Math.min(Math.max(to - from, (end - begin) * LEAST_SHARE), end - begin);
    const start = Math.min(Math.max(from, begin), end - width);
    this.window = [start, start + width];
    this.nameStep();
    for (const plot of this.plots) {
      if (plot !== from_plot || from !== start) plot.setWindow(this.window);
    }
  }

  drawWhenSeen() {
    const watcher = new IntersectionObserver((entries) => {
      for (const entry of entries.filter((one) => one.isIntersecting)) {
        watcher.unobserve(entry.target);
        this.plots.find((plot) => plot.canvas === entry.target)?.draw();
      }
    }, {rootMargin: "300px"});
    for (const plot of this.plots) watcher.observe(plot.canvas);
  }

  drawAll() {
    for (const plot of this.plots) plot.draw();
  }

  recolour(printing) {
    for (const plot of this.plots) plot.recolour(printing);
  }
}
