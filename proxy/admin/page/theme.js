// Light, dark, or as the system has it.

import { make } from "./dom.js";

const KEY = "sluice.theme";
const THEMES = ["auto", "light", "dark"];

export function startTheme(button) {
  const name = document.createTextNode("");
  button.append(make("span", {}, "Theme: "), name);
  let theme = localStorage.getItem(KEY) ?? "auto";
  const show = () => {
    document.documentElement.dataset.theme = theme;
    name.textContent = theme;
    button.setAttribute("aria-label", `Theme: ${theme}`);
  };
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    localStorage.setItem(KEY, theme);
    show();
  });
  show();
}
