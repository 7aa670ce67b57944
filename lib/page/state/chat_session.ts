/** What a person does in a chat. */
import { casefold } from "../../irc/names/casemap.ts";
import { CHANNEL_PREFIX, isChannelName } from "../../irc/names/name_rules.ts";
import type { MessageParts } from "../../irc/message.ts";
import type { RequestResult } from "../../client/conversation/effects.ts";
import type { Draft } from "../model/drafts.ts";
import type { Preferences } from "../model/preferences.ts";
import { stepRoom } from "../model/room_list.ts";
import type { MessageRow } from "../model/row.ts";
import type { LateActions } from "./late_actions.ts";
import { ChatDrafts } from "./chat_drafts.ts";

export class ChatSession extends ChatDrafts {
  readonly #onSent = new Set<() => void>();

  /** What the text of a message in the open conversation is read with. */
  get textContext(): { readonly nick: string; readonly isMember: (name: string) => boolean } {
    const members = this.chat.channels.get(this.current.value ?? "")?.members;
    return { nick: this.chat.nick, isMember: (name) => members?.has(casefold(name)) === true };
  }

  /** Opens a conversation; a room that we are not in is entered. */
  open(name: string): void {
    if (this.isOwnName(name)) return;
    this.target.value = undefined;
    if (isChannelName(name) && !this.chat.wantedChannels.has(name)) {
      return void this.execute(`/join ${name}`);
    }
    this.update("person", (now) => this.model.open(this.chat.channels.get(name)?.name ?? name, now));
  }

  /** Enters the room `name`, with its # or without. */
  enter(name: string): void {
    this.open(isChannelName(name) ? name : CHANNEL_PREFIX + name);
  }

  /** Asks the server for what only a panel shows. */
  request(message: MessageParts): Promise<RequestResult> {
    return this.link.request(message);
  }

  /** Opens the conversation after or before the current one. */
  step(step: 1 | -1, unreadOnly: boolean): void {
    const name = stepRoom(this.roomList.value, step, unreadOnly);
    if (name !== undefined) this.open(name);
  }

  /** Takes what is in the composer, which is empty then. */
  submit(): void {
    const name = this.current.value;
    const draft = this.draft.value;
    if (name === undefined || draft.text.trim() === "") return;
    this.setDraft(name, { text: "" });
    const { text } = draft;
    if (/^\/(?!\/)/.test(text)) this.#runCommand(name, text);
    else this.#say(name, text.replace(/^\/\//, "/"), draft);
  }

  #runCommand(name: string, text: string): void {
    const [, word = "", rest = ""] = /^\/(\S*)\s*(.*)$/s.exec(text) ?? [];
    const [, to = "", message = ""] = /^(\S+)\s+(.+)$/s.exec(rest) ?? [];
    if (word === "search") {
      this.panel.value = "search";
      this.wantedSearch.value = rest;
    } else if (word === "me" && rest !== "") this.#say(name, rest, { manner: "did" });
    else if (word === "msg" && message !== "") {
      this.open(to);
      this.#say(to, message, {});
    } else void this.execute(text, (isTaken) => isTaken || this.#putBack(name, text));
  }

  /** Reacts with `text`, or takes the reaction back. */
  react(row: MessageRow, text: string): void {
    this.#act((name, now) => this.model.toggleReaction(name, row, text, now));
  }

  /** Removes a message of ours for all. */
  remove(row: MessageRow): void {
    this.#act((name, now) => this.model.remove(name, row, now));
  }

  canEdit(row: MessageRow): boolean {
    return this.model.canEdit(row, Date.now());
  }

  get preferences(): Preferences {
    return this.options.preferences.value.value;
  }

  /** Tells the other tabs that the person logs out. */
  logOut(): void {
    this.options.tabs.post({ kind: "logout" });
  }

  /** `run` is called to show the newest message: after each that one sends. Returns what ends that. */
  onSent(run: () => void): () => void {
    this.#onSent.add(run);
    return () => this.#onSent.delete(run);
  }

  /** Does what is loaded later; where it cannot be loaded, the person is told. */
  async act(run: (actions: LateActions) => void): Promise<void> {
    const actions = await this.options.loadActions();
    if (actions !== undefined && !this.isClosed) run(actions);
  }

  /** Goes to the newest message; nothing is new any more. */
  goToEnd(): void {
    this.target.value = undefined;
    this.update("other", () => this.model.rows(this.current.value ?? "").unmarkUnread());
    for (const run of this.#onSent) run();
  }

  /**
   * Carries out the command `input` once commands are loaded; `onDone` is told whether it was written as it should be.
   * Where they cannot be loaded, or the conversation that it is about is not open any more, it goes back into the
   * composer of that.
   */
  async execute(input: string, onDone: (isTaken: boolean) => unknown = () => {}): Promise<void> {
    const name = this.current.value;
    const actions = await this.options.loadActions();
    if (actions !== undefined && (this.current.value === name || input.startsWith("/join "))) {
      return this.update("person", (now) => {
        onDone(actions.executePageCommand(this.chat, input, now));
      });
    }
    if (name !== undefined) this.update("other", () => this.#putBack(name, input));
  }

  /** Puts `input` into the composer of `name`, before what has been typed since. */
  #putBack(name: string, input: string): void {
    const { text, ...rest } = this.model.drafts.get(name);
    this.setDraft(name, { ...rest, text: text === "" ? input : `${input}\n${text}` });
  }

  #say(name: string, text: string, { replyTo, replaces, manner }: Partial<Draft> & { manner?: "did" }): void {
    const references = { ...replyTo !== undefined && { replyTo }, ...replaces !== undefined && { replaces } };
    this.update("other", (now) => {
      const isTaken = this.model.say(name, text.trimEnd(), now, { ...references, ...manner && { manner } });
      if (!isTaken) this.chat.alarm("too many messages wait to be sent; try again later", now);
    });
    for (const run of this.#onSent) run();
  }

  /** What needs the connection. */
  #act(run: (name: string, now: number) => void): void {
    const name = this.current.value;
    this.update("person", (now) => {
      if (name !== undefined && this.chat.isOnline) run(name, now);
      else this.chat.alarm("this needs the connection; try again when it is back", now);
    });
  }
}
