/** What the page may never do, in a real Chromium. Run by chromium_test.ts. */
/// <reference lib="dom" />
import { assertRejects } from "@std/assert";
import { pageTest } from "./chat_pages.ts";

pageTest("what breaks the content policy is refused, and fails a test", async (chat) => {
  const page = await chat.enter("alice");
  await page.evaluate(() => {
    const image = document.createElement("img");
    image.src = "http://127.0.0.1:9/pixel.png";
    document.body.append(image);
  });
  await chat.fault("content policy: img-src http://127.0.0.1:9/pixel.png");
  await page.evaluate(() => document.body.setAttribute("style", "color: red"));
  await chat.fault("content policy: style-src-attr inline");
  await page.evaluate(() => {
    const style = document.createElement("style");
    style.append("body { color: red }");
    document.body.append(style);
  });
  await chat.fault("content policy: style-src-elem inline");
  await assertRejects(() => page.evaluate(() => fetch("http://127.0.0.1:9/")));
  await chat.fault("content policy: connect-src http://127.0.0.1:9/");
  await assertRejects(() => page.evaluate(() => document.body.innerHTML = "<b>bold</b>"));
  await chat.fault("content policy: require-trusted-types-for trusted-types-sink");
});

pageTest("a request to another server fails a test", async (chat) => {
  const page = await chat.page({ bypassCSP: true });
  await page.evaluate(() => fetch("http://127.0.0.1:9/").catch(() => {}));
  await chat.fault("asks for http://127.0.0.1:9/");
  await page.evaluate(() => void new WebSocket("ws://127.0.0.1:19/"));
  await chat.fault("asks for ws://127.0.0.1:19/");
});
