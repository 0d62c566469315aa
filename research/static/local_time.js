// The viewer's own time beside UTC. Not deferred: <local-time> is filled while the page is read, before it is drawn,
// so that nothing moves. In dense tables the time's title says it, from the first time that it is pointed at.
const here = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayHere = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const place = Intl.DateTimeFormat().resolvedOptions().timeZone;

function timeHere(written) {
  const moment = new Date(written);
  if (Number.isNaN(moment.getTime()) || moment.getTimezoneOffset() === 0) return "";
  return (moment.getDate() === moment.getUTCDate() ? here : dayHere).format(moment);
}

customElements.define("local-time", class extends HTMLElement {
  connectedCallback() {
    const own = timeHere(this.getAttribute("datetime"));
    this.textContent = own && ` (${own} your time)`;
    this.title = own && place;
  }
});

document.addEventListener("pointerover", (event) => {
  const time = event.target.closest?.("time[datetime]");
  if (!time || time.dataset.here !== undefined) return;
  time.dataset.here = timeHere(time.dateTime);
  if (time.dataset.here) time.title += `, ${time.dataset.here} your time (${place})`;
});
