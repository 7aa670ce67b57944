/** A chat of alice in #lobby at a terminal that shows one view, without the terminal: what is shown, and the prompt. */
import { ChatSettings } from "../../lib/client/conversation/model/chat_settings.ts";
import type { ChatOptions, CompletionWords } from "../../lib/client/conversation/chat.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import type { ViewMove } from "../../lib/client/commands/view_commands.ts";
import { ChatRunner } from "../../lib/tui/chat_runner.ts";
import type { KeptRooms } from "../../lib/tui/chat_saver.ts";
import type { ChatInput, ChatUi, InputEnd } from "../../lib/tui/ui.ts";
import type { StyledSpan } from "../../lib/tui/view/styled_line.ts";
import { ScriptedServer } from "../support/chat/scripted_chat.ts";
import { makeChat } from "../support/chat/test_chat.ts";

export const ALL_CAPS = [
  "draft/chathistory",
  "draft/read-marker",
  "batch",
  "server-time",
  "message-tags",
  "echo-message",
  "labeled-response",
  "chatterbox.chat/receipts",
];

class RecordingUi implements ChatUi {
  readonly columns: number;
  readonly shown: string[] = [];
  prompted = "";
  input: ChatInput | undefined;

  constructor(columns: number) {
    this.columns = columns;
  }

  show(lines: readonly (readonly StyledSpan[])[]): void {
    for (const line of lines) this.shown.push(line.map(({ text }) => text).join(""));
  }

  prompt(text: string): void {
    this.prompted = text;
  }

  run(input: ChatInput): Promise<InputEnd> {
    this.input = input;
    return new Promise(() => {});
  }

  close(): void {}
}

/** Every line has its time. */
function withAllTimes(): ChatSettings {
  const settings = new ChatSettings();
  settings.choose("times", "all");
  return settings;
}

export class ViewRun {
  readonly server = new ScriptedServer();
  readonly chat;
  readonly #ui: RecordingUi;
  readonly ended: Promise<unknown>;
  readonly #runner: ChatRunner;
  /** Minutes since the epoch, as the clock shows them. */
  now = 100;
  kept: KeptRooms | undefined;
  #ids = 0;

  /** `ui`: a user interface in place of one that records. */
  constructor({ columns = 80, caps = [] as readonly string[], ui, ...options }: {
    columns?: number;
    ui?: ChatUi;
    caps?: readonly string[];
  } & Partial<ChatOptions> = {}) {
    this.chat = makeChat({
      isInteractive: true,
      showsOneView: true,
      settings: withAllTimes(),
      newId: () => `own-${++this.#ids}`,
      ...options,
    });
    delete this.server.answers["JOIN"];
    for (const room of ["#lobby", "#dev", "#ops", "#tea"]) {
      this.server.answers[`JOIN ${room}`] = [
        `:alice!a@h JOIN ${room}`,
        `:s 332 alice ${room} :about ${room.slice(1)}`,
        `:s 353 alice = ${room} :alice bob`,
        `:s 366 alice ${room} :End`,
      ];
    }
    this.#ui = new RecordingUi(columns);
    this.#runner = new ChatRunner({
      chat: this.chat,
      ui: ui ?? this.#ui,
      clock: { now: () => this.now },
      local: { clock: (time) => `t${time}`, day: () => "today", date: String },
      drains: false,
      request: (message) => Promise.resolve(this.server.answer(message)),
      keepRooms: (kept) => this.kept = kept,
      later: () => () => {},
    });
    this.ended = this.#runner.run();
    this.#runner.update((chat) =>
      chat.handleConnected(
        { nick: "alice", caps: new Set(caps), isClaimed: caps.length > 0 },
        false,
        this.now,
      )
    );
  }

  get prompt(): string {
    return this.#ui.prompted;
  }

  get sent(): string[] {
    return this.server.received;
  }

  takeShown(): string[] {
    return this.#ui.shown.splice(0);
  }

  takeSent(): string[] {
    return this.server.received.splice(0);
  }

  /** Until all answers have been handled. */
  async settle(): Promise<this> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    return this;
  }

  async type(...lines: string[]): Promise<this> {
    for (const line of lines) {
      await this.#ui.input?.take(line);
      await this.settle();
    }
    return this;
  }

  /** The line is `line` after a key. */
  key(line: string): this {
    this.#ui.input?.typed?.(line);
    return this;
  }

  /** The words for Tab behind `before`. */
  complete(before: string): CompletionWords {
    return this.#ui.input!.completionWords(before, () => {});
  }

  /** Types a line that is answered later. */
  typeAhead(line: string): void {
    void this.#ui.input?.take(line);
  }

  /** The same with a key. */
  pressAhead(move: ViewMove): void {
    this.#ui.input?.goTo?.(move);
  }

  /** The key that goes to another view. */
  async press(move: ViewMove | "PgUp"): Promise<this> {
    if (move === "PgUp") this.#ui.input?.pageUp();
    else this.#ui.input?.goTo?.(move);
    return await this.settle();
  }

  expand(line: string): string | undefined {
    return this.#ui.input?.expand?.(line);
  }

  receive(...lines: string[]): this {
    for (const line of lines) this.#runner.receive(parseMessage(line)!);
    return this;
  }

  /** `from` says `text` to `to`, a minute after what was said before. */
  say(from: string, to: string, text: string, id = `id${this.now}`): this {
    this.now++;
    const time = new Date(this.now).toISOString();
    return this.receive(`@time=${time};msgid=${id} :${from}!u@h PRIVMSG ${to} :${text}`);
  }

  update(change: Parameters<ChatRunner["update"]>[0]): this {
    this.#runner.update(change);
    return this;
  }

  close(): void {
    this.#runner.close();
  }
}

/** In #lobby (shown) and #dev. */
export async function inTwoRooms(options: ConstructorParameters<typeof ViewRun>[0] = {}): Promise<ViewRun> {
  const alice = await new ViewRun(options).settle();
  await alice.type("/join #dev", "/go #lobby");
  alice.takeShown();
  alice.takeSent();
  return alice;
}
