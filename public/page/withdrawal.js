// Leaving the study: what goes, what stays, two questions, and then the receipt.
import { ask } from "./base/ask.js";
import { data, t } from "./base/data.js";
import { openDialog } from "./base/dialog.js";
import { make } from "./base/dom.js";
import { toast } from "./base/toast.js";
import { leaveForGood } from "./who.js";

const COUNTED = ["threads", "messages", "files"];

export function openWithdrawal() {
  const counts = make("ul", { class: "withdraw-counts" });
  const status = make("p", { class: "withdraw-status", role: "status" });
  const what = make(
    "div",
    { class: "withdraw-what" },
    make("p", {}, t("withdraw_erased")),
    counts,
    make("p", {}, t("withdraw_kept")),
    make("p", {}, t("withdraw_exports")),
  );
  const stay = button(t("withdraw_stay"), "primary");
  const go = button(t("withdraw_go_on"), "danger");
  const choices = make("div", { class: "withdraw-choices" }, stay, go);
  const dialog = openDialog(t("you_withdraw"), what, status, choices);
  stay.addEventListener("click", () => dialog.close());
  go.addEventListener("click", () => askAgain(dialog, what, status, go, stay), { once: true });
  stay.focus();
  ask("GET", "/me/withdrawal").then(
    (said) => counts.replaceChildren(...COUNTED.map((name) => make("li", {}, t(`withdraw_${name}`, { n: said[name].toLocaleString(data.language) })))),
    () => counts.remove(),
  );
  return dialog;
}

function askAgain(dialog, what, status, go, stay) {
  what.replaceChildren(make("p", { class: "withdraw-sure" }, t("withdraw_sure")), make("p", {}, t("withdraw_final")));
  go.textContent = t("withdraw_now");
  stay.focus(); // A second press of Enter stays.
  go.addEventListener("click", () => withdraw(dialog, status, go, stay));
}

async function withdraw(dialog, status, go, stay) {
  go.disabled = stay.disabled = true;
  status.textContent = t("withdraw_working");
  try {
    const said = await ask("POST", "/me/withdrawal", { withdraw: true });
    leaveForGood(said.receipt);
  } catch (problem) {
    go.disabled = stay.disabled = false;
    status.textContent = "";
    if (dialog.open) toast(problem.message, { urgent: true });
  }
}

const button = (label, look) => make("button", { type: "button", class: `own-button ${look}` }, label);
