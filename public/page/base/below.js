// Where the page is found on its host: "" or "/study" (VERBATIM_PUBLIC_URL). Our code names addresses as if it were
// at the root; the server says the rest in the element that Chainlit's bundle reads too (frontend/src/lib/router.ts).
const root = document.querySelector('meta[property="og:root_path"]')?.content ?? "";

// An address of ours as a browser must ask for it.
export const below = (path) => `${root}${path}`;

// The way back: a path as our code names it; null for one that is not ours.
export const named = (path) => {
  if (!root || !path.startsWith(root)) return root ? null : path;
  const rest = path.slice(root.length);
  return rest === "" ? "/" : rest.startsWith("/") ? rest : null;
};

// Where this page is.
export const place = () => named(location.pathname) ?? location.pathname;
