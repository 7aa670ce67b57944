/**
 * The chat of one person as it goes on by itself: the model (`model/page_model.ts`), the connection, and what the browser
 * keeps.
 */
import { signal } from "@preact/signals";
import { unreachable } from "../../base/assert.ts";
import { toPrintableText } from "../../base/printable_text.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { Message } from "../../irc/message.ts";
import type { Chat } from "../../client/conversation/chat.ts";
import type { Effect } from "../../client/conversation/effects.ts";
import { conversationOf } from "../../client/conversation/model/chat_entry.ts";
import type { ChatEntry } from "../../client/conversation/model/chat_entry.ts";
import { ReconnectingLink } from "../connection/reconnecting_link.ts";
import type { LinkState } from "../connection/reconnecting_link.ts";
import { Drafts } from "../model/drafts.ts";
import { PageModel } from "../model/page_model.ts";
import type { RowList } from "../model/row.ts";
import { Presence } from "../model/presence.ts";
import type { PersonPresence } from "../model/presence.ts";
import { PresenceRequests } from "./presence_requests.ts";
import type { Unsent } from "../storage/kept_state.ts";
import type { Notifier, NotifierOptions } from "./attention/notifier.ts";
import { Timer } from "./timer.ts";
import { isVisible, makeChat } from "./chat_start.ts";
import type { ChatSessionOptions } from "./chat_start.ts";
import { ChatSignals } from "./chat_signals.ts";
import { browserTime } from "./time_text.ts";

/** Longest delays before the next attempt to connect: of a page that is looked at, of one of this machine, of others. */
const VISIBLE_RETRY_MS = 8_000;
const LOOPBACK_RETRY_MS = 2_000;
const HIDDEN_RETRY_MS = 30_000;

/**
 * What made the chat change. "person": notes answer them, and are shown. "server", by a live line, and "other": the
 * page shows in another way what notes say, or not at all.
 */
type Origin = "person" | "server" | "other";

/** They change nothing of people. */
const SPEECH: ReadonlySet<string> = new Set(["PRIVMSG", "NOTICE", "TAGMSG"]);
/** What they answer does not hold any more. */
const OF_THE_PAST: ReadonlySet<string> = new Set(["CHATHISTORY", "SEARCH"]);

