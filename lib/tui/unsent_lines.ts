/**
 * The messages that the server has not acknowledged, as they are shown above the input line; and what is shown of those
 * that will not be sent. Pure.
 */
import type { Effect } from "../client/conversation/effects.ts";
import type { ChatEntry, MessageEntry } from "../client/conversation/model/chat_entry.ts";
import { makeTextMessage } from "../client/conversation/model/ctcp.ts";
import { makeMessageEntry } from "../client/conversation/model/entry_parser.ts";
import type { UnsentMessage } from "../client/conversation/unsent_message.ts";
import { joinConcatenated } from "../irc/multiline.ts";
import type { StyledSpan } from "./view/styled_line.ts";

/** Messages shown; of the earlier ones the number. */
const MAX_UNSENT_SHOWN = 3;

/** Tells them from messages that have arrived where there are no colours. */
const ON_ITS_WAY: StyledSpan = { text: " …" };

/** Between a reason and the text of the message, which has its own line here. */
const TEXT_BEHIND_REASON = /(?:; not delivered)?: $/;

export class UnsentLines {
  /** By id, in the order in which they were said. */
  readonly #messages = new Map<string, UnsentMessage>();
  readonly #showsFailed: boolean;
  /** The message that has failed last. */
  #failed: UnsentMessage | undefined;

  /** `showsFailed`: a failed message has a line of its own, beside the reason. */
  constructor(showsFailed: boolean) {
    this.#showsFailed = showsFailed;
  }

  /**
   * Follows what is kept and dropped; other effects mean nothing here. Returns the message that has failed with this
   * effect, if one has.
   */
  follow(effect: Effect, from: string, now: number): (MessageEntry & { readonly isFailed: true })[] {
    if (effect.kind === "keep") this.#messages.set(effect.message.id, effect.message);
    if (effect.kind !== "drop") return [];
    const message = this.#messages.get(effect.id);
    this.#messages.delete(effect.id);
    if (effect.why.kind !== "failed" || message === undefined || !this.#showsFailed) return [];
    this.#failed = message;
    return [{ ...makeOwnEntry(message, from), time: now, isFailed: true }];
  }

  /** `entry`; of a failed message, the reason alone: what {@link follow} has returned tells the message. */
  shorten(entry: ChatEntry): ChatEntry {
    const failed = this.#failed;
    if (entry.kind !== "alarm" || failed === undefined || entry.senderId !== failed.id) return entry;
    this.#failed = undefined;
    const text = joinConcatenated(failed.text);
    if (!entry.text.endsWith(text)) return entry;
    return {
      ...entry,
      text: entry.text.slice(0, entry.text.length - text.length).replace(TEXT_BEHIND_REASON, ""),
    };
  }

  /** The newest messages as `render` shows them, and a line with the number of those before. */
  list(from: string, render: (entry: MessageEntry) => readonly (readonly StyledSpan[])[]): StyledSpan[][] {
    const messages = [...this.#messages.values()];
    const shown = messages.slice(-MAX_UNSENT_SHOWN);
    const earlier = messages.length - shown.length;
    const lines = shown.flatMap((message) => {
      const rows = render(makeOwnEntry(message, from));
      return rows.map((row, nth) => nth === rows.length - 1 ? [...row, ON_ITS_WAY] : [...row]);
    });
    return earlier === 0 ? lines : [[{ text: `      … ${earlier} more not sent yet` }], ...lines];
  }
}

function makeOwnEntry(message: UnsentMessage, from: string): MessageEntry {
  const { command, params: [to, text] } = makeTextMessage(message);
  return makeMessageEntry({
    id: undefined,
    seq: undefined,
    time: message.at,
    from,
    to,
    verb: command,
    text: joinConcatenated(text),
    ...message.replyTo !== undefined && { replyTo: message.replyTo },
  });
}
