// Moves the length of the list without asking the server: every figure comes from the points that the page brought.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const SIZE = { width: 860, height: 260, left: 70, right: 16, top: 12, bottom: 34 };
const LABEL = 26; // pixels that a label needs

function start() {
  const place = document.getElementById("lengths");
  const slider = document.getElementById("slider");
  const typed = document.getElementById("field-length");
  if (!place || !slider || !typed) return;
  const points = JSON.parse(place.dataset.points);
  if (!points.length) return;
  const currency = place.dataset.currency;
  const marker = drawCurve(document.getElementById("curve"), points, currency);
  const show = (point) => {
    showFigures(point, currency);
    slider.setAttribute("aria-valuetext", `${point.length} customers`);
    marker(point);
  };
  const nearest = (length) => points.reduce(
    (best, point, index) => Math.abs(point.length - length) < Math.abs(points[best].length - length) ? index : best, 0);
  const first = Number(typed.value) || Number(typed.dataset.shown) || Number(place.dataset.best) || points[0].length;
  slider.value = nearest(first);
  slider.addEventListener("input", () => {
    typed.value = points[slider.value].length;
    show(points[slider.value]);
  });
  typed.addEventListener("input", () => {
    if (!Number(typed.value)) return;
    slider.value = nearest(Number(typed.value));
    show(between(points, Number(typed.value)));
  });
  for (const element of document.querySelectorAll(".slider, #slide, #curve, #curve-words")) element.hidden = false;
  show(between(points, first));
}

// A length between two points, on a straight line between them; people are whole.
function between(points, length) {
  const after = points.findIndex((point) => point.length >= length);
  if (after < 0) return points[points.length - 1];
  if (after === 0 || points[after].length === length) return points[after];
  const low = points[after - 1], high = points[after];
  const share = (length - low.length) / (high.length - low.length);
  const point = {};
  for (const name of Object.keys(high)) {
    point[name] = low[name] === null || high[name] === null ? null : low[name] + share * (high[name] - low[name]);
  }
  point.held_out = Math.round(point.held_out);
  point.contacted = length - point.held_out;
  return point;
}

function showFigures(point, currency) {
  const texts = {
    contacted: count(point.contacted),
    held_out: count(point.held_out),
    expected_buyers: count(point.expected_buyers),
    cost: money(point.cost, currency),
    profit: money(point.profit, currency),
    band: point.low === null ? "" : `${money(point.low, currency)} to ${money(point.high, currency)}`,
    uplift: describeUplift(point.uplift),
  };
  for (const element of document.querySelectorAll("#slide [data-shows]")) {
    element.textContent = texts[element.dataset.shows];
  }
  for (const element of document.querySelectorAll("#slide [data-needs]")) {
    element.hidden = point[element.dataset.needs] === null;
  }
}

function describeUplift(uplift) {
  if (uplift === null) return "none";
  return uplift < 2 ? `${Math.round(uplift * 100)}\u202f% more` : `${Math.round(uplift + 1)} times as many`;
}

function count(number) {
  if (number === null) return "–";
  const digits = Math.abs(number) < 9.95 && number !== Math.round(number) ? 1 : 0;
  return number.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function money(amount, currency) {
  if (amount === null) return "–";
  const digits = Math.abs(amount) < 100 ? 2 : 0;
  const text = Math.abs(amount).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${amount < 0 ? "−" : ""}${text}${currency ? `\u202f${currency}` : ""}`;
}

// Profit where it is known, else expected buyers; returns a function that moves the marker.
function drawCurve(place, points, currency) {
  const hasProfit = points[0].profit !== null;
  const name = hasProfit ? "profit" : "expected_buyers";
  if (points[0][name] === null) return () => {};
  const values = points.flatMap((point) => hasProfit ? [point.low, point.high, point.profit, 0] : [point[name], 0]);
  const low = Math.min(...values), high = Math.max(...values, low + 1e-9);
  const longest = points[points.length - 1].length;
  const x = (length) => SIZE.left + (SIZE.width - SIZE.left - SIZE.right) * length / longest;
  const y = (value) => SIZE.height - SIZE.bottom - (SIZE.height - SIZE.top - SIZE.bottom) * (value - low) / (high - low);
  const drawing = make(place, "svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, class: "chart slide-chart", "aria-hidden": "true" });
  const line = (field) => points.map((point) => `${x(point.length).toFixed(1)},${y(point[field]).toFixed(1)}`);
  if (hasProfit) {
    const back = points.map((point) => `${x(point.length).toFixed(1)},${y(point.low).toFixed(1)}`).reverse();
    make(drawing, "polygon", { points: [...line("high"), ...back].join(" "), class: "band" });
  }
  make(drawing, "line", { x1: SIZE.left, x2: SIZE.width - SIZE.right, y1: y(0), y2: y(0), class: "axis" });
  for (const value of new Set([low, 0, high])) {
    if (value && Math.abs(y(value) - y(0)) < LABEL) continue;
    write(drawing, SIZE.left - 8, y(value) + 4, "end", `${value < 0 ? "−" : ""}${count(Math.round(Math.abs(value)))}`);
  }
  write(drawing, SIZE.left, SIZE.height - 8, "start", "0");
  write(drawing, SIZE.width - SIZE.right, SIZE.height - 8, "end", `${count(longest)} customers on the list`);
  make(drawing, "polyline", { points: line(name).join(" "), class: "curve" });
  const rule = make(drawing, "line", { y1: SIZE.top, y2: SIZE.height - SIZE.bottom, class: "marker" });
  const dot = make(drawing, "circle", { r: 6, class: "dot" });
  document.getElementById("curve-words").textContent = hasProfit
    ? `Expected profit${currency ? ` in ${currency}` : ""} by length of the list; the band shows the least and the most.`
    : "Buyers expected by length of the list.";
  return (point) => {
    for (const [element, attributes] of [[rule, ["x1", "x2"]], [dot, ["cx"]]]) {
      for (const attribute of attributes) element.setAttribute(attribute, x(point.length));
    }
    dot.setAttribute("cy", y(point[name]));
  };
}

function make(parent, name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return parent.appendChild(element);
}

function write(parent, x, y, anchor, text) {
  make(parent, "text", { x, y, "text-anchor": anchor, class: "label" }).textContent = text;
}

document.addEventListener("DOMContentLoaded", start);
