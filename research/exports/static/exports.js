// What the page does more with script: it counts and looks again when the form changes, follows the exports
// that are being made, and copies lines. Without it each of these is a button or a reload.
const EVERY_MS = 1500;
const SETTLED_MS = 600;

const form = document.getElementById("make");
const preview = document.getElementById("preview");

async function part(answer, id) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return document.adoptNode(page.getElementById(id));
}

// The list while one is made. What somebody has opened in it stays open, and where they are they stay.
async function follow() {
  const answer = await fetch(location.pathname).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    const fresh = await part(answer, "made");
    const old = document.getElementById("made");
    if (fresh && old.innerHTML !== fresh.innerHTML) {
      for (const open of old.querySelectorAll("[data-export] details[open]")) {
        const id = open.closest("[data-export]").dataset.export;
        fresh.querySelector(`[data-export="${id}"] details`)?.setAttribute("open", "");
      }
      const at = old.contains(document.activeElement) ? document.activeElement : null;
      const id = at?.closest("[data-export]")?.dataset.export;
      old.replaceWith(fresh);
      copyable(fresh);
      if (at === old) fresh.focus({ preventScroll: true });
      if (id) [...fresh.querySelectorAll(`[data-export="${id}"] :is(a, button, summary)`)].find((one) => one.textContent === at.textContent)?.focus();
    }
  }
  if (document.getElementById("made").hasAttribute("data-running")) setTimeout(follow, EVERY_MS);
}

let asking = null;
let settling = 0;

async function look() {
  asking?.abort();
  const mine = (asking = new AbortController());
  const heading = document.createElement("p");
  heading.className = "quiet";
  heading.textContent = "Counting…";
  preview.replaceChildren(heading);
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.dataset.preview, { method: "POST", body, signal: mine.signal });
    if (answer.redirected || answer.status === 401) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("preview");
    const problem = page.querySelector("main [role=alert]") ?? page.querySelector("main .problem");
    if (mine.signal.aborted) return;
    preview.replaceChildren(...(problem ? [document.adoptNode(problem)] : document.adoptNode(fresh).childNodes));
  } catch (error) {
    if (error.name !== "AbortError") heading.textContent = "The server did not answer. Press Preview to ask again.";
  }
}

form.addEventListener("change", () => {
  clearTimeout(settling);
  settling = setTimeout(look, SETTLED_MS);
});
form.addEventListener("submit", (event) => {
  clearTimeout(settling);
  if (!event.submitter?.hasAttribute("formaction")) return asking?.abort();
  event.preventDefault();
  look();
});
addEventListener("pagehide", () => asking?.abort());

document.addEventListener("submit", (event) => {
  const button = event.target.dataset.busy && event.target.querySelector("button");
  if (button) {
    button.textContent = event.target.dataset.busy;
    button.setAttribute("aria-busy", "true");
    if (event.target.dataset.far) showFar(event.target);
  }
});

// How far a verification is, until its answer takes the page's place.
async function showFar(verifying) {
  const label = document.createElement("label");
  label.className = "verifying";
  const bar = document.createElement("progress");
  const words = document.createElement("span");
  label.append(words, bar);
  verifying.parentElement.after(label);
  while (label.isConnected) {
    await new Promise((done) => setTimeout(done, 400));
    const answer = await fetch(verifying.dataset.far).catch(() => null);
    const far = answer?.ok ? await answer.json() : { of: 0 };
    if (!far.of) continue;
    words.textContent = `Reading ${far.table}: ${far.done.toLocaleString("en")} of ${far.of.toLocaleString("en")} rows`;
    bar.max = far.of;
    bar.value = far.done;
  }
}

function copyable(within) {
  if (!navigator.clipboard) return;
  for (const button of within.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector("pre").textContent);
      button.firstChild.data = "Copied";
      setTimeout(() => (button.firstChild.data = "Copy"), 2000);
    });
  }
}

copyable(document);
if (form.hasAttribute("data-look")) look();
if (document.getElementById("made").hasAttribute("data-running")) setTimeout(follow, EVERY_MS);
