// ask-with-readline: asks for a name, says hello, and waits for a minute with nobody asked.
import { createInterface } from "node:readline/promises";

const lines = createInterface({ input: process.stdin, output: process.stdout });
const name = await lines.question("name: ");
lines.close();
console.log(`hello ${name}`);
setTimeout(() => {}, 60_000);
