/** Login, shared by the verbs that perform one: AUTHENTICATE, PASS, NickServ, REGISTER and OPER. */
import { isSamePassword } from "../../irc/sasl/scram_server.ts";
import type { HubContext, Services } from "../context.ts";
import { scheduleOfflineReplay } from "../fanout/history/offline_replay.ts";
import type { HashRefusal } from "../model/state/async_job.ts";
import type { Account, Session } from "../model/state/entities.ts";
import { enforceBan } from "../policy/ban_service.ts";
import { commitWithTopicLock, restoreChannelOperator } from "./channels/channel_privileges.ts";

export interface PasswordAttempt {
  readonly name: string;
  readonly password: string;
  /** If given, the password counts as wrong for any other account, and is not compared with that account's. */
  readonly of?: (account: Account) => boolean;
}

export type PasswordOutcome =
  | { readonly kind: "right"; readonly account: Account }
  | { readonly kind: "wrong" }
  /** The password was not checked. */
  | { readonly kind: "refused"; readonly refusal: HashRefusal };

/**
 * Calls `then` with the account called `name` if `password` is its password. Each call counts as a login attempt of the
 * address, refunded if the password is right. The time taken is the same for a right and a wrong password, and for a
 * name without an account.
 */
export function checkPassword(
  context: HubContext,
  services: Services,
  session: Session,
  { name, password, of = () => true }: PasswordAttempt,
  then: (outcome: PasswordOutcome) => void,
): void {
  const found = services.accounts.get(name);
  const account = found !== undefined && of(found) ? found : undefined;
  const credentials = account?.credentials ?? services.decoyCredentials.forName(name);
  context.suspend(session, {
    kind: "derive",
    session,
    password,
    salt: credentials.salt,
    iterations: credentials.iterations,
    countAttempt: (now) => services.attemptLimits.logins.take(session.host, now - context.clockOffsetMs),
    done: (given) => {
      const right = isSamePassword(given, credentials) && account !== undefined;
      // Meanwhile the account may have ended (and another may have its name), or its password may have changed.
      const isStill = account !== undefined && services.accounts.get(name) === account &&
        isSamePassword(given, account.credentials);
      if (!right || !isStill || !of(account)) {
        context.recordLoginFailure(session, found !== undefined);
        return then({ kind: "wrong" });
      }
      services.attemptLimits.logins.refund(session.host, context.monotonic);
      then({ kind: "right", account });
    },
    onRefused: (refusal) => then({ kind: "refused", refusal }),
  });
}

/** Logs `session` in to `account`; the caller sends the reply. A session that has been closed is not logged in. */
export function completeLoginWithoutSasl(
  context: HubContext,
  services: Services,
  session: Session,
  account: Account,
): void {
  if (session.closeReason !== undefined) return;
  const { user } = session;
  const targets = [...user?.channels.keys() ?? []].map((channel) => channel.conversation);
  commitWithTopicLock(context, services, { kind: "login", session, account }, targets);
  for (const channel of user?.channels.keys() ?? []) restoreChannelOperator(context, user!, channel);
  const observers = session.phase.kind === "registering" ? [] : [session];
  for (const each of [...user?.sessions ?? observers]) enforceBan(context, services, each);
  for (const each of [...user?.sessions ?? []]) scheduleOfflineReplay(context, services, each);
}
