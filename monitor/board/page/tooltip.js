// All series at the moment under the cursor, largest first, with the annotations near it. Arrow keys move the cursor.
import { seriesColor } from "./colors.js";
import { make } from "./dom.js";
import { clock, format } from "./format.js";
import { marksAt } from "./marks.js";

const MOST = 12;

function lines(definition, answer, index) {
  const found = answer.series.map((one, place) => ({ name: one.name, place, value: one.values[index] }));
  const there = found.filter((one) => one.value !== null && one.value !== undefined).sort((a, b) => b.value - a.value);
  return there.slice(0, MOST).map((one) => {
    const swatch = make("i");
    swatch.style.background = seriesColor(one.name, one.place, definition.colors);
    return make("div", {}, swatch, make("span", { text: one.name }), make("b", { text: format(one.value, definition.unit) }));
  });
}

/** A uPlot hook for setCursor. Only the graph under the pointer, or with the focus, shows values. */
export function tooltip(canvas, definition, answer, context) {
  const box = make("div", { class: "tip", hidden: true });
  canvas.append(box);
  let plotted = null;
  canvas.onkeydown = (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move || !plotted) return;
    const last = answer.series[0].values.length - 1;
    const index = Math.min(last, Math.max(0, (plotted.cursor.idx ?? last + 1) + move));
    plotted.setCursor({ left: plotted.valToPos(plotted.data[0][index], "x"), top: 10 });
    event.preventDefault();
  };
  return (plot) => {
    plotted = plot;
    const { idx, left } = plot.cursor;
    const mine = canvas.matches(":hover") || canvas.matches(":focus");
    box.hidden = !mine || idx === null || idx === undefined || left < 0;
    if (box.hidden) return;
    const time = plot.data[0][idx];
    const notes = marksAt(context, time).slice(0, 4).map((mark) => make("em", { text: `${mark.name}: ${mark.text}` }));
    box.replaceChildren(make("time", { text: clock(time) }), ...lines(definition, answer, idx), ...notes);
    const x = left + plot.over.offsetLeft;
    const flip = x > canvas.clientWidth / 2;
    box.style.left = flip ? "" : `${x + 12}px`;
    box.style.right = flip ? `${canvas.clientWidth - x + 12}px` : "";
  };
}
