/**
 * A field of emoji with a search. What the system's own picker puts into the search, any one emoji, is offered as it is.
 * The focus stays in the search; arrow keys go from emoji to emoji.
 */
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { listForPicker } from "../../../base/values/emoji.ts";
import type { EmojiGroup } from "../../../base/values/emoji.ts";
import { mostUsedEmoji, noteEmojiUse } from "../../state/late/emoji_use.ts";

interface Props {
  /** What picking does: `React with`. */
  readonly verb: string;
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

/** Between the picker and the buttons that it belongs to, and the edges of the window, in pixels. */
const DISTANCE_PX = 4;

export function ReactionPicker({ verb, onPick, onClose }: Props): JSX.Element {
  const picker = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const [used] = useState(mostUsedEmoji);
  const id = useId();
  const groups = listForPicker(query.trim(), used);
  const all = groups.flatMap(({ emoji }) => emoji);
  const pick = (emoji: string | undefined) => {
    if (emoji === undefined) return;
    noteEmojiUse(emoji);
    onPick(emoji);
  };
  useLayoutEffect(() => {
    const element = picker.current!;
    const fit = () => place(element);
    element.showPopover();
    fit();
    element.querySelector("input")!.focus();
    const close = ({ target }: Event) => {
      if (!element.parentElement?.contains(target as Node)) onClose();
    };
    document.addEventListener("pointerdown", close);
    const onResize = () => setTimeout(fit); // the list scrolls first
    addEventListener("resize", onResize);
    return () => {
      document.removeEventListener("pointerdown", close);
      removeEventListener("resize", onResize);
    };
  }, []);
  useLayoutEffect(
    () => picker.current!.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }),
    [chosen],
  );
  return (
    <div class="picker" ref={picker} popover="manual" role="group" aria-label="Emoji">
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={all.length === 0 ? undefined : `${id}-${chosen}`}
        aria-label="Search emoji, or enter one"
        placeholder="Search, or any emoji"
        autoComplete="off"
        value={query}
        onInput={({ currentTarget }) => {
          setQuery(currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === "Escape") onClose();
          else if (event.key === "Enter") pick(all[chosen]?.emoji);
          else if (event.key.startsWith("Arrow")) setChosen(findNext(picker.current!, chosen, event.key));
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <EmojiList id={id} verb={verb} groups={groups} chosen={chosen} onPick={pick} />
      {all.length === 0 ? <p class="quiet" role="status">No emoji has this name.</p> : null}
    </div>
  );
}

function EmojiList(
  { id, verb, groups, chosen, onPick }: {
    /** That of an emoji ends with its place in the list. */
    readonly id: string;
    readonly verb: string;
    readonly groups: readonly EmojiGroup[];
    readonly chosen: number;
    readonly onPick: (emoji: string) => void;
  },
): JSX.Element {
  let at = 0;
  return (
    <div id={id} class="picker-list" role="listbox" aria-label="Emoji">
      {groups.map(({ title, emoji }) => (
        <div key={title} role="group" aria-label={title} class="picker-group">
          <p aria-hidden="true">{title}</p>
          {emoji.map((each) => {
            const nth = at++;
            return (
              <button
                type="button"
                role="option"
                tabIndex={-1}
                key={each.emoji}
                id={`${id}-${nth}`}
                aria-selected={nth === chosen}
                aria-label={`${verb} ${each.emoji}`}
                title={`:${each.names[0]}:`}
                onClick={() => onPick(each.emoji)}
              >
                {each.emoji}
              </button>
            );
          })}
        </div>
      ))}
    </div>
  );
}

/** Below what it belongs to, or above where there is no room, and inside the window. */
function place(picker: HTMLElement): void {
  const { width, height } = picker.getBoundingClientRect();
  const { top, bottom, right } = picker.parentElement!.getBoundingClientRect();
  const below = bottom + DISTANCE_PX;
  const y = below + height > innerHeight ? top - height - DISTANCE_PX : below;
  picker.style.top = `${Math.max(DISTANCE_PX, Math.min(y, innerHeight - DISTANCE_PX - height))}px`;
  picker.style.left = `${Math.max(DISTANCE_PX, Math.min(right, innerWidth - DISTANCE_PX) - width)}px`;
}

/** The emoji in the direction of the arrow `key`, as they are seen; `chosen` where there is none. */
function findNext(picker: HTMLElement, chosen: number, key: string): number {
  const places = Array.from(picker.querySelectorAll("[role=option]"), (each) => each.getBoundingClientRect());
  const from = places[chosen];
  if (from === undefined) return 0;
  const step = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    return Math.max(0, Math.min(places.length - 1, chosen + step));
  }
  const rows = places.filter(({ top }) => (top - from.top) * step > 1).map(({ top }) => top);
  const row = step > 0 ? Math.min(...rows) : Math.max(...rows);
  const distance = ({ left }: DOMRect) => Math.abs(left - from.left);
  let best = chosen;
  for (const [at, each] of places.entries()) {
    if (each.top !== row) continue;
    if (best === chosen || distance(each) < distance(places[best]!)) best = at;
  }
  return best;
}
