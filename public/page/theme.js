// Light or dark: as the device says, until the participant chooses.
import { LOGO } from "./base/chainlit.js";
const KEY = "vite-ui-theme"; // where Chainlit keeps the choice (frontend/src/App.tsx)
const device = window.matchMedia("(prefers-color-scheme: dark)");

function show(variant) {
  const root = document.documentElement;
  root.classList.remove("light", "dark");
  root.classList.add(variant);
  for (const [name, value] of Object.entries(window.theme?.[variant] ?? {})) root.style.setProperty(name, value);
  // Chainlit's pictures of the study go by what it was told at the start (components/Logo.tsx).
  for (const logo of document.querySelectorAll(LOGO)) {
    logo.src = logo.src.replace(/theme=\w+/, `theme=${variant}`);
  }
}

function followDevice() {
  if (localStorage.getItem(KEY) === "system") show(device.matches ? "dark" : "light");
}

export const chosenTheme = () => localStorage.getItem(KEY) ?? "system";

// "light", "dark" or "system". Chainlit reads it at its next start.
export function chooseTheme(theme) {
  localStorage.setItem(KEY, theme);
  if (theme === "system") followDevice();
  else show(theme);
}

try {
  if (!localStorage.getItem(KEY)) localStorage.setItem(KEY, "system");
  followDevice();
  device.addEventListener("change", followDevice);
} catch {
  // A browser that keeps nothing shows Chainlit's default theme.
}
