/** Where typed lines go changes by the keys of the person alone, whatever the server and other people do meanwhile. */
import { assertEquals } from "@std/assert";
import { Random } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";
import { inTwoRooms } from "./view_run.ts";
import type { ViewRun } from "./view_run.ts";

const RUNS = 60;
const ROOMS = ["#lobby", "#dev", "#ops", "#tea", "#new"];
const CAPS = new Set(["draft/channel-rename"]);
const PEOPLE = ["bob", "carol", "dave", "old"];

/** What happens without the person, and what the target is called afterwards. */
function happen(alice: ViewRun, random: Random, target: string): string {
  const [room, other] = [random.pick(ROOMS), random.pick(ROOMS)];
  const [person, name] = [random.pick(PEOPLE), random.pick(PEOPLE)];
  switch (random.below(12)) {
    case 0:
      alice.receive(`:${person}!u@h KICK ${room} alice :out`);
      return target;
    case 1:
      alice.receive(`:alice!a@h PART ${room}`);
      return target;
    case 2:
      alice.receive(`:alice!a@h JOIN ${room}`);
      return target;
    case 3: {
      if (room === other || !alice.chat.channels.get(room) || alice.chat.channels.get(other)) return target;
      alice.receive(`:s RENAME ${room} ${other} :moved`);
      return target === room ? other : target;
    }
    case 4:
      if (person === name) return target;
      alice.receive(`:${person}!u@h NICK ${name}`);
      return target === person ? name : target;
    case 5:
      alice.say(person, "alice", "psst");
      return target;
    case 6:
      alice.say(person, room, "alice: look");
      return target;
    case 7:
      alice.update((chat, now) => chat.handleDisconnected("cut", 1000, now));
      return target;
    case 8: {
      // Rooms may be gone, closed to us, or lead elsewhere by now.
      alice.server.answers[`JOIN ${room}`] = random.chance(2)
        ? [`:s 474 alice ${room} :Cannot join channel (+b)`]
        : [`:s 470 alice ${room} ${other} :Forwarding to another channel`];
      return target;
    }
    case 9:
      alice.update((chat, now) =>
        chat.isOnline || chat.handleConnected({ nick: "alice", caps: CAPS, isClaimed: false }, true, now)
      );
      return target;
    case 10:
      alice.receive(`:${person}!u@h INVITE alice ${room}`, `:${person}!u@h QUIT :bye`);
      return target;
    default:
      alice.receive(`MARKREAD ${room} timestamp=${new Date(alice.now).toISOString()}`);
      return target;
  }
}

/** A key of the person; it may change the target. Returns what that is then. */
async function act(alice: ViewRun, random: Random): Promise<string> {
  const targetNow = () => alice.chat.views.current ?? "";
  switch (random.below(5)) {
    case 0:
      await alice.press(random.pick(["next", "previous", "unread", 1, 2, 3]));
      return targetNow();
    case 1:
      await alice.type(`/go ${random.pick([...ROOMS, ...PEOPLE])}`);
      return targetNow();
    case 2:
      await alice.type(`/msg ${random.pick(PEOPLE)}`);
      return targetNow();
    case 3:
      alice.typeAhead(`/join ${random.pick(ROOMS)}`); // the answer comes when something else may be shown
      if (random.chance(2)) alice.pressAhead(random.pick(["next", "previous", 1]));
      return targetNow();
    default:
      await alice.type(random.pick(["/close", "/part"]));
      return targetNow();
  }
}

/** Each line typed is known by its text. */
function targetsOf(sent: readonly string[], text: string): string[] {
  return sent.filter((line) => line.startsWith("PRIVMSG ") && line.endsWith(` ${text}`)).map((line) =>
    line.split(" ")[1]!
  );
}

async function tryOnce(random: Random): Promise<void> {
  const alice = await inTwoRooms({ caps: [...CAPS] });
  for (let round = 0; round < 8; round++) {
    let target = await act(alice, random);
    for (let event = 0; event < 5; event++) {
      target = happen(alice, random, target);
      if (random.chance(2)) await alice.settle();
      const current = alice.chat.views.current ?? "";
      assertEquals(current, target, "the view that is shown");
      const shown = alice.prompt.split(/[ >]/)[0];
      assertEquals(
        shown,
        target === "" ? "(no" : target.startsWith("#") ? target : `@${target}`,
        "the prompt",
      );
      const text = `secret-${round}-${event}`;
      await alice.type(text);
      for (const to of targetsOf(alice.sent, text)) assertEquals(to, target, "what was typed");
    }
  }
}

pureTest("views: what is typed goes to the view that the person has chosen, or nowhere", async () => {
  for (let run = 0; run < RUNS; run++) {
    const seed = Math.floor(Math.random() * 0x1_0000_0000);
    try {
      await tryOnce(new Random(seed));
    } catch (cause) {
      throw new Error(`fails with seed ${seed}: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
    }
  }
});
