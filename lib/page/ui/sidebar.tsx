/** Rooms and direct conversations, with what is unread, and the state of the connection. */
import { useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { isTargetName } from "../../irc/names/name_rules.ts";
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
          title="Rooms"
          label="Enter or make a room"
          placeholder="#room"
          onName={(name) => session.enter(name)}
          renderOffers={(text, choose) => (
            <OnDemand
              render={({ RoomOffers }) => <RoomOffers session={session} text={text} onName={choose} />}
            />
          )}
        />
        <ul>{rooms.map((item) => <Item key={item.key} item={item} session={session} />)}</ul>
        <ListHead
          title="Direct"
          label="Write to a person"
          placeholder="name"
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
  readonly title: string;
  readonly label: string;
  readonly placeholder: string;
  readonly onName: (name: string) => void;
  /** What is offered below the field, where `text` is typed. */
  readonly renderOffers?: (text: string, choose: (name: string) => void) => JSX.Element;
}

/** A heading with a plus, which opens a field for a name. */
function ListHead(
  { title, label, placeholder, onName, renderOffers }: ListHeadProps,
): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [isFaulty, setFaulty] = useState(false);
  const button = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.querySelector("button")?.focus();
  };
  const choose = (name: string) => {
    close();
    if (name !== "") onName(name);
  };
  const change = (text: string) => {
    setText(text);
    setFaulty(false);
  };
  const toggle = () => {
    change("");
    setOpen(!isOpen);
  };
  return (
    <>
      <div class="list-head" ref={button}>
        <h2>{title}</h2>
        <IconButton name="plus" label={label} onClick={toggle} />
      </div>
      {isOpen
        ? (
          <form
            class="name-form"
            onSubmit={(event) => {
              event.preventDefault();
              const name = text.trim();
              if (name === "" || isTargetName(name)) choose(name);
              else setFaulty(true);
            }}
          >
            <input
              aria-label={label}
              placeholder={placeholder}
              autoComplete="off"
              autoCapitalize="off"
              spellcheck={false}
              value={text}
              onInput={({ currentTarget }) => change(currentTarget.value)}
              ref={(input) => input?.focus()}
              onKeyDown={({ key }) => key === "Escape" && close()}
            />
            {isFaulty
              ? (
                <p role="alert" class="search-note search-fault">
                  {renderOffers ? "A room's" : "A"} name has no spaces and no commas.
                </p>
              )
              : renderOffers?.(text, choose)}
          </form>
        )
        : null}
    </>
  );
}
