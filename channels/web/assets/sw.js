// Registered only by an installed site. It keeps nothing in the browser's caches: the page for times without a network
// stands in this file.
"use strict";
const offline = OFFLINE;
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate" || event.request.method !== "GET") return;
  event.respondWith(fetch(event.request).catch(() => new Response(offline.page, {
    status: 503,
    headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": offline.policy, "Cache-Control": "no-store" },
  })));
});
