/** Draws the attention of a person who does not look at the page: notifications, a tone, the badge of the program. */
import { signal } from "@preact/signals";
import { isSameName } from "../../../irc/names/casemap.ts";
import type { MessageEntry } from "../../../client/conversation/model/chat_entry.ts";
import { countUnread } from "../../model/room_list.ts";
import { decideNotification } from "../../model/notification.ts";
import type { MessageNotification } from "../../model/notification.ts";
import type { Preferences } from "../../model/preferences.ts";
import type { RoomList } from "../../model/room_list.ts";
import type { TabGroup } from "../../storage/tab_group.ts";
import { playTone } from "./tone.ts";

/** What the browser says about notifications; "none": it has no notifications for pages. */
export type Permission = NotificationPermission | "none";

export interface NotifierOptions {
  readonly tabs: TabGroup;
  readonly preferences: () => Preferences;
  /** Opens the conversation of a notification. */
  readonly open: (conversation: string) => void;
}

interface Shown {
  readonly notification: Notification;
  readonly conversation: string;
  /** It has been seen to have unread messages. */
  isUnread: boolean;
}

export class Notifier {
  readonly permission = signal<Permission>(readPermission());
  /** There has been a message to notify of. */
  readonly isUseful = signal(false);
  readonly #options: NotifierOptions;
  /** By tag. */
  readonly #shown = new Map<string, Shown>();
  #badge = 0;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Asks the browser for its permission, which asks the person. */
  async ask(): Promise<void> {
    await Notification.requestPermission();
    this.refresh();
  }

  /** The person may have changed the permission in the settings of the browser. */
  refresh(): void {
    this.permission.value = readPermission();
  }

  /** `current`: the conversation that the person looks at in this tab; undefined: they look elsewhere. */
  async consider(
    entry: MessageEntry,
    { nick, current }: { readonly nick: string; readonly current: string | undefined },
  ): Promise<void> {
    const { tabs, preferences } = this.#options;
    const context = {
      nick,
      current,
      isVisible: true,
      isLeader: true,
      isIgnored: () => false,
      now: Date.now(),
    };
    const wanted = decideNotification(entry, context);
    if (wanted === undefined || await tabs.isWatched(wanted.conversation)) return;
    this.isUseful.value = true;
    if (!tabs.isSpeaker) return;
    const { notifies, plays } = preferences();
    if (notifies && readPermission() === "granted") this.#show(wanted);
    if (plays) void playTone();
  }

  /** Follows what is unread; `current` as in {@link consider}. */
  update(list: RoomList, current: string | undefined): void {
    this.#showBadge(countUnread(list).mentions);
    const items = [...list.rooms, ...list.direct];
    for (const shown of this.#shown.values()) {
      const { conversation } = shown;
      const unread = items.find(({ name }) => isSameName(name, conversation))?.unreadCount ?? 0;
      const isRead = shown.isUnread && unread === 0 || isSameName(current ?? "", conversation);
      shown.isUnread ||= unread > 0;
      if (isRead) shown.notification.close();
    }
  }

  close(): void {
    for (const { notification } of this.#shown.values()) notification.close();
    this.#showBadge(0);
  }

  #show({ tag, title, body, conversation }: MessageNotification): void {
    try {
      // A sound is the person's own choice.
      const notification = new Notification(title, { tag, body, silent: true });
      const shown = { notification, conversation, isUnread: true };
      this.#shown.set(tag, shown);
      notification.onclose = () => this.#shown.get(tag) === shown && this.#shown.delete(tag);
      notification.onclick = () => {
        focus();
        this.#options.open(conversation);
        notification.close();
      };
    } catch {
      // Browsers of phones notify for service workers only.
      this.permission.value = "none";
    }
  }

  /** On the icon of the program, where the page is installed. */
  #showBadge(count: number): void {
    if (count === this.#badge || !("setAppBadge" in navigator) || !this.#options.tabs.isSpeaker) return;
    this.#badge = count;
    navigator.setAppBadge(count).catch(() => {}); // it is not installed
  }
}

function readPermission(): Permission {
  return "Notification" in globalThis ? Notification.permission : "none";
}
