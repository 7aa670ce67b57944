/** A field for the name of a room or a person to open. */
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import type { ChatSession } from "../../state/chat_session.ts";
import { RoomOffers } from "./room_offers.tsx";

interface Props {
  readonly session: ChatSession;
  readonly label: string;
  readonly kind: "room" | "person";
  /** "" where nothing is entered. */
  readonly onChoose: (name: string) => void;
  readonly onClose: () => void;
}

export function NameForm({ session, label, kind, onChoose, onClose }: Props): JSX.Element {
  const [text, setText] = useState("");
  return (
    <form
      class="name-form"
      onSubmit={(event) => {
        event.preventDefault();
        onChoose(text.trim());
      }}
    >
      <input
        aria-label={label}
        placeholder={kind === "room" ? "#room" : "name"}
        autoComplete="off"
        autoCapitalize="off"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        ref={(input) => input?.focus()}
        onKeyDown={({ key }) => key === "Escape" && onClose()}
      />
      {kind === "room" ? <RoomOffers session={session} text={text} onName={onChoose} /> : null}
    </form>
  );
}
