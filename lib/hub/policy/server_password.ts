/**
 * PASS: the server password, where one is configured, and the login to an account as `account:password`, which many
 * networks accept there.
 *
 * Without a server password, the last PASS is a login if it contains a colon, and is ignored otherwise. With one,
 * these are accepted: the server password, whatever characters it contains; additionally a login in another PASS,
 * before or after it; or both in one, `server-password:account:password`, for clients that send only one PASS.
 */
import { nodeModules } from "../../base/platform/node_modules.ts";
import { encodeUtf8 } from "../../base/bytes.ts";
import type { HubContext, Services } from "../context.ts";
import { retryText } from "../services/accounts/passwords.ts";
import type { RegisteringPhase, Session } from "../model/state/entities.ts";

export interface PassLogin {
  readonly name: string;
  readonly password: string;
}

/** Stores the text of a PASS. */
export function storePassword(registering: RegisteringPhase, text: string): void {
  registering.earlierPassword = registering.password;
  registering.password = text;
  if (parsePassLogin(text) === undefined) registering.hasGivenServerPassword = false; // "only the last one sent is used for verification" (modern)
}

/** The reason why PASS does not admit `session`; undefined: it does. A wrong guess is counted. */
export function serverPasswordRefusal(
  context: HubContext,
  services: Services,
  session: Session,
  registering: RegisteringPhase,
): string | undefined {
  const { password: wanted } = context.config;
  const { password: last, earlierPassword: earlier } = registering;
  if (wanted === undefined || registering.hasGivenServerPassword) {
    if (wanted !== undefined && last !== undefined && isEqualSecret(wanted, last)) {
      registering.password = undefined;
    }
    registering.earlierPassword = undefined;
    return undefined;
  }
  const { logins } = services.attemptLimits;
  const guesses = last === undefined ? 0 : earlier === undefined ? 1 : 2;
  let waitMs = guesses === 0 ? logins.waitMs(session.host, context.monotonic) : 0;
  for (let taken = 0; taken < guesses && waitMs === 0; taken++) {
    waitMs = logins.take(session.host, context.monotonic);
  }
  if (waitMs > 0) return `Too many wrong passwords; ${retryText(waitMs)}`;
  const beside = last === undefined ? undefined : stripServerPassword(wanted, last, earlier);
  if (beside === undefined) {
    if (guesses > 0) context.recordLoginFailure(session);
    return "Password incorrect";
  }
  for (let taken = 0; taken < guesses; taken++) logins.refund(session.host, context.monotonic);
  registering.hasGivenServerPassword = true;
  registering.password = beside.text;
  registering.earlierPassword = undefined;
  return undefined;
}

/** What PASS said besides the correct server password; undefined: the password was not given. */
function stripServerPassword(
  wanted: string,
  last: string,
  earlier: string | undefined,
): { text: string | undefined } | undefined {
  if (isEqualSecret(wanted, last)) return { text: earlier };
  if (parsePassLogin(last) === undefined) return undefined;
  if (earlier !== undefined && isEqualSecret(wanted, earlier)) return { text: last };
  const isBoth = last[wanted.length] === ":" && isEqualSecret(wanted, last.slice(0, wanted.length));
  return isBoth ? { text: last.slice(wanted.length + 1) } : undefined;
}

function isEqualSecret(wanted: string, given: string): boolean {
  const digest = (text: string) => nodeModules.crypto.createHash("sha256").update(encodeUtf8(text)).digest();
  return nodeModules.crypto.timingSafeEqual(digest(wanted), digest(given));
}

/**
 * The login that PASS requests and that has not begun. Call it once {@link serverPasswordRefusal} admits the
 * session: until then the text may turn out to be the server password.
 */
export function passLogin(
  context: HubContext,
  { account, password, earlierPassword }: RegisteringPhase,
): PassLogin | undefined {
  if (context.config.accounts === "off" || account !== undefined) return undefined;
  return parsePassLogin(password) ?? parsePassLogin(earlierPassword);
}

function parsePassLogin(text: string | undefined): PassLogin | undefined {
  const colon = text?.indexOf(":") ?? -1;
  if (text === undefined || colon < 1 || colon === text.length - 1) return undefined;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
