// The first figures of a large record take seconds to count: look again until they are there; but not when
// somebody is on their way to another page, which loading this one anew would take back.
const again = setTimeout(() => location.reload(), 1500);
addEventListener("beforeunload", () => clearTimeout(again));
