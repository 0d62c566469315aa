// Requests of Chainlit's page, seen from outside its bundle: one can be answered here in its server's place.
import { named } from "./below.js";

const native = window.fetch.bind(window);
const answers = new Map(); // "METHOD /path" -> function(body, through): a Response

// Answers what Chainlit's page asks. `through()` asks the server as the page would have.
export const answerFetch = (method, path, answer) => answers.set(`${method} ${path}`, answer);

export const jsonResponse = (content, status = 200) =>
  new Response(JSON.stringify(content), { status, headers: { "Content-Type": "application/json" } });

window.fetch = (asked, settings = {}) => {
  const through = () => native(asked, settings);
  if (typeof asked !== "string") return through();
  const address = new URL(asked, location.href);
  const answer = address.origin === location.origin && answers.get(`${settings.method ?? "GET"} ${named(address.pathname)}`);
  if (!answer) return through();
  const body = typeof settings.body === "string" ? JSON.parse(settings.body) : {};
  return answer(body, through);
};
