// Values of this instant beside each other.
import { color, judged } from "./colors.js";
import { make } from "./dom.js";
import { format } from "./format.js";

export function bars(body, definition, answer) {
  const there = answer.series.filter((one) => one.value !== null).sort((a, b) => b.value - a.value);
  if (!there.length) return "empty";
  const largest = Math.max(...there.map((one) => one.value), 0) || 1;
  const rows = there.map((one) => {
    const fill = make("span", { class: "fill" });
    fill.style.width = `${Math.max(0, (one.value / largest) * 100)}%`;
    fill.style.background = color(judged(one.value, definition.thresholds));
    const track = make("span", { class: "track" }, fill);
    return make("li", {}, make("span", { class: "name", text: one.name, title: one.name }), track, make("b", { text: format(one.value, definition.unit) }));
  });
  body.replaceChildren(make("ul", { class: "bars" }, ...rows));
  return "live";
}
