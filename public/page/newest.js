// Chainlit asks for a cookie before it makes a connection, and takes whichever connection is made last for the
// newest. When the answers come in another order than they were asked for, somebody who has just chosen an
// agent would be answered by the one before: a question that a newer one has overtaken is never answered.
import { answerFetch } from "./base/fetched.js";

let newest = null;

answerFetch("POST", "/set-session-cookie", async (_, through) => {
  const own = {};
  newest = own;
  const answer = await through().catch((error) => error);
  if (newest !== own) return new Promise(() => {});
  if (answer instanceof Error) throw answer;
  return answer;
});
