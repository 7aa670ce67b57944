/** Masks are held against a person once, as long as neither changes. */
import { assertEquals } from "@std/assert";
import { Mask } from "../../lib/irc/names/mask.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

/** How many masks `run` holds against a text. */
function held(run: () => void): number {
  const { matches } = Mask.prototype;
  let count = 0;
  Mask.prototype.matches = function (text) {
    count++;
    return matches.call(this, text);
  };
  try {
    run();
  } finally {
    Mask.prototype.matches = matches;
  }
  return count;
}

function channelWithBans() {
  const chat = new TestHub();
  const operator = chat.enter("owner");
  chat.say(operator, "JOIN #tea", "MODE #tea +bbb x1 x2 x3");
  const [inside, outside] = [chat.enter("inside"), chat.enter("outside")];
  chat.say(inside, "JOIN #tea");
  return { chat, operator, inside, outside };
}

pureTest("room bans: a sender is judged once, inside of the room and outside, until the masks change", () => {
  const { chat, operator, inside, outside } = channelWithBans();
  const say = () => chat.say(inside, "PRIVMSG #tea :x", "PRIVMSG #tea :x");
  const tell = () => chat.say(outside, "PRIVMSG #tea :x", "PRIVMSG #tea :x");
  assertEquals(held(say), 0, "it was judged when it came in");
  assertEquals(held(tell), 3);
  assertEquals(held(tell), 0);
  assertEquals(held(() => chat.say(operator, "MODE #tea +b x4")), 0, "no member is judged before it matters");
  assertEquals(held(say), 4);
  assertEquals(held(tell), 4);
  chat.say(operator, "MODE #tea +m", "TOPIC #tea :x");
  assertEquals(held(() => chat.say(operator, "MODE #tea -m")), 0);
  assertEquals(held(tell), 0, "it was about something else");
});

pureTest("room bans: another nick or account is judged anew, and may be banned", () => {
  const { chat, inside, outside } = channelWithBans();
  chat.say(outside, "PRIVMSG #tea :x");
  chat.heard(inside);
  chat.say(outside, "NICK x2", "PRIVMSG #tea :x");
  assertEquals(chat.heard(inside), []);
  assertEquals(
    chat.heard(outside).at(-1),
    ":irc.test 404 x2 #tea :Cannot send to channel (+b): you are banned from it",
  );
  assertEquals(held(() => chat.say(outside, "PRIVMSG #tea :x")), 0);
  chat.say(outside, "NICK y", "PRIVMSG #tea :x");
  assertEquals(chat.heard(inside).length, 1);
});

pureTest(
  "room bans: a mask that is set while a member is there silences it, and one that is taken back lets it speak",
  () => {
    const { chat, operator, inside } = channelWithBans();
    chat.say(operator, "MODE #tea +b in*");
    chat.heard(operator);
    chat.say(inside, "PRIVMSG #tea :x", "SETNAME :x", "NICK other");
    assertEquals(chat.heard(operator), []);
    chat.say(operator, "MODE #tea +e *!*@*");
    chat.heard(operator);
    chat.say(inside, "PRIVMSG #tea :x");
    assertEquals(chat.heard(operator).length, 1);
    chat.say(operator, "MODE #tea -e *!*@*", "MODE #tea -b in*");
    chat.heard(operator);
    chat.say(inside, "PRIVMSG #tea :x");
    assertEquals(chat.heard(operator).length, 1);
  },
);

pureTest(
  "room bans: masks that were saved before there were bounds stay, count, and can be taken back",
  () => {
    const saved = {
      name: "#tea",
      flags: "",
      key: "",
      limit: 0,
      lists: {
        b: [["*o*u*t*s*i*d*e*!*@*1*2*7*", "a!b@c", 1], ["\ufdfa".repeat(36) + "!*@*", "a!b@c", 1]],
        e: [],
        I: [],
      },
      operators: [],
      changedAt: 1,
    };
    const fact = { kind: "room", key: "#tea", value: JSON.stringify(saved), seq: 1 };
    const chat = new TestHub({}, undefined, [fact]);
    const [operator, outside] = [chat.enter("owner"), chat.enter("outside")];
    chat.say(operator, "JOIN #tea");
    chat.heard(operator);
    chat.say(outside, "PRIVMSG #tea :x");
    assertEquals(chat.heard(operator), []);
    const { b } = chat.hub.context.state.channel("#tea")!.conversation.settings!.lists;
    const masks = b.map(({ mask }) => mask);
    chat.say(operator, `MODE #tea -b ${masks[0]}`, `MODE #tea +b ${masks[0]}`, `MODE #tea -b ${masks[1]}`);
    assertEquals(chat.heard(operator).map((line) => line.split(" ")[1]), ["MODE", "696", "MODE"]);
    chat.say(outside, "PRIVMSG #tea :x");
    assertEquals(chat.heard(operator).length, 1);
  },
);
