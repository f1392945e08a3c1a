// The page: tabs, time range, filters, and a refresh that goes on as long as somebody looks.
import { choices } from "./choices.js";
import { make } from "./dom.js";
import { clock, seconds } from "./format.js";
import { panel } from "./panel.js";
import { themeButton } from "./theme.js";

const RANGES = { 5: "5\u00a0m", 15: "15\u00a0m", 60: "1\u00a0h", 360: "6\u00a0h" };
const EVERY = { 5: 5, 15: 5, 60: 15, 360: 30 }; // seconds between refreshes
const PATIENCE = 15; // seconds for one refresh
const at = (id) => document.getElementById(id);
const state = { dashboards: [], shown: null, minutes: 15, panels: [], good: 0, timer: 0, asking: null, filters: null };

async function ask(path) {
  const answer = await fetch(path, { signal: AbortSignal.any([AbortSignal.timeout(PATIENCE * 1000), state.asking.signal]) });
  if (!answer.ok) throw new Error(`the board answered ${answer.status}`);
  return answer.json();
}

function pulse(kind, text) {
  at("pulse").dataset.state = kind;
  at("pulse").textContent = text;
}

function banner(text) {
  at("banner").hidden = !text;
  at("banner").textContent = text;
}

function lost(error) {
  const since = state.good ? `What you see is from ${clock(state.good)}, ${seconds(Math.round(Date.now() / 1000 - state.good))} old.` : "";
  banner(`The board does not answer (${error.message}). ${since} Try: make status`);
  pulse("error", "no answer");
  for (const one of state.panels) one.old("The board does not answer.");
  document.body.classList.toggle("old", Boolean(state.good));
}

function draw(answer) {
  const errors = Object.values(answer.panels).filter((one) => one.error).length;
  for (const one of state.panels) one.update(answer.panels[one.id], answer);
  document.body.classList.remove("old");
  state.good = answer.time;
  at("board").setAttribute("aria-busy", "false");
  const dead = errors === state.panels.length;
  banner(dead ? `${answer.panels[state.panels[0].id].error.message}. Nothing here is known now. Try: make status` : "");
  const silent = state.panels.filter((one) => one.element.dataset.state !== "live").length;
  const note = silent ? ` · ${silent} of ${state.panels.length} without data` : "";
  pulse(errors ? "error" : silent ? "partial" : "live", dead ? "no answer" : `live · ${clock(answer.time)}${note}`);
}

async function refresh() {
  clearTimeout(state.timer);
  state.asking?.abort();
  const mine = new AbortController();
  state.asking = mine;
  try {
    const chosen = state.filters ? state.filters.query() : "";
    draw(await ask(`/api/dashboards/${state.shown.uid}/data?minutes=${state.minutes}${chosen}`));
  } catch (error) {
    if (mine.signal.aborted) return; // another refresh has begun
    lost(error);
  }
  if (!document.hidden) state.timer = setTimeout(refresh, EVERY[state.minutes] * 1000);
}

function show(uid) {
  state.shown = state.dashboards.find((one) => one.uid === uid) || state.dashboards[0];
  document.title = `${state.shown.title} - CDC board`;
  at("question").textContent = state.shown.question;
  for (const link of at("tabs").children) {
    const mine = link.hash === `#${state.shown.uid}`;
    if (mine) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    if (mine) link.scrollIntoView({ block: "nearest", inline: "center" });
  }
  state.good = 0;
  state.panels = [];
  const sections = state.shown.rows.map((row) => {
    const made = row.panels.map(panel);
    state.panels.push(...made);
    return make("section", {}, make("h2", { text: row.title }), make("div", { class: "grid" }, ...made.map((one) => one.element)));
  });
  at("board").setAttribute("aria-busy", "true");
  at("board").replaceChildren(...sections);
  state.filters = choices(at("filters"), at("choices"), state.shown, () => state.minutes, refresh);
  pulse("loading", "loading");
  refresh();
}

function ranges() {
  const buttons = Object.entries(RANGES).map(([minutes, text]) => make("button", {
    type: "button",
    text,
    "aria-pressed": String(Number(minutes) === state.minutes),
    onclick: (event) => {
      state.minutes = Number(minutes);
      for (const one of at("ranges").children) one.setAttribute("aria-pressed", String(one === event.currentTarget));
      refresh();
    },
  }));
  at("ranges").replaceChildren(...buttons);
}

async function begin() {
  ranges();
  themeButton(at("theme"), () => state.panels.forEach((one) => one.redraw()));
  state.asking = new AbortController();
  try {
    state.dashboards = await ask("/api/dashboards");
  } catch (error) {
    lost(error);
    setTimeout(begin, 5000);
    return;
  }
  at("tabs").replaceChildren(...state.dashboards.map((one) => make("a", { href: `#${one.uid}`, text: one.title })));
  addEventListener("hashchange", () => show(location.hash.slice(1)));
  document.addEventListener("visibilitychange", () => !document.hidden && refresh());
  show(location.hash.slice(1));
}

begin();
