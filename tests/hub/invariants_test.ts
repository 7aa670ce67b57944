/** What the hub asserts where its state changes: each invariant is broken here, and the change that meets it fails. */
import { assertEquals, assertThrows } from "@std/assert";
import { AssertionFailure } from "../../lib/base/assert.ts";
import { AddressSet } from "../../lib/base/ip.ts";
import { RetentionShare } from "../../lib/hub/history/sender_shares.ts";
import type { RetainedMessage } from "../../lib/hub/history/sender_shares.ts";
import type { Channel, Session } from "../../lib/hub/model/state/entities.ts";
import { Timeline } from "../../lib/hub/model/timeline.ts";
import { ChannelQuota } from "../../lib/hub/services/limits/channel_quota.ts";
import { OperatorQuota } from "../../lib/hub/services/limits/operator_quota.ts";
import { SessionMemory } from "../../lib/hub/services/limits/session_memory.ts";
import { createSession } from "../../lib/hub/apply/session_changes.ts";
import { writable } from "../../lib/hub/apply/writable.ts";
import { formOf } from "../../lib/irc/capabilities.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

/** alice and bob are in #r. */
class Scene {
  readonly chat = new TestHub({ accounts: "open" });
  readonly state = writable(this.chat.hub.context.state);
  readonly alice = this.chat.enter("alice");
  readonly bob = this.chat.enter("bob");
  readonly channel: Channel;

  constructor() {
    for (const session of [this.alice, this.bob]) this.chat.say(session, "JOIN #r");
    this.channel = this.state.channel("#r")!;
  }

  /** What `session` sends meets the invariant in the words `what`. */
  breaks(session: Session, line: string, what: string): void {
    assertThrows(() => this.chat.say(session, line), AssertionFailure, what);
  }
}

interface Case {
  readonly what: string;
  readonly corrupt: (scene: Scene) => void;
  /** Sent by alice. */
  readonly line: string;
}

const MEMBERSHIP = "a channel and its member hold the same membership";
const FORMS = "each session of an audience counts in one form";

const CASES: Record<string, Case> = {
  "a member that its channel does not know": {
    what: MEMBERSHIP,
    corrupt: ({ channel, alice }) => writable(channel).members.delete(alice.user!),
    line: "PART #r",
  },
  "a channel that its member does not know": {
    what: MEMBERSHIP,
    corrupt: ({ channel, alice }) => writable(alice.user!).setMembershipBits(channel, undefined),
    line: "JOIN #r",
  },
  "different privileges on both sides": {
    what: MEMBERSHIP,
    corrupt: ({ channel, bob }) => writable(bob.user!).setMembershipBits(channel, 64),
    line: "MODE #r +o bob",
  },
  "a wrong index in the audience": {
    what: "a session is in the audience at its index",
    corrupt: ({ channel, alice }) => writable(alice).setAudienceIndex(channel, 1),
    line: "PART #r",
  },
  "a user's session among the observers": {
    what: "a session without a user is among the observers",
    corrupt: ({ channel, alice }) => writable(channel).observers = new Set([alice]),
    line: "PART #r",
  },
  "a form that no session is counted in": {
    what: FORMS,
    corrupt: ({ channel, alice }) => writable(channel).formCounts[formOf(alice.caps)] = 0,
    line: "PART #r",
  },
  "more sessions of a form than there are": {
    what: FORMS,
    corrupt: ({ channel, alice }) => writable(channel).formCounts[formOf(alice.caps)] = 9,
    line: "PART #r",
  },
  "a form that is left by capabilities": {
    what: FORMS,
    corrupt: ({ channel, alice }) => writable(channel).formCounts[formOf(alice.caps)] = 0,
    line: "CAP REQ message-tags",
  },
  "a channel that is not indexed by its name": {
    what: "a channel is indexed by its name",
    corrupt({ chat, channel, bob, state }) {
      chat.say(bob, "PART #r");
      state.channels.delete(channel.folded);
    },
    line: "QUIT",
  },
  "a user that is not indexed by its nick": {
    what: "a user is indexed by its nick",
    corrupt({ state, alice, bob }) {
      const user = writable(alice.user!);
      state.users.delete(user.folded);
      user.folded = "x";
      state.users.set("alice", user);
      state.users.set("x", bob.user!);
    },
    line: "NICK carol",
  },
  "a user that its claim key does not find": {
    what: "a user without an account is indexed by its claim key",
    corrupt: ({ alice }) => writable(alice.user!).owner = "a-key",
    line: "QUIT",
  },
  "a session that its user does not know": {
    what: "a session is one of its user's",
    corrupt: ({ alice, bob }) => writable(alice.user!).sessions = [bob, bob],
    line: "QUIT",
  },
  "a server operator that is not indexed": {
    what: "a server operator is indexed",
    corrupt: ({ alice }) => writable(alice.user!).isServerOperator = true,
    line: "QUIT",
  },
  "a grace period of a user that is here": {
    what: "a user with a pending quit is in its grace period",
    corrupt: ({ alice, state }) => state.usersInGracePeriod.add(alice.user!),
    line: "QUIT",
  },
  "a run that is shorter than what a session has of it": {
    what: "what a session has of a run is within it",
    corrupt({ chat, alice, bob }) {
      chat.hub.line(bob, "PRIVMSG #r :a run begins", chat.now);
      chat.hub.line(alice, "PING settles", chat.now);
      alice.pendingOutput.runOffset += 1000;
    },
    line: "PING again",
  },
};

