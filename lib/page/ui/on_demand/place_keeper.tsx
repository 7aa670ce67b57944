/**
 * Names the tab, keeps the focus in its place, goes to that which the address names, and tells of messages elsewhere and of
 * questions.
 */
import { useEffect, useRef } from "preact/hooks";
import { isSameName } from "../../../irc/names/casemap.ts";
import { ONCALL_SERVICE } from "../../../irc/oncall.ts";
import { makeTitle } from "../../model/notification.ts";
import { parseFragment } from "../../model/message_link.ts";
import type { ChatSession } from "../../state/chat_session.ts";
import { goToFound } from "../../state/late/message_places.ts";
import { QuestionWatch } from "../../state/late/question_watch.ts";
import { Notifier } from "../../state/attention/notifier.ts";
import { showIcon } from "../../state/attention/favicon.ts";
import { hasKeyboard } from "../keyboard.ts";

export function PlaceKeeper({ session }: { readonly session: ChatSession }): null {
  useTitle(session);
  useEffect(keepFocus, []);
  useEffect(() => followLinks(session), []);
  useEffect(() => session.startNotifier((options) => new Notifier(options)), []);
  useQuestions(session);
  return null;
}

/** With each connection the server is asked which questions are open; the messages of OnCall tell which pages ring. */
function useQuestions(session: ChatSession): void {
  const watch = useRef<QuestionWatch>(null);
  const isLive = session.status.value.kind === "live";
  useEffect(() => {
    const started = watch.current = new QuestionWatch(session);
    return () => started.close();
  }, []);
  useEffect(() => {
    if (isLive) watch.current!.start();
  }, [isLive]);
  const current = session.current.value ?? "";
  const version = isSameName(current, ONCALL_SERVICE) ? session.rowsVersion.value : -1;
  useEffect(() => {
    if (version >= 0) watch.current!.notePages();
  }, [version]);
}

const PROGRAM = "ChatterBox";

/** The title and the icon of the tab: the conversation, and what is unread; after the chat as before it. */
function useTitle(session: ChatSession): void {
  const totals = session.totals.value;
  const title = makeTitle(session.current.value, totals, PROGRAM);
  useEffect(() => {
    document.title = title;
    showIcon(totals.mentions > 0);
  }, [title]);
  useEffect(() => () => {
    document.title = PROGRAM;
    showIcon(false);
  }, []);
}

/** Goes to the message that the address of the page names, now and whenever that changes. Returns what ends that. */
function followLinks(session: ChatSession): () => void {
  const follow = () => {
    const place = parseFragment(location.hash);
    if (place !== undefined) void goToFound(session, place);
  };
  follow();
  globalThis.addEventListener("hashchange", follow);
  return () => globalThis.removeEventListener("hashchange", follow);
}

/**
 * Where the element that has the focus is removed, the message that it was in gets the focus, or else the composer.
 * Returns what ends that.
 */
function keepFocus(): () => void {
  let focused: Element | undefined;
  let home: HTMLElement | null | undefined;
  const onFocus = ({ target }: FocusEvent) => {
    focused = target as Element;
    home = focused.closest("article");
  };
  const observer = new MutationObserver(() => {
    if (document.activeElement !== document.body || focused?.isConnected !== false) return;
    focused = undefined;
    if (home?.isConnected) home.focus();
    else if (hasKeyboard()) document.querySelector("textarea")?.focus();
  });
  document.addEventListener("focusin", onFocus);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener("focusin", onFocus);
    observer.disconnect();
  };
}
