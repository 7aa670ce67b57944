import { assertEquals } from "@std/assert";
import { CapSet } from "../../lib/irc/cap_set.ts";
import { FORM, FORM_COUNT, formOf } from "../../lib/irc/capabilities.ts";
import { enterAudience, leaveAudience } from "../../lib/hub/apply/audience.ts";
import { applyCapabilities, createSession } from "../../lib/hub/apply/session_changes.ts";
import { MutableConversationLog } from "../../lib/hub/model/mutable_conversation_log.ts";
import type { Services } from "../../lib/hub/context.ts";
import { HubOutbox } from "../../lib/hub/output/outbox.ts";
import type { Channel, Session } from "../../lib/hub/model/state/entities.ts";
import { MutableChannel } from "../../lib/hub/model/state/mutable_entities.ts";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The machine beside the plainest thing that does the same: a list of lines per session, each line appended to each list
 * that it belongs to.
 */
class Model {
  readonly outgoing = new HubOutbox();
  readonly sessions = Array.from({ length: 6 }, (_, id) => createSession(id, "host", false, 0));
  readonly channels = ["#a", "#b", "#c"].map((name) =>
    new MutableChannel(name, new MutableConversationLog(name, 1))
  );
  readonly expected = new Map<Session, string>(this.sessions.map((session) => [session, ""]));
  readonly services = { outbox: this.outgoing } as unknown as Services;
  #lines = 0;

  step(random: Random): void {
    const session = random.pick(this.sessions);
    const channel = random.pick(this.channels);
    switch (random.below(8)) {
      case 0:
        return enterAudience(this.services, session, channel);
      case 1:
        return leaveAudience(this.services, session, channel);
      case 2: {
        const caps = CapSet.ofWords(random.below(2 * FORM_COUNT));
        return applyCapabilities(this.services, { kind: "capabilities", session, caps, version: 302 });
      }
      case 3:
      case 4:
        return this.#line(session, this.#text(random));
      default:
        return this.#channel(
          channel,
          random.chance(3) ? session : undefined,
          this.#text(random),
          random.chance(4),
        );
    }
  }

  #text(random: Random): string {
    const length = random.chance(20) ? 3000 : 12;
    return `${++this.#lines} ${random.text("abä€😀 ", 0, length)}`;
  }

  #line(session: Session, line: string): void {
    this.outgoing.line(session, line);
    this.#expect(session, line);
  }

  /** `onlyTagged`: as with TAGMSG, a session without message-tags sees nothing. */
  #channel(channel: Channel, except: Session | undefined, text: string, onlyTagged: boolean): void {
    const render = (form: number) => onlyTagged && !(form & FORM.messageTags) ? "" : `form ${form}: ${text}`;
    this.outgoing.channel(channel, render, except);
    for (const session of channel.audience) {
      if (session !== except) this.#expect(session, render(formOf(session.caps)));
    }
  }

  #expect(session: Session, line: string): void {
    if (line !== "") this.expected.set(session, this.expected.get(session) + line + "\r\n");
  }

  /** Ends the turn and compares. */
  check(): void {
    const got = new Map<Session, string>(this.sessions.map((session) => [session, ""]));
    for (const { session, chunks } of this.outgoing.takeDeliveries()) {
      assertEquals(got.get(session), "", "one delivery a session");
      got.set(session, chunks.map((chunk) => decoder.decode(chunk)).join(""));
    }
    for (const session of this.sessions) {
      assertEquals(got.get(session), this.expected.get(session), `session ${session.id}`);
      this.expected.set(session, "");
    }
  }
}

pureTest(
  "each session gets exactly its lines in the one order, whatever is shared, however turns fall",
  () =>
    forAll(400, (random) => {
      const model = new Model();
      for (let turn = 0; turn < 8; turn++) {
        for (let steps = random.below(40); steps > 0; steps--) model.step(random);
        model.check();
      }
    }),
);

pureTest("the members of a room share one buffer", () => {
  const { outgoing, sessions, channels, services } = new Model();
  const channel = channels[0]!;
  for (const session of sessions) enterAudience(services, session, channel);
  outgoing.channel(channel, () => "one");
  outgoing.channel(channel, () => "two");
  const chunks = outgoing.takeDeliveries().flatMap((delivery) => delivery.chunks);
  assertEquals(chunks.length, sessions.length);
  for (const chunk of chunks) assertEquals(chunk, chunks[0]);
  assertEquals(new Set(chunks.map(({ buffer }) => buffer)).size, 1);
});

pureTest("what a session is told alone is counted until the turn ends", () => {
  const { outgoing, sessions } = new Model();
  const [first, second] = sessions;
  outgoing.line(first!, "12345");
  outgoing.line(first!, "678");
  assertEquals([outgoing.ownOutputLength(first!), outgoing.ownOutputLength(second!)], [8, 0]);
  outgoing.takeDeliveries();
  assertEquals(outgoing.ownOutputLength(first!), 0);
});
