/** The icon of the tab: with a dot while a message for the person is unread. */

export function showIcon(isUnread: boolean): void {
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]")!;
  const { read, unread } = link.dataset;
  const wanted = (isUnread ? unread : read)!;
  if (link.getAttribute("href") !== wanted) link.href = wanted;
}
