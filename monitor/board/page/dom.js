/** An element with attributes and children; text is set as text, never as HTML. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

const ALERT = /^(?:Cdc|Kafka|Mongo)[A-Z][a-z]\w+$/;

/** The few marks of a description: paragraphs, **bold**, `code`; an alert's name leads to its section of the runbook. */
export function prose(text) {
  return text.split("\n\n").map((paragraph) => {
    const parts = paragraph.split(/(\*\*[^*]+\*\*|`[^`]+`|\b(?:Cdc|Kafka|Mongo)[A-Z][a-z]\w+)/).filter(Boolean);
    return make("p", {}, ...parts.map((part) => {
      if (part.startsWith("**")) return make("strong", { text: part.slice(2, -2) });
      if (ALERT.test(part)) return make("a", { href: `/runbook#${part.toLowerCase()}`, text: part });
      return part.startsWith("`") ? make("code", { text: part.slice(1, -1) }) : part;
    }));
  });
}
