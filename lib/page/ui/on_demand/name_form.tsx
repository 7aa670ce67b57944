/** A field for the name of a room or a person to open. */
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { isTargetName } from "../../../irc/names/name_rules.ts";
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
  const [isFaulty, setFaulty] = useState(false);
  return (
    <form
      class="name-form"
      onSubmit={(event) => {
        event.preventDefault();
        const name = text.trim();
        if (name === "" || isTargetName(name)) onChoose(name);
        else setFaulty(true);
      }}
    >
      <input
        aria-label={label}
        placeholder={kind === "room" ? "#room" : "name"}
        autoComplete="off"
        autoCapitalize="off"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setFaulty(false);
        }}
        ref={(input) => input?.focus()}
        onKeyDown={({ key }) => key === "Escape" && onClose()}
      />
      {isFaulty
        ? (
          <p role="alert" class="search-note search-fault">
            {kind === "room" ? "A room's" : "A"} name has no spaces and no commas.
          </p>
        )
        : kind === "room"
        ? <RoomOffers session={session} text={text} onName={onChoose} />
        : null}
    </form>
  );
}
