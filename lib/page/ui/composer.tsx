/** Where one types: grows with the text, keeps a draft for each conversation, and says what waits. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { JSX, RefObject } from "preact";
import { decideKey } from "../model/composer.ts";
import type { ChatSession } from "../state/chat_session.ts";
import { Icon, IconButton } from "./icons.tsx";
import { hasKeyboard } from "./keyboard.ts";
import { loadSecondPart, secondPart } from "./on_demand/loading.ts";
import { OnDemand } from "./on_demand/on_demand.tsx";
import type { Offer } from "./on_demand/offer_list.tsx";

/** Of the height of the window. */
const MAX_HEIGHT_SHARE = 0.4;

export function Composer(
  { session, name }: { readonly session: ChatSession; readonly name: string },
): JSX.Element {
  const area = useRef<HTMLTextAreaElement>(null);
  const completion = useCompletion(session, area);
  const { offer } = completion;
  const { text, replyTo, replaces } = session.draft.value;
  const send = () => {
    completion.set(undefined);
    session.submit();
  };
  useLayoutEffect(() => resize(area.current!), [text]);
  useEffect(() => {
    const onResize = () => resize(area.current!);
    addEventListener("resize", onResize);
    return () => removeEventListener("resize", onResize);
  }, []);
  useLayoutEffect(() => {
    completion.set(undefined);
    if (hasKeyboard()) area.current!.focus();
  }, [name, replyTo, replaces]);
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Waiting session={session} />
      {replyTo ?? replaces
        ? <OnDemand render={({ Reference }) => <Reference session={session} />} isQuiet />
        : null}
      <Offers {...completion} />
      <div class="composer-box">
        <textarea
          ref={area}
          rows={1}
          dir="auto"
          value={text}
          placeholder={`Message ${name}`}
          aria-label={`Message to ${name}`}
          aria-describedby="reference"
          aria-autocomplete="list"
          aria-controls={offer && "completions"}
          aria-activedescendant={offer && `completion-${offer.chosen}`}
          onInput={(event) => {
            session.setText(event.currentTarget.value);
            completion.ask();
          }}
          onBlur={() => completion.set(undefined)}
          onKeyDown={(event) => handleKey(event, session, completion, send)}
        />
        <EmojiButton area={area} onPick={completion.insert} />
        <button
          type="submit"
          class="send-button"
          aria-label="Send"
          title="Send"
          disabled={text.trim() === ""}
        >
          <Icon name="send" />
        </button>
      </div>
      <p class="composer-typing">
        <OnDemand render={({ Typing }) => <Typing session={session} />} isQuiet />
      </p>
    </form>
  );
}

function Offers({ offer, insert }: Completion): JSX.Element | null {
  if (offer === undefined) return null;
  const take = (words: string) => insert(words, offer.start);
  return <OnDemand render={({ OfferList }) => <OfferList offer={offer} onTake={take} />} />;
}

interface Completion {
  /** Undefined: nothing is offered. */
  readonly offer: Offer | undefined;
  readonly set: (offer: Offer | undefined) => void;
  /** Offers what fits the word before the caret. `isByTab`: also the names of people without a mark before them. */
  readonly ask: (isByTab?: boolean) => Offer | undefined;
  /** Puts `words` in the place of what is between `start`, or the caret, and the caret. */
  readonly insert: (words: string, start?: number) => void;
}

function useCompletion(session: ChatSession, area: RefObject<HTMLTextAreaElement>): Completion {
  const [offer, set] = useState<Offer | undefined>();
  const ask = (isByTab?: boolean): Offer | undefined => {
    const { value, selectionStart } = area.current!;
    const before = value.slice(0, selectionStart);
    const part = secondPart.value;
    if (typeof part !== "object") {
      if (isByTab || /^\/|[@#:]\S*$/.test(before)) {
        void loadSecondPart(isByTab).then((part) => {
          if (part !== undefined && document.activeElement === area.current) ask(isByTab);
        });
      }
      return undefined;
    }
    const found = part.completeWord(session, before, isByTab);
    const next = found && { ...found, chosen: 0 };
    set(next);
    return next;
  };
  return {
    offer,
    set,
    ask,
    insert(words, start = area.current!.selectionStart) {
      const field = area.current!;
      field.focus();
      field.setRangeText(words, start, field.selectionStart, "end");
      session.setText(field.value);
      set(undefined);
    },
  };
}

function handleKey(
  event: KeyboardEvent,
  session: ChatSession,
  { offer, set, ask, insert }: Completion,
  send: () => void,
): void {
  const { key, shiftKey: shift, ctrlKey: ctrl, altKey: alt, metaKey: meta, isComposing } = event;
  const action = decideKey({ key, shift, ctrl, alt, meta, isComposing }, {
    text: session.draft.value.text,
    hasReference: session.reference !== undefined,
    offersCompletion: offer !== undefined && !(key === "Enter" && offer.isWhole),
    enterBreaks: !(session.preferences.enterSends ?? hasKeyboard()),
  });
  const take = ({ start, items, chosen }: Offer) => insert(items[chosen]!.insert, start);
  if (action === "none" && key === "Tab" && !shift) {
    const found = ask(true);
    if (found === undefined && secondPart.value !== "loading") return;
    if (found?.items.length === 1) take(found);
  } else if (action === "send") send();
  else if (action === "complete") take(offer!);
  else if (action === "next_completion") set(move(offer!, 1));
  else if (action === "previous_completion") set(move(offer!, -1));
  else if (action === "close_completion") set(undefined);
  else if (action === "drop_reference") session.dropReference();
  else if (action === "edit_last") focusLastMessage();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function EmojiButton(
  { area, onPick }: {
    readonly area: RefObject<HTMLTextAreaElement>;
    readonly onPick: (emoji: string) => void;
  },
): JSX.Element {
  const [isPicking, setPicking] = useState(false);
  return (
    <div class="composer-emoji">
      <IconButton name="smile" label="Emoji" isPressed={isPicking} onClick={() => setPicking(!isPicking)} />
      {isPicking
        ? (
          <OnDemand
            onMiss={() => setPicking(false)}
            render={({ ReactionPicker }) => (
              <ReactionPicker
                verb="Insert"
                onClose={() => {
                  setPicking(false);
                  area.current!.focus();
                }}
                onPick={(emoji) => {
                  setPicking(false);
                  onPick(emoji);
                }}
              />
            )}
          />
        )
        : null}
    </div>
  );
}

function move(offer: Offer, step: 1 | -1): Offer {
  const count = offer.items.length;
  return { ...offer, chosen: (offer.chosen + step + count) % count };
}

/** What is typed without a connection. */
function Waiting({ session }: { readonly session: ChatSession }): JSX.Element | null {
  const count = session.unsentCount.value;
  if (session.status.value.kind === "live") return null;
  return (
    <p class="composer-waiting" role="status">
      {count === 0
        ? "Offline. What you send is kept."
        : `Offline. ${count} kept; sent when the connection is back.`}
    </p>
  );
}

function focusLastMessage(): void {
  Array.from(document.querySelectorAll<HTMLElement>(".scroller article")).at(-1)?.focus();
}

function resize(area: HTMLTextAreaElement): void {
  // One line is as high as that: to ask for it would lay out the whole page.
  if (area.value === "") return void (area.style.height = "auto");
  // The conversation keeps its height meanwhile: otherwise the browser would scroll it.
  const box = area.parentElement!;
  box.style.minHeight = `${box.offsetHeight}px`;
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, innerHeight * MAX_HEIGHT_SHARE)}px`;
  box.style.minHeight = "";
}
