// What cannot be exchanged in place is loaded whole: its page says why.
(() => {
  "use strict";
  const whole = (event) => {
    const from = event.target.closest("a[href], form[action]");
    if (from instanceof HTMLAnchorElement) location.assign(from.href);
    else if (from?.method === "get") from.submit();
  };
  document.addEventListener("htmx:responseError", whole);
  document.addEventListener("htmx:sendError", whole);
})();
