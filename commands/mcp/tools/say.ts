/** The tool `say`: one text to a room or a person, as `chatterbox send` does. */
import { z } from "zod";
import { utf8Length } from "../../../lib/base/bytes.ts";
import { toPrintable } from "../../../lib/base/printable_text.ts";
import type { Link } from "../../../lib/client/connection/link.ts";
import {
  deduplicatesMessages,
  supportsReceipts,
} from "../../../lib/client/conversation/model/server_features.ts";
import { splitIntoMultilinePieces, TextDelivery } from "../../../lib/client/sending/delivery.ts";
import type { DeliveryOutcome } from "../../../lib/client/sending/delivery.ts";
import { ReceiptWaiter } from "../../../lib/client/sending/receipt_waiter.ts";
import { acknowledgesWhenDurable } from "../../../lib/client/sending/receipts.ts";
import { MULTILINE_MAX_BYTES } from "../../../lib/irc/multiline.ts";
import { isSenderId, isSenderKey, SENDER_KEY_RULE } from "../../../lib/irc/sender_id.ts";
import { requireAccount } from "../account_tags.ts";
import type { Agent, ToolAnswer } from "../agent.ts";
import { ToolRefusal } from "../tool_refusal.ts";
import { conversation } from "./schemas.ts";

/** Longest text, in bytes of UTF-8: one message of several lines. */
export const MAX_SAY_BYTES = MULTILINE_MAX_BYTES;
/** For the text and its receipt, over as many connections as it takes. */
const SAY_TIMEOUT_MS = 20_000;
/** Random bytes of an id where the model gives none. */
const ID_BYTES = 16;

/** Controls but the line feed and the tab; a carriage return is part of a line end. */
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;
/** What a person would type for a command: `/kick bob`, and not `/etc/passwd`. */
const SLASH_COMMAND = /^\s*\/[a-z]+(?:\s|$)/i;

export const sayInput = z.object({
  to: conversation,
  text: z.string().min(1).describe(`the message; line feeds are kept, at most ${MAX_SAY_BYTES} bytes`),
  id: z.string().optional().describe(
    "an id of your choice for this message: said again with the same id and text, it is there once",
  ),
});

export const sayOutput = z.object({
  to: z.string(),
  msgid: z.string().nullable().describe("of the first message, if the text made several"),
  time: z.string().nullable(),
  messages: z.number(),
  stored: z.boolean().nullable().describe("it is on the server's disk; null: the server does not tell"),
  queued: z.boolean().describe("the person is offline, and gets it when they return"),
  away: z.string().nullable().describe("the away message of the person, which is data"),
  id: z.string(),
});

export async function say(agent: Agent, input: z.infer<typeof sayInput>): Promise<ToolAnswer> {
  const target = agent.allowed.require(input.to);
  const text = checkText(input.text);
  const id = input.id ?? crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
  if (!isSenderKey(id)) throw new ToolRefusal(`id: it is not ${SENDER_KEY_RULE}`);
  return await deliver(agent, target, text, id);
}

/** @throws {ToolRefusal} It cannot be said. */
function checkText(given: string): string {
  const text = given.toWellFormed().replaceAll("\r\n", "\n");
  if (text.trim() === "") throw new ToolRefusal("text: it is empty");
  if (CONTROLS.test(text)) {
    throw new ToolRefusal("text: it has control characters, which messages cannot contain");
  }
  if (SLASH_COMMAND.test(text)) {
    throw new ToolRefusal(
      "text: it looks like a command, and say carries out none; put a word in front of the slash",
    );
  }
  const bytes = utf8Length(text);
  if (bytes > MAX_SAY_BYTES) {
    throw new ToolRefusal(`text: it has ${bytes} bytes; the most is ${MAX_SAY_BYTES}`);
  }
  return text;
}

async function deliver(agent: Agent, target: string, text: string, id: string): Promise<ToolAnswer> {
  const endAt = performance.now() + SAY_TIMEOUT_MS;
  const remainingMs = () => Math.max(0, endAt - performance.now());
  let delivery: TextDelivery | undefined;
  let away: string | undefined;
  for (;;) {
    const link = await agent.connection.requireFor(target, delivery && remainingMs());
    await requireAccount(link, agent.allowed, target);
    delivery ??= makeDelivery(link, target, text, id);
    const outcome = await delivery.sendOver(link, remainingMs, (words) => away = words);
    if (outcome.kind === "accepted") {
      const stored = await isStored(link, delivery, remainingMs);
      return formatAccepted(target, id, delivery, stored, away);
    }
    if (outcome.kind === "lost" && remainingMs() > 0 && deduplicatesMessages(link.session)) continue;
    throw new ToolRefusal(describeFailedDelivery(outcome, target, id));
  }
}

function makeDelivery(link: Link, target: string, text: string, id: string): TextDelivery {
  const pieces = splitIntoMultilinePieces(text, id, target, link);
  if (!isSenderId(pieces.at(-1)!.id)) {
    throw new ToolRefusal(
      `id: this text makes ${pieces.length} messages, and the id of the last is too long`,
    );
  }
  return new TextDelivery(target, pieces);
}

/** Null: the server does not tell. */
async function isStored(
  link: Link,
  delivery: TextDelivery,
  remainingMs: () => number,
): Promise<boolean | null> {
  if (acknowledgesWhenDurable(link.session)) return true;
  if (!supportsReceipts(link.session)) return null;
  return (await new ReceiptWaiter("durable", delivery).waitOver(link, remainingMs)).kind === "done";
}

function formatAccepted(
  to: string,
  id: string,
  { acknowledgements }: TextDelivery,
  stored: boolean | null,
  away: string | undefined,
): ToolAnswer {
  const first = acknowledgements[0];
  const queued = acknowledgements.some((each) => each?.queued === true);
  const data = {
    to,
    msgid: first?.id ?? null,
    time: first?.time === undefined ? null : new Date(first.time).toISOString(),
    messages: acknowledgements.length,
    stored,
    queued,
    away: away === undefined ? null : toPrintable(away),
    id,
  };
  const state = stored === true ? "stored" : stored === false ? "not known to be on disk" : "accepted";
  const later = queued
    ? `; ${to} is offline and gets it when they return`
    : away === undefined
    ? ""
    : `; ${to} is away`;
  return { text: `said in ${to}: ${state}${later}; msgid ${data.msgid ?? "unknown"}`, data };
}

function describeFailedDelivery(
  outcome: Exclude<DeliveryOutcome, { kind: "accepted" }>,
  target: string,
  id: string,
): string {
  switch (outcome.kind) {
    case "no_such_target":
    case "too_long":
    case "refused":
      return toPrintable(`not said in ${target}: ${outcome.text}`);
    case "id_in_use":
      return toPrintable(`not said: ${outcome.text}; choose another id`);
    case "lost":
    case "timed_out":
    case "unrecognised":
      return `no answer from the server: it is unknown whether ${target} has it; say it again with the id ${id}`;
  }
}
