/** An image behind a link. */
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** An image is asked for only when the person wants to see it: its server learns their address. */
export function LinkedImage({ href }: { readonly href: string }): JSX.Element {
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
