// `fleetty api <operation> [member=value…]`: calls any operation of the table by its name.
import { connect } from "@fleetty/client";
import { FleettyError } from "@fleetty/protocol/errors";
import { type AnyOperation, findOperation, isPublic, operations } from "@fleetty/protocol/operations";
import { readEnvironment } from "./config.ts";
import { destinationOf, type Globals, splitGlobals } from "./globals.ts";
import { globalLines, section } from "./help.ts";
import { connectOptions } from "./invoke.ts";
import { printJson } from "./print/json.ts";
import { writeOut } from "./print/output.ts";
import { memberValue, type SchemaMember, schemaMembers } from "./schema-members.ts";
import { readSecret } from "./secret-input.ts";

/** Resolves with the exit code. The answer is printed as it came, with or without `--json`. */
export async function runApi(args: readonly string[], before: Globals, signal: AbortSignal): Promise<number> {
  const { globals, rest } = splitGlobals(args, before);
  const [name, ...pairs] = rest;
  if (name === undefined || name === "--help" || name === "-h") return await showOperations();
  const row = rowOf(name);
  if (pairs.includes("--help") || pairs.includes("-h")) return await showMembers(row);
  const members = { ...(await readMembers(row, pairs)), ...(await secretOf(row, pairs, signal)) };
  const destination = destinationOf(globals, readEnvironment());
  using client = connect(connectOptions(destination));
  await printJson(await client.call(row.name as "sessions.get", members as never, { signal }));
  return 0;
}

function rowOf(name: string): AnyOperation {
  const row = isPublic(name) ? findOperation(name) : undefined;
  if (row?.kind === "stream")
    throw new FleettyError("invalid_request", `${name} is a stream; fleetty ${row.cli?.command} shows it`);
  if (row) return row;
  throw new FleettyError("invalid_request", `there is no operation ${JSON.stringify(name)}; see fleetty api --help`);
}

/** `member=value`, where a value of several is given again or with commas, an object as JSON, and null as null. */
async function readMembers(row: AnyOperation, pairs: readonly string[]): Promise<Record<string, unknown>> {
  const known = await schemaMembers(row);
  const texts = new Map<string, string[]>();
  for (const pair of pairs) {
    const cut = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, cut));
    if (!known.some((member) => member.name === name))
      throw unknownMember(
        row,
        pair,
        known.map((member) => member.name),
      );
    texts.set(name, [...(texts.get(name) ?? []), pair.slice(cut + 1)]);
  }
  const given = known.filter(({ name }) => texts.has(name));
  return Object.fromEntries(given.map((member) => [member.name, saidValue(member, texts.get(member.name) ?? [])]));
}

/** `null` is null where that means something, as it is in JSON. */
function saidValue(member: SchemaMember, texts: readonly string[]): unknown {
  return member.isNullable && texts.at(-1) === "null" ? null : memberValue(member, texts);
}

/** One that is a secret is read where nobody sees it: `value=-` stands for it. Throws `invalid_request` for any other text. */
async function secretOf(
  { name, secretMember }: AnyOperation,
  pairs: readonly string[],
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const given = pairs.findLast((pair) => pair.startsWith(`${secretMember}=`));
  if (secretMember === undefined || given === undefined) return {};
  if (given === `${secretMember}=-`) return { [secretMember]: await readSecret(signal) };
  const message = `a command line is everybody's to see; give ${name} ${secretMember}=- and the secret on standard input`;
  throw new FleettyError("invalid_request", message, { field: secretMember });
}

function unknownMember(row: AnyOperation, pair: string, known: readonly string[]): FleettyError {
  return new FleettyError(
    "invalid_request",
    `${row.name} takes member=value with ${known.join(", ") || "no members"}, not ${JSON.stringify(pair)}`,
  );
}

async function showMembers(row: AnyOperation): Promise<number> {
  const members = (await schemaMembers(row)).map(({ name, kind, says }) => [`${name}=<${kind}>`, says] as const);
  await writeOut(
    `${row.name}: ${row.summary}\n\n${members.length > 0 ? section("Members", members) : "It takes no members.\n"}`,
  );
  return 0;
}

async function showOperations(): Promise<number> {
  const rows = Object.values(operations).filter(({ kind }) => kind !== "stream");
  const text = [
    "Usage: fleetty api <operation> [member=value…]\n\nCall any operation; prints the answer as it came.\n",
    section(
      "Operations",
      rows.map(({ name, summary }) => [name, summary] as const),
    ),
    section("Options of every command", globalLines()),
    `Examples\n  fleetty api sessions.list include=exited\n  fleetty api sessions.wait session=build until='{"exit":true}'\n`,
  ];
  await writeOut(text.join("\n"));
  return 0;
}
