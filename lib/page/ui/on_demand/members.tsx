/** The people of the room that is open. */
import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import { formatPresence } from "../../model/presence.ts";
import { listMembers } from "../../state/late/member_list.ts";
import type { Member } from "../../state/late/member_list.ts";
import type { ChatSession } from "../../state/chat_session.ts";
import { formatClock } from "../../state/time_text.ts";
import { CLOSE } from "../close_icon.ts";
import { IconButton } from "../icons.tsx";
import { PresenceDot } from "../presence_dot.tsx";
import { uncover } from "../uncover.ts";

interface Props {
  readonly session: ChatSession;
  readonly onClose: () => void;
}

/** Rows drawn at once; the rest of a very large room is counted. */
const MAX_SHOWN_MEMBERS = 300;

export function Members({ session, onClose }: Props): JSX.Element {
  const room = session.current.value!;
  void session.version.value;
  const members = listMembers(
    session.presence,
    room,
    session.chat.channels.get(room)?.members.values() ?? [],
  );
  const awayCount = members.filter(({ state }) => state === "away").length;
  useEffect(() => session.presenceRequests.askRoom(room), [room, session.status.value.kind]);
  return (
    <aside
      class="panel"
      aria-label="People in this room"
    >
      <header class="panel-head">
        <h2>
          People <span class="quiet">{members.length}{awayCount === 0 ? "" : `, ${awayCount} away`}</span>
        </h2>
        <IconButton name={CLOSE} label="Close the list of people" onClick={onClose} />
      </header>
      <ul class="panel-list">
        {members.slice(0, MAX_SHOWN_MEMBERS).map((member) => (
          <MemberItem key={member.nick} member={member} session={session} />
        ))}
      </ul>
      {members.length > MAX_SHOWN_MEMBERS
        ? <p class="quiet">and {members.length - MAX_SHOWN_MEMBERS} more</p>
        : null}
      <RoomTools key={room} session={session} />
    </aside>
  );
}

/** What is done with the room: its topic, and leaving it. */
function RoomTools({ session }: { readonly session: ChatSession }): JSX.Element {
  const [isLeaving, setLeaving] = useState(false);
  const editTopic = () => {
    session.setText(`/topic ${session.topic.value}`);
    uncover(session);
    document.querySelector("textarea")?.focus();
  };
  return (
    <footer class="room-tools">
      <button type="button" class="link-button" onClick={editTopic}>Edit the topic</button>
      <button
        type="button"
        class="link-button"
        onClick={() => isLeaving ? leaveRoom(session) : setLeaving(true)}
      >
        {isLeaving ? "Yes, leave" : "Leave the room"}
      </button>
    </footer>
  );
}

function MemberItem(
  { member, session }: { readonly member: Member; readonly session: ChatSession },
): JSX.Element {
  const { nick, rank, state } = member;
  const isOwn = session.isOwnName(nick);
  // Those who were away before do not say again why.
  const ask = () => state === "away" && member.text === "" && session.presenceRequests.askPerson(nick);
  return (
    <li>
      <button
        type="button"
        class="item"
        aria-disabled={isOwn}
        title={formatPresence(member, formatClock)}
        onMouseEnter={ask}
        onFocus={ask}
        onClick={() => session.open(nick)}
      >
        <PresenceDot presence={state === "unknown" ? { ...member, state: "online" } : member} />
        <span class="item-name">{nick}</span>
        <span class="quiet">{[rank, isOwn ? "you" : ""].filter((word) => word !== "").join(", ")}</span>
      </button>
    </li>
  );
}

/** Leaves the open room, which goes from the list. */
function leaveRoom(session: ChatSession): void {
  const { current: { value: name = "" }, chat } = session;
  void session.execute(`/part ${name}`, () => chat.isOnline && chat.views.close(name));
}
