/** The shape of a verb: what a line must meet before its handler is called. Each area exports a table of its verbs. */
import type { Message } from "../../irc/message.ts";
import type { HubContext, Services } from "../context.ts";
import type { RegisteringPhase, Session, User } from "../model/state/entities.ts";

interface Shape {
  /** Minimum of parameters; fewer are answered with 461 ERR_NEEDMOREPARAMS. */
  min: number;
}

/**
 * A verb and the connections that may use it: `anyone` at any time; `newcomer` only before registration (462 after it);
 * `session` once registered, observers included; `user` only sessions of a user, which have a nick.
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

/** A verb in the table of all verbs, with its index there. */
export type NumberedVerb = Verb & { readonly nth: number };

export type VerbTable = Readonly<Record<string, Verb>>;
