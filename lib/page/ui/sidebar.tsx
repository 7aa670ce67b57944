/** Rooms and direct conversations, with what is unread, and the state of the connection. */
import { useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { RoomItem } from "../model/room_list.ts";
import type { ChatSession } from "../state/chat_session.ts";
import { IconButton, Logo } from "./icons.tsx";
import { ConnectionState } from "./connection_state.tsx";
import { PresenceDot } from "./presence_dot.tsx";
import { OnDemand } from "./on_demand/on_demand.tsx";

interface Props {
  readonly session: ChatSession;
  readonly onLeave: () => void;
}

export function Sidebar({ session, onLeave }: Props): JSX.Element {
  const { rooms, direct } = session.roomList.value;
  return (
    <nav class="sidebar" aria-label="Conversations">
      <div class="brand">
        <Logo /> <span>{location.host}</span>
      </div>
      <div class="sidebar-lists">
        <ListHead
          session={session}
          title="Rooms"
          label="Enter or make a room"
          kind="room"
          onName={(name) => session.enter(name)}
        />
        <ul>{rooms.map((item) => <Item key={item.key} item={item} session={session} />)}</ul>
        <ListHead
          session={session}
          title="Direct"
          label="Write to a person"
          kind="person"
          onName={(name) => session.open(name)}
        />
        <ul>{direct.map((item) => <Item key={item.key} item={item} session={session} />)}</ul>
        {direct.length === 0
          ? <p class="sidebar-empty">Choose a name to write to that person alone.</p>
          : null}
      </div>
      <footer class="sidebar-foot">
        <div class="sidebar-self">
          <strong>{session.nick.value}</strong>
          <ConnectionState session={session} />
        </div>
        <IconButton name="settings" label="Settings" onClick={() => session.panel.value = "settings"} />
        <IconButton name="leave" label="Log out of this browser" onClick={onLeave} />
      </footer>
    </nav>
  );
}

function Item({ item, session }: { readonly item: RoomItem; readonly session: ChatSession }): JSX.Element {
  const { name, isRoom, isCurrent, isJoined, unreadCount, mentionCount, hasDraft } = item;
  const classes = [
    "item",
    isCurrent ? "item-current" : "",
    unreadCount > 0 ? "item-unread" : "",
    isJoined ? "" : "item-left",
  ];
  return (
    <li>
      <button
        type="button"
        class={classes.filter((word) => word !== "").join(" ")}
        aria-current={isCurrent ? "page" : undefined}
        onClick={() => session.open(name)}
      >
        {isRoom ? null : <PresenceDot presence={session.presenceOf(name)} />}
        <span class="item-name">{name}</span>
        {hasDraft && !isCurrent ? <span class="item-draft" title="draft">draft</span> : null}
        {unreadCount === 0 ? null : (
          <span class={mentionCount > 0 ? "count count-mention" : "count"}>
            {unreadCount > 999 ? "999+" : unreadCount}
            <span class="unseen">{mentionCount > 0 ? ` unread, ${mentionCount} for you` : " unread"}</span>
          </span>
        )}
      </button>
    </li>
  );
}

interface ListHeadProps {
  readonly session: ChatSession;
  readonly title: string;
  readonly label: string;
  /** What is named. */
  readonly kind: "room" | "person";
  readonly onName: (name: string) => void;
}

/** A heading with a plus, which opens a field for a name. */
function ListHead(
  { session, title, label, kind, onName }: ListHeadProps,
): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.querySelector("button")?.focus();
  };
  const choose = (name: string) => {
    close();
    if (name !== "") onName(name);
  };
  return (
    <>
      <div class="list-head" ref={button}>
        <h2>{title}</h2>
        <IconButton name="plus" label={label} onClick={() => setOpen(!isOpen)} />
      </div>
      {isOpen
        ? (
          <OnDemand
            onMiss={() => setOpen(false)}
            render={({ NameForm }) => (
              <NameForm session={session} label={label} kind={kind} onChoose={choose} onClose={close} />
            )}
          />
        )
        : null}
    </>
  );
}
