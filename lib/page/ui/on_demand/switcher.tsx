/** Ctrl-K: a few letters of a room or a person, and Enter. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { ChatSession } from "../../state/chat_session.ts";
import { listKnownNames } from "../../state/late/known_words.ts";
import { findNames } from "../../state/late/name_search.ts";

interface Props {
  readonly session: ChatSession;
  readonly onClose: () => void;
}

/** Rows of the list. */
const MAX_SHOWN_NAMES = 8;

export function Switcher({ session, onClose }: Props): JSX.Element {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const names = findNames(text, listKnownNames(session), session.nick.value).slice(0, MAX_SHOWN_NAMES);
  const go = (name: string | undefined) => {
    onClose();
    if (name !== undefined) session.open(name);
  };
  useLayoutEffect(() => {
    dialog.current!.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="switcher"
      aria-label="Go to a conversation"
      onClose={onClose}
      onClick={({ target, currentTarget }) => target === currentTarget && onClose()}
    >
      <input
        type="text"
        autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls="switcher-names"
        aria-activedescendant={names.length === 0 ? undefined : `switcher-${chosen}`}
        aria-label="Room or person"
        placeholder="Go to a room or person"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") go(names[chosen]);
          else if (event.key === "ArrowDown") setChosen(Math.min(chosen + 1, names.length - 1));
          else if (event.key === "ArrowUp") setChosen(Math.max(chosen - 1, 0));
          else return;
          event.preventDefault();
        }}
      />
      <ul id="switcher-names" role="listbox" aria-label="Conversations">
        {names.map((name, at) => (
          <li
            key={name}
            id={`switcher-${at}`}
            role="option"
            aria-selected={at === chosen}
            class={at === chosen ? "item item-current" : "item"}
            onClick={() => go(name)}
          >
            {name}
          </li>
        ))}
      </ul>
      {names.length === 0 ? <p class="quiet">Nothing has this name.</p> : null}
    </dialog>
  );
}
