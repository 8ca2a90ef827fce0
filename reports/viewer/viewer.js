// SPDX-License-Identifier: Apache-2.0
// Starts the viewer: the page is whole without it; this adds filters, plots and copying.
import {element, Filter} from "./limits.js";
import {Telemetry} from "./telemetry.js";

function dataOf(id) {
  const block = document.getElementById(id);
  return block ? JSON.parse(block.textContent) : null;
}

function startFilters() {
  const limits = document.getElementById("criteria");
  const tools = document.getElementById("criteria-tools");
  const filter = tools ? new Filter(limits, tools).orderable() : null;
  const events = document.getElementById("events-tools");
  if (events) new Filter(document.getElementById("events"), events, "Severity");
  return filter;
}

/** A device in the list becomes a button that shows its limits. */
function startDevices(filter) {
  if (!filter) return;
  for (const item of document.querySelectorAll(".devices li")) {
    const button = element("button", {type: "button", title: "show its limits"});
    button.append(...item.childNodes);
    button.addEventListener("click", () => {
      filter.device.value = item.dataset.device;
      filter.apply();
      document.getElementById("criteria").scrollIntoView();
    });
    item.append(button);
  }
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function selectAll(node) {
  const range = document.createRange();
  range.selectNodeContents(node);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

function startCopying() {
  for (const block of document.querySelectorAll("pre.command")) {
    const code = block.querySelector("code");
    const button = element("button", {type: "button", className: "copy", textContent: "Copy"});
    button.addEventListener("click", async () => {
      const copied = await copyText(code.textContent);
      if (!copied) selectAll(code);
      button.textContent = copied ? "Copied" : "Selected";
    });
    block.append(button);
  }
}

function startPrinting(telemetry) {
  window.addEventListener("beforeprint", () => {
    telemetry?.drawAll();
    telemetry?.recolour(true);
  });
  window.addEventListener("afterprint", () => telemetry?.recolour(false));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => telemetry?.recolour(false));
}

function start() {
  startDevices(startFilters());
  startCopying();
  const data = dataOf("plot-data");
  const place = document.getElementById("plots");
  const telemetry = data && place ? new Telemetry(place, data, dataOf("report-data")) : null;
  startPrinting(telemetry);
  performance.mark("rackproof-ready");
  document.documentElement.dataset.ready = "yes";
}

start();