export class ChatCore extends ChatSignals {
  readonly presence = new Presence();
  readonly presenceRequests = new PresenceRequests({
    request: (message) => this.link.request(message),
    receive: (lines) => this.update("other", (now) => this.#noteLines(lines, now)),
  });
  readonly options: ChatSessionOptions;
  readonly chat: Chat;
  readonly model: PageModel;
  protected readonly link: ReconnectingLink;
  /** Called for each line that answers nothing, by what is loaded later. */
  onLine: (line: Message) => void = () => {};
  /** Loaded later; undefined: it is not there yet. */
  readonly notifier = signal<Notifier | undefined>(undefined);
  readonly #markTimer = new Timer();
  readonly #typingTimer = new Timer();
  readonly #stopListening = new AbortController();
  nextPage = Promise.withResolvers<void>();
  #savedRooms = "";
  /** Who is where may be shown otherwise than it is. */
  #havePeopleChanged = true;
  /** What has changed is shown with the next frame. */
  #frame: number | undefined;
  isClosed = false;

  constructor(options: ChatSessionOptions) {
    super();
    const { nick, kept } = options;
    this.options = options;
    this.nick.value = nick;
    this.chat = makeChat(nick, kept);
    const drafts = new Drafts(kept.drafts);
    const unsent = kept.unsent.map(({ message }) => message);
    this.model = new PageModel({ chat: this.chat, local: browserTime, unsent, drafts });
    for (const { message, failure } of kept.unsent) {
      if (failure === undefined) continue;
      this.model.apply({ kind: "drop", id: message.id, why: { kind: "failed", text: failure } });
    }
    this.#joinTabs();
    this.link = new ReconnectingLink({
      options: () => ({
        ...options,
        registration: { ...options.register(this.chat.nick), wantsEvents: true },
      }),
      onLine: (line) =>
        this.update("server", (now) => {
          this.#noteLines([line], now);
          this.onLine(line);
          this.chat.handleLine(line, now);
        }),
      onState: (state) => this.#handleState(state),
      mostRetryMs: () =>
        isVisible() ? options.isLoopback ? LOOPBACK_RETRY_MS : VISIBLE_RETRY_MS : HIDDEN_RETRY_MS,
    });
    const { signal } = this.#stopListening;
    for (const event of ["online", "offline"]) {
      addEventListener(event, () => this.link.handleNetworkChange(), { signal });
    }
    for (const event of ["focus", "blur", "pageshow", "visibilitychange"]) {
      addEventListener(event, () => this.#noteVisibility(), { signal, capture: true });
    }
    addEventListener("pagehide", () => this.notifier.value?.close(), { signal });
    this.#noteVisibility();
  }

  /** The rows of the open conversation. */
  get rows(): RowList {
    return this.model.rows(this.current.value ?? "");
  }

  /** `make` makes what draws the attention of the person. */
  startNotifier(make: (options: NotifierOptions) => Notifier): void {
    const { tabs, preferences } = this.options;
    this.notifier.value ??= make({
      tabs,
      preferences: () => preferences.value.value,
      open: (name) => this.update("other", (now) => this.model.open(name, now)),
    });
  }

  /** The other tabs of the person, which share drafts and leave what they have not sent. */
  #joinTabs(): void {
    const { kept, tabs } = this.options;
    kept.onFault = (error) => this.noteStorageFault(error);
    tabs.handlers = {
      onMessage: (message) => {
        if (message.kind === "logout") return this.options.onLoggedOut();
        if (message.kind !== "draft") return;
        this.model.drafts.set(message.name, message.draft);
        if (isSameName(message.name, this.current.value ?? "")) this.draft.value = message.draft;
        this.update("other", () => {});
      },
      onGone: () => {
        kept.adopt().then(
          (left) => this.update("other", (now) => left.forEach((unsent) => this.#resume(unsent, now))),
          (error) => this.isClosed || this.noteStorageFault(error),
        );
      },
    };
  }

  /** Sends what another tab has not sent, or shows that it could not be. */
  #resume({ message, failure }: Unsent, now: number): void {
    if (failure === undefined) return void this.chat.say(message, now);
    this.model.apply({ kind: "keep", message });
    this.model.apply({ kind: "drop", id: message.id, why: { kind: "failed", text: failure } });
  }

  /** The browser does not keep what it was given. */
  noteStorageFault(error: unknown): void {
    this.storageFault.value = `This browser does not keep what you write here (${
      error instanceof Error ? error.name : error
    }). Free some space, or send it before you close the page.`;
  }

  close(): void {
    this.isClosed = true;
    this.#stopListening.abort();
    this.#markTimer.stop();
    this.#typingTimer.stop();
    this.notifier.value?.close();
    this.chat.markRead(Date.now(), true);
    for (const effect of this.chat.takeEffects()) if (effect.kind === "ask") this.link.send(effect.message);
    this.link.close("Leaving");
    this.options.tabs.close();
  }

  /** Tries to connect now. */
  hurry(): void {
    this.link.hurry();
  }

  /** What is known of the presence of `nick`. */
  presenceOf(nick: string): PersonPresence {
    void this.version.value;
    return this.presence.get(nick);
  }

  isOwnName(name: string): boolean {
    return isSameName(name, this.nick.value);
  }

  /** Asks for messages before the oldest one; false: there are none, or they are on their way. */
  loadEarlier(): boolean {
    const name = this.current.value;
    if (name === undefined) return false;
    let isAsked = false;
    this.update("other", (now) => isAsked = this.model.loadEarlier(name, now));
    return isAsked;
  }

  #handleState(state: LinkState): void {
    const chat = this.chat;
    switch (state.kind) {
      case "up":
        this.update("other", (now) => {
          this.presence.clear();
          this.presenceRequests.handleConnected(state.session.isupport);
          chat.handleConnected(state.session, state.again, now);
          const { current } = chat.views;
          if (current !== undefined && !isChannelName(current)) this.model.open(current, now);
        });
        if (!state.again) this.options.onEntered();
        return;
      case "down":
        return this.update("other", (now) => {
          chat.handleDisconnected(state.text, state.retryMs, now);
          this.model.handleDisconnected();
          this.#endPage();
        });
      case "trying":
        return this.update("other", () => chat.handleConnecting());
      case "failed":
        return this.update("other", (now) => chat.handleConnectFailure(state.text, state.retryMs, now));
      case "over":
        return this.options.onOver(state.end);
      default:
        return unreachable(state);
    }
  }

  /** Changes the chat, carries out the effects, and shows what has changed. */
  update(origin: Origin, change: (now: number) => void): void {
    if (this.isClosed) return;
    change(Date.now());
    // What the model does with an effect may have effects of its own.
    for (let effects = this.chat.takeEffects(); effects.length > 0; effects = this.chat.takeEffects()) {
      for (const effect of effects) this.#carryOut(effect, origin);
    }
    if (origin !== "server") this.#havePeopleChanged = true;
    // However many lines come before a frame, they are drawn once. A page that is not seen has no frames.
    if (origin !== "server" || !isVisible()) this.#publish();
    else this.#frame ??= requestAnimationFrame(() => this.#publish());
  }

  #carryOut(effect: Effect, origin: Origin): void {
    const { kept } = this.options;
    if (effect.kind !== "show" || this.#isShown(effect.entry, origin)) this.model.apply(effect);
    switch (effect.kind) {
      case "ask":
        return void this.link.request(effect.message, effect.rest).then((result) =>
          this.update(origin, (now) => {
            if (result.kind === "answered" && !OF_THE_PAST.has(effect.message.command)) {
              this.#noteLines(result.lines, now);
            }
            this.chat.handleResult(effect.id, result, now);
          })
        );
      case "show":
        return void (origin === "server" && this.#announce(effect.entry));
      case "keep":
        return kept.keepUnsent(effect.message);
      case "drop":
        if (effect.why.kind === "failed") kept.noteFailure(effect.id, effect.why.text);
        else kept.dropUnsent(effect.id);
        return;
      case "page":
        return this.#endPage();
      case "quit":
        return this.options.onOver({ kind: "lost", text: "you have left" });
    }
  }

  #noteLines(lines: readonly Message[], now: number): void {
    this.#havePeopleChanged ||= lines.some(({ command }) => !SPEECH.has(command));
    for (const line of lines) this.presence.apply(line, now);
  }

  /** A page of history has come, or does not come any more. */
  #endPage(): void {
    this.nextPage.resolve();
    this.nextPage = Promise.withResolvers();
  }

