// A list whose rows are dragged to other places: by a mouse anywhere, by a finger at their grip, so that the page
// still scrolls under it. Esc, and whatever takes the pointer away, puts the row back. For the keyboard there are buttons.
import { SCROLLER } from "../base/chainlit.js";

const EDGE = 56; // px: nearer to an end of the window it scrolls on
const SPEED = 10; // px in a frame

// dropped(from, to): the places of a row that was let go elsewhere, counted from 0.
export function dragRows(rows, dropped) {
  let held = null; // {row, pointer, before, grab, at, shift, scroller}

  rows.addEventListener("pointerdown", (event) => {
    const row = event.target.closest("li");
    const grips = event.pointerType === "mouse" || event.target.closest(".form-grip");
    if (held || !row || !grips || event.button !== 0 || event.target.closest("button")) return;
    event.preventDefault();
    row.setPointerCapture(event.pointerId);
    const grab = event.clientY - row.getBoundingClientRect().top;
    held = { row, pointer: event.pointerId, before: [...rows.children], grab, at: event.clientY, shift: 0, scroller: row.closest(SCROLLER) };
    row.classList.add("held");
    document.addEventListener("keydown", escape, true);
    requestAnimationFrame(scrollOn);
  });
  rows.addEventListener("pointermove", (event) => {
    if (event.pointerId !== held?.pointer) return;
    held.at = event.clientY;
    follow();
  });
  rows.addEventListener("pointerup", (event) => event.pointerId === held?.pointer && letGo(true));
  for (const lost of ["pointercancel", "lostpointercapture"]) rows.addEventListener(lost, (event) => event.pointerId === held?.pointer && letGo(false));

  function escape(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    letGo(false);
  }

  // The row is where the pointer is, between the last row that it has passed and the first that it has not. The others
  // move around it: an element that is put elsewhere loses its pointer.
  function follow() {
    const { row, grab, at } = held;
    const middle = (one) => one.getBoundingClientRect().top + one.offsetHeight / 2;
    const own = at - grab + row.offsetHeight / 2;
    while (row.nextElementSibling && own > middle(row.nextElementSibling)) row.before(row.nextElementSibling);
    while (row.previousElementSibling && own < middle(row.previousElementSibling)) row.after(row.previousElementSibling);
    const place = row.getBoundingClientRect().top - held.shift;
    const first = rows.firstElementChild === row;
    const last = rows.lastElementChild === row;
    // Not beyond the list's ends.
    held.shift = Math.min(Math.max(at - grab - place, first ? 0 : -Infinity), last ? 0 : Infinity);
    row.style.transform = `translateY(${held.shift}px)`;
  }

  function scrollOn() {
    if (!held) return;
    const { row, at, scroller } = held;
    if (!row.isConnected) return letGo(false); // the form was closed meanwhile
    const { top, bottom } = scroller?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
    const up = at < top + EDGE && row.previousElementSibling;
    const down = at > bottom - EDGE && row.nextElementSibling;
    if (up || down) {
      (scroller ?? window).scrollBy(0, up ? -SPEED : SPEED);
      follow();
    }
    requestAnimationFrame(scrollOn);
  }

  function letGo(there) {
    const { row, before } = held;
    held = null;
    document.removeEventListener("keydown", escape, true);
    row.classList.remove("held");
    row.style.transform = "";
    const [from, to] = [before.indexOf(row), [...rows.children].indexOf(row)];
    if (!there) rows.replaceChildren(...before);
    else if (from !== to) dropped(from, to);
  }
}
