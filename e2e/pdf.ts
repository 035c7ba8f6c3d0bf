import { inflateSync } from 'node:zlib'

// Enough of PDF (ISO 32000-1) to read back what Chromium writes: objects in the clear, flate streams, fonts with a
// ToUnicode map. So a test can say that a text is real text, whatever tools a machine has.

/** What a reader, or a screen reader, gets from a PDF. */
export interface PdfText {
  /** The text of each page in the order it is drawn, without what separates words and lines. */
  readonly pages: readonly string[]
  readonly isTagged: boolean
  readonly title: string | null
}

/** Reads a PDF as Chromium makes it. White space is dropped, since it is not drawn: compare with {@link squeezed}. */
export function readPdf(bytes: Uint8Array): PdfText {
  const file = Buffer.from(bytes)
  const objects = objectsOf(file)
  const pages = [...objects.values()].filter(({ head }) => /\/Type\s*\/Page\b/.test(head))
  const title = /\/Title\s*\(([^)]*)\)/.exec(file.toString('latin1'))?.[1] ?? null
  return {
    pages: pages.map(({ head }) => squeezed(textOf(head, objects))),
    isTagged: file.includes('/StructTreeRoot') && /\/Marked\s+true/.test(file.toString('latin1')),
    title,
  }
}

/** A text without white space. */
export const squeezed = (text: string): string => text.replaceAll(/\s/g, '')

interface PdfObject {
  readonly head: string
  readonly stream: Buffer | null
}

function objectsOf(file: Buffer): Map<string, PdfObject> {
  const text = file.toString('latin1')
  const objects = new Map<string, PdfObject>()
  for (const { 1: id = '', index } of text.matchAll(/(?<=[\r\n]|^)(\d+) 0 obj\b/g)) {
    const end = text.indexOf('endobj', index)
    const start = text.indexOf('stream', index)
    const isStream = start >= 0 && start < end
    const head = text.slice(index, isStream ? start : end)
    objects.set(id, { head, stream: isStream ? streamOf(file, text, head, start) : null })
  }
  return objects
}

function streamOf(file: Buffer, text: string, head: string, at: number): Buffer {
  const from = text.indexOf('\n', at) + 1
  const length = Number(/\/Length (\d+)/.exec(head)?.[1])
  const raw = file.subarray(from, from + length)
  return head.includes('/FlateDecode') ? inflateSync(raw) : raw
}

function textOf(page: string, objects: ReadonlyMap<string, PdfObject>): string {
  const contents = /\/Contents\s*\[?([\d R]+)/.exec(page)?.[1] ?? ''
  const program = [...contents.matchAll(/(\d+) 0 R/g)]
    .map(({ 1: id = '' }) => objects.get(id)?.stream?.toString('latin1') ?? '')
    .join('\n')
  const fonts = fontsOf(page, objects)
  let font = new Map<number, string>()
  let text = ''
  for (const { 1: name, 2: hex, 3: literal } of program.matchAll(
    /\/(\S+) [\d.]+ Tf|<([0-9A-Fa-f\s]+)>(?=\s*(?:Tj|[\d.\-<\]]))|\(((?:\\.|[^\\)])*)\)(?=\s*Tj)/g,
  )) {
    if (name !== undefined) font = fonts.get(name) ?? new Map<number, string>()
    else text += glyphs(hex === undefined ? literalBytes(literal ?? '') : Buffer.from(squeezed(hex), 'hex'), font)
  }
  return text
}

function glyphs(bytes: Buffer, font: ReadonlyMap<number, string>): string {
  let text = ''
  for (let at = 0; at + 1 < bytes.length; at += 2) text += font.get(bytes.readUInt16BE(at)) ?? '\uFFFD'
  return text
}

function literalBytes(text: string): Buffer {
  const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }
  return Buffer.from(
    text.replaceAll(/\\(?:([0-7]{1,3})|([\s\S]))/g, (_all, octal: string | undefined, one: string | undefined) =>
      octal === undefined ? (escapes[one ?? ''] ?? one ?? '') : String.fromCharCode(Number.parseInt(octal, 8)),
    ),
    'latin1',
  )
}

function fontsOf(page: string, objects: ReadonlyMap<string, PdfObject>): Map<string, Map<number, string>> {
  const fonts = new Map<string, Map<number, string>>()
  const listed = /\/Font\s*<<([^>]*)>>/.exec(page)?.[1] ?? ''
  for (const { 1: name = '', 2: id = '' } of listed.matchAll(/\/(\S+)\s+(\d+) 0 R/g)) {
    const map = /\/ToUnicode (\d+) 0 R/.exec(objects.get(id)?.head ?? '')?.[1] ?? ''
    fonts.set(name, unicodeOf(objects.get(map)?.stream?.toString('latin1') ?? ''))
  }
  return fonts
}

/** A ToUnicode map (Adobe Technical Note 5411): single glyphs and ranges. */
function unicodeOf(cmap: string): Map<number, string> {
  const map = new Map<number, string>()
  const code = (hex: string) => Number.parseInt(hex, 16)
  const utf16 = (hex: string, more = 0) =>
    String.fromCharCode(
      ...(hex.match(/.{4}/g) ?? []).map((unit, at, all) => code(unit) + (at === all.length - 1 ? more : 0)),
    )
  for (const { 1: lines = '' } of cmap.matchAll(/beginbfchar([\s\S]*?)endbfchar/g))
    for (const { 1: glyph = '', 2: text = '' } of lines.matchAll(/<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>/g))
      map.set(code(glyph), utf16(text))
  for (const { 1: lines = '' } of cmap.matchAll(/beginbfrange([\s\S]*?)endbfrange/g))
    for (const { 1: from = '', 2: to = '', 3: text = '' } of lines.matchAll(
      /<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>/g,
    ))
      for (let glyph = code(from); glyph <= code(to); glyph++) map.set(glyph, utf16(text, glyph - code(from)))
  return map
}
