/** The views of the state change nothing, by types: only apply/ changes the state. */
import { assertEquals } from "@std/assert";
import type { ChannelSettings } from "../../lib/hub/model/channel_settings.ts";
import type { ConversationLog } from "../../lib/hub/model/conversation_log.ts";
import type { MutableConversationLog } from "../../lib/hub/model/mutable_conversation_log.ts";
import type { Account, Channel, Session, User } from "../../lib/hub/model/state/entities.ts";
import type {
  MutableChannel,
  MutableSession,
  MutableUser,
} from "../../lib/hub/model/state/mutable_entities.ts";
import type { MutableState } from "../../lib/hub/model/state/mutable_state.ts";
import type { ReadonlyState } from "../../lib/hub/model/state/state.ts";
import { withTempDir } from "../support/temp_dir.ts";

type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

/** Members, but for methods, that can be assigned or hold a collection that can be changed. */
type Changeable<View> = {
  [Key in keyof View]-?: View[Key] extends (...args: never[]) => unknown ? never
    : IsSame<{ [K in Key]: View[K] }, { readonly [K in Key]: View[K] }> extends false ? Key
    : NonNullable<View[Key]> extends Map<never, never> | Set<never> | unknown[] ? Key
    : never;
}[keyof View];

/** Fails to compile unless `Actual`, a union of names, is `Expected`. */
type Expect<Actual extends Expected, Expected> = [Actual, Expected];

/** Beside each view what can be changed through it: caches, and lists that are made anew for each caller. */
export type Views = [
  Expect<Changeable<ReadonlyState>, never>,
  Expect<Changeable<Session>, never>,
  Expect<Changeable<NonNullable<Session["followed"]>>, never>,
  Expect<Changeable<User>, "banVerdicts" | "announcedChannels">,
  Expect<Changeable<Channel>, "namesReplies">,
  Expect<Changeable<Account>, never>,
  Expect<Changeable<ConversationLog>, never>,
  Expect<Changeable<ChannelSettings>, never>,
];

/** A view is not taken for what it is a view of. */
export type Sides = [
  Expect<Session extends MutableSession ? "is one" : never, never>,
  Expect<User extends MutableUser ? "is one" : never, never>,
  Expect<Channel extends MutableChannel ? "is one" : never, never>,
  Expect<ConversationLog extends MutableConversationLog ? "is one" : never, never>,
  Expect<ReadonlyState extends MutableState ? "is one" : never, never>,
];

/** Statements of a verb; those that end in `// refused` must not compile. */
const VERB = `
import { CapSet } from "ROOT/lib/irc/cap_set.ts";
import type { HubContext } from "ROOT/lib/hub/context.ts";
import type { Account, Channel, Session, User } from "ROOT/lib/hub/model/state/entities.ts";

export function verb(context: HubContext, session: Session, user: User, channel: Channel, account: Account) {
  session.user = user; // refused
  session.phase = { kind: "registered", user }; // refused
  session.caps = CapSet.EMPTY; // refused
  session.closeReason = "gone"; // refused
  session.followed?.nicks.add("alice"); // refused
  session.connection.pingedAt = context.now;
  if (session.phase.kind === "registering") session.phase.nick = "alice";
  if (session.phase.kind === "observer") session.phase.account = account; // refused
  user.away = "lunch"; // refused
  user.isServerOperator = true; // refused
  user.invites?.delete(channel); // refused
  channel.members.set(user, 1); // refused
  channel.audience.push(session); // refused
  channel.formCounts[0] = 1; // refused
  account.users = []; // refused
  channel.conversation.topic = "tea"; // refused
  channel.conversation.settings?.operators.add(user.owner); // refused
  channel.conversation.timeline.release(1); // refused
  context.state.users.delete("alice"); // refused
  context.state.unregisteredCount++; // refused
  context.state.channels.get("#tea")!.name = "#milk"; // refused
  for (const each of context.state.users.values()) each.sessions = []; // refused
}
`;

Deno.test({
  name: "state: a verb that assigns to a session, a user, a channel or the state does not compile",
  permissions: { read: true, write: true, run: ["deno", Deno.execPath()], env: true },
  async fn() {
    const root = new URL("../..", import.meta.url);
    await withTempDir(async (folder) => {
      const file = `${folder}/verb.ts`;
      const text = VERB.replaceAll("ROOT", root.href.replace(/\/$/, ""));
      await Deno.writeTextFile(file, text);
      const { stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["check", "--frozen", `--config=${new URL("deno.json", root).pathname}`, file],
        env: { NO_COLOR: "1" },
      }).output();
      const found = new TextDecoder().decode(stderr).matchAll(/verb\.ts:(\d+):\d+/g);
      const refused = text.split("\n").flatMap((line, at) => line.endsWith("// refused") ? at + 1 : []);
      assertEquals([...new Set(Array.from(found, ([, line]) => Number(line)))], refused);
    });
  },
});
