// States over time: one row for each series, a segment for each stretch of one state. A gap is hatched: nobody could look.
import { color } from "./colors.js";
import { make } from "./dom.js";
import { clock, format } from "./format.js";
import { marksBehind } from "./marks.js";

/** Stretches of equal values as [value, first index, last index]. */
export function stretches(values) {
  const found = [];
  values.forEach((value, index) => {
    const last = found[found.length - 1];
    if (last && last[0] === value) last[2] = index;
    else found.push([value, index, index]);
  });
  return found;
}

function segment(definition, [value, first, last], context, count) {
  const state = value === null ? { text: "no data", color: "grey" } : definition.mappings[String(value)] || { text: format(value, definition.unit), color: "blue" };
  const from = clock(context.start + first * context.step);
  const to = clock(context.start + (last + 1) * context.step);
  const kind = `segment ${value === null ? "gap" : state.color === "green" ? "calm" : ""}`;
  const share = (last - first + 1) / count;
  const part = make("span", { class: kind, title: `${state.text}  ${from} – ${to}` });
  part.style.left = `${(first / count) * 100}%`;
  part.style.width = `${share * 100}%`;
  if (value !== null) part.style.setProperty("--tone", color(state.color));
  if (share > 0.08) part.append(make("span", { class: "word", text: state.text }));
  return part;
}

function spoken(definition, values) {
  const now = values[values.length - 1];
  const state = now === null ? "no data" : (definition.mappings[String(now)] || { text: now }).text;
  return `now ${state}, ${stretches(values).length - 1} changes in this range`;
}

/** Time of the ticks below: about six, on round numbers. */
export function ticks(start, end, room) {
  const steps = [30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  const step = steps.find((one) => (end - start) / one <= room) || 14400;
  const found = [];
  for (let time = Math.ceil(start / step) * step; time <= end; time += step) found.push(time);
  return found;
}

export function timeline(body, definition, answer, context) {
  if (!answer.series.some((one) => one.values.some((value) => value !== null))) return "empty";
  const count = answer.series[0].values.length;
  const rows = answer.series.map((one) => {
    const track = make("div", { class: "track", role: "img", "aria-label": `${one.name}: ${spoken(definition, one.values)}` });
    track.append(...stretches(one.values).map((stretch) => segment(definition, stretch, context, count)));
    return make("div", { class: "state-row" }, make("span", { class: "name", text: one.name, title: one.name }), track);
  });
  const axis = make("div", { class: "axis", "aria-hidden": "true" });
  for (const time of ticks(context.start, context.end, body.clientWidth > 600 ? 8 : 3)) {
    const tick = make("span", { text: clock(time).slice(0, 5) });
    tick.style.left = `${((time - context.start) / (context.end - context.start)) * 100}%`;
    axis.append(tick);
  }
  const last = make("div", { class: "state-row" }, make("span", { class: "name" }), axis);
  body.replaceChildren(make("div", { class: "states" }, ...rows, marksBehind(context)), last);
  return "live";
}
