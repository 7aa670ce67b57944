/** What the page shows of a chat, as signals. */
import { batch, computed, signal } from "@preact/signals";
import type { Chat } from "../../client/conversation/chat.ts";
import type { ConnectionStatus } from "../../client/conversation/connection_status.ts";
import type { Draft } from "../model/drafts.ts";
import type { PageModel } from "../model/page_model.ts";
import { countUnread } from "../model/attention.ts";
import type { QuestionStates } from "../model/page_questions.ts";
import type { RoomList } from "../model/room_list.ts";

/** What is at the right of the conversation. */
export type Panel = "none" | "people" | "search" | "settings";

/** A message is looked for in history, page by page. */
export interface Seek {
  /** Rows that are loaded. */
  readonly count: number;
  /** Of the first of them, milliseconds since the epoch; undefined: there is none. */
  readonly time: number | undefined;
  /** Why the message cannot be shown; "": it is looked for. */
  readonly fault: string;
  /** The room that has to be entered first. */
  readonly room?: string;
  readonly id?: string | undefined;
}

/** Announcements in the document: as many as may come before it is drawn again. */
const KEPT_ANNOUNCEMENTS = 20;

const NO_ROOMS: RoomList = { rooms: [], direct: [] };

export class ChatSignals {
  readonly nick = signal("");
  readonly status = signal<ConnectionStatus>({ kind: "connecting" });
  /** Messages that wait to be sent. */
  readonly unsentCount = signal(0);
  readonly roomList = signal(NO_ROOMS);
  /** The conversation that is open: a room, or the nick of a person. */
  readonly current = signal<string | undefined>(undefined);
  /** Grows with each change of {@link rows}. */
  readonly rowsVersion = signal(0);
  readonly loadState = signal<"idle" | "loading" | "whole">("idle");
  readonly topic = signal("");
  /** Of the open conversation. */
  readonly draft = signal<Draft>({ text: "" });
  /** People who are typing in the open conversation. */
  readonly typing = signal<readonly string[]>([]);
  readonly canSearch = signal(false);
  readonly panel = signal<Panel>("none");
  /** The words of `/search`, until the panel takes them. */
  readonly wantedSearch = signal<string | undefined>(undefined);
  /** The message to go to; the number tells one request from the next. */
  readonly target = signal<{ readonly id: string; readonly nth: number } | undefined>(undefined);
  /** The last live messages of others in the open conversation, for screen readers; each is spoken when it is added. */
  readonly announcements = signal<readonly { readonly nth: number; readonly text: string }[]>([]);
  /** On the way to a message that is not loaded, or why it cannot be shown. */
  readonly seek = signal<Seek | undefined>(undefined);
  /** Questions that the person is asked. */
  readonly questions = signal<QuestionStates>(new Map());
  /** Unread messages in all conversations. */
  readonly totals = computed(() => countUnread(this.roomList.value));
  readonly unread = computed(() => this.totals.value.unread);
  /** What the browser does not keep, and why; "": it keeps all. */
  readonly storageFault = signal("");
  /** Grows with each change of who is where. */
  readonly version = signal(0);
  #announced = this.announcements.value;

  /** Sets the signals to what holds now. */
  protected showState(chat: Chat, model: PageModel, havePeopleChanged: boolean): void {
    const { current = "" } = chat.views;
    batch(() => {
      if (current !== (this.current.value ?? "")) this.draft.value = model.drafts.get(current);
      this.announcements.value = this.#announced;
      this.current.value = chat.views.current;
      this.nick.value = chat.nick;
      this.status.value = chat.status;
      this.unsentCount.value = chat.outbox.size;
      const { roomList } = model;
      if (JSON.stringify(roomList) !== JSON.stringify(this.roomList.value)) this.roomList.value = roomList;
      this.canSearch.value = chat.features.hasSearch;
      this.topic.value = chat.channels.get(current)?.topic ?? "";
      this.rowsVersion.value = model.rows(current).version;
      const { isLoading, isWhole } = model.loadState(current);
      this.loadState.value = isLoading ? "loading" : isWhole ? "whole" : "idle";
      this.#setTyping(chat.typing.list(current, Date.now()));
      if (havePeopleChanged) this.version.value++;
    });
  }

  /** `text` is spoken when the state is shown next. */
  protected announce(text: string): void {
    const last = this.#announced.slice(1 - KEPT_ANNOUNCEMENTS);
    this.#announced = [...last, { nth: (last.at(-1)?.nth ?? 0) + 1, text }];
  }

  #setTyping(names: readonly string[]): void {
    if (names.join() !== this.typing.value.join()) this.typing.value = names;
  }
}
