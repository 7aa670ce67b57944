/** What is offered below the field for a room. */
import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import { casefold } from "../../../irc/names/casemap.ts";
import { filterRooms, readRooms } from "../../model/server_rooms.ts";
import type { ServerRoom } from "../../model/server_rooms.ts";
import type { ChatSession } from "../../state/chat_session.ts";

/** The rooms of the server that one is not in. */
export function RoomOffers(
  { session, text, onName }: {
    readonly session: ChatSession;
    readonly text: string;
    readonly onName: (name: string) => void;
  },
): JSX.Element {
  const [listed, setListed] = useState<readonly ServerRoom[]>([]);
  useEffect(() => {
    void session.request({ command: "LIST" }).then((result) => {
      if (result.kind === "answered") setListed(readRooms(result.lines));
    });
  }, []);
  const entered = session.roomList.value.rooms.map(({ key }) => key);
  const rooms = filterRooms(listed, text).filter(({ name }) => !entered.includes(casefold(name)));
  return (
    <ul class="room-offers" aria-label="Rooms of this server">
      {rooms.map(({ name, count, topic }) => (
        <li key={name}>
          <button type="button" class="item" title={topic} onClick={() => onName(name)}>
            <span class="item-name">
              {name} <span class="quiet">{topic}</span>
            </span>
            <span class="quiet">
              {count}
              <span class="unseen">{count === 1 ? " person" : " people"}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
