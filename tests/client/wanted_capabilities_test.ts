import { assertEquals } from "@std/assert";
import { CAPABILITIES, formatCapLs } from "../../lib/irc/capabilities.ts";
import { CapabilityTracker } from "../../lib/client/session/capability_tracker.ts";
import { WANTED_CAPABILITIES } from "../../lib/client/session/wanted_capabilities.ts";
import { pureTest } from "../support/test.ts";

/** What a client requests of a server that offers `offer`, in order. */
function requested(offer: string, isObserver = false, hasCredentials = false, wantsEvents = false): string[] {
  const [line = ""] = new CapabilityTracker(isObserver, hasCredentials, wantsEvents).receive([
    "*",
    "LS",
    offer,
  ]);
  return line.replace(/^CAP REQ :/, "").split(" ");
}

const OUR_OFFER = formatCapLs(302, new Map([["sasl", "SCRAM-SHA-256,PLAIN"]])).join(" ");

/** What is requested of our own server by each client; the order is that of its offer. */
const EVERY_CLIENT = [
  "message-tags",
  "server-time",
  "batch",
  "labeled-response",
  "echo-message",
  "standard-replies",
  "draft/chathistory",
  "draft/multiline",
  "draft/message-redaction",
  "draft/channel-rename",
  "draft/read-marker",
  "soju.im/search",
  "cap-notify",
  "chatterbox.chat/seq",
  "chatterbox.chat/claim",
  "chatterbox.chat/receipts",
];

pureTest("of our own server a client requests what it wants, and nothing else", () => {
  assertEquals(requested(OUR_OFFER), EVERY_CLIENT);
});

pureTest("a client requests SASL for a login, and what an observer or a page needs for those", () => {
  const added = (...flags: [boolean, boolean, boolean?]) =>
    requested(OUR_OFFER, ...flags).filter((name) => !EVERY_CLIENT.includes(name));
  assertEquals(added(false, true), ["sasl"]);
  assertEquals(added(true, false), ["chatterbox.chat/observer"]);
  assertEquals(added(true, true), ["sasl", "chatterbox.chat/observer"]);
  assertEquals(added(false, false, true), ["away-notify", "extended-monitor", "draft/event-playback"]);
});

pureTest("a capability that a later server adds is not requested", () => {
  assertEquals(requested(`chatterbox.chat/later batch draft/later=1 ${OUR_OFFER}`), [
    "batch",
    ...EVERY_CLIENT.filter((name) => name !== "batch"),
  ]);
});

pureTest("each wanted capability is one that our server offers", () => {
  const offered = new Set(CAPABILITIES.map(({ name }) => name));
  assertEquals([...WANTED_CAPABILITIES.keys()].filter((name) => !offered.has(name)), []);
});
