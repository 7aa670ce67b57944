import { casefold } from "../../irc/names/casemap.ts";
import type { HubContext } from "../context.ts";
import { nickOf } from "../model/identifiers.ts";
import type { OwnerId, Source } from "../model/identifiers.ts";
import type { Session } from "../model/state/entities.ts";
import type { DirectTarget } from "../model/state/event.ts";
import type { ReadonlyState } from "../model/state/state.ts";

/** Observers that follow the direct conversation in which `from`, with the prefix `source`, has sent a message. */
export function* directConversationObservers(
  context: HubContext,
  source: Source,
  from: OwnerId,
  { name, owner: to }: DirectTarget,
): Iterable<Session> {
  const sides = [[from, name], [to, nickOf(source)]] as const;
  for (const [owner, other] of sides) {
    for (const session of context.state.observersByOwner.get(owner) ?? []) {
      if (session.followed?.followsAll || session.followed?.nicks.has(casefold(other))) yield session;
    }
  }
}

/** Observers that follow the channel called `name`, once each; whether they may read it is not checked. */
export function* channelObservers(state: ReadonlyState, name: string): Iterable<Session> {
  yield* state.observersOfEverything;
  for (const session of state.observersByChannel.get(casefold(name)) ?? []) {
    if (!session.followed?.followsAll) yield session;
  }
}
