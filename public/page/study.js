// The study, on the first screen and in the header.
import { HEADER, WELCOME_COMPOSER } from "./base/chainlit.js";
import { data } from "./base/data.js";
import { make, onChange } from "./base/dom.js";

onChange(() => {
  const header = document.querySelector(HEADER);
  if (header && !document.getElementById("study-name")) header.append(make("h1", { id: "study-name" }, data.study.title));
  const composer = document.querySelector(WELCOME_COMPOSER);
  if (!composer || document.getElementById("study-title")) return;
  composer.before(make("p", { id: "study-title" }, data.study.title));
  const welcome = make("div", { id: "study-welcome" });
  const text = document.getElementById("study-welcome-text"); // page/chainlit/index_page.py
  if (text) welcome.append(text.content.cloneNode(true));
  composer.before(welcome);
});
