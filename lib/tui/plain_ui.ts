/**
 * User interface without a terminal, or for one that cannot move its cursor: one line in, one line out. With
 * {@link PlainForm} the lines are those of `join --plain`.
 */
import { toPrintable } from "../base/printable_text.ts";
import type { InputStream, OutputStream, Palette } from "../cli/standard_streams.ts";
import { dropOverwritten, PipedTextDecoder } from "../cli/piped_text_decoder.ts";
import type { ChatEntry } from "../client/conversation/model/chat_entry.ts";
import type { LocalTime } from "../client/conversation/model/local_time.ts";
import { isChannelName } from "../irc/names/name_rules.ts";
import type { ChatInput, ChatUi, InputEnd } from "./ui.ts";
import type { RenderContext } from "./view/spans.ts";
import { renderPlainEntry } from "./view/plain_entry.ts";
import { formatAnsi } from "./view/styled_line.ts";
import type { ViewKey } from "../client/conversation/model/views.ts";
import type { StyledSpan } from "./view/styled_line.ts";

/** Longest line of input; the rest becomes a line of its own. Far above a message, far below memory. */
const MAX_LINE_UNITS = 64 * 1024;

/** How `join --plain` shows a chat: `plain_entry.ts`, `room #dev` when another room is the current one, `date DAY`. */
export interface PlainForm {
  readonly local: LocalTime;
  /** Milliseconds since the epoch: of this day the first entry has no date. */
  readonly now: number;
  readonly hasTimes: boolean;
  /** The terminal shows what is typed, so that it is not shown again. */
  readonly echoes: boolean;
  /** Ids of messages that were typed in earlier runs (`UnsentMessage.id`): these are shown. */
  readonly keptIds: readonly string[];
}

export class PlainUi implements ChatUi {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #output: OutputStream;
  readonly #palette: Palette;
  readonly #onReplaced: () => void;
  readonly #form: PlainForm | undefined;
  /** The conversation named last. */
  #view: string | undefined;
  #day = "";
  readonly renderEntry?: NonNullable<ChatUi["renderEntry"]>;

  /** `onReplaced` is called once, when input was not UTF-8. `form`: left out, lines are as at a terminal. */
  constructor(
    input: InputStream,
    output: OutputStream,
    palette: Palette,
    onReplaced: () => void = () => {},
    form?: PlainForm,
  ) {
    this.#form = form;
    if (form !== undefined) {
      this.#day = form.local.day(form.now);
      this.renderEntry = (entry, reader, view) =>
        this.#renderPlain(entry, reader, view, form).map((text) => [{ text }]);
    }
    this.#reader = input.readable.getReader();
    this.#output = output;
    this.#palette = palette;
    this.#onReplaced = onReplaced;
  }

  show(lines: readonly (readonly StyledSpan[])[]): void {
    for (const line of lines) this.#output.write(formatAnsi(line, this.#palette) + "\n");
  }

  prompt(_text = "", shown?: ViewKey): void {
    const view = shown?.name;
    if (this.#form !== undefined) this.show(this.#nameView(view).map((text) => [{ text }]));
  }

  async run({ take }: ChatInput): Promise<InputEnd> {
    const piped = new PipedTextDecoder();
    let isReported = false;
    let rest = "";
    for (;;) {
      const read = await this.#reader.read().catch(() => undefined);
      if (read === undefined) return "unreadable";
      const { value, done } = read;
      rest += piped.decode(value);
      if (piped.hasReplacements && !isReported) this.#onReplaced();
      isReported = piped.hasReplacements;
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) await take(dropOverwritten(line));
      while (rest.length > MAX_LINE_UNITS) {
        await take(rest.slice(0, MAX_LINE_UNITS));
        rest = rest.slice(MAX_LINE_UNITS);
      }
      if (!done) continue;
      if (rest !== "") await take(dropOverwritten(rest));
      return "end";
    }
  }

  #renderPlain(
    entry: ChatEntry,
    reader: RenderContext,
    view: string | undefined,
    { local, hasTimes, echoes, keptIds }: PlainForm,
  ): string[] {
    // What was typed in an earlier run may have been cut: its parts have an id that begins with that of the whole.
    const isTyped = echoes && entry.kind === "message" && entry.senderId !== undefined &&
      !keptIds.some((id) => entry.senderId!.startsWith(id));
    if (isTyped) return [];
    const day = local.day(entry.time);
    const date = day === this.#day ? [] : [`date ${day}`];
    this.#day = day;
    return [...this.#nameView(view), ...date, ...renderPlainEntry(entry, reader, local, hasTimes)];
  }

  /** The line that names the current conversation, if it is another one than before. */
  #nameView(view: string | undefined): string[] {
    if (view === this.#view) return [];
    this.#view = view;
    if (view === undefined) return ["no room"];
    return [`${isChannelName(view) ? "room" : "conversation"} ${toPrintable(view)}`];
  }

  close(): void {
    this.#reader.cancel().catch(() => {}); // closed already
  }
}
