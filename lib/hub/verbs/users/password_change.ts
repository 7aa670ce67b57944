/**
 * PASSWD (our own): changes the password of the account that a session is logged in to. The account keeps its name
 * throughout, and its other sessions stay connected.
 *
 *     PASSWD <new password>
 *     NOTE PASSWD PASSWORD_CHANGED <account> :<text>
 *     FAIL PASSWD <code> [<account>] :<text>   ACCOUNT_REQUIRED, DISALLOWED, WEAK_PASSWORD, UNACCEPTABLE_PASSWORD,
 *                                              TEMPORARILY_UNAVAILABLE
 */
import type { ScramCredentials } from "../../../irc/sasl/scram_server.ts";
import type { Message } from "../../../irc/message.ts";
import { accountOf } from "../../model/state/entities.ts";
import type { Account, Session } from "../../model/state/entities.ts";
import type { HashRefusal } from "../../model/state/async_job.ts";
import type { HubContext, Services } from "../../context.ts";
import {
  hashRefusalText,
  PASSWORD_ITERATIONS,
  passwordFault,
  retryText,
  SALT_BYTES,
} from "../../services/accounts/passwords.ts";
import type { VerbTable } from "../verb.ts";
import type { AccountOutcome } from "./account.ts";

function passwd(context: HubContext, services: Services, session: Session, message: Message): void {
  const own = accountOf(session);
  const about = own === undefined ? [] : [own.name];
  changePassword(context, services, session, message.params[0]!, (outcome) => {
    if (outcome.kind === "failed") return context.fail(session, "PASSWD", outcome.code, about, outcome.text);
    const { account, text } = outcome;
    context.send(
      session,
      `:${context.config.serverName} NOTE PASSWD PASSWORD_CHANGED ${account.name} :${text}`,
    );
  });
}

/**
 * Changes the password of the account that `session` is logged in to. `then` is called once the change is on disk, or
 * with the failure; until then the old password is valid.
 */
export function changePassword(
  context: HubContext,
  services: Services,
  session: Session,
  password: string,
  then: (outcome: AccountOutcome) => void,
): void {
  const account = accountOf(session);
  if (account === undefined) {
    return then(passwordChangeFailure("ACCOUNT_REQUIRED", "You are not logged in to an account"));
  }
  const refusal = passwordChangeRefusal(context, services, session, account, password);
  if (refusal !== undefined) return then(refusal);
  if (!services.accounts.beginPasswordChange(account)) {
    return then(
      passwordChangeFailure(
        "TEMPORARILY_UNAVAILABLE",
        "Another change of this passphrase is in progress; try again in 10 s",
      ),
    );
  }
  const { registrations } = services.attemptLimits;
  const end = (outcome: AccountOutcome) => {
    services.accounts.endPasswordChange(account);
    if (outcome.kind === "failed") registrations.refund(session.host, context.monotonic);
    then(outcome);
  };
  context.suspend(session, {
    kind: "derive",
    session,
    password,
    salt: context.randomBytes(SALT_BYTES),
    iterations: PASSWORD_ITERATIONS,
    countAttempt: (now) => registrations.take(session.host, now - context.clockOffsetMs),
    onRefused: (refusal) => {
      services.accounts.endPasswordChange(account);
      then(passwordHashFailure(refusal));
    },
    done: (credentials) => {
      if (!isCurrentAccount(services, account)) return end(ACCOUNT_ENDED);
      services.accounts.putFact(account, credentials);
      context.suspend(session, {
        kind: "save",
        session,
        done: (trouble) => end(finishPasswordChange(services, account, credentials, trouble)),
      });
    },
  });
}

function passwordChangeRefusal(
  context: HubContext,
  services: Services,
  session: Session,
  account: Account,
  password: string,
): AccountOutcome | undefined {
  if (context.config.accounts === "off") {
    return passwordChangeFailure("DISALLOWED", "There are no accounts on this server");
  }
  const fault = passwordFault(password, account.name, context.config.passphraseMinBytes);
  if (fault !== undefined) return passwordChangeFailure(fault.code, fault.text);
  const waitMs = services.attemptLimits.registrations.waitMs(session.host, context.monotonic);
  return waitMs > 0 ? passwordHashFailure({ kind: "attempts", waitMs }) : undefined;
}

function passwordHashFailure(refusal: HashRefusal): AccountOutcome {
  const words = refusal.kind === "attempts"
    ? `too many registrations or passphrase changes from your address; ${retryText(refusal.waitMs)}`
    : hashRefusalText(refusal);
  return passwordChangeFailure("TEMPORARILY_UNAVAILABLE", `The passphrase is not changed: ${words}`);
}

/** Makes the new password valid. If `trouble` kept its fact off the disk, the old password stays valid, on disk too. */
function finishPasswordChange(
  services: Services,
  account: Account,
  credentials: ScramCredentials,
  trouble: string | undefined,
): AccountOutcome {
  if (!isCurrentAccount(services, account)) return ACCOUNT_ENDED;
  if (trouble === undefined) {
    services.accounts.setCredentials(account, credentials);
    return { kind: "done", account, text: `The passphrase of ${account.name} is changed` };
  }
  services.accounts.putFact(account);
  return passwordChangeFailure(
    "TEMPORARILY_UNAVAILABLE",
    "The new passphrase could not be saved; the old one stays valid",
  );
}

/** False if `account` has ended; another account may have its name by now. */
function isCurrentAccount(services: Services, account: Account): boolean {
  return services.accounts.get(account.name) === account;
}

const ACCOUNT_ENDED = passwordChangeFailure("ACCOUNT_REQUIRED", "The account was deleted");

function passwordChangeFailure(code: string, text: string): AccountOutcome {
  return { kind: "failed", code, text };
}

export const PASSWD_VERBS: VerbTable = {
  PASSWD: { min: 1, who: "anyone", run: passwd },
};
