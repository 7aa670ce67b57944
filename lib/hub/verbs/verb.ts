/** The shape of a verb: what a line must have before its handler sees it. Each area exports a table of them. */
import type { Message } from "../../irc/message.ts";
import type { HubContext, Services } from "../context.ts";
import type { RegisteringPhase, Session, User } from "../model/state/entities.ts";

interface Shape {
  /** Fewer parameters are answered by 461 ERR_NEEDMOREPARAMS. */
  min: number;
}

/**
 * Who may use a verb: `anyone` at any time; `newcomer` before registration only (462 after it); `session` once
 * registered, observers too; `user` only who has a name.
 */
export type Verb =
  | Shape & {
    who: "anyone" | "session";
    run(context: HubContext, services: Services, session: Session, message: Message): void;
  }
  | Shape & {
    who: "newcomer";
    run(
      context: HubContext,
      services: Services,
      session: Session,
      message: Message,
      registering: RegisteringPhase,
    ): void;
  }
  | Shape & {
    who: "user";
    run(context: HubContext, services: Services, session: Session, message: Message, user: User): void;
  };

/** A verb in the table of all, with its number there. */
export type NumberedVerb = Verb & { readonly nth: number };

export type VerbTable = Readonly<Record<string, Verb>>;
