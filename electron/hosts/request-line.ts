// A request as one line to the agent, in the two forms of docs/host-protocol.md. ASCII: all else travels as escapes.

/** As the agent splits it: the last field has the rest of the line. */
const fieldsMax = 9

/** `rest`: empty, or the words after the id, each behind a blank. */
export function requestLine(verb: string, id: string, rest: string, isText: boolean): string {
  const line = `${verb} ${id}${rest}`
  return isText ? `{ ask ${fieldsOf(line)}; }\n` : `${line}\n`
}

function fieldsOf(line: string): string {
  let text = ''
  let from = 0
  for (let field = 1; field < fieldsMax; field++) {
    const end = line.indexOf(' ', from)
    if (end === -1) break
    text += `${quoted(line.slice(from, end))} `
    from = end + 1
  }
  return text + quoted(line.slice(from))
}

function quoted(word: string): string {
  return `'${word.includes("'") ? word.replaceAll("'", `'\\''`) : word}'`
}
