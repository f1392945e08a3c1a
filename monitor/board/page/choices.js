// Filters: the dashboards' variables. Nothing ticked is everything. Values are asked for when the list is opened.
import { make } from "./dom.js";

/** Wires `details`; answers an object whose `query()` is what to add to a request. */
export function choices(details, box, dashboard, minutes, changed) {
  const chosen = new Map(dashboard.variables.map((one) => [one.name, new Set()]));
  const summary = details.querySelector("summary");
  const count = () => {
    const number = [...chosen.values()].reduce((sum, one) => sum + one.size, 0);
    summary.textContent = number ? `Filter (${number})` : "Filter";
  };
  const option = (variable, value) => {
    const input = make("input", { type: "checkbox" });
    input.checked = chosen.get(variable.name).has(value);
    input.addEventListener("change", () => {
      chosen.get(variable.name)[input.checked ? "add" : "delete"](value);
      count();
      changed();
    });
    return make("label", {}, input, ` ${value}`);
  };
  const fill = async () => {
    if (!details.open) return;
    try {
      const answer = await fetch(`/api/dashboards/${dashboard.uid}/variables?minutes=${minutes()}`, { signal: AbortSignal.timeout(10000) });
      const found = await answer.json();
      if (!answer.ok) throw new Error(found.message);
      box.replaceChildren(...dashboard.variables.map((variable) => make("fieldset", {},
        make("legend", { text: variable.title }),
        ...(found[variable.name].length ? found[variable.name].map((value) => option(variable, value)) : [make("em", { text: "no values" })]))));
    } catch (error) {
      box.replaceChildren(make("p", { text: `The values cannot be had: ${error.message}` }));
    }
  };
  details.open = false;
  details.ontoggle = fill;
  count();
  return { query: () => [...chosen].flatMap(([name, values]) => [...values].map((value) => `&var=${encodeURIComponent(`${name}=${value}`)}`)).join("") };
}
