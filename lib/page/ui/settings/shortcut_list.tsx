/** The keys of the page, in a dialog: ? or Ctrl-/. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { JSX } from "preact";
import { CLOSE } from "../close_icon.ts";
import { IconButton } from "../icons.tsx";

const SHORTCUTS = [
  ["Ctrl K", "go to a room or person"],
  ["Alt ↑ ↓", "the conversation above or below"],
  ["Alt Shift ↑ ↓", "the unread one above or below"],
  ["Ctrl Shift F", "search"],
  ["Enter", "send; on a phone, break the line"],
  ["Shift Enter", "break the line"],
  ["Ctrl Enter", "send"],
  ["↑", "in an empty field: the last message"],
  ["R E Delete", "on a message: reply, edit, remove"],
  ["+", "on a message: react"],
  ["Esc", "close, or do not reply"],
  ["? or Ctrl /", "this list"],
] as const;

export function ShortcutList({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    dialog.current!.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="switcher shortcuts"
      aria-labelledby="shortcuts"
      onClose={onClose}
      onClick={({ target, currentTarget }) => target === currentTarget && onClose()}
    >
      <header>
        <h2 id="shortcuts">Keyboard shortcuts</h2>
        <IconButton name={CLOSE} label="Close" onClick={onClose} />
      </header>
      <dl>
        {SHORTCUTS.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => key === "or" ? "or " : <kbd key={key}>{key}</kbd>)}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
