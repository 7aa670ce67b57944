import { assertEquals } from "@std/assert";
import type { RecordedEvent, RecordedTarget } from "../../lib/hub/model/state/event.ts";
import {
  channelOfMessage,
  decodeEvent,
  encodeEvent,
  isRedaction,
  MessageFields,
  PAYLOAD_VERSION,
  senderFieldsIn,
  senderIdIn,
} from "../../lib/hub/log/event_codec.ts";
import { ORIGIN_VERSION, originOf, parseLineOrigin } from "../../lib/hub/model/line_origin.ts";
import { forAll, type Random } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

const ALPHABET = "ab#!@+-;=:, \t\\/ \x01\x1bäß€→😀\u200b\u202e\ufeff\uffff";
const field = (random: Random) => random.text(ALPHABET, 0, 12);

function randomTarget(random: Random): RecordedTarget {
  const name = field(random);
  return random.chance(2) ? { kind: "channel", name } : { kind: "direct", name, owner: "o" + field(random) };
}

function randomEvent(random: Random): RecordedEvent {
  const source = field(random);
  const channel = field(random);
  switch (random.below(11)) {
    case 0:
      return { kind: "join", source, channel, realname: "" };
    case 1:
      return { kind: "part", source, channel, reason: field(random) };
    case 2:
      return { kind: "quit", source, reason: field(random) };
    case 3:
      return { kind: "nick", source, nick: field(random) };
    case 4:
      return { kind: "topic", source, channel, topic: field(random) };
    case 5:
      return { kind: "kick", source, channel, nick: field(random), reason: field(random) };
    case 6:
      return { kind: "mode", source, channel, change: random.pick(["+o", "-v", "+m"]), args: field(random) };
    case 8: {
      return {
        kind: "redact",
        source,
        target: randomTarget(random),
        from: field(random),
        msgid: field(random),
        reason: field(random),
      };
    }
    case 9:
      return { kind: "rename", source, channel, to: field(random), reason: field(random) };
    case 7:
      return { kind: "boot", version: field(random) };
    default: {
      const target = randomTarget(random);
      const [from, text, tags] = [field(random), field(random), field(random)];
      const verb = random.pick(["PRIVMSG", "NOTICE", "TAGMSG"] as const);
      const id = verb === "TAGMSG" || random.chance(2) ? undefined : random.text("ab#-", 1, 12);
      return { kind: "message", verb, source, target, text, tags, from, id };
    }
  }
}

const scratch = new Uint8Array(8192);

/** Letters that payloads of version 1 begin with. */
const LETTERS = "PNGpnJLQKTXMDRB";

function encode(event: RecordedEvent): Uint8Array {
  return scratch.slice(0, encodeEvent(event, scratch));
}

/** All that the codec reads out of `payload`, with fields as text. */
function readAll(payload: Uint8Array) {
  const text = (start: number, end: number) =>
    new TextDecoder("utf-8", { ignoreBOM: true }).decode(payload.subarray(start, end));
  const id = senderIdIn(payload);
  const sender = senderFieldsIn(payload, 0, payload.length);
  const fields = new MessageFields();
  return {
    event: decodeEvent(payload),
    channel: channelOfMessage(payload),
    isRedaction: isRedaction(payload),
    id: id && [text(id.owner, id.ownerEnd), text(id.id, payload.length)],
    sender: sender && [text(sender.host, sender.hostEnd), text(sender.owner, sender.ownerEnd)],
    fields: fields.locate(payload, 0, payload.length) && [
      fields.isNotice,
      text(fields.source, fields.sourceEnd),
      text(fields.target, fields.targetEnd),
      text(fields.text, fields.textEnd),
    ],
  };
}

pureTest("what was encoded is decoded", () =>
  forAll(3000, (random) => {
    const event = randomEvent(random);
    const length = encodeEvent(event, scratch);
    assertEquals(decodeEvent(scratch.slice(0, length)), event);
  }));

pureTest("a payload begins with its version, which is no letter that one of version 1 begins with", () => {
  assertEquals(LETTERS.includes(String.fromCharCode(PAYLOAD_VERSION)), false);
  const letters = new Set<string>();
  forAll(1000, (random) => {
    const payload = encode(randomEvent(random));
    assertEquals(payload[0], PAYLOAD_VERSION);
    letters.add(String.fromCharCode(payload[1]!));
  });
  assertEquals([...letters].sort(), [...LETTERS].sort());
});

pureTest("everything that is read out of a payload is the same in version 1", () =>
  forAll(3000, (random) => {
    const payload = encode(randomEvent(random));
    assertEquals(readAll(payload.slice(1)), readAll(payload));
  }));

