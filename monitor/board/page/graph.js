// Values over time, drawn by uPlot.
import { color, faded, seriesColor, token } from "./colors.js";
import { make } from "./dom.js";
import { clock, format, seconds } from "./format.js";
import { drawMarks } from "./marks.js";
import { tooltip } from "./tooltip.js";

const WIDE = 700; // pixels from which the axis is as wide as the names of a timeline, so that both share their time axis
const POWERS = Array.from({ length: 44 }, (_, power) => 2 ** power); // so that ticks are whole KiB, MiB and GiB
const BINARY = { bytes: POWERS, Bps: POWERS };
const { uPlot } = window;

function stacked(columns) {
  const below = new Array(columns[0].length).fill(0);
  return columns.map((column) => column.map((value, index) => {
    if (value !== null) below[index] += value;
    return value === null ? null : below[index];
  }));
}

function drawLimits(plot, definition) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const { value, color: name } of definition.thresholds) {
    if (value === null || value === undefined || value < plot.scales.y.min || value > plot.scales.y.max) continue;
    const y = plot.valToPos(value, "y", true);
    ctx.strokeStyle = color(name);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

function axes(definition, wide) {
  const style = { stroke: token("muted"), font: "11px system-ui, sans-serif", grid: { stroke: token("line"), width: 1 }, ticks: { show: false } };
  const values = (_, splits) => splits.map((value) => format(value, definition.unit));
  const times = (_, splits) => splits.map((time) => clock(time).slice(0, 5));
  return [{ ...style, values: times, space: 70, size: 24 }, { ...style, values, size: wide ? 150 : 64, space: 34, ...(BINARY[definition.unit] && { incrs: BINARY[definition.unit] }) }];
}

function options(definition, answer, context, size, hooks) {
  const wide = definition.width === 24 && size.width > WIDE;
  const series = answer.series.map((one, index) => {
    const stroke = seriesColor(one.name, index, definition.colors);
    return { label: one.name, stroke, width: 1.6, fill: faded(stroke, definition.stacked ? 0.35 : 0.06), spanGaps: false, points: { show: false } };
  });
  const top = (_, low, high) => [Math.min(0, low ?? 0), high > 0 ? high * 1.12 : 1];
  return {
    ...size,
    legend: { show: false },
    padding: [10, wide ? 4 : 12, 0, 0],
    cursor: { sync: { key: "board" }, y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: { x: { time: true, range: () => [context.start, context.end] }, y: { range: top } },
    axes: axes(definition, wide),
    series: [{}, ...(definition.stacked ? series.reverse() : series)],
    hooks,
  };
}

function legend(definition, answer) {
  const items = answer.series.map((one, index) => {
    const last = one.values[one.values.length - 1];
    const swatch = make("i", { "aria-hidden": "true" });
    swatch.style.background = seriesColor(one.name, index, definition.colors);
    return make("li", {}, swatch, make("span", { text: one.name }), make("b", { text: format(last, definition.unit) }));
  });
  if (answer.more) items.push(make("li", { text: `and ${answer.more} more` }));
  return make("ul", { class: "legend" }, ...items);
}

/** Seconds since the newest value of any series; null when there is none. */
export function age(answer, context) {
  const newest = Math.max(...answer.series.map((one) => one.values.findLastIndex((value) => value !== null)), -1);
  return newest < 0 ? null : context.end - (context.start + newest * context.step);
}

export function graph(body, definition, answer, context, memory) {
  const old = age(answer, context);
  const cursor = memory.plot && { left: memory.plot.cursor.left, top: memory.plot.cursor.top };
  memory.plot?.destroy();
  memory.plot = null;
  if (old === null) return "empty";
  // The element stays over refreshes, so that focus, pointer and the values under it do.
  const canvas = memory.canvas ?? make("div", { class: "canvas", tabindex: "0", role: "img" });
  memory.canvas = canvas;
  const spoken = answer.series.map((one) => `${one.name} ${format(one.values[one.values.length - 1], definition.unit)}`).join(", ");
  canvas.setAttribute("aria-label", `${definition.title}: ${spoken}`);
  if (canvas.parentNode !== body) body.replaceChildren(canvas);
  while (canvas.nextSibling) canvas.nextSibling.remove();
  canvas.replaceChildren();
  body.append(legend(definition, answer));
  const columns = answer.series.map((one) => one.values);
  const drawn = definition.stacked ? stacked(columns).reverse() : columns;
  const times = columns[0].map((_, index) => context.start + index * context.step);
  const limits = (plot) => definition.drawThresholds && drawLimits(plot, definition);
  const tip = tooltip(canvas, definition, answer, context);
  const hooks = { drawClear: [(plot) => drawMarks(plot, context)], draw: [limits], setCursor: [tip] };
  const size = { width: Math.max(160, canvas.clientWidth), height: Math.max(90, canvas.clientHeight) };
  memory.plot = new uPlot(options(definition, answer, context, size, hooks), [times, ...drawn], canvas);
  if (cursor?.left >= 0) memory.plot.setCursor(cursor);
  if (old <= Math.max(3 * context.step, 30)) return "live";
  body.append(make("div", { class: "badge", text: `no value for ${seconds(old)}` }));
  return "stale";
}
