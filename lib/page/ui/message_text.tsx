/** The text of a message as nodes. */
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isImageLink } from "../model/message_link.ts";
import type { Segment, SegmentedText, TextStyle } from "../model/segment.ts";
import { IconButton } from "./icons.tsx";

/** A page that may be loaded has the clipboard: it is encrypted, or of this machine. */
export function copyText(text: string): void {
  void navigator.clipboard.writeText(text);
}

export interface TextActions {
  /** Opens the room `name`, which was named in a text. */
  open(name: string): void;
}

export function MessageText(
  { id, text, actions }: {
    readonly id: string;
    readonly text: SegmentedText;
    readonly actions: TextActions;
  },
): JSX.Element {
  return (
    <div id={id} class={text.isEmojiOnly ? "text text-emoji" : "text"} dir="auto">
      {text.segments.map((segment) => renderSegment(segment, actions))}
    </div>
  );
}

function renderSegment(segment: Segment, actions: TextActions): ComponentChildren {
  switch (segment.kind) {
    case "text":
      return renderStyled(segment.text, segment.style);
    case "link":
      return (
        <>
          <a href={segment.href} target="_blank" rel="noopener noreferrer nofollow">
            {renderStyled(segment.text, segment.style)}
          </a>
          {isImageLink(segment.href) ? <LinkedImage href={segment.href} /> : null}
        </>
      );
    case "room":
      return (
        <button type="button" class="text-room" onClick={() => actions.open(segment.text)}>
          {segment.text}
        </button>
      );
    case "mention":
      return <span class={segment.isOwn ? "mention mention-own" : "mention"}>{segment.text}</span>;
    case "code":
      return <code>{segment.text}</code>;
    case "code_block":
      return (
        <div class="code">
          <pre tabIndex={0} aria-label="code"><code>{segment.text}</code></pre>
          <IconButton name="copy" label="Copy code" onClick={() => copyText(segment.text)} />
        </div>
      );
    case "line_break":
      return <br />;
  }
}

/** An image is asked for only when the person wants to see it: its server learns their address. */
function LinkedImage({ href }: { readonly href: string }): JSX.Element {
  const [state, setState] = useState<"hidden" | "shown" | "failed">("hidden");
  const button = useRef<HTMLButtonElement>(null);
  // The list measures its rows anew.
  useLayoutEffect(() => {
    if (state !== "hidden") button.current!.dispatchEvent(new Event("resize", { bubbles: true }));
  }, [state]);
  const { host } = new URL(href);
  return (
    <>
      {" "}
      <button
        type="button"
        class="link-button"
        ref={button}
        title={`Load it from ${host}`}
        onClick={() => setState(state === "shown" ? "hidden" : "shown")}
      >
        {state === "shown" ? "Hide image" : "Show image"}
      </button>
      {state === "shown"
        ? (
          <img
            class="image"
            src={href}
            alt={`Image from ${host}`}
            referrerPolicy="no-referrer"
            onError={() => setState("failed")}
          />
        )
        : null}
      {state === "failed" ? <span class="quiet" role="status">The image cannot be loaded.</span> : null}
    </>
  );
}

function renderStyled(
  text: string,
  { bold, italic, strike, underline, monospace }: TextStyle,
): ComponentChildren {
  let node: ComponentChildren = text;
  if (monospace) node = <code>{node}</code>;
  if (underline) node = <u>{node}</u>;
  if (strike) node = <s>{node}</s>;
  if (italic) node = <em>{node}</em>;
  if (bold) node = <strong>{node}</strong>;
  return node;
}
