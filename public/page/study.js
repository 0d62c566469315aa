// The study, on the first screen and in the header.
import { data } from "./base/data.js";
import { make, onChange } from "./base/dom.js";

onChange(() => {
  const header = document.getElementById("header");
  if (header && !document.getElementById("study-name")) header.append(make("h1", { id: "study-name" }, data.study.title));
  const composer = document.querySelector("#welcome-screen > #message-composer");
  if (!composer || document.getElementById("study-title")) return;
  composer.before(make("p", { id: "study-title" }, data.study.title));
  const welcome = make("div", { id: "study-welcome" });
  const text = document.getElementById("study-welcome-text"); // page/html.py
  if (text) welcome.append(text.content.cloneNode(true));
  composer.before(welcome);
});
