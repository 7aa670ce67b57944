/** The password that the server itself may ask for (PASS). */
import { createHash, timingSafeEqual } from "node:crypto";
import { utf8 } from "../base/bytes.ts";
import type { Hub } from "./hub.ts";
import { tryAgainIn } from "./passwords.ts";
import type { Session } from "./state.ts";

/** Why `session` is not let in for what PASS said; undefined: it is. A guess that is wrong is counted. */
export function passwordRefusal(hub: Hub, session: Session): string | undefined {
  const { password } = hub.config;
  if (password === undefined) return undefined;
  const { logins } = hub.attempts;
  const isGuess = session.password !== undefined;
  const waitMs = isGuess ? logins.take(session.host, hub.now) : logins.wait(session.host, hub.now);
  if (waitMs > 0) return `Too many wrong passwords; ${tryAgainIn(waitMs)}`;
  if (passwordHolds(password, session.password)) {
    if (isGuess) logins.giveBack(session.host, hub.now);
    return undefined;
  }
  if (isGuess) hub.loginFailed(session);
  return "Password incorrect";
}

function passwordHolds(wanted: string, given: string | undefined): boolean {
  const digest = (text: string) => createHash("sha256").update(utf8(text)).digest();
  return timingSafeEqual(digest(wanted), digest(given ?? ""));
}
