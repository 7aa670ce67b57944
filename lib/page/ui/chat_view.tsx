/** The whole chat: conversations at the left, the open one in the middle, people or the search at the right. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { Row, RowList } from "../model/row.ts";
import type { ChatSession } from "../state/chat_session.ts";
import type { Panel } from "../state/chat_signals.ts";
import { Composer } from "./composer.tsx";
import { IconButton } from "./icons.tsx";
import { MessageList } from "./message_list.tsx";
import { Sidebar } from "./sidebar.tsx";
import { NoticeBars } from "./notices/notice_bars.tsx";
import { loadWhenIdle, secondPart } from "./on_demand/loading.ts";
import { OnDemand, PanelOnDemand } from "./on_demand/on_demand.tsx";

interface Props {
  readonly session: ChatSession;
  readonly onLeave: () => void;
}

export function ChatView({ session, onLeave }: Props): JSX.Element {
  const panel = session.panel.value;
  const setPanel = (wanted: Panel) => session.panel.value = wanted;
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const [isSwitching, setSwitching] = useState(false);
  const [areKeysShown, setKeysShown] = useState(false);
  const name = session.current.value;
  const hideKeys = () => setKeysShown(false);
  const endSwitch = () => setSwitching(false);
  // Not `panel`: a key may follow the last one before the next frame, in which the effect below sees it.
  const toggle = (wanted: Panel) => setPanel(session.panel.value === wanted ? "none" : wanted);
  useEffect(() => setDrawerOpen(false), [name, panel]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isDrawerOpen && event.key === "Escape" && !isInField(event)) return setDrawerOpen(false);
      handleShortcut(event, session, {
        switch: () => setSwitching(true),
        search: () => toggle("search"),
        showKeys: () => setKeysShown(true),
      });
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
  const isLive = session.status.value.kind === "live";
  useEffect(() => isLive ? loadWhenIdle() : undefined, [isLive]);
  const shownPanel = panel === "people" && !isChannelName(name ?? "") ? "none" : panel;
  return (
    <div class={`chat ${isDrawerOpen ? "chat-drawer" : ""} ${shownPanel === "none" ? "" : "chat-panel"}`}>
      <Sidebar session={session} onLeave={onLeave} />
      <div
        class="drawer-shade"
        onClick={() =>
          setDrawerOpen(false)}
      />
      <main class="main">
        <Header
          session={session}
          panel={shownPanel}
          onPanel={toggle}
          onDrawer={() => setDrawerOpen(!isDrawerOpen)}
        />
        <NoticeBars session={session} />
        {session.seek.value && <OnDemand render={({ SeekState }) => <SeekState session={session} />} />}
        {name === undefined
          ? <Empty session={session} name={undefined} />
          : <Conversation key={name} session={session} name={name} />}
      </main>
      <SidePanel
        session={session}
        panel={shownPanel}
        onShortcuts={() => setKeysShown(true)}
        onLeave={onLeave}
      />
      {areKeysShown
        ? <OnDemand onMiss={hideKeys} render={({ ShortcutList }) => <ShortcutList onClose={hideKeys} />} />
        : null}
      {isSwitching
        ? (
          <OnDemand
            onMiss={endSwitch}
            render={({ Switcher }) => <Switcher session={session} onClose={endSwitch} />}
          />
        )
        : null}
      <OnDemand render={({ PlaceKeeper }) => <PlaceKeeper session={session} />} isQuiet />
      <Announcements session={session} />
    </div>
  );
}

/** A component of its own: the rest is not drawn again for each message. */
function Announcements({ session }: { readonly session: ChatSession }): JSX.Element {
  return (
    <div class="unseen" aria-live="polite">
      {session.announcements.value.map(({ nth, text }) => <p key={nth}>{text}</p>)}
    </div>
  );
}

interface SidePanelProps extends Props {
  readonly panel: Panel;
  readonly onShortcuts: () => void;
}

/** What is at the right of the conversation. */
function SidePanel({ session, panel, onShortcuts, onLeave }: SidePanelProps): JSX.Element | null {
  const rest = { session, onClose: () => session.panel.value = "none" };
  if (panel === "none") return null;
  return (
    <PanelOnDemand
      key={panel}
      onClose={rest.onClose}
      render={({ Members, SearchPanel, SettingsPanel }) =>
        panel === "people"
          ? <Members {...rest} />
          : panel === "search"
          ? <SearchPanel {...rest} />
          : <SettingsPanel {...rest} onShortcuts={onShortcuts} onLeave={onLeave} />}
    />
  );
}

