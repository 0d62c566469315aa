// A dialog and a menu of ours, with the keyboard: Escape closes, focus goes back to where it was.
import { t } from "./data.js";
import { icon, make } from "./dom.js";

// Opens a dialog. `content` is elements; `label` its heading. Returns the <dialog>; closing removes it.
export function openDialog(label, ...content) {
  const before = document.activeElement;
  const close = make("button", { type: "button", class: "dialog-close", "aria-label": t("close") }, icon("M6 6l12 12", "M18 6L6 18"));
  const heading = make("h2", {}, label);
  const made = make("dialog", { class: "own-dialog", "aria-label": label }, make("header", {}, heading, close), ...content);
  close.addEventListener("click", () => made.close());
  made.addEventListener("click", (event) => {
    if (event.target === made) made.close(); // The backdrop.
  });
  made.addEventListener("close", () => {
    made.remove();
    before?.focus?.();
  });
  document.body.append(made);
  made.showModal();
  return made;
}

// Opens a menu at a button. `items` are {label, run, icon?, danger?, chosen?, language?: the label's own} or null for
// a line between.
export function openMenu(button, items) {
  document.querySelector(".own-menu")?.remove();
  const menu = make("div", { class: "own-menu", role: "menu", popover: "auto" });
  const shut = (back) => {
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    if (back) button.focus();
  };
  for (const item of items) {
    if (item === null) {
      menu.append(make("hr", {}));
      continue;
    }
    const press = () => {
      shut(true);
      item.run();
    };
    const chosen = item.chosen === undefined ? {} : { "aria-checked": String(item.chosen) };
    const role = item.chosen === undefined ? "menuitem" : "menuitemradio";
    const look = { type: "button", role, ...chosen, class: item.danger ? "danger" : null, onclick: press };
    menu.append(make("button", look, item.icon ?? null, make("span", { lang: item.language }, item.label)));
  }
  menu.addEventListener("keydown", (event) => {
    const all = [...menu.querySelectorAll("[role^=menuitem]")];
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      all[(to + all.length) % all.length].focus();
    }
    if (event.key === "Tab" || event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      shut(true);
    }
  });
  // Inside the dialog that the button stands in, if it does: outside of that nothing can be reached.
  (button.closest("dialog, [role=dialog]") ?? document.body).append(menu);
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "true");
  menu.showPopover();
  menu.addEventListener("toggle", (event) => {
    if (event.newState === "closed") shut(false);
  });
  place(menu, button);
  menu.querySelector("[role^=menuitem]")?.focus();
  return menu;
}

// Puts a popover beside its button, inside the window.
export function place(popover, button) {
  const at = button.getBoundingClientRect();
  const size = popover.getBoundingClientRect();
  const below = at.bottom + 4 + size.height <= innerHeight;
  const top = below ? at.bottom + 4 : Math.max(8, at.top - 4 - size.height);
  const left = Math.min(Math.max(8, at.left), innerWidth - size.width - 8);
  Object.assign(popover.style, { position: "fixed", margin: "0", inset: "auto", top: `${top}px`, left: `${left}px` });
}