pureTest(
  "an origin is read back, and what is read out of the payload is the same with and without it",
  () =>
    forAll(3000, (random) => {
      const event = randomEvent(random);
      const origin = { front: random.text("az09", 1, 16), session: random.below(2 ** 31), line: 2 ** 53 - 1 };
      const scratch = new Uint8Array(1024);
      const payload = scratch.slice(0, encodeEvent(event, scratch, origin));
      const plain = encode(event);
      assertEquals([payload[0], originOf(payload), originOf(plain)], [ORIGIN_VERSION, origin, undefined]);
      const { id, sender, ...rest } = readAll(payload);
      const { id: plainId, sender: plainSender, ...plainRest } = readAll(plain);
      assertEquals([rest, id, sender], [plainRest, plainId, plainSender]);
    }),
);

pureTest("what is no origin is none, and no field of the event", () => {
  for (const text of ["", "a.1", "A.1.1", "a.1.1.1", "a.b.c d", "a".repeat(17) + ".1.1", "a.1.zzzzzzzzzzz"]) {
    assertEquals(parseLineOrigin(text), undefined, text);
  }
  const damaged = new Uint8Array([ORIGIN_VERSION, 0x50, 0x50]);
  assertEquals([decodeEvent(damaged), channelOfMessage(damaged), originOf(damaged)], [
    undefined,
    undefined,
    undefined,
  ]);
});

pureTest("in a payload of a version that is not known nothing is found", () =>
  forAll(3000, (random) => {
    const payload = encode(randomEvent(random));
    do payload[0] = random.below(0x80); while (
      payload[0] === PAYLOAD_VERSION || payload[0] === ORIGIN_VERSION
    );
    const nothing = {
      event: undefined,
      channel: undefined,
      isRedaction: false,
      id: undefined,
      sender: undefined,
      fields: false,
    };
    // A letter in place of the version, which no server wrote, has another letter behind it.
    if (LETTERS.includes(String.fromCharCode(payload[0]!))) assertEquals(decodeEvent(payload), undefined);
    else assertEquals(readAll(payload), nothing);
  }));

pureTest("a TAGMSG with a sender's id is read back, as from a log that has it already", () => {
  const target = { kind: "channel", name: "#tea" } as const;
  const event: RecordedEvent = {
    kind: "message",
    verb: "TAGMSG",
    source: "a!b@c",
    target,
    text: "",
    tags: "+draft/react=x",
    from: "o",
    id: "id1",
  };
  assertEquals(decodeEvent(encode(event)), event);
  assertEquals(decodeEvent(encode(event).slice(1)), event);
});

pureTest(
  "the fields of a message without tags are those that decoding gives",
  () =>
    forAll(3000, (random) => {
      const event = randomEvent(random);
      const { fields } = readAll(encode(event));
      const wanted = event.kind === "message" && event.verb !== "TAGMSG" && event.tags === "" &&
        [event.verb === "NOTICE", event.source, event.target.name, event.text];
      assertEquals(fields, wanted);
    }),
);

pureTest("the room of a message is the one that decoding gives; of anything else there is none", () => {
  assertEquals(channelOfMessage(new TextEncoder().encode("P\0alice\0#tea")), undefined);
  assertEquals(channelOfMessage(Uint8Array.of(0x50, 0, 0, 0xff, 0, 0, 0, 0)), undefined);
  forAll(3000, (random) => {
    const event = randomEvent(random);
    const length = encodeEvent(event, scratch);
    const channel = event.kind === "message" && event.target.kind === "channel" && event.verb !== "TAGMSG"
      ? event.target.name
      : undefined;
    assertEquals(channelOfMessage(scratch.slice(0, length)), channel);
  });
});

pureTest("an event that does not fit is refused, whatever character the end falls on", () => {
  const event: RecordedEvent = { kind: "quit", source: "a!b@c", reason: "😀😀" };
  const length = encodeEvent(event, scratch);
  for (let channel = 0; channel < length; channel++) {
    assertEquals(encodeEvent(event, new Uint8Array(channel)), -1);
  }
  assertEquals(encodeEvent(event, new Uint8Array(length)), length);
});

pureTest(
  "garbage is no event, or one that encodes to the same bytes; nothing throws",
  () =>
    forAll(5000, (random) => {
      const bytes = random.chance(2)
        ? Uint8Array.from({ length: random.below(60) }, () => random.below(256))
        : scratch.slice(0, encodeEvent(randomEvent(random), scratch));
      for (let flips = random.below(4); flips > 0 && bytes.length > 0; flips--) {
        bytes[random.below(bytes.length)] = random.pick([0, random.below(256)]);
      }
      const event = decodeEvent(bytes);
      if (event === undefined) return;
      assertEquals(
        encode(event),
        bytes[0] === PAYLOAD_VERSION ? bytes : Uint8Array.of(PAYLOAD_VERSION, ...bytes),
      );
    }),
);

pureTest("a message whose letter says that there is an id has one", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  assertEquals(decodeEvent(bytes("p\0alice!a@h\0#dev\0~1\0\0hello\0\0")), undefined);
  assertEquals(decodeEvent(bytes("p\0alice!a@h\0#dev\0~1\0\0hello\0\0id"))?.kind, "message");
});
