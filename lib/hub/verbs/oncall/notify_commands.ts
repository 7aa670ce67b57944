/** NOTIFY and TEST of ONCALL: the notify URL of one's account. */
import { parseNotifyUrl } from "../../../base/values/notify_url.ts";
import type { HubContext, Services } from "../../context.ts";
import { failLabeled, formatLine } from "../../fanout/oncall.ts";
import type { Account, Session, User } from "../../model/state/entities.ts";
import { failOnCall, sendOnCall, sendWhenSaved } from "./oncall_replies.ts";

function requireAccount(context: HubContext, session: Session, { account }: User): Account | undefined {
  if (account === undefined) {
    failOnCall(context, session, "ACCOUNT_REQUIRED", [], "You are not logged in to an account");
  }
  return account;
}

/** `NOTIFY`, `NOTIFY <url>`, `NOTIFY *`. */
export function setNotifyUrl(
  context: HubContext,
  { notifyUrls }: Services,
  session: Session,
  user: User,
  [url]: readonly string[],
): void {
  const account = requireAccount(context, session, user);
  if (account === undefined) return;
  if (url === undefined) {
    return sendOnCall(context, session, { words: ["NOTIFY", notifyUrls.of(account.owner) ?? "*"] });
  }
  const isDeleted = url === "*";
  const parsed = isDeleted ? undefined : parseNotifyUrl(url);
  if (typeof parsed === "string") {
    return failOnCall(context, session, "INVALID_URL", [], `Not set: ${parsed}`);
  }
  notifyUrls.set(account.owner, isDeleted ? undefined : url);
  sendWhenSaved(context, session, "NOTIFY", { words: ["NOTIFY", url] });
}

/** `TEST`. */
export function testNotifyUrl(
  context: HubContext,
  { notifyUrls }: Services,
  session: Session,
  user: User,
): void {
  const account = requireAccount(context, session, user);
  if (account === undefined) return;
  const url = notifyUrls.of(account.owner);
  if (url === undefined) {
    return failOnCall(context, session, "NOT_DELIVERED", ["*"], "You have no notify URL");
  }
  const label = context.takeLabel();
  const text = `A test by ${user.nick}`;
  notifyUrls.order({
    owner: account.owner,
    url,
    notification: { page: 0, list: "", text, from: user.nick, ring: 1, time: context.now, state: "test" },
    done: (trouble) => {
      if (session.closeReason !== undefined) return;
      if (trouble === undefined) {
        return context.sendLabeled(session, label, formatLine(context, "ONCALL", { words: ["TEST", "*"] }));
      }
      const text = `Not delivered: ${trouble}`;
      failLabeled(context, session, label, { verb: "ONCALL", code: "NOT_DELIVERED", about: "*", text });
    },
  });
}
