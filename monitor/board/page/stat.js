// One number: large, in the colour of its threshold, with a word so that colour is not the only sign.
import { color, judged } from "./colors.js";
import { make } from "./dom.js";
import { format, seconds } from "./format.js";

const WORDS = { green: ["●", "good"], orange: ["▲", "watch"], red: ["■", "bad"], grey: ["○", "unknown"] };

/** Draws into `body`; `memory` keeps the last value seen, to say how old it is when there is none any more. */
export function stat(body, definition, answer, context, memory) {
  const value = answer.series.length ? answer.series[0].value : null;
  const mapped = value === null ? null : definition.mappings[String(value)];
  const verdict = mapped ? mapped.color : judged(value, definition.thresholds);
  if (value !== null) Object.assign(memory, { text: mapped ? mapped.text : format(value, definition.unit), time: context.time });
  const [glyph, word] = WORDS[verdict] || ["", ""];
  const gone = value === null && memory.text;
  const note = gone ? `was ${memory.text}, ${seconds(Math.round(context.time - memory.time))} ago` : word;
  const shown = make("div", { class: "value", text: value === null ? definition.noValue : memory.text });
  const small = make("div", { class: "verdict" }, make("span", { "aria-hidden": "true", text: `${gone ? "○" : glyph} ` }), note);
  shown.style.color = color(verdict);
  small.style.color = verdict === "blue" ? "" : color(verdict);
  body.closest("article").style.setProperty("--verdict", color(verdict));
  body.closest("article").dataset.verdict = verdict;
  body.replaceChildren(shown, small);
  return value === null ? (gone ? "stale" : "empty") : "live";
}
