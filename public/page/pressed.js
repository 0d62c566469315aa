// A button under a message is pressed by a request of its own, and a proxy may send that to another process than the
// one which the connection leads to: there nobody knows this page. A new connection goes where the request went.
import { answerFetch } from "./base/fetched.js";
import { onArrive, socket } from "./base/wire.js";

const PATIENCE_MS = 10000;
const waiting = new Set();

onArrive("resume_thread", () => {
  for (const go of waiting) setTimeout(go); // after the thread has been drawn
  waiting.clear();
});

answerFetch("POST", "/project/action", async (_, through) => {
  const answer = await through();
  if (answer.status !== 404 || !socket()) return answer;
  const isBack = new Promise((go) => {
    waiting.add(go);
    setTimeout(go, PATIENCE_MS);
  });
  socket().drop();
  await isBack;
  return through();
});
