/** Search on the server, and what it has found. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { ChatSession } from "../../state/chat_session.ts";
import { goToFound } from "../../state/late/message_places.ts";
import { searchOf } from "../../state/late/search_state.ts";
import type { FoundMessage, Search, SearchState } from "../../state/late/search_state.ts";
import { formatFullTime } from "../../state/time_text.ts";
import { hasKeyboard } from "../keyboard.ts";
import { CLOSE } from "../close_icon.ts";
import { IconButton } from "../icons.tsx";
import { uncover } from "../uncover.ts";

interface Props {
  readonly session: ChatSession;
  readonly onClose: () => void;
}

export function SearchPanel({ session, onClose }: Props): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const search = searchOf(session);
  const state = search.state.value;
  const [typed, setTyped] = useState(state.typed);
  const isNew = typed.trim() !== state.typed;
  const wanted = session.wantedSearch.value;
  useLayoutEffect(() => field.current!.focus(), []);
  useLayoutEffect(() => {
    if (wanted === undefined) return;
    session.wantedSearch.value = undefined;
    field.current!.value = wanted;
    setTyped(wanted);
    void search.start(wanted);
  }, [wanted]);
  return (
    <aside class="panel" aria-label="Search">
      <header class="panel-head">
        <h2>Search</h2>
        <IconButton name={CLOSE} label="Close the search" onClick={onClose} />
      </header>
      <form
        role="search"
        class="search-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (hasKeyboard()) field.current!.focus(); // the button goes
          void search.start(field.current!.value);
        }}
      >
        <input
          ref={field}
          type="search"
          aria-label="Search messages"
          placeholder="words"
          defaultValue={state.typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        {isNew ? <button type="submit" class="plain-button search-button">Search</button> : null}
      </form>
      <div class="panel-list" aria-live="polite">
        {isNew ? <QueryHelp typed="" /> : <Results state={state} search={search} session={session} />}
      </div>
    </aside>
  );
}

function Results(
  { state, search, session }: {
    readonly state: SearchState;
    readonly search: Search;
    readonly session: ChatSession;
  },
): JSX.Element {
  if (state.fault !== "") return <p class="search-note search-fault">{state.fault}</p>;
  if (state.typed === "" || state.found.length === 0 && !state.isBusy) {
    return <QueryHelp typed={state.typed} />;
  }
  return (
    <>
      <ul>{state.found.map((found) => <Result key={found.key} found={found} session={session} />)}</ul>
      {state.isBusy ? <p class="search-note">Searching…</p> : null}
      {state.hasMore && !state.isBusy
        ? (
          <button type="button" class="plain-button" onClick={() => void search.more()}>
            More results
          </button>
        )
        : null}
    </>
  );
}

function Result(
  { found, session }: { readonly found: FoundMessage; readonly session: ChatSession },
): JSX.Element {
  return (
    <li>
      <button
        type="button"
        class="result"
        onClick={() => {
          uncover(session);
          void goToFound(session, found);
        }}
      >
        <span class="result-head">
          <strong>{found.from}</strong> <span class="quiet">{found.where}</span>
        </span>
        <span class="result-text" dir="auto">
          {found.parts.map(({ text, isMatch }, at) => isMatch ? <mark key={at}>{text}</mark> : text)}
        </span>
        <time class="quiet" dateTime={new Date(found.time).toISOString()}>{formatFullTime(found.time)}</time>
      </button>
    </li>
  );
}

/** How a search can be narrowed. */
const HELP = [
  ["dep*", "words that begin so"],
  ['"went wrong"', "words in this order"],
  ["-test", "without a word"],
  ["from:bob", "of a person"],
  ["in:#dev", "in a room"],
  ["since:1w", "of the last week"],
  ["has:link", "with a link"],
];

/** Where nothing is found or asked for. */
function QueryHelp({ typed }: { readonly typed: string }): JSX.Element {
  return (
    <div class="search-help">
      {typed === "" ? null : <p>Nothing found for {typed}.</p>}
      <p>Words, and:</p>
      <dl>
        {HELP.map(([form, meaning]) => (
          <>
            <dt>
              <code>{form}</code>
            </dt>
            <dd>{meaning}</dd>
          </>
        ))}
      </dl>
    </div>
  );
}
