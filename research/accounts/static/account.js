// A new token: to the reader at once, and to the clipboard by a button.
const made = document.getElementById("made-token");

if (made) {
  made.focus();
  // A page that came over plain HTTP from elsewhere has no clipboard: the token can still be marked.
  const button = made.querySelector(".copy");
  const copied = made.querySelector(".copied");
  if (navigator.clipboard) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(made.querySelector("code").textContent);
        copied.textContent = "Copied.";
      } catch {
        copied.textContent = "The browser did not allow it. Mark the token and copy it.";
      }
    });
  }
}
