// Sharing: links with which others read this conversation as it now stands.
import { ask } from "./base/ask.js";
import { below } from "./base/below.js";
import { copyText } from "./base/clipboard.js";
import { count, data, t } from "./base/data.js";
import { openDialog } from "./base/dialog.js";
import { make } from "./base/dom.js";
import { toast } from "./base/toast.js";

const day = (moment) => new Date(moment).toLocaleDateString(data.language, { dateStyle: "medium" });
const tell = (error) => toast(error.message, { urgent: true });

// The study must allow it: data.study.sharing.
export function openShare(threadId) {
  const path = `/me/threads/${encodeURIComponent(threadId)}/shares`;
  const made = make("div", { class: "share-made", role: "status" });
  const links = make("ul", { class: "share-links" });
  const heading = make("h3", { class: "share-heading", hidden: true }, t("share_links"));
  const button = make("button", { type: "button", class: "own-button primary" }, t("share_make"));

  const show = (shares) => {
    heading.hidden = shares.length === 0;
    links.replaceChildren(...shares.map(line));
  };
  const refresh = async () => show((await ask("GET", path)).shares);

  function line(share) {
    const words = t("share_one", { made: day(share.made_at), until: day(share.expires_at) });
    const stop = make("button", { type: "button", class: "own-button" }, t("share_stop"));
    stop.addEventListener("click", async () => {
      stop.disabled = true;
      try {
        await ask("DELETE", `${path}/${share.id}`);
        if (made.dataset.share === share.id) made.replaceChildren();
        toast(t("share_stopped"));
        await refresh();
        button.focus();
      } catch (error) {
        stop.disabled = false;
        tell(error);
      }
    });
    return make("li", { "data-share": share.id }, make("span", {}, words), stop);
  }

  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const share = await ask("POST", path);
      made.dataset.share = share.id;
      made.replaceChildren(...linkOf(`${location.origin}${below(share.path)}`));
      made.querySelector("button").focus();
      await refresh();
    } catch (error) {
      tell(error);
    }
    button.disabled = false;
  });

  const days = count("share_days", data.study.sharing?.days ?? 0);
  const text = make("p", {}, t("share_about"), " ", days);
  const opened = openDialog(t("share_title"), text, make("div", {}, button), made, heading, links);
  refresh().catch(tell);
  return opened;
}

function linkOf(address) {
  const field = make("input", { class: "own-field", readonly: true, value: address, "aria-label": t("share_link") });
  field.addEventListener("focus", () => field.select());
  const copy = make("button", { type: "button", class: "own-button" }, t("text_copy"));
  copy.addEventListener("click", async () => {
    if (!(await copyText(address))) return;
    copy.textContent = t("text_copied");
    setTimeout(() => {
      copy.textContent = t("text_copy");
    }, 2000);
  });
  return [make("div", { class: "share-link" }, field, copy), make("p", { class: "share-once" }, t("share_once"))];
}
