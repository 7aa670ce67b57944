/** An entry printer in a test, and entries for it. */
import { ChatSettings } from "../../../lib/client/conversation/model/chat_settings.ts";
import type { ChatSettingName } from "../../../lib/client/conversation/model/chat_settings.ts";
import type { ChatEntry, MessageEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import type { LocalTime } from "../../../lib/client/conversation/model/local_time.ts";
import { EntryPrinter } from "../../../lib/tui/view/entry_printer.ts";
import type { PrintContext } from "../../../lib/tui/view/entry_printer.ts";
import type { StyledSpan } from "../../../lib/tui/view/styled_line.ts";

export const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** UTC. */
const local: LocalTime = {
  clock: (time) => new Date(time).toISOString().slice(11, 16),
  day: (time) => `day ${Math.floor(time / DAY)}`,
  date: (time) => `date ${Math.floor(time / DAY)}`,
};

/** A message of bob to #lobby at 00:00. */
export function say(text: string, more: Partial<MessageEntry> = {}): MessageEntry {
  const where = { channel: "#lobby", to: "#lobby", seq: undefined, id: undefined } as const;
  return { kind: "message", time: 0, from: "bob", manner: "said", text, ...where, ...more };
}

export function joined(nick: string, time = 0, channel = "#lobby"): ChatEntry {
  return { kind: "joined", time, channel, nick };
}

export function quit(nick: string, reason = "", time = 0): ChatEntry {
  return { kind: "quit", time, nick, reason, channels: ["#lobby"] };
}

export function react(text: string, to: string, from = "bob", removed = false): ChatEntry {
  const of = { of: "bob", excerpt: "the deploy is through" };
  return { kind: "reaction", time: 0, channel: "#lobby", from, text, removed, to, ...of };
}

/** The removal of the message `id` of bob, sent at 00:00. */
export function removed(id: string, by = "bob", reason = ""): ChatEntry {
  const of = { of: "bob", at: 0, excerpt: "the deploy is through" };
  return { kind: "redacted", time: 0, target: "#lobby", id, by, reason, ...of };
}

/** What alice in #lobby sees. */
export class Printing {
  readonly printer = new EntryPrinter(local, 0);
  readonly #context: PrintContext;
  readonly rows: (readonly StyledSpan[])[] = [];

  constructor(
    columns: number | undefined,
    chosen: Partial<Record<ChatSettingName, string>> = {},
    replaceable = 0,
  ) {
    const settings = new ChatSettings();
    for (const [name, value] of Object.entries(chosen)) settings.choose(name as ChatSettingName, value);
    this.#context = { nick: "alice", channel: "#lobby", view: "#lobby", columns, replaceable, settings };
  }

  /** Prints `entries` at the time of each, and shows them. */
  add(...entries: readonly ChatEntry[]): this {
    for (const entry of entries) this.printer.add(entry, this.#context, entry.time);
    return this.show();
  }

  flush(): this {
    this.printer.flush(this.#context);
    return this.show();
  }

  show(): this {
    const { rows, replaced } = this.printer.take();
    if (replaced > 0) this.rows.splice(-replaced);
    this.rows.push(...rows);
    return this;
  }

  get text(): string[] {
    return this.rows.map((row) => row.map(({ text }) => text).join("").trimEnd());
  }
}
