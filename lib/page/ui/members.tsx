/** The people of the room that is open. */
import type { JSX } from "preact";
import type { ChatSession } from "../state/chat_session.ts";
import { IconButton } from "./icons.tsx";

interface Props {
  readonly session: ChatSession;
  readonly onClose: () => void;
}

/** Rows drawn at once; the rest of a very large room is counted. */
const MAX_SHOWN_MEMBERS = 300;

export function Members({ session, onClose }: Props): JSX.Element {
  const names = session.members.value;
  return (
    <aside class="panel" aria-label="People in this room">
      <header class="panel-head">
        <h2>
          People <span class="quiet">{names.length}</span>
        </h2>
        <IconButton name="close" label="Close the list of people" onClick={onClose} />
      </header>
      <ul class="panel-list">
        {names.slice(0, MAX_SHOWN_MEMBERS).map((name) => (
          <li key={name}>
            <button
              type="button"
              class="item"
              disabled={session.isOwnName(name)}
              onClick={() => session.open(name)}
            >
              <span class="item-name">{name}</span>
              {session.isOwnName(name) ? <span class="quiet">you</span> : null}
            </button>
          </li>
        ))}
      </ul>
      {names.length > MAX_SHOWN_MEMBERS
        ? <p class="quiet">and {names.length - MAX_SHOWN_MEMBERS} more</p>
        : null}
    </aside>
  );
}
