// Light, dark, or what the system says. Kept in this browser.
const ORDER = ["auto", "light", "dark"];
const WORDS = { auto: "◐ Auto", light: "☀ Light", dark: "☾ Dark" };

function current() {
  try {
    return ORDER.includes(localStorage.theme) ? localStorage.theme : "auto";
  } catch {
    return "auto"; // storage is forbidden
  }
}

function apply(theme) {
  document.documentElement.dataset.theme = theme;
}

/** Wires the button; `changed` is called whenever colours change, also by the system. */
export function themeButton(button, changed) {
  const show = () => {
    button.textContent = WORDS[current()];
  };
  button.addEventListener("click", () => {
    const next = ORDER[(ORDER.indexOf(current()) + 1) % ORDER.length];
    try {
      localStorage.theme = next;
    } catch {
      // it lasts until the page is left
    }
    apply(next);
    show();
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  show();
}

apply(current());
