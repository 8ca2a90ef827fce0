// SPDX-License-Identifier: Apache-2.0
// A plot for paper: an SVG of what is shown, since browsers print canvases that change for it empty.
const SPACE = "http://www.w3.org/2000/svg";
const WIDTH = 660, HEIGHT = 190, LEFT = 62, RIGHT = 650, TOP = 6, BOTTOM = 170;

function shape(name, properties, text = "") {
  const made = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

/** The spread of each moment as a closed outline: a spike is as high as it was. */
function outline(rows, index, x, y) {
  const known = rows.filter((row) => row[index][1] !== null);
  const upper = known.map((row) => `${x(row[0])},${y(row[index][2])}`);
  const lower = known.map((row) => `${x(row[0])},${y(row[index][0])}`).reverse();
  return [...upper, ...lower].join(" ");
}

/** `lines`: [{index, colour}] of the columns of `rows`; `ticks`: how x and y are written. */
export function printedPlot({rows, lines, bands, marks, range, palette, ticks}) {
  const [first, last] = range.x, [low, high] = range.y;
  const x = (at) => (LEFT + (RIGHT - LEFT) * (Math.min(Math.max(at, first), last) - first) / (last - first || 1)).toFixed(1);
  const y = (value) => (BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low || 1)).toFixed(1);
  const svg = shape("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "printed", role: "img", "font-size": 10, fill: palette.ink});
  bands.forEach((band, i) => svg.append(shape("rect", {
    x: x(band.start), y: TOP, width: Math.max(0, x(band.end) - x(band.start)), height: BOTTOM - TOP, fill: palette.band[i % 2]})));
  for (let i = 0; i <= 4; ++i) {
    const value = low + (high - low) * i / 4, at = first + (last - first) * i / 4;
    svg.append(shape("line", {x1: LEFT, x2: RIGHT, y1: y(value), y2: y(value), stroke: palette.grid}));
    svg.append(shape("text", {x: LEFT - 4, y: Number(y(value)) + 3, "text-anchor": "end"}, ticks.y(value)));
    svg.append(shape("text", {x: x(at), y: HEIGHT - 6, "text-anchor": ["start", "middle", "middle", "middle", "end"][i]}, ticks.x(at)));
  }
  for (const mark of marks) {
    svg.append(shape("line", {x1: x(mark.at), x2: x(mark.at), y1: TOP, y2: BOTTOM, stroke: palette[mark.severity] ?? palette.ink}));
  }
  for (const line of lines) {
    svg.append(shape("polygon", {points: outline(rows, line.index, x, y), fill: line.colour, stroke: line.colour, "stroke-width": 1.2}));
  }
  return svg;
}
