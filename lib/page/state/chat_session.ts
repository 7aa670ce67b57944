/** What a person does in a chat. */
import { effect } from "@preact/signals";
import { casefold, isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import { addChannelPrefix } from "../../client/commands/arguments.ts";
import type { MessageParts } from "../../irc/message.ts";
import type { RequestResult } from "../../client/conversation/effects.ts";
import { HISTORY_PAGE_MESSAGES, makeGapMessage, readPage } from "../../client/conversation/history_page.ts";
import type { CompletionWords } from "../model/completion.ts";
import type { Draft } from "../model/drafts.ts";
import { formatFragment } from "../model/message_link.ts";
import type { Preferences } from "../model/preferences.ts";
import { stepRoom } from "../model/room_list.ts";
import type { GapRow, MessageRow } from "../model/row.ts";
import type { Seek } from "./chat_signals.ts";
import { ChatDrafts } from "./chat_drafts.ts";

export class ChatSession extends ChatDrafts {
  readonly #onSent = new Set<() => void>();
  /** Of the last call of {@link goTo} that goes on. */
  #seek: object | undefined;

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
      return void this.#execute(`/join ${name}`);
    }
    this.update("person", (now) => this.model.open(this.chat.channels.get(name)?.name ?? name, now));
  }

  /** Enters the room `name`, with its # or without. */
  enter(name: string): void {
    this.open(addChannelPrefix(name));
  }

  /** Closes the panel where it covers the conversation: in a narrow window. */
  uncover(): void {
    if (matchMedia("(max-width: 1000px)").matches) this.panel.value = "none";
  }

  /** Asks once more for what is missing at `row`: the server may have it in its archive. */
  async loadGap(row: GapRow): Promise<void> {
    const result = await this.link.request(makeGapMessage(row.gap));
    this.update("person", (now) => {
      const lines = result.kind === "answered" ? result.lines : [];
      const { items } = readPage({ for: "page", target: row.gap.target }, lines, now);
      const found = this.chat.acceptHistory(items).filter((item) => !this.chat.ignoreList.isHidden(item));
      const last = found.at(-1);
      if (last === undefined || found.every(({ kind }) => kind === "gap")) {
        return this.chat.note("the server does not have the messages of the gap", now);
      }
      // Of a long gap the rest is a gap again.
      const rest = items.length < HISTORY_PAGE_MESSAGES
        ? []
        : [{ ...row.gap, count: undefined, after: last.time }];
      this.model.rows(row.gap.target).fillGap(row.key, [...found, ...rest]);
    });
  }

  /** Asks the server for what only a panel shows. */
  request(message: MessageParts): Promise<RequestResult> {
    return this.link.request(message);
  }

  /** Leaves the open room. */
  leave(): void {
    const name = this.current.value;
    void this.#execute(`/part ${name}`, () => {
      if (this.chat.isOnline && name !== undefined) this.chat.views.close(name);
    });
  }

  /** Opens the conversation after or before the current one. */
  step(step: 1 | -1, unreadOnly: boolean): void {
    const name = stepRoom(this.roomList.value, step, unreadOnly);
    if (name !== undefined) this.open(name);
  }

  /** Names of conversations and people. */
  get knownNames(): string[] {
    const { rooms, direct } = this.roomList.value;
    return [...[...direct, ...rooms].map(({ name }) => name), ...this.chat.channels.listMembers()];
  }

  /** What words in the composer can be completed to. */
  get completionWords(): Omit<CompletionWords, "commands"> {
    const { current: { value: name = "" } } = this;
    const here = this.chat.channels.get(name)?.members.values() ?? [name];
    const { names, channels } = this.chat.completionWords;
    const own = (nick: string) => this.isOwnName(nick);
    return {
      names: [...new Set([...here, ...isChannelName(name) ? [] : names])].filter((nick) => !own(nick)),
      rooms: [...channels],
    };
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
    } else void this.#execute(text, (isTaken) => isTaken || this.#putBack(name, text));
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

  /** Sends a message again that has failed. */
  retry(row: MessageRow): void {
    if (row.senderId !== undefined) this.options.kept.dropUnsent(row.senderId); // it gets another id
    this.update("other", (now) => this.model.retry(row, now));
  }

  /** Removes a message that has failed. */
  dismiss(row: MessageRow): void {
    if (row.senderId !== undefined) this.options.kept.dropUnsent(row.senderId);
    this.update("other", () => this.model.dismiss(row));
  }

  /** Takes back a message that waits to be sent. Its text, if `isEdited`, goes to the composer. */
  withdraw({ senderId = "" }: MessageRow, isEdited: boolean): void {
    this.update("other", () => {
      const message = this.chat.sendTracker.withdraw(senderId);
      if (message === undefined || !isEdited) return;
      const { text, replyTo, replaces } = message;
      const draft = this.draft.value.text;
      this.changeDraft(() => ({ text: draft === "" ? text : `${text}\n${draft}`, replyTo, replaces }));
    });
  }

  canWithdraw({ senderId = "" }: MessageRow): boolean {
    return this.chat.outbox.findUnsent(senderId) !== undefined;
  }

  get preferences(): Preferences {
    return this.options.preferences.value.value;
  }

  changePreferences(change: Partial<Preferences>): void {
    this.options.preferences.change(change).catch((error) => this.noteStorageFault(error));
  }

  /** The key of the name is kept in this browser. */
  get hasKey(): boolean {
    return this.options.hasKey;
  }

  /** Tells the other tabs that the person logs out. */
  logOut(): void {
    this.options.tabs.post({ kind: "logout" });
  }

  /** Puts the text of a message that has failed into the composer, behind what is there. */
  rewrite(row: MessageRow): void {
    this.changeDraft((draft) => ({
      ...draft,
      text: draft.text === "" ? row.text : `${draft.text}\n${row.text}`,
    }));
    this.dismiss(row);
  }

  /** The address of the message `id` of the open conversation, for those who are in it. */
  linkTo(id: string): string {
    return location.origin + location.pathname + formatFragment({ where: this.current.value ?? "", id });
  }

  /** `run` is called to show the newest message: after each that one sends. Returns what ends that. */
  onSent(run: () => void): () => void {
    this.#onSent.add(run);
    return () => this.#onSent.delete(run);
  }

  /** Shows the message `id` of the open conversation, which may have to be loaded. */
  async goTo(id: string): Promise<void> {
    const name = this.current.value;
    const seek = {};
    this.#seek = seek;
    while (this.rows.indexOfMessage(id) === undefined) {
      if (!this.chat.isOnline) {
        return this.#failSeek("Earlier messages are on the server: try again when you are connected.");
      }
      const isLoading = this.loadEarlier() || this.model.loadState(name ?? "").isLoading;
      if (!isLoading) return this.#failSeek("The server no longer has this message.");
      const time = this.rows.count === 0 ? undefined : this.rows.at(0).time;
      this.seek.value = { count: this.rows.count, time, fault: "" };
      await this.nextPage.promise;
      if (this.#seek !== seek || this.isClosed) return;
      if (this.current.value !== name) return this.stopSeek();
      const { failure } = this.model.loadState(name ?? "");
      if (failure !== "") return this.#failSeek(`Earlier messages could not be read: ${failure}`);
    }
    this.stopSeek();
    this.target.value = { id, nth: (this.target.value?.nth ?? 0) + 1 };
  }

  /** Ends what {@link goTo} does, or what it tells. */
  stopSeek(): void {
    this.#seek = undefined;
    this.seek.value = undefined;
  }

  #failSeek(fault: string, missing: Pick<Seek, "room" | "id"> = {}): void {
    this.#seek = undefined;
    this.seek.value = { count: 0, time: undefined, fault, ...missing };
  }

  async goToFound({ where, id }: { readonly where: string; readonly id: string | undefined }): Promise<void> {
    if (isChannelName(where) && !this.chat.wantedChannels.has(where)) {
      return this.#failSeek(`You are not in ${where}: enter it to read this message there.`, {
        room: where,
        id,
      });
    }
    this.open(where);
    if (id !== undefined) await this.goTo(id);
  }

  /** Enters the room of {@link seek}, and shows the message there. */
  enterSought(): void {
    const { room = "", id } = this.seek.value ?? {};
    this.enter(room);
    const stop = effect(() => {
      if (!isSameName(this.current.value ?? "", room)) return;
      queueMicrotask(() => {
        stop();
        if (id !== undefined) void this.goTo(id);
      });
    });
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
  async #execute(input: string, onDone: (isTaken: boolean) => unknown = () => {}): Promise<void> {
    const name = this.current.value;
    const actions = await this.options.loadActions();
    if (actions !== undefined && (this.current.value === name || input.startsWith("/join "))) {
      return this.update("person", (now) => {
        onDone(actions.executePageCommand(this.chat, input, now));
      });
    }
    if (name !== undefined && !this.isClosed) this.#putBack(name, input);
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
