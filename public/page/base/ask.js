// Requests to our own routes (page/me/participant_request.py). An error's message is a sentence for the participant.
import { below } from "./below.js";
import { t } from "./data.js";

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function ask(method, path, body) {
  let answer;
  try {
    const sent = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    answer = await fetch(below(path), { method, credentials: "same-origin", ...sent });
  } catch {
    throw new Refused(0, t("offline"));
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 401) dispatchEvent(new CustomEvent("verbatim:signed-out"));
  if (!answer.ok) throw new Refused(answer.status, said.problem ?? t("failed"));
  return said;
}
