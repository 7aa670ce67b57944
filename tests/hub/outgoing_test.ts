import { assertEquals } from "@std/assert";
import { CAP, FORM_MASK } from "../../lib/irc/caps.ts";
import { changeCaps, enterAudience, leaveAudience } from "../../lib/hub/audience.ts";
import { Target } from "../../lib/hub/archive.ts";
import type { Hub } from "../../lib/hub/hub.ts";
import { Outgoing } from "../../lib/hub/outgoing.ts";
import { Room, Session } from "../../lib/hub/state.ts";
import { formOf } from "../../lib/hub/view.ts";
import { forAll, type Random } from "../irc/property.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The machine beside the plainest thing that does the same: a list of lines per session, each line appended to each list
 * that it belongs to.
 */
class Model {
  readonly outgoing = new Outgoing();
  readonly sessions = Array.from({ length: 6 }, (_, id) => new Session(id, "host", false, 0));
  readonly rooms = ["#a", "#b", "#c"].map((name) => new Room(name, new Target(name, 1)));
  readonly expected = new Map<Session, string>(this.sessions.map((session) => [session, ""]));
  readonly hub = { outgoing: this.outgoing } as unknown as Hub;
  #lines = 0;

  step(random: Random): void {
    const session = random.pick(this.sessions);
    const room = random.pick(this.rooms);
    switch (random.below(8)) {
      case 0:
        return enterAudience(this.hub, session, room);
      case 1:
        return leaveAudience(this.hub, session, room);
      case 2:
        return changeCaps(this.hub, session, random.below(2 * FORM_MASK + 2));
      case 3:
      case 4:
        return this.#line(session, this.#text(random));
      default:
        return this.#room(room, random.chance(3) ? session : undefined, this.#text(random), random.chance(4));
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
  #room(room: Room, except: Session | undefined, text: string, onlyTagged: boolean): void {
    const render = (form: number) => onlyTagged && !(form & CAP.messageTags) ? "" : `form ${form}: ${text}`;
    this.outgoing.room(room, render, except);
    for (const session of room.audience) {
      if (session !== except) this.#expect(session, render(formOf(session.caps)));
    }
  }

  #expect(session: Session, line: string): void {
    if (line !== "") this.expected.set(session, this.expected.get(session) + line + "\r\n");
  }

  /** Ends the turn and compares. */
  check(): void {
    const got = new Map<Session, string>(this.sessions.map((session) => [session, ""]));
    for (const { session, chunks } of this.outgoing.drain()) {
      assertEquals(got.get(session), "", "one delivery a session");
      got.set(session, chunks.map((chunk) => decoder.decode(chunk)).join(""));
    }
    for (const session of this.sessions) {
      assertEquals(got.get(session), this.expected.get(session), `session ${session.id}`);
      this.expected.set(session, "");
    }
  }
}

Deno.test({
  name: "each session gets exactly its lines in the one order, whatever is shared, however turns fall",
  permissions: "none",
  fn: () =>
    forAll(400, (random) => {
      const model = new Model();
      for (let turn = 0; turn < 8; turn++) {
        for (let steps = random.below(40); steps > 0; steps--) model.step(random);
        model.check();
      }
    }),
});

Deno.test({
  name: "the members of a room share one buffer",
  permissions: "none",
  fn: () => {
    const { outgoing, sessions, rooms, hub } = new Model();
    const room = rooms[0]!;
    for (const session of sessions) enterAudience(hub, session, room);
    outgoing.room(room, () => "one");
    outgoing.room(room, () => "two");
    const chunks = outgoing.drain().flatMap((delivery) => delivery.chunks);
    assertEquals(chunks.length, sessions.length);
    for (const chunk of chunks) assertEquals(chunk, chunks[0]);
    assertEquals(new Set(chunks.map(({ buffer }) => buffer)).size, 1);
  },
});

Deno.test({
  name: "what a session is told alone is counted until the turn ends",
  permissions: "none",
  fn: () => {
    const { outgoing, sessions } = new Model();
    const [first, second] = sessions;
    outgoing.line(first!, "12345");
    outgoing.line(first!, "678");
    assertEquals([outgoing.answered(first!), outgoing.answered(second!)], [8, 0]);
    outgoing.drain();
    assertEquals(outgoing.answered(first!), 0);
  },
});
