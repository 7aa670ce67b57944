/** Logging in, by whichever verb: AUTHENTICATE, PASS, NickServ, REGISTER or OPER. */
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
  /** Where given: only for such an account the password is right. What it is for others is not found out. */
  readonly of?: (account: Account) => boolean;
}

export type PasswordOutcome =
  | { readonly kind: "right"; readonly account: Account }
  | { readonly kind: "wrong" }
  /** The password was not looked at. */
  | { readonly kind: "refused"; readonly refusal: HashRefusal };

/**
 * Calls `then` with the account called `name` if `password` is its password. Each call is an attempt of the address, which is given
 * back if it is right. A wrong password takes as long as the right one, and a name without an account as long as any.
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
      // It may have ended meanwhile, and another one may have its name; or its password was changed.
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

/** Logs `session` in to `account`; the caller tells it so. A session that has gone meanwhile is logged in to nothing. */
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
