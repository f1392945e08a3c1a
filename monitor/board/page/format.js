// Numbers for people, by Grafana's unit ids.
const SI = ["", "k", "M", "G", "T"];
const IEC = ["B", "KiB", "MiB", "GiB", "TiB"];
const RATES = { ops: "/s", reqps: "req/s", mps: "msg/s" };

function digits(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  const places = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return String(Number(value.toFixed(size < 0.01 ? 4 : places)));
}

function scaled(value, base, names, space) {
  let rank = 0;
  let rest = value;
  while (Math.abs(rest) >= base && rank < names.length - 1) {
    rest /= base;
    rank += 1;
  }
  return `${digits(rest)}${names[rank] ? space + names[rank] : ""}`;
}

/** A duration: 350 ms, 4.2 s, 12 min, 3.5 h. */
export function seconds(value) {
  const size = Math.abs(value);
  if (size === 0) return "0 s";
  if (size < 0.001) return `${digits(value * 1e6)} µs`;
  if (size < 1) return `${digits(value * 1e3)} ms`;
  if (size < 120) return `${digits(value)} s`;
  if (size < 7200) return `${digits(value / 60)} min`;
  return size < 172800 ? `${digits(value / 3600)} h` : `${digits(value / 86400)} d`;
}

/** A value with its unit. */
export function format(value, unit) {
  if (value === null || value === undefined) return "–";
  if (unit === "s") return seconds(value);
  if (unit === "ms") return seconds(value / 1000);
  if (unit === "bytes") return scaled(value, 1024, IEC, " ");
  if (unit === "Bps") return `${scaled(value, 1024, IEC, " ")}/s`;
  if (unit === "percentunit") return `${digits(value * 100)} %`;
  return RATES[unit] ? `${scaled(value, 1000, SI, " ")} ${RATES[unit]}` : scaled(value, 1000, SI, " ");
}

/** A time of day in this browser's zone. */
export function clock(epoch) {
  return new Date(epoch * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}
