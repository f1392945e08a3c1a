// Grafana's colour names as this page's colours, which differ between light and dark.
const NAMED = ["green", "orange", "red", "blue", "purple"];
const PALETTE = 8;

/** The value of a CSS variable now. */
export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** A colour of the definitions: a name, or grey for anything else (unknown, no data). */
export function color(name) {
  return token(NAMED.includes(name) ? name : "grey");
}

/** Colour of a series: the one fixed for its name, else the next of the palette. */
export function seriesColor(name, index, fixed) {
  return fixed[name] ? color(fixed[name]) : token(`series-${(index % PALETTE) + 1}`);
}

/** The same colour, see-through. */
export function faded(hex, share) {
  return `${hex}${Math.round(share * 255).toString(16).padStart(2, "0")}`;
}

/** The name of the colour that a value has by thresholds; grey without a value. */
export function judged(value, steps) {
  if (value === null || value === undefined) return "grey";
  return steps.reduce((found, step) => (step.value === null || step.value === undefined || value >= step.value ? step.color : found), "grey");
}
