// Runs before Chainlit's bundle (config.toml: defer). It prepares what the bundle reads, and adds to the
// page what its settings cannot: the study on the first screen, and names for buttons that have only a picture.
(() => {
  "use strict";

  // ---- light or dark: as the device says, until the participant chooses
  const KEY = "vite-ui-theme"; // where Chainlit keeps the choice (frontend/src/App.tsx)
  const device = window.matchMedia("(prefers-color-scheme: dark)");

  function followDevice() {
    if (localStorage.getItem(KEY) !== "system") return;
    const variant = device.matches ? "dark" : "light";
    const root = document.documentElement;
    root.classList.remove("light", "dark");
    root.classList.add(variant);
    for (const [name, value] of Object.entries(window.theme?.[variant] ?? {})) root.style.setProperty(name, value);
  }

  try {
    if (!localStorage.getItem(KEY)) localStorage.setItem(KEY, "system");
    followDevice();
    device.addEventListener("change", followDevice);
  } catch {
    // A browser that keeps nothing shows Chainlit's default theme.
  }

  // ---- what those who hear the page, or use it by keyboard, need and Chainlit leaves out
  const pictured = (icon) => `button:has(> svg.lucide-${icon})`;
  const ATTRIBUTES = {
    "#sidebar-trigger-button": { "aria-label": "Show or hide your conversations" },
    "#new-chat-button": { "aria-label": "New conversation" },
    "#search-chats-button": { "aria-label": "Search your conversations" },
    "#chat-submit": { "aria-label": "Send" },
    "#stop-button": { "aria-label": "Stop the reply" },
    "#user-nav-button": { "aria-label": "You, and signing out" },
    "#chat-profiles": { "aria-label": "Who answers" },
    "#welcome-screen img:not(.logo)": { alt: "" }, // its description stands beside it
    "#chat-input": { "aria-label": "Your message" },
    "#edit-chat-input": { "aria-label": "Your message, to be changed" },
    ".edit-message": { "aria-label": "Change this message" },
    [pictured("copy")]: { "aria-label": "Copy" },
    [pictured("check")]: { "aria-label": "Copied" },
    [pictured("thumbs-up")]: { "aria-label": "Good reply" },
    [pictured("thumbs-down")]: { "aria-label": "Bad reply" },
    [pictured("arrow-down")]: { "aria-label": "Go to the newest message" },
    "[data-sidebar=sidebar]": { role: "navigation", "aria-label": "Your conversations" },
    "[role=dialog][data-sidebar=sidebar]": { role: "dialog", "aria-label": "Your conversations" },
    "[data-sidebar=menu]:has(> #thread-history)": { role: "presentation" },
    // A row is a link around a button around a menu, of which the keyboard reaches two: the thread, its menu.
    "#thread-history a:has(> [data-sidebar=menu-button])": { tabindex: "-1" },
    "#thread-history a > [data-sidebar=menu-button]": { role: "link" },
    "#thread-options": { role: "button", tabindex: "0", "aria-label": "Rename or delete" },
  };

  function setAttributes() {
    for (const [selector, attributes] of Object.entries(ATTRIBUTES)) {
      for (const found of document.querySelectorAll(selector)) {
        for (const [name, value] of Object.entries(attributes)) {
          if (found.getAttribute(name) !== value) found.setAttribute(name, value);
        }
      }
    }
  }

  // ---- the study, on the first screen
  const said = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

  function element(tag, id, text) {
    const made = document.createElement(tag);
    made.id = id;
    made.textContent = text;
    return made;
  }

  function introduceStudy() {
    const header = document.getElementById("header");
    if (header && !document.getElementById("study-name")) header.append(element("h1", "study-name", said("study-title")));
    const composer = document.querySelector("#welcome-screen > #message-composer");
    if (!composer || document.getElementById("study-title")) return;
    composer.before(element("p", "study-title", said("study-title")));
    const welcome = element("div", "study-welcome", "");
    const text = document.getElementById("study-welcome-text"); // page/html.py
    if (text) welcome.append(text.content.cloneNode(true));
    composer.before(welcome);
  }

  // ---- the address names the thread, so that a reload stays in it
  // Chainlit's list of threads does this (LeftSidebar/ThreadHistory.tsx), but on a phone it is only there
  // while the drawer is open. The server names the thread in its answer to the first message.
  const narrow = window.matchMedia("(max-width: 767px)"); // frontend/src/hooks/use-mobile.tsx
  const EVENT = '42["first_interaction",'; // Socket.IO: a message (4), an event (2)

  function nameThread(frame) {
    if (typeof frame !== "string" || !frame.startsWith(EVENT)) return;
    const { thread_id: thread } = JSON.parse(frame.slice(2))[1];
    if (thread && narrow.matches && location.pathname === "/") {
      history.replaceState(history.state, "", `/thread/${encodeURIComponent(thread)}`);
    }
  }

  window.WebSocket = class extends window.WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", (event) => nameThread(event.data));
    }
  };

  // One look at the page a frame, however much of it changed: a streaming reply changes it all the time.
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      introduceStudy();
      setAttributes();
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
