// SPDX-License-Identifier: Apache-2.0
// Filter and order of the rows that stand in the page already.

export function element(name, properties = {}, children = []) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export function labelled(text, control) {
  return element("label", {}, [element("span", {textContent: text}), control]);
}

function choice(words, first) {
  const options = [element("option", {value: "", textContent: first})];
  for (const word of words) options.push(element("option", {value: word, textContent: word}));
  return element("select", {}, options);
}

function distinct(rows, key) {
  return [...new Set(rows.map((row) => row.dataset[key]).filter(Boolean))];
}

const WORST_FIRST = ["FAIL", "ERROR", "INVALID", "INCOMPLETE", "MARGINAL", "not applied", "PASS", "fatal", "warning", "info"];

function rank(row) {
  const at = WORST_FIRST.indexOf(row.dataset.verdict);
  return at < 0 ? WORST_FIRST.length : at;
}

function amount(row, key) {
  return row.dataset[key] === undefined ? Infinity : Number(row.dataset[key]);
}

const ORDERS = {
  "as planned": (a, b) => a.place - b.place,
  "worst first": (a, b) => rank(a) - rank(b) || a.place - b.place,
  "device": (a, b) => a.dataset.device.localeCompare(b.dataset.device, "en", {numeric: true}) || a.place - b.place,
  "least value": (a, b) => amount(a, "value") - amount(b, "value") || a.place - b.place,
  "least margin": (a, b) => amount(a, "margin") - amount(b, "margin") || a.place - b.place,
};
const HEADS = ["worst first", "device", "as planned", "least value", "as planned", "least margin", "as planned"];
const MOST_OPENED = 400;

/** The tables of one section, with a row of controls above them. */
export class Filter {
  constructor(section, tools, kind = "Verdict") {
    this.section = section;
    this.rows = [...section.querySelectorAll("tbody tr")];
    this.rows.forEach((row, place) => { row.place = place; row.words = null; });
    this.groups = [...section.querySelectorAll("details")].map((details) => (
      {details, rows: [...details.querySelectorAll("tbody tr")], open: details.open}));
    this.verdict = choice(distinct(this.rows, "verdict").sort((a, b) => WORST_FIRST.indexOf(a) - WORST_FIRST.indexOf(b)), "any");
    this.text = element("input", {type: "search", placeholder: "text in a row", autocomplete: "off", spellcheck: false});
    this.count = element("output", {role: "status"});
    const controls = [labelled(kind, this.verdict)];
    const devices = distinct(this.rows, "device");
    this.device = choice(devices, "all");
    if (devices.length > 1) controls.push(labelled("Device", this.device));
    controls.push(labelled("Find", this.text), this.count);
    for (const control of [this.verdict, this.device]) control.addEventListener("change", () => this.apply());
    this.text.addEventListener("input", () => this.apply());
    tools.className = "tools";
    tools.append(...controls);
    this.tools = tools;
  }

  matches(row) {
    if (this.verdict.value && row.dataset.verdict !== this.verdict.value) return false;
    if (this.device.value && row.dataset.device !== this.device.value) return false;
    if (!this.wanted) return true;
    row.words ??= row.textContent.toLowerCase();
    return row.words.includes(this.wanted) || (row.title_ ?? "").includes(this.wanted);
  }

  apply() {
    this.wanted = this.text.value.trim().toLowerCase();
    const active = Boolean(this.wanted || this.verdict.value || this.device.value);
    let shown = 0;
    for (const row of this.rows) {
      const hit = this.matches(row);
      if (row.hidden === hit) row.hidden = !hit;
      shown += hit ? 1 : 0;
    }
    for (const group of this.groups) this.#fold(group, active, shown);
    this.count.textContent = active ? `${shown} of ${this.rows.length} rows` : "";
  }

  #fold(group, active, shown) {
    const some = group.rows.some((row) => !row.hidden);
    group.details.hidden = active && !some;
    group.details.open = active ? some && shown <= MOST_OPENED : group.open;
  }

  /** Adds the order: a list of choices, and the heads of the columns as buttons. */
  orderable() {
    this.order = choice(Object.keys(ORDERS).slice(1), "as planned");
    this.order.addEventListener("change", () => this.sort(this.order.value || "as planned"));
    this.tools.insertBefore(labelled("Order", this.order), this.count);
    this.tables = [...this.section.querySelectorAll("table")];
    for (const table of this.tables) this.#headButtons(table);
    for (const group of this.groups.filter((one) => one.details.matches(".group"))) {
      const title = group.details.querySelector("summary").textContent.toLowerCase();
      for (const row of group.rows) row.title_ = title;
    }
    return this;
  }

  #headButtons(table) {
    [...table.querySelectorAll("thead th")].forEach((head, column) => {
      const order = HEADS[column];
      if (order === "as planned") return;
      const button = element("button", {type: "button", textContent: head.textContent, title: `order: ${order}`});
      button.addEventListener("click", () => {
        this.order.value = this.order.value === order ? "" : order;
        this.sort(this.order.value || "as planned");
      });
      head.dataset.order = order;
      head.replaceChildren(button);
    });
  }

  sort(order) {
    for (const table of this.tables) {
      const body = table.tBodies[0];
      body.append(...[...body.rows].sort(ORDERS[order]));
      for (const head of table.querySelectorAll("th[data-order]")) {
        if (head.dataset.order === order) head.setAttribute("aria-sort", order === "worst first" ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      }
    }
  }
}