  /** The state of the connection, and what is loaded, the page shows without words. */
  #isShown({ kind }: ChatEntry, origin: Origin): boolean {
    return kind !== "note" && kind !== "alarm" || origin === "person";
  }

  #announce(entry: ChatEntry): void {
    if (entry.kind !== "message" || this.isOwnName(entry.from)) return;
    void this.notifier.value?.consider(entry, { nick: this.chat.nick, current: this.#watched });
    const { current } = this.chat.views;
    if (current === undefined || !isSameName(conversationOf(entry, this.chat.nick), current)) return;
    this.announce(`${entry.from}: ${toPrintableText(entry.text)}`);
  }

  #noteVisibility(): void {
    this.update("other", () => this.model.setVisible(isVisible()));
    this.notifier.value?.refresh();
    if (isVisible()) this.hurry();
  }

  /** The conversation that the person looks at; undefined: they look elsewhere. */
  get #watched(): string | undefined {
    return isVisible() && document.hasFocus() ? this.chat.views.current : undefined;
  }

  /** Sets the timers of what changes by itself. */
  #schedule(): void {
    const now = Date.now();
    this.#markTimer.set(this.chat.nextReadMarkerMs(now), () => {
      this.update("other", (now) => this.chat.markRead(now));
    });
    this.#typingTimer.set(this.chat.typing.nextChangeMs(now), () => this.update("other", () => {}));
  }

  /** Shows what holds now. */
  #publish(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    if (this.isClosed) return;
    this.showState(this.chat, this.model, this.#havePeopleChanged);
    this.#havePeopleChanged = false;
    this.options.tabs.watch(this.#watched);
    this.notifier.value?.update(this.roomList.value, this.#watched);
    this.#saveRooms();
    if (this.chat.isOnline) this.presenceRequests.watch(this.chat.views.listNames("direct"));
    this.#loadFirst(this.current.value ?? "");
    this.#schedule();
  }

  /** A conversation in which nothing has been said of late is read from history. */
  #loadFirst(name: string): void {
    const { isOnline, channels, joinSync } = this.chat;
    if (!isOnline || this.loadState.value !== "idle" || this.model.rows(name).firstPosition !== undefined) {
      return;
    }
    if (isChannelName(name) && (channels.get(name) === undefined || joinSync.isJoining(name))) return;
    if (name !== "") this.loadEarlier();
  }

  #saveRooms(): void {
    const { views, wantedChannels, ignoreList, isOnline } = this.chat;
    const direct = views.list().filter(({ kind }) => kind === "direct").map(({ name }) => name);
    const rooms = { rooms: [...wantedChannels], direct, current: views.current, ignored: ignoreList.names };
    const text = JSON.stringify(rooms);
    if (text === this.#savedRooms || !isOnline) return;
    this.#savedRooms = text;
    this.options.kept.saveRooms(rooms);
  }
}
