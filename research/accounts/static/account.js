// A new token goes to the clipboard by a button; the form's own address has led the reader to it.
const made = document.getElementById("made-token");

if (made) {
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
