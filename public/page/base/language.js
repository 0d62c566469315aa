// Chainlit's page and the browser's own dates follow `navigator.language` (react-client's useConfig, group.ts):
// let it be the language that the page speaks. Where the browser's is a kind of it ("en-GB"), it stays.
import { data } from "./data.js";

const CHAINLITS = { en: "en-US", de: "de-DE", es: "es", "zh-Hans": "zh-CN" };
const primary = (tag) => tag.split("-")[0].toLowerCase();

if (primary(navigator.language || "") !== primary(data.language)) {
  const language = CHAINLITS[data.language] ?? data.language;
  Object.defineProperty(navigator, "language", { get: () => language, configurable: true });
}
