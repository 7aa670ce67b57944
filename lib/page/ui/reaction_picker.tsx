/** A small field of emoji; any other one can be typed, with the system's own picker. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { JSX } from "preact";

const EMOJI = [
  ..."👍👎❤️🎉😄😂🤔😮😢🙏👀🔥✅❌🚀💯".matchAll(/\p{RGI_Emoji}/gv),
].map(([emoji]) => emoji);

interface Props {
  readonly onPick: (text: string) => void;
  readonly onClose: () => void;
}

export function ReactionPicker({ onPick, onClose }: Props): JSX.Element {
  const picker = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    picker.current?.querySelector("button")?.focus();
    const close = ({ target }: Event) => {
      if (!picker.current?.parentElement?.contains(target as Node)) onClose();
    };
    document.addEventListener("pointerdown", close);
    return () => document.removeEventListener("pointerdown", close);
  }, []);
  return (
    <div
      class="picker"
      ref={picker}
      role="group"
      aria-label="Reactions"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <div class="picker-emoji">
        {EMOJI.map((emoji) => (
          <button
            type="button"
            key={emoji}
            aria-label={`React with ${emoji}`}
            onClick={() => onPick(emoji)}
          >
            {emoji}
          </button>
        ))}
      </div>
      <input
        aria-label="Another emoji"
        placeholder="another…"
        maxLength={20}
        onKeyDown={(event) => {
          const text = event.currentTarget.value.trim();
          if (event.key === "Enter" && text !== "") onPick(text);
        }}
      />
    </div>
  );
}
