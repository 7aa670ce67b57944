/** What the word before the caret can be completed to. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { JSX } from "preact";
import type { Completions } from "../../model/completion.ts";

/** What is offered at the caret. */
export interface Offer extends Completions {
  readonly chosen: number;
}

export function OfferList(
  { offer, onTake }: { readonly offer: Offer; readonly onTake: (insert: string) => void },
): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(
    () => list.current!.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }),
    [offer],
  );
  return (
    <ul ref={list} id="completions" class="composer-offers" role="listbox" aria-label="Completions">
      {offer.items.map(({ label, hint, insert }, at) => (
        <li
          key={label}
          id={`completion-${at}`}
          role="option"
          tabIndex={-1}
          aria-selected={at === offer.chosen}
          onMouseDown={(event) => {
            event.preventDefault();
            onTake(insert);
          }}
        >
          <span>{label}</span> <span class="quiet">{hint}</span>
        </li>
      ))}
    </ul>
  );
}
