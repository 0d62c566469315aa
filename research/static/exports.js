// While an export is being made, its line goes on: the list is fetched anew each second and a half.
const EVERY_MS = 1500;

async function look() {
  const answer = await fetch(location.pathname).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("made");
    if (fresh) document.getElementById("made").replaceWith(document.adoptNode(fresh));
  }
  if (document.getElementById("made").hasAttribute("data-running")) setTimeout(look, EVERY_MS);
}

if (document.getElementById("made").hasAttribute("data-running")) setTimeout(look, EVERY_MS);
