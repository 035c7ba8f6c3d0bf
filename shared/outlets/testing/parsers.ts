// Readers of the formats, written from their definitions and not from the code that writes them. Strict: what a lenient
// reader would let pass is an error here.

function refuse(what: string): never {
  throw new SyntaxError(what)
}

/** Records of RFC 4180 with CRLF behind each. */
export function readCsv(text: string): string[][] {
  const records: string[][] = []
  let at = 0
  while (at < text.length) {
    const record: string[] = []
    for (;;) {
      const field = /"((?:[^"]|"")*)"|([^",\r\n]*)/y
      field.lastIndex = at
      const found = field.exec(text) ?? refuse(`no field at ${at}`)
      record.push((found[1] ?? found[2] ?? '').replaceAll('""', '"'))
      at = field.lastIndex
      if (text[at] !== ',') break
      at++
    }
    if (text.slice(at, at + 2) !== '\r\n') refuse(`no CRLF at ${at}`)
    at += 2
    records.push(record)
  }
  return records
}

export interface Cef {
  readonly header: readonly string[]
  readonly extension: ReadonlyMap<string, string>
}

/** One line of CEF version 0. */
export function readCef(line: string): Cef {
  if (/[\r\n]/.test(line)) refuse('more than one line')
  const header: string[] = []
  let rest = line
  for (let field = 0; field < 7; field++) {
    const [whole, value] = /^((?:[^\\|]|\\[\\|])*)\|/.exec(rest) ?? refuse(`header field ${field}`)
    header.push((value as string).replace(/\\([\\|])/g, '$1'))
    rest = rest.slice(whole.length)
  }
  const extension = new Map<string, string>()
  // A value goes on to the next " key=" whose equals sign is not escaped.
  const pair = /([A-Za-z0-9]+)=((?:[^\\=]|\\[\\=nr])*?)(?= [A-Za-z0-9]+=|$)/y
  let at = 0
  while (at < rest.length) {
    pair.lastIndex = at
    const [, key, value] = pair.exec(rest) ?? refuse(`extension at ${at}: ${rest.slice(at, at + 40)}`)
    if (extension.has(key as string)) refuse(`${key} twice`)
    extension.set(
      key as string,
      (value as string).replace(/\\([\\=nr])/g, (_, char: string) => ({ n: '\n', r: '\r' })[char] ?? char),
    )
    at = pair.lastIndex + 1
  }
  return { header, extension }
}

export interface Syslog {
  readonly facility: number
  readonly severity: number
  readonly time: string
  readonly host: string
  readonly app: string
  readonly messageId: string
  readonly data: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly message: string
  /** Whether the message begins with a byte order mark. */
  readonly marked: boolean
}

const HEADER =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) /

/** One message of RFC 5424 §6. */
export function readSyslog(text: string): Syslog {
  const [head, priority, time, host, app, , messageId] = HEADER.exec(text) ?? refuse('header')
  let rest = text.slice(head.length)
  const data = new Map<string, Map<string, string>>()
  if (rest.startsWith('-')) rest = rest.slice(1)
  else
    while (rest.startsWith('[')) {
      const [start, id] = /^\[([!#-<>-\\^-~]{1,32})/.exec(rest) ?? refuse('SD-ID')
      rest = rest.slice(start.length)
      const params = new Map<string, string>()
      for (;;) {
        const found = /^ ([!#-<>-\\^-~]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"/.exec(rest)
        if (found === null) break
        params.set(found[1] as string, (found[2] as string).replace(/\\(["\\\]])/g, '$1'))
        rest = rest.slice(found[0].length)
      }
      if (!rest.startsWith(']')) refuse(`structured data at: ${rest.slice(0, 40)}`)
      rest = rest.slice(1)
      data.set(id as string, params)
    }
  if (rest !== '' && !rest.startsWith(' ')) refuse('no space before the message')
  const marked = rest.startsWith(' \uFEFF')
  const number = Number(priority)
  return {
    facility: number >> 3,
    severity: number & 7,
    time: time as string,
    host: host as string,
    app: app as string,
    messageId: messageId as string,
    data,
    message: rest.slice(marked ? 2 : 1),
    marked,
  }
}

/** Frames of RFC 6587 §3.4.1; the bytes after the last whole frame are left over. */
export function readFrames(bytes: Uint8Array): { messages: string[]; rest: Uint8Array } {
  const messages: string[] = []
  let at = 0
  for (;;) {
    const space = bytes.indexOf(0x20, at)
    if (space < 0) break
    const digits = new TextDecoder().decode(bytes.subarray(at, space))
    if (!/^[1-9]\d*$/.test(digits)) refuse(`a length expected, and not “${digits}”`)
    const end = space + 1 + Number(digits)
    if (end > bytes.length) break
    messages.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(space + 1, end)))
    at = end
  }
  return { messages, rest: bytes.subarray(at) }
}
