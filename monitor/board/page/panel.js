// A panel's frame and its states: loading, live, empty, error, stale. `data-state` names the one that is shown.
import { bars } from "./bars.js";
import { make, prose } from "./dom.js";
import { graph } from "./graph.js";
import { stat } from "./stat.js";
import { table } from "./table.js";
import { timeline } from "./timeline.js";

const KINDS = { stat, timeseries: graph, "state-timeline": timeline, bargauge: bars, table };

function message(head, text, advice) {
  return make("div", { class: "message" }, make("strong", { text: head }), make("span", { text }), advice ? make("code", { text: advice }) : "");
}

/** Makes the panel; `element` goes into the page, `update(answer, context)` draws, `stale(text)` marks it as old. */
export function panel(definition) {
  const body = make("div", { class: "body" }, make("div", { class: "skeleton", "aria-label": "loading" }));
  const id = `about-${definition.id}`;
  const links = definition.links.map((link) => make("a", { href: `#${link.uid}`, text: `${link.title} →` }));
  links.push(make("a", { href: "/runbook", text: "Runbook →" }));
  const about = make("div", { class: "about", id, role: "note" }, ...prose(definition.about), ...links);
  const button = make("button", { class: "info", type: "button", "aria-expanded": "false", "aria-controls": id, "aria-label": `About ${definition.title}`, text: "?" });
  const element = make("article", { class: `panel ${definition.kind}`, "data-id": definition.id, "data-state": "loading" });
  element.style.setProperty("--width", definition.width);
  element.style.setProperty("--height", definition.height);
  element.append(make("header", {}, make("h3", { text: definition.title }), button), body, about);

  const open = (yes) => {
    element.classList.toggle("open", yes);
    button.setAttribute("aria-expanded", String(yes));
  };
  button.addEventListener("click", () => open(button.getAttribute("aria-expanded") !== "true"));
  element.addEventListener("keydown", (event) => event.key === "Escape" && open(false));

  const memory = {};
  let last = null;
  const draw = (answer, context) => {
    delete element.dataset.verdict;
    if (answer.error) {
      memory.plot?.destroy();
      memory.plot = null;
      body.replaceChildren(message("NO ANSWER", answer.error.message, answer.error.advice));
      return "error";
    }
    const state = KINDS[definition.kind](body, definition, answer, context, memory);
    if (state === "empty" && definition.kind !== "stat") body.replaceChildren(message(definition.noValue, "No series in this time range: nobody serves it, or it never happened."));
    return state;
  };
  const update = (answer, context) => {
    last = [answer, context];
    element.dataset.state = draw(answer, context);
  };
  const old = (reason) => {
    if (last) return; // what was drawn stays, greyed by the page
    body.replaceChildren(message("NO ANSWER", reason, "make status"));
    element.dataset.state = "error";
  };
  new ResizeObserver(() => last && memory.plot && memory.plot.width !== body.clientWidth && update(...last)).observe(body);
  return { id: definition.id, element, update, redraw: () => last && update(...last), old };
}
