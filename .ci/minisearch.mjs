// Searches with MiniSearch as it comes: reads {docs: [{id, title, questions, text}], queries: [text]}, writes
// {built, asked, hits}: milliseconds to build and to ask all queries once warm, and the ids of ten hits a query.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const MiniSearch = createRequire(import.meta.url)("minisearch");
const { docs, queries } = JSON.parse(readFileSync(0, "utf8"));
let start = performance.now();
const index = new MiniSearch({ fields: ["title", "questions", "text"] });
index.addAll(docs);
const built = performance.now() - start;
const ask = () => queries.map((q) => index.search(q).slice(0, 10).map((h) => h.id));
ask();
start = performance.now();
const hits = ask();
console.log(JSON.stringify({ built, asked: performance.now() - start, hits }));