for (const [name, { corrupt, line, what }] of Object.entries(CASES)) {
  pureTest(`invariants: ${name}`, () => {
    const scene = new Scene();
    corrupt(scene);
    scene.breaks(scene.alice, line, what);
  });
}

pureTest("invariants: a run that is shorter than what a session has of it, at its end", () => {
  const { chat, bob, alice } = new Scene();
  chat.hub.line(bob, "PRIVMSG #r :a run begins", chat.now);
  chat.hub.line(alice, "PING settles", chat.now);
  alice.pendingOutput.runOffset += 1000;
  assertThrows(() => chat.deliver(), AssertionFailure, "what a session has of a run is within it");
});

pureTest("invariants: a nick has one user, a name one channel", () => {
  const { chat, state, bob, alice, channel } = new Scene();
  const { source } = alice.user!;
  const nick = () => chat.hub.context.commit({ kind: "nick", source, nick: "bob" });
  assertThrows(nick, AssertionFailure, "a nick has one user");
  state.users.set("bob", bob.user!);
  chat.say(bob, "JOIN #s");
  const rename = {
    kind: "rename",
    source: bob.user!.source,
    channel: channel.name,
    to: "#s",
    reason: "",
  } as const;
  assertThrows(() => chat.hub.context.commit(rename), AssertionFailure, "a name has one channel");
});

pureTest("invariants: an operator that is indexed already is not made one", () => {
  const { chat, state, bob } = new Scene();
  state.serverOperators.add(bob.user!);
  const oper = { kind: "oper", user: bob.user!, oper: true } as const;
  assertThrows(() => chat.hub.context.commit(oper), AssertionFailure, "a server operator is indexed");
});

pureTest("invariants: a user with a session has no grace period", () => {
  const { chat, bob } = new Scene();
  const leaving = { kind: "leaving", user: bob.user!, at: 1, reason: "" } as const;
  assertThrows(
    () => chat.hub.context.commit(leaving),
    AssertionFailure,
    "a user with a pending quit has no session",
  );
});

pureTest("invariants: an account lists its users", () => {
  const { chat, bob } = new Scene();
  const account = { name: "bob", folded: "bob", owner: "o", users: [] };
  Object.assign(bob.user!, { account });
  const login = { kind: "login", session: bob, account: undefined } as const;
  assertThrows(() => chat.hub.context.commit(login), AssertionFailure, "an account lists its users");
});

pureTest("invariants: sessions have ids of their own, end once, and are counted until they register", () => {
  const { chat, state, bob } = new Scene();
  const { context } = chat.hub;
  const other = createSession(bob.id, "host", false, 0);
  assertThrows(
    () => context.commit({ kind: "connect", session: other }),
    AssertionFailure,
    "an id of its own",
  );
  const unknown = createSession(1000, "host", false, 0);
  const disconnect = { kind: "disconnect", session: unknown, reason: "" } as const;
  assertThrows(() => context.commit(disconnect), AssertionFailure, "a session ends once");
  const negative = "the number of unregistered sessions is not negative";
  const [one, two] = [chat.open(), chat.open()];
  state.unregisteredCount = 0;
  assertThrows(() => chat.say(one, "NICK carol", "USER c 0 * :c"), AssertionFailure, negative);
  state.unregisteredCount = 0;
  assertThrows(() => chat.hub.close(two, "gone", chat.now), AssertionFailure, negative);
});

pureTest("invariants: the numbers of a conversation only grow", () => {
  const timeline = new Timeline(1);
  timeline.add(5, 1, true, 1);
  for (const seq of [4, 5]) {
    assertThrows(() => timeline.add(seq, 1, true, 1), AssertionFailure, "only grow");
    assertThrows(() => timeline.addForCap(seq, 1, 1, 1), AssertionFailure, "only grow");
  }
  timeline.add(6, 1, true, 1);
  assertEquals(timeline.lastSeq, 6);
});

pureTest("invariants: channels that end, and that forget their operators, were counted", () => {
  const channels = new ChannelQuota(10, new AddressSet([]));
  const site = channels.addChannel("192.0.2.1");
  channels.removeChannel(site);
  channels.removeChannel(""); // exempt
  assertThrows(() => channels.removeChannel(site), AssertionFailure, "a channel that ends was counted");
  const operators = new OperatorQuota();
  operators.remove("alice"); // at a start, before all is counted
  operators.recount([]);
  assertThrows(
    () => operators.remove("alice"),
    AssertionFailure,
    "a channel that forgets its operator was counted",
  );
});

pureTest("invariants: the memory of an address is not negative", () => {
  const memory = new SessionMemory(() => false);
  const session = { host: "192.0.2.1" };
  memory.charge(session as Session, 100);
  session.host = "192.0.2.2";
  assertThrows(() => memory.clear(session as Session), AssertionFailure, "is not negative");
});

pureTest("invariants: a message that is dropped has a share, whose bytes are not negative", () => {
  const share = new RetentionShare("alice");
  const message = { bytes: 10 } as RetainedMessage;
  assertThrows(() => share.delete(message), AssertionFailure, "a message that is dropped has a share");
  share.add(message);
  share.retainedBytes = 9;
  assertThrows(() => share.delete(message), AssertionFailure, "the bytes of a share are not negative");
});