/** In the place of messages where there are none. */
function Empty(props: { readonly session: ChatSession; readonly name: string | undefined }): JSX.Element {
  return (
    <OnDemand
      render={({ EmptyConversation }) => <EmptyConversation {...props} />}
      isQuiet
      renderPlace={() => <div class="empty" />}
    />
  );
}

interface HeaderProps {
  readonly session: ChatSession;
  readonly panel: Panel;
  readonly onPanel: (panel: Panel) => void;
  readonly onDrawer: () => void;
}

function Header({ session, panel, onPanel, onDrawer }: HeaderProps): JSX.Element {
  const name = session.current.value;
  const unread = session.unread.value;
  return (
    <header class="head">
      <IconButton
        name="menu"
        label={unread === 0 ? "Conversations" : `Conversations, ${unread} unread`}
        className={unread === 0 ? "head-menu" : "head-menu head-menu-unread"}
        onClick={onDrawer}
      />
      <div class="head-title">
        <h1>{name ?? "No room"}</h1>
        {name === undefined || isChannelName(name)
          ? <p class="head-topic" dir="auto" title={session.topic.value}>{session.topic.value}</p>
          : <OnDemand isQuiet render={({ PersonState }) => <PersonState session={session} nick={name} />} />}
      </div>
      {session.canSearch.value
        ? (
          <IconButton
            name="search"
            label="Search"
            isPressed={panel === "search"}
            onClick={() => onPanel("search")}
          />
        )
        : null}
      {isChannelName(name ?? "")
        ? (
          <IconButton
            name="people"
            label="People in this room"
            isPressed={panel === "people"}
            onClick={() => onPanel("people")}
          />
        )
        : null}
    </header>
  );
}

function Conversation(
  { session, name }: { readonly session: ChatSession; readonly name: string },
): JSX.Element {
  const version = session.rowsVersion.value;
  const { rows } = session;
  const load = session.loadState.value;
  const list = useRef<MessageList>(null);
  useEffect(() => session.onSent(() => list.current?.scrollToEnd()), []);
  return (
    <>
      {load === "whole" && !hasContent(rows) ? <Empty session={session} name={name} /> : (
        <MessageList
          ref={list}
          session={session}
          rows={rows}
          version={version}
          target={session.target.value}
          isLoading={load === "loading"}
        />
      )}
      <Composer session={session} name={name} />
    </>
  );
}

/** Esc closes what is open beside the conversation; where nothing is, it goes to the newest message. */
function leavePlace(session: ChatSession): void {
  if (session.seek.value !== undefined) session.seek.value = undefined;
  else if (session.panel.value !== "none") session.panel.value = "none";
  else session.goToEnd();
}

/** A field for a name, or a dialog, takes Esc for itself. */
function isInField({ target, defaultPrevented }: KeyboardEvent): boolean {
  return defaultPrevented || target instanceof Element && target.closest(".name-form, dialog") !== null;
}

/** What `ui/settings/shortcut_list.tsx` lists, beside the keys of the composer and of messages. */
function handleShortcut(
  event: KeyboardEvent,
  session: ChatSession,
  run: { readonly switch: () => void; readonly search: () => void; readonly showKeys: () => void },
): void {
  const isCommand = event.ctrlKey || event.metaKey;
  const isTyping = event.target instanceof Element && event.target.matches("input, textarea");
  if (isCommand && event.key === "k") run.switch();
  else if (isCommand && event.shiftKey && event.key.toLowerCase() === "f") run.search();
  else if (isCommand ? event.key === "/" : event.key === "?" && !isTyping) run.showKeys();
  else if (event.altKey && event.key === "ArrowDown") session.step(1, event.shiftKey);
  else if (event.altKey && event.key === "ArrowUp") session.step(-1, event.shiftKey);
  else if (event.key === "Escape" && !isInField(event)) leavePlace(session);
  else return;
  event.preventDefault();
  // What is typed for something that has yet to be loaded is not for the room.
  if (isCommand && typeof secondPart.value !== "object") (document.activeElement as HTMLElement).blur();
}

/** Whether there is something to read: a message, the answer to a command, a gap. */
function hasContent(rows: RowList): boolean {
  for (let index = 0; index < rows.count; index++) if (CONTENT.has(rows.at(index).kind)) return true;
  return false;
}

const CONTENT: ReadonlySet<Row["kind"]> = new Set(["message", "event", "gap"]);
