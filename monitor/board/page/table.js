// The series of this instant by their labels.
import { make } from "./dom.js";

const TONES = { page: "red", ticket: "orange", firing: "red", pending: "orange" };

export function table(body, definition, answer) {
  if (!answer.series.length) return "empty";
  const columns = definition.columns.filter((name) => answer.series.some((one) => one.labels[name]));
  const head = make("tr", {}, ...columns.map((name) => make("th", { scope: "col", text: name })));
  const rows = answer.series.map((one) => make("tr", {}, ...columns.map((name) => {
    const text = one.labels[name] || "";
    if (name === "alertname") return make("td", {}, make("a", { href: `/runbook#${text.toLowerCase()}`, text }));
    return make("td", {}, TONES[text] ? make("span", { class: `chip ${TONES[text]}`, text }) : text);
  })));
  body.replaceChildren(make("div", { class: "scroll", tabindex: "0" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows))));
  return "live";
}
