// Runs telegram-test-api, an emulator of the Bot API written by others, on a free local port until its standard input
// ends. It prints the port. It knows only some methods and forgets updates once they are fetched.
import { createRequire } from "node:module";
import { createServer } from "node:net";
const TelegramServer = createRequire(import.meta.url)("telegram-test-api");
const port = await new Promise((resolve, reject) => {
  const probe = createServer().once("error", reject).listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const server = new TelegramServer({ port, host: "127.0.0.1" });
await server.start();
console.log(port);
process.stdin.resume().once("end", () => process.exit(0));
