// Annotations: faults, alerts, restarts, rebalances, as stretches of time behind every graph.
import { color, faded } from "./colors.js";
import { make } from "./dom.js";
import { clock } from "./format.js";

const LONG = 2; // steps: what is shorter is a moment, drawn as a line

/** For a graph: drawn on its canvas before the series. */
export function drawMarks(plot, context) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const mark of context.annotations) {
    const left = plot.valToPos(mark.start, "x", true);
    const right = plot.valToPos(mark.end, "x", true);
    const hue = color(mark.color);
    if (mark.end - mark.start >= LONG * context.step) {
      ctx.fillStyle = faded(hue, 0.07);
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    ctx.strokeStyle = faded(hue, 0.75);
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.fillStyle = hue;
    ctx.beginPath();
    ctx.moveTo(left - 4 * devicePixelRatio, bbox.top);
    ctx.lineTo(left + 4 * devicePixelRatio, bbox.top);
    ctx.lineTo(left, bbox.top + 7 * devicePixelRatio);
    ctx.fill();
  }
  ctx.restore();
}

/** For a timeline: thin lines over its rows. */
export function marksBehind(context) {
  const layer = make("div", { class: "marks", "aria-hidden": "true" });
  for (const mark of context.annotations) {
    const share = (mark.start - context.start) / (context.end - context.start);
    const line = make("span", { title: `${mark.name}: ${mark.text}  ${clock(mark.start)}` });
    line.style.left = `${Math.max(0, share) * 100}%`;
    line.style.borderColor = color(mark.color);
    layer.append(line);
  }
  return layer;
}

/** Those that are near a moment. */
export function marksAt(context, time) {
  const near = 2 * context.step;
  return context.annotations.filter((mark) => time >= mark.start - near && time <= mark.end + near);
}
